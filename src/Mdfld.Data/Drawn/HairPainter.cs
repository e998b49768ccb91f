using System.Numerics;

namespace Mdfld.Data;

/// <summary>
/// Draws hair: what hangs behind the head, the cap on the crown, the locks of the fringe and beside the cheeks.
/// </summary>
internal sealed class HairPainter
{
    private enum Fringe
    {
        Locks,
        Straight,
        Parted,
        Swept,
        None,
    }

    private enum Length
    {
        Short,
        Bob,
        Long,
        Tails,
        Bun,
    }

    private readonly FaceScene _scene;
    private readonly List<Lock> _locks = [];
    private readonly Length _length;
    private readonly Vector2[] _dome, _cap;
    private readonly float _middle, _half, _top, _rough, _deep, _lineFrom;
    private readonly Vector3 _ends;
    private readonly bool _isStreaked;

    public HairPainter(FaceScene scene)
    {
        _scene = scene;
        var (r, head, face) = (scene.Random, scene.Head, scene.Face);
        _length = face.IsAnime && face.Kind != FaceKind.Lean
            ? r.Weighted<Length>((3, Length.Short), (4, Length.Bob), (6, Length.Long), (3, Length.Tails),
                (1, Length.Bun))
            : r.Weighted<Length>((6, Length.Short), (1, Length.Bob), (3, Length.Long), (1, Length.Bun));
        var volume = r.Uniform(0.1f, 0.26f) * (face.IsAnime ? 1 : 0.5f);
        _half = ((head.Far - head.Near) / 2) + volume;
        _middle = ((head.Far + head.Near) / 2) - (0.07f * head.Turn);
        var crown = r.Uniform(0.8f, 1.02f) * (face.Kind == FaceKind.Chibi ? 1.1f : face.IsAnime ? 1 : 0.9f);
        _top = (0.4f * head.EyeLine) - crown;
        _rough = _length == Length.Short && r.Chance(0.7f) ? r.Uniform(0.06f, 0.2f) : r.Uniform(0, 0.03f);
        var spikes = new float[r.Next(6, 13)];
        foreach (ref var spike in spikes.AsSpan())
            spike = _rough * r.Uniform(0.1f, 1.1f);
        var low = 0.1f + (0.5f * head.EyeLine);
        _dome = Polyline.Of(72, t =>
        {
            var (sin, cos) = MathF.SinCos(MathF.PI * t);
            // Spikes point outwards and down.
            var (spike, within, tip) = (
                spikes[Math.Min((int)(t * spikes.Length), spikes.Length - 1)], t * spikes.Length % 1, t < 0.5f ? 0.25f
                    : 0.75f);
            var saw = 1 + (spike * (within < tip ? within / tip : (1 - within) / (1 - tip)));
            return new Vector2(_middle - (_half * cos * saw), low
                + ((_top - low) * MathF.Pow(MathF.Max(0, sin), 0.75f) * saw));
        });
        var fringe = face.IsAnime
            ? r.Weighted<Fringe>((10, Fringe.Locks), (3, Fringe.Straight), (4, Fringe.Parted), (3, Fringe.Swept),
                (1, Fringe.None))
            : r.Weighted<Fringe>((2, Fringe.Locks), (1, Fringe.Straight), (3, Fringe.Parted), (2, Fringe.Swept),
                (4, Fringe.None));
        var line = HairLine(fringe == Fringe.None ? r.Uniform(0.42f, 0.55f) : r.Uniform(0.38f, 0.48f));
        _cap = [.. _dome, .. Polyline.Reversed(line)];
        _deep = scene.Medium.IsSoft ? r.Uniform(-0.15f, 0.35f) : r.Chance(0.6f) ? 0 : r.Uniform(0, 0.15f);
        _ends = r.Chance(0.15f) ? scene.Colours.Iris : new(255);
        (_isStreaked, _lineFrom) = (r.Chance(0.65f), r.Uniform(0.1f, 0.5f));
        SideLocks();
        FringeLocks(fringe);
    }

    /// <summary>A lock between two lines: from the root to the tip and back.</summary>
    private sealed record Lock(Vector2[] Left, Vector2[] Right)
    {
        public Vector2[] Shape { get; } = [.. Left, .. Right];
    }

    private Vector3 Colour => _scene.Colours.Hair;

    public void Back()
    {
        var (r, brush, head) = (_scene.Random, _scene.Brush, _scene.Head);
        var dark = _scene.Medium.IsColoured ? Colour * r.Uniform(0.72f, 0.94f) : Colour;
        var shape = _length switch
        {
            Length.Long => Hanging(r.Uniform(0.08f, 0.5f), 2.4f),
            Length.Bob => Hanging(r.Uniform(0, 0.22f), head.Chin + r.Uniform(-0.1f, 0.25f)),
            _ => Hanging(-0.12f, 0.35f),
        };
        Paint(shape, dark);
        using (brush.Within(shape))
        {
            brush.Fill(
                Enumerable.Range(0, r.Next(6, 20)).Select(_ =>
                {
                    var x = r.Uniform(-1.1f, 1.1f);
                    var (start, end) = (new Vector2(_middle + (x * _half), r.Uniform(-0.3f, 0.3f)),
                        new Vector2(_middle + (x * _half * r.Uniform(1, 1.4f)), r.Uniform(0.6f, 1.8f)));
                    return FaceBrush.Tapered(
                        Polyline.Smooth([start, Vector2.Lerp(start, end, 0.5f) + new Vector2(0.06f * r.Normal(), 0),
                            end]), r.Uniform(0.008f, 0.06f), 0, 0);
                }),
                _scene.Medium.IsColoured ? dark * r.Uniform(0.6f, 0.85f) : Colour.X < 60 ? new(200) : new(40),
                r.Uniform(0.4f, 0.9f), 0);
        }
        if (_length == Length.Bun)
        {
            foreach (var x in r.Chance(0.5f) ? [0] : (float[])[-0.5f, 0.5f])
                Paint(Polyline.Ellipse(new(_middle + (x * _half * 1.6f), _top + (0.3f * MathF.Abs(x)) - 0.02f), 0.24f,
                    0.22f), Colour);
        }
        if (_length == Length.Tails)
        {
            foreach (var side in (float[])[-1, 1])
            {
                var root = new Vector2(_middle + (side * _half * 0.92f), -0.35f + r.Uniform(-0.2f, 0.25f));
                var swing = r.Uniform(0.15f, 0.45f);
                Paint(
                    Polyline.Smooth([
                        root + new Vector2(0, -0.08f), root + new Vector2(side * swing, 0.05f), root
                            + new Vector2(side * (swing + 0.12f), 0.6f),
                        root + new Vector2(side * swing, 1.3f), root + new Vector2(side * 0.12f, 2),
                        root + new Vector2(side * 0.02f, 1.2f), root + new Vector2(side * 0.1f, 0.5f), root
                            + new Vector2(-side * 0.02f, 0.1f),
                    ], closed: true),
                    Colour);
                brush.Fill(Polyline.Ellipse(root, 0.07f, 0.09f), _scene.Colours.Trim);
            }
        }

        Vector2[] Hanging(float wider, float bottom)
        {
            var (left, right) = (_dome[0].X, _dome[^1].X);
            var wave = 0.04f * r.Normal();
            Vector2[] knots =
            [
                new(right, 0.1f), new(right + (0.6f * wider), 0.45f * bottom),
                    new(right + wider + wave, 0.8f * bottom), new(right + (0.7f * wider) - 0.06f, bottom),
                new(_middle, bottom + 0.04f),
                new(left - (0.7f * wider) + 0.06f, bottom), new(left - wider + wave, 0.8f * bottom),
                    new(left - (0.6f * wider), 0.45f * bottom), new(left, 0.1f),
            ];
            return [.. _dome, .. Polyline.Smooth(knots)];
        }
    }

    /// <summary>The shadow of the fringe on the face; painted before the features.</summary>
    public void Shadow()
    {
        if (_scene.Medium.Shadow < 0.3f)
            return;
        var by = new Vector2(_scene.Random.Uniform(-0.02f, 0.02f), _scene.Random.Uniform(0.02f, 0.06f));
        _scene.Brush.Fill(
            _locks.Select(l => l.Shape).Append(_cap).Select(s => Polyline.Moved(s, by)), _scene.Colours.SkinShadow,
            _scene.Medium.Shadow * 0.9f, _scene.Medium.IsSoft ? 0.018f : 0);
    }

    public void Front()
    {
        Paint(_cap, Colour, outline: false);
        if (_scene.Random.Chance(_scene.Medium.IsColoured ? 0.6f : 0.4f))
            Shine();
        foreach (var strand in _locks)
        {
            Paint(strand.Shape, Colour, outline: false);
            if (_isStreaked && _scene.Random.Chance(0.6f))
                Streak(strand);
            // Roots run into the hair above: no line there.
            _scene.Outline(Polyline.Part(strand.Left, _lineFrom, 1), Colour, 0.9f, 0, 0.4f);
            _scene.Outline(Polyline.Part(strand.Right, 0, 1 - _lineFrom), Colour, 0.9f, 0.4f, 0);
            _scene.Cover(strand.Shape);
        }
        Strands();
        if (_scene.Medium.IsSoft)
            Glow();
        _scene.Cover(_cap);
        _scene.Outline(_dome, Colour, 1.1f);
    }

    private void Paint(Vector2[] shape, Vector3 colour, bool outline = true)
    {
        if (_scene.Medium.IsColoured)
            _scene.Brush.Fill(
                shape, (new(0, _top), colour * (1 - _deep)), (new(0, 0.6f),
                    Vector3.Lerp(colour, _ends, MathF.Abs(_deep))));
        else
            _scene.Brush.Fill(shape, colour);
        if (outline)
            _scene.Outline([.. shape, shape[0]], Colour, 0.8f);
    }

    private Vector2[] HairLine(float height)
    {
        var head = _scene.Head;
        var (left, right) = (_dome[0], _dome[^1]);
        return Polyline.Smooth([
            left, new(head.Near + 0.02f, head.EyeLine - 0.12f), new(head.Near + 0.12f, head.EyeLine - (0.8f * height)),
                new(head.Axis, head.EyeLine - height),
            new(head.Far - 0.1f, head.EyeLine - (0.8f * height)), new(head.Far - 0.02f, head.EyeLine - 0.12f), right,
        ]);
    }

    // A darker or lighter wedge along a lock.
    private void Streak(Lock strand)
    {
        var r = _scene.Random;
        var (from, to) = (r.Uniform(0, 0.7f), r.Uniform(0.5f, 0.95f));
        var colour = _scene.Medium.IsColoured
            ? r.Chance(0.7f) ? Colour * new Vector3(0.78f, 0.74f, 0.8f) : Vector3.Lerp(Colour, new(255), 0.35f)
            : Colour.X < 60 ? new(230) : new(30);
        var right = Polyline.Reversed(strand.Right);
        Vector2[] a = Polyline.Part(strand.Left, 0.1f, to), b = Polyline.Part(right, 0.1f, to);
        var wedge = Polyline.Of(15, t => Vector2.Lerp(a[(int)(15 * t)], b[(int)(15 * t)], from));
        _scene.Brush.Line(
            wedge, colour, r.Uniform(0.2f, 0.6f) * (_scene.Medium.IsColoured ? 1 : 0.3f)
                * MathF.Min(Vector2.Distance(a[7], b[7]), 0.15f), _scene.Medium.IsSoft ? 0.5f : 0.9f, 0.4f, 0);
    }

    private void SideLocks()
    {
        var (r, head) = (_scene.Random, _scene.Head);
        if (_length == Length.Bun && r.Chance(0.5f) || !_scene.Face.IsAnime && r.Chance(0.6f))
            return;
        var longest = _length == Length.Short ? 0.45f : r.Chance(0.5f) ? 0.65f : 1.5f;
        foreach (var side in (float[])[-1, 1])
        {
            var edge = side < 0 ? head.Near : head.Far;
            var width = r.Uniform(0.1f, 0.24f) * head.Narrowed(side);
            var end = head.EyeLine + r.Uniform(0.2f, longest);
            var inward = r.Uniform(-0.03f, 0.1f);
            Vector2 P(float x, float y) => new(edge + (side * x), y);
            _locks.Add(new Lock(
                Polyline.Smooth([P(0.06f, -0.45f), P(0.11f, -0.1f), P(0.08f + (0.4f * width), 0.5f * end),
                    P(-inward, end)]),
                Polyline.Smooth([P(-inward, end), P(0.08f - (0.6f * width), 0.45f * end), P(0.09f - width, -0.1f),
                    P(-0.1f - width, -0.45f)])));
        }
    }

    private void FringeLocks(Fringe fringe)
    {
        var (r, head) = (_scene.Random, _scene.Head);
        if (fringe == Fringe.None)
            return;
        var (left, right) = (head.Near + 0.03f, head.Far - 0.03f);
        var eye = head.EyeLine;
        var root = eye - r.Uniform(0.5f, 0.62f);
        if (fringe == Fringe.Straight)
        {
            var bottom = eye - r.Uniform(0.06f, 0.24f);
            var edge = Polyline.Of(10, t => new Vector2(float.Lerp(left, right, t), bottom
                + (0.1f * Square((2 * t) - 1)) + (0.012f * (r.NextSingle() - 0.5f))));
            _locks.Add(new Lock([new(left + 0.06f, root), .. edge[..6]], [.. edge[5..], new(right - 0.06f, root)]));
            for (var i = r.Next(0, 4); i > 0; i--)
            {
                var t = r.Uniform(0.1f, 0.9f);
                var (x, y) = (float.Lerp(left, right, t), bottom + (0.1f * Square((2 * t) - 1)));
                var w = r.Uniform(0.03f, 0.07f);
                var tip = new Vector2(x + (0.3f * w * r.Normal()), y + r.Uniform(0, 0.06f));
                _locks.Add(new Lock(
                    Polyline.Smooth([new(x - w, y - 0.3f), new(x - (0.9f * w), y - 0.1f), tip]),
                    Polyline.Smooth([tip, new(x + (0.9f * w), y - 0.1f), new(x + w, y - 0.3f)])));
            }
            return;
        }
        var n = r.Next(4, 9);
        var parting = head.Axis + (fringe == Fringe.Parted ? r.Uniform(-0.22f, 0.22f) : 0);
        var sweep = r.Pick(-1, 1) * r.Uniform(0.12f, 0.35f);
        var sway = 0.08f * r.Normal();
        var level = r.Uniform(-0.22f, 0.02f);
        var order = Enumerable.Range(0, n).OrderBy(_ => r.Next()).ToArray();
        foreach (var i in order)
        {
            var t = (i + 0.5f) / n;
            var x = float.Lerp(left, right, t);
            var half = (right - left) / n * r.Uniform(0.6f, 1.05f);
            var outward = MathF.Abs(x - parting) / (right - left) * 2;
            var tip = fringe switch
            {
                Fringe.Parted => new Vector2(
                    x + (MathF.Sign(x - parting) * r.Uniform(0.06f, 0.2f)), eye - 0.34f + (0.5f * outward * outward)
                        + r.Uniform(-0.06f, 0.08f)),
                Fringe.Swept => new Vector2(
                    x + sweep, eye - 0.2f + (0.3f * ((t - 0.5f) * 2 * MathF.Sign(sweep))) + r.Uniform(-0.06f, 0.12f)),
                _ => new Vector2(
                    x + sway + (0.06f * r.Normal()),
                    eye + level + r.Uniform(-0.1f, 0.06f) + (MathF.Abs(x - head.Axis) < 0.12f ? r.Uniform(0, 0.3f) : 0)
                        + (outward > 0.75f ? r.Uniform(0.05f, 0.3f) : 0)),
            };
            var start = new Vector2(fringe == Fringe.Parted ? float.Lerp(parting, x, 0.75f) : x - (0.4f * (tip.X - x)),
                root + (0.1f * Square((2 * t) - 1)));
            // Locks bulge away from the parting.
            var bend = new Vector2((0.35f * half * r.Normal()) + (0.5f * half * MathF.Sign(x - parting)), 0);
            var middle = Vector2.Lerp(start, tip, 0.5f) + bend;
            var late = Vector2.Lerp(start, tip, 0.78f) + (0.7f * bend);
            _locks.Add(new Lock(
                Polyline.Smooth([start - new Vector2(half, 0), middle - new Vector2(0.85f * half, 0), late
                    - new Vector2(0.5f * half, 0), tip]),
                Polyline.Smooth([tip, late + new Vector2(0.5f * half, 0), middle + new Vector2(0.85f * half, 0), start
                    + new Vector2(half, 0)])));
        }
    }

    // Fine lines from the whorl over the cap and along every lock, dark ones and light ones.
    private void Strands()
    {
        var r = _scene.Random;
        var (dark, light) = (new List<Vector2[]>(), new List<Vector2[]>());
        var whorl = new Vector2(_middle + (0.1f * r.Normal()), _top + 0.12f);
        var thin = MathF.Max(_scene.Medium.Line, 0.009f);
        for (var i = r.Next(6, 26); i > 0; i--)
        {
            var x = r.Uniform(-1, 1);
            var end = new Vector2(_middle + (x * _half), r.Uniform(-0.55f, 0.1f));
            var side = new Vector2(_middle + (0.8f * x * _half), (0.5f * (_top + end.Y)) - 0.1f);
            Add(Polyline.Smooth([Vector2.Lerp(whorl, side, r.Uniform(0, 0.8f)), side, end]));
        }
        foreach (var strand in _locks)
        {
            var right = Polyline.Reversed(strand.Right);
            for (var i = r.Next(0, 4); i > 0; i--)
            {
                var (share, from, to) = (r.Uniform(0.1f, 0.9f), r.Uniform(0, 0.4f), r.Uniform(0.55f, 0.98f));
                Add([.. Polyline.Part(strand.Left, from, to).Zip(Polyline.Part(right, from, to), (p, q) =>
                    Vector2.Lerp(p, q, share))]);
            }
        }
        var bright = _scene.Medium.IsColoured || Colour.X > 60;
        using (_scene.Brush.Within(_locks.Select(l => l.Shape).Append(_cap)))
        {
            _scene.Brush.Fill(dark, bright ? _scene.Medium.Ink(Colour) : new(220), r.Uniform(0.3f, 0.85f), 0);
            if (_scene.Medium.IsColoured)
                _scene.Brush.Fill(light, Vector3.Lerp(Colour, new(255), r.Uniform(0.25f, 0.6f)), r.Uniform(0.3f, 0.9f),
                    0);
        }

        void Add(Vector2[] line)
        {
            if (r.Chance(0.35f))
                light.Add(FaceBrush.Tapered(line, r.Uniform(0.8f, 3) * thin, 0, 0));
            else
                dark.Add(FaceBrush.Tapered(line, r.Uniform(0.5f, 1.1f) * thin, 0.1f, 0.1f));
        }
    }

    // Soft light on one side of the crown, shade above the fringe.
    private void Glow()
    {
        var (r, brush) = (_scene.Random, _scene.Brush);
        var side = r.Pick(-1, 1);
        using (brush.Within(_locks.Select(l => l.Shape).Append(_cap)))
        {
            brush.Fill(
                Polyline.Ellipse(new(_middle - (side * 0.5f * _half), -0.35f), 0.5f, 0.25f),
                    Colour * new Vector3(0.62f, 0.55f, 0.66f),
                r.Uniform(0.2f, 0.6f), 0.1f);
            brush.Fill(
                Polyline.Ellipse(new(_middle + (side * 0.3f * _half), 0.7f * _top), 0.35f, 0.16f, 0.4f * side),
                    Vector3.Lerp(Colour, new(255, 250, 240), 0.6f),
                r.Uniform(0.2f, 0.8f), 0.07f);
        }
    }

    // A band of light round the crown.
    private void Shine()
    {
        var (r, brush) = (_scene.Random, _scene.Brush);
        var (at, thick) = (r.Uniform(0.55f, 0.8f), r.Uniform(0.04f, 0.12f));
        var light = _scene.Medium.IsColoured ? Vector3.Lerp(Colour, new(255), r.Uniform(0.3f, 0.75f)) : new(255);
        Vector2 P(float t, float share) =>
            new(_middle - (_half * share * MathF.Cos(MathF.PI * t)),
                (_top * share * MathF.Pow(MathF.Sin(MathF.PI * t), 0.75f)) - 0.05f);
        var teeth = r.Next(5, 12);
        Vector2[] band =
        [
            .. Polyline.Of(20, t => P(0.15f + (0.7f * t), at + (thick * MathF.Sin(MathF.PI * t)))),
            .. Polyline.Of(2 * teeth, t => P(0.85f - (0.7f * t), at
                - (MathF.Round(t * 2 * teeth) % 2 * thick * r.Uniform(0.3f, 1)))),
        ];
        using (brush.Within(_cap))
            brush.Fill(band, light, r.Uniform(0.4f, 0.9f), _scene.Medium.IsSoft ? 0.02f : 0);
    }

    private static float Square(float x) => x * x;
}

using System.Numerics;

namespace Mdfld.Data;

/// <summary>Draws hair: what hangs behind the head, the cap on the crown, the locks of the fringe and beside the cheeks.</summary>
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
    private readonly List<Vector2[]> _locks = [];
    private readonly Length _length;
    private readonly Vector2[] _dome, _cap;
    private readonly float _middle, _half, _top, _rough;

    public HairPainter(FaceScene scene)
    {
        _scene = scene;
        var (r, head, face) = (scene.Random, scene.Head, scene.Face);
        _length = face.IsAnime && face.Kind != FaceKind.Lean
            ? r.Weighted<Length>((3, Length.Short), (4, Length.Bob), (6, Length.Long), (3, Length.Tails), (1, Length.Bun))
            : r.Weighted<Length>((6, Length.Short), (1, Length.Bob), (3, Length.Long), (1, Length.Bun));
        var volume = r.Uniform(0.06f, 0.16f);
        _half = ((head.Far - head.Near) / 2) + volume;
        _middle = ((head.Far + head.Near) / 2) - (0.07f * head.Turn);
        var crown = r.Uniform(0.85f, 1.12f) * (face.Kind == FaceKind.Chibi ? 1.12f : face.IsAnime ? 1 : 0.85f);
        _top = (0.4f * head.EyeLine) - crown;
        _rough = _length == Length.Short && r.Chance(0.7f) ? r.Uniform(0.03f, 0.14f) : r.Uniform(0, 0.02f);
        var spikes = r.Next(9, 17);
        var low = 0.1f + (0.5f * head.EyeLine);
        _dome = Polyline.Of(72, t =>
        {
            var (sin, cos) = MathF.SinCos(MathF.PI * t);
            var saw = 1 + (_rough * (1 - MathF.Abs((2 * (t * spikes % 1)) - 1)));
            return new Vector2(_middle - (_half * cos * saw), low + ((_top - low) * MathF.Pow(MathF.Max(0, sin), 0.75f) * saw));
        });
        var fringe = face.IsAnime
            ? r.Weighted<Fringe>((10, Fringe.Locks), (3, Fringe.Straight), (4, Fringe.Parted), (3, Fringe.Swept), (1, Fringe.None))
            : r.Weighted<Fringe>((2, Fringe.Locks), (1, Fringe.Straight), (3, Fringe.Parted), (2, Fringe.Swept), (4, Fringe.None));
        var line = HairLine(fringe == Fringe.None ? r.Uniform(0.42f, 0.55f) : r.Uniform(0.38f, 0.48f));
        _cap = [.. _dome, .. Polyline.Reversed(line)];
        SideLocks();
        FringeLocks(fringe, line);
    }

    private Vector3 Colour => _scene.Colours.Hair;

    public void Back()
    {
        var (r, brush, head) = (_scene.Random, _scene.Brush, _scene.Head);
        var dark = _scene.Medium.IsColoured ? Colour * r.Uniform(0.62f, 0.85f) : Colour;
        var shape = _length switch
        {
            Length.Long => Hanging(r.Uniform(0.05f, 0.3f), 2.4f),
            Length.Bob => Hanging(r.Uniform(0, 0.15f), head.Chin + r.Uniform(-0.1f, 0.25f)),
            _ => Hanging(-0.12f, 0.35f),
        };
        Paint(shape, dark);
        if (_length == Length.Bun)
        {
            foreach (var x in r.Chance(0.5f) ? [0] : (float[])[-0.5f, 0.5f])
                Paint(Polyline.Ellipse(new(_middle + (x * _half * 1.6f), _top + (0.3f * MathF.Abs(x)) - 0.02f), 0.24f, 0.22f), Colour);
        }
        if (_length == Length.Tails)
        {
            foreach (var side in (float[])[-1, 1])
            {
                var root = new Vector2(_middle + (side * _half * 0.92f), -0.35f + r.Uniform(-0.2f, 0.25f));
                var swing = r.Uniform(0.15f, 0.45f);
                Paint(
                    Polyline.Smooth([
                        root + new Vector2(0, -0.08f), root + new Vector2(side * swing, 0.05f), root + new Vector2(side * (swing + 0.12f), 0.6f),
                        root + new Vector2(side * swing, 1.3f), root + new Vector2(side * 0.12f, 2),
                        root + new Vector2(side * 0.02f, 1.2f), root + new Vector2(side * 0.1f, 0.5f), root + new Vector2(-side * 0.02f, 0.1f),
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
                new(right, 0.1f), new(right + (0.6f * wider), 0.45f * bottom), new(right + wider + wave, 0.8f * bottom), new(right + (0.7f * wider) - 0.06f, bottom),
                new(_middle, bottom + 0.04f),
                new(left - (0.7f * wider) + 0.06f, bottom), new(left - wider + wave, 0.8f * bottom), new(left - (0.6f * wider), 0.45f * bottom), new(left, 0.1f),
            ];
            return [.. _dome, .. Polyline.Smooth(knots)];
        }
    }

    /// <summary>What the fringe throws on the face; painted before the features.</summary>
    public void Shadow()
    {
        if (_scene.Medium.Shadow < 0.3f)
            return;
        var by = new Vector2(_scene.Random.Uniform(-0.02f, 0.02f), _scene.Random.Uniform(0.02f, 0.06f));
        foreach (var shape in _locks)
            _scene.Brush.Fill(
                Polyline.Moved(shape, by), _scene.Colours.SkinShadow, _scene.Medium.Shadow * (_scene.Medium.IsSoft ? 0.6f : 0.9f), _scene.Medium.IsSoft ? 0.015f : 0);
        _scene.Brush.Fill(
            Polyline.Moved(_cap, by), _scene.Colours.SkinShadow, _scene.Medium.Shadow * 0.9f, _scene.Medium.IsSoft ? 0.02f : 0);
    }

    public void Front()
    {
        Paint(_cap, Colour, outline: false);
        Strands(_cap, _scene.Random.Next(4, 11));
        if (_scene.Random.Chance(_scene.Medium.IsColoured ? 0.6f : 0.4f))
            Shine();
        foreach (var shape in _locks)
        {
            Paint(shape, Colour);
            _scene.Cover(shape);
        }
        _scene.Cover(_cap);
        _scene.Outline(_dome, Colour, 1.1f);
    }

    private void Paint(Vector2[] shape, Vector3 colour, bool outline = true)
    {
        var (low, high) = (shape.Min(p => p.Y), shape.Max(p => p.Y));
        if (_scene.Medium.IsColoured)
        {
            var deep = _scene.Medium.IsSoft ? 0.28f : 0.1f;
            _scene.Brush.Fill(shape, (new(0, low), colour * (1 - (0.4f * deep))), (new(0, MathF.Min(high, low + 1.2f)), Vector3.Lerp(colour, new(255), 0.4f * deep)));
        }
        else
        {
            _scene.Brush.Fill(shape, colour);
        }
        if (outline)
            _scene.Outline([.. shape, shape[0]], Colour, 0.8f);
    }

    private Vector2[] HairLine(float height)
    {
        var head = _scene.Head;
        var (left, right) = (_dome[0], _dome[^1]);
        return Polyline.Smooth([
            left, new(head.Near + 0.02f, head.EyeLine - 0.12f), new(head.Near + 0.12f, head.EyeLine - (0.8f * height)), new(head.Axis, head.EyeLine - height),
            new(head.Far - 0.1f, head.EyeLine - (0.8f * height)), new(head.Far - 0.02f, head.EyeLine - 0.12f), right,
        ]);
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
            var width = r.Uniform(0.09f, 0.2f) * head.Narrowed(side);
            var end = head.EyeLine + r.Uniform(0.2f, longest);
            var inward = r.Uniform(-0.03f, 0.1f);
            Vector2 P(float x, float y) => new(edge + (side * x), y);
            _locks.Add([
                .. Polyline.Smooth([P(0.02f, -0.4f), P(0.09f, -0.1f), P(0.06f + (0.4f * width), 0.5f * end), P(-inward, end)]),
                .. Polyline.Smooth([P(-inward, end), P(0.06f - (0.6f * width), 0.45f * end), P(0.07f - width, -0.1f), P(-0.1f - width, -0.42f)]),
            ]);
        }
    }

    private void FringeLocks(Fringe fringe, Vector2[] line)
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
            var edge = Polyline.Of(10, t => new Vector2(float.Lerp(left, right, t), bottom + (0.1f * Square((2 * t) - 1)) + (0.012f * (r.NextSingle() - 0.5f))));
            _locks.Add([new(left + 0.06f, root), .. edge, new(right - 0.06f, root)]);
            for (var i = r.Next(0, 4); i > 0; i--)
            {
                var t = r.Uniform(0.1f, 0.9f);
                var (x, y) = (float.Lerp(left, right, t), bottom + (0.1f * Square((2 * t) - 1)));
                var w = r.Uniform(0.03f, 0.07f);
                _locks.Add([new(x - w, y - 0.25f), new(x - (0.5f * w), y + r.Uniform(-0.02f, 0.05f)), new(x + (0.6f * w), y + 0.02f), new(x + w, y - 0.25f)]);
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
            var half = (right - left) / n * r.Uniform(0.55f, 0.95f);
            var outward = MathF.Abs(x - parting) / (right - left) * 2;
            var tip = fringe switch
            {
                Fringe.Parted => new Vector2(
                    x + (MathF.Sign(x - parting) * r.Uniform(0.06f, 0.2f)), eye - 0.34f + (0.5f * outward * outward) + r.Uniform(-0.06f, 0.08f)),
                Fringe.Swept => new Vector2(
                    x + sweep, eye - 0.2f + (0.3f * ((t - 0.5f) * 2 * MathF.Sign(sweep))) + r.Uniform(-0.06f, 0.12f)),
                _ => new Vector2(
                    x + sway + (0.06f * r.Normal()),
                    eye + level + r.Uniform(-0.1f, 0.06f) + (MathF.Abs(x - head.Axis) < 0.12f ? r.Uniform(0, 0.3f) : 0) + (outward > 0.75f ? r.Uniform(0.05f, 0.3f) : 0)),
            };
            var start = new Vector2(fringe == Fringe.Parted ? float.Lerp(parting, x, 0.75f) : x - (0.4f * (tip.X - x)), root + (0.1f * Square((2 * t) - 1)));
            var bend = 0.5f * half * r.Normal();
            var middle = Vector2.Lerp(start, tip, 0.55f) + new Vector2(bend, 0);
            _locks.Add([
                .. Polyline.Smooth([start - new Vector2(half, 0), middle - new Vector2(0.72f * half, 0), tip]),
                .. Polyline.Smooth([tip, middle + new Vector2(0.72f * half, 0), start + new Vector2(half, 0)]),
            ]);
        }
    }

    private void Strands(Vector2[] shape, int count)
    {
        var (r, brush) = (_scene.Random, _scene.Brush);
        var whorl = new Vector2(_middle + (0.1f * r.Normal()), _top + 0.12f);
        var dark = _scene.Medium.IsColoured ? _scene.Medium.Ink(Colour) : Colour.X < 60 ? new Vector3(200) : _scene.Medium.Ink(Colour);
        using (brush.Within(shape))
        {
            for (var i = 0; i < count; i++)
            {
                var x = r.Uniform(-1, 1);
                var end = new Vector2(_middle + (x * _half), r.Uniform(-0.5f, 0.1f));
                var side = new Vector2(_middle + (0.75f * x * _half), 0.5f * (_top + end.Y) - 0.1f);
                brush.Line(Polyline.Smooth([Vector2.Lerp(whorl, side, r.Uniform(0, 0.6f)), side, end]), dark, 0.7f * MathF.Max(_scene.Medium.Line, 0.008f), 0.5f, 0.1f, 0.1f);
            }
        }
    }

    // A band of light round the crown.
    private void Shine()
    {
        var (r, brush) = (_scene.Random, _scene.Brush);
        var (at, thick) = (r.Uniform(0.55f, 0.8f), r.Uniform(0.04f, 0.12f));
        var light = _scene.Medium.IsColoured ? Vector3.Lerp(Colour, new(255), r.Uniform(0.3f, 0.75f)) : new(255);
        Vector2 P(float t, float share) =>
            new(_middle - (_half * share * MathF.Cos(MathF.PI * t)), (_top * share * MathF.Pow(MathF.Sin(MathF.PI * t), 0.75f)) - 0.05f);
        var teeth = r.Next(5, 12);
        Vector2[] band =
        [
            .. Polyline.Of(20, t => P(0.15f + (0.7f * t), at + (thick * MathF.Sin(MathF.PI * t)))),
            .. Polyline.Of(2 * teeth, t => P(0.85f - (0.7f * t), at - (MathF.Round(t * 2 * teeth) % 2 * thick * r.Uniform(0.3f, 1)))),
        ];
        using (brush.Within(_cap))
            brush.Fill(band, light, r.Uniform(0.4f, 0.9f), _scene.Medium.IsSoft ? 0.02f : 0);
    }

    private static float Square(float x) => x * x;
}

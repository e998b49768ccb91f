using System.Numerics;
using Mdfld.Training.Augmentation.Shapes;

namespace Mdfld.Training.Augmentation;

/// <summary>
/// Replaces a face of 68 points by a drawn one: hair, flat skin, thin contours, eyes, nose and mouth as in a woodblock
/// print or a comic. Nothing of the photo's own features is left, so the drawn ones may be smaller, larger and
/// elsewhere: the landmarks are changed to theirs.
/// </summary>
internal sealed class DrawnFace(Canvas canvas)
{
    private const int Arc = 16;

    private readonly Pen _pen = new(canvas);
    private readonly Vector2[] _local = new Vector2[68];
    private readonly Vector2[] _outline = new Vector2[17 + (2 * Arc)];

    /// <summary>
    /// Draws, and moves the landmarks of eyes, brows, nose and mouth; false where a face turns away too far or lacks
    /// room.
    /// </summary>
    public bool TryDraw(Span<Vector2> points, Random random)
    {
        var frame = UprightFrame.Of(points);
        for (var i = 0; i < 68; i++)
            _local[i] = frame.ToLocal(points[i]);
        // Flat skin lies between the ears; the nose of a profile sticks out of it.
        if (MathF.Abs(_local[30].X) > 0.4f || _local[0].X > -0.7f || _local[16].X < 0.7f)
            return false;
        var print = random.Chance(0.5f);
        var parts = new FaceParts(_local);
        if (print)
            parts.DrawPrint(random);
        else
            parts.DrawComic(random);
        for (var i = 17; i < 68; i++)
        {
            var p = frame.FromLocal(_local[i]);
            if (MathF.Min(p.X, p.Y) < 0 || MathF.Max(p.X, p.Y) > canvas.Size - 1)
                return false;
        }
        for (var i = 17; i < 68; i++)
            points[i] = frame.FromLocal(_local[i]);

        var ink = random.Chance(0.75f) ? new Vector3(random.Uniform(0, 50)) : Colour(random, 0, 110);
        var skin = Skin(random);
        var line = random.Uniform(0.3f, print ? 0.8f : 1.2f) * canvas.Unit;
        if (random.Chance(0.4f))
            FillGround(random);
        if (random.Chance(0.7f))
            DrawHair(frame, random);
        if (random.Chance(0.6f))
            DrawNeck(frame, skin * random.Uniform(0.8f, 1), ink, line, random);
        DrawSkin(points, frame, skin, ink, line, random);
        DrawEyes(points, ink, line, print, random);
        DrawBrows(points, ink, line, random);
        DrawNose(points, ink, line, print, random);
        DrawMouth(points, ink, line, print, random);
        return true;
    }

    private static Vector3 Skin(Random random) => random.Next(4) switch
    {
        0 => new Vector3(random.Uniform(235, 255)),
        3 => Colour(random, 60, 255),
        _ => new Vector3(random.Uniform(215, 255), random.Uniform(185, 245), random.Uniform(150, 235)),
    };

    private void FillGround(Random random)
    {
        var (from, to) = (Colour(random, 30, 255), Colour(random, 30, 255));
        var flat = random.Chance(0.5f);
        for (var c = 0; c < Picture.Channels; c++)
        {
            for (var y = 0; y < canvas.Size; y++)
                canvas.Channel(c).Slice(y * canvas.Size, canvas.Size).Fill(
                    flat ? from[c] : float.Lerp(from[c], to[c], (float)y / canvas.Size));
        }
    }

    /// <summary>A cap of hair from ear to ear, sometimes down to the shoulders.</summary>
    private void DrawHair(UprightFrame frame, Random random)
    {
        var hair = random.Chance(0.6f) ? new Vector3(random.Uniform(0, 70)) : Colour(random, 0, 255);
        var (wide, high) = (random.Uniform(1.2f, 1.75f), random.Uniform(1.3f, 2.3f));
        var bottom = random.Chance(0.5f) ? random.Uniform(0.2f, 0.6f) : random.Uniform(1, 3);
        for (var i = 0; i < 2 * Arc; i++)
        {
            var (sin, cos) = MathF.SinCos(MathF.PI * i / ((2 * Arc) - 1));
            _outline[i] = frame.FromLocal(new Vector2(-wide * cos, -high * sin));
        }
        _outline[2 * Arc] = frame.FromLocal(new Vector2(wide * 0.95f, bottom));
        _outline[(2 * Arc) + 1] = frame.FromLocal(new Vector2(-wide * 0.95f, bottom));
        _pen.Fill(_outline.AsSpan(0, (2 * Arc) + 2), hair, 1);
        if (!random.Chance(0.5f))
            return;
        // Strands, light on dark or dark on light.
        var strand = hair + (new Vector3(hair.X > 100 ? -70 : 90) * random.Uniform(0.5f, 1));
        for (var n = random.Next(3, 9); n > 0; n--)
        {
            var (sin, cos) = MathF.SinCos(random.Uniform(0.1f, 0.9f) * MathF.PI);
            Span<Vector2> curve =
            [
                frame.FromLocal(new Vector2(-0.2f * wide * cos, -high * 0.95f)),
                frame.FromLocal(new Vector2(-0.7f * wide * cos, -high * MathF.Max(0.75f, sin))),
                frame.FromLocal(new Vector2(-0.95f * wide * cos, -high * 0.6f * sin)),
            ];
            _pen.Stroke(curve, false, 0.5f * canvas.Unit, 0.3f, strand, 0.8f);
        }
    }

    private void DrawNeck(UprightFrame frame, Vector3 skin, Vector3 ink, float line, Random random)
    {
        var chin = _local[8].Y;
        var wide = random.Uniform(0.4f, 0.75f);
        Span<Vector2> neck =
        [
            frame.FromLocal(new Vector2(-wide, chin * 0.6f)),
            frame.FromLocal(new Vector2(wide, chin * 0.6f)),
            frame.FromLocal(new Vector2(wide * 1.3f, chin * 2)),
            frame.FromLocal(new Vector2(-wide * 1.3f, chin * 2)),
        ];
        _pen.Fill(neck, skin, 1);
        _pen.Stroke(neck[1..3], false, line, 0.8f, ink, 0.9f);
        neck[1] = neck[0];
        _pen.Stroke([neck[3], neck[1]], false, line, 0.8f, ink, 0.9f);
    }

    /// <summary>Skin from the jaw line to the hair line, a shadow on one side now and then, and the contour.</summary>
    private void DrawSkin(
        ReadOnlySpan<Vector2> points, UprightFrame frame, Vector3 skin, Vector3 ink, float line, Random random)
    {
        points[..17].CopyTo(_outline);
        var (left, right) = (_local[0], _local[16]);
        var high = random.Uniform(0.75f, 1.3f);
        for (var i = 0; i < Arc; i++)
        {
            var (sin, cos) = MathF.SinCos((i + 1f) / (Arc + 1) * MathF.PI);
            var ear = float.Lerp(right.Y, left.Y, (i + 1f) / (Arc + 1));
            var x = ((right.X + left.X) / 2) + ((right.X - left.X) / 2 * cos);
            _outline[17 + i] = frame.FromLocal(new Vector2(x, ear - ((high + ear) * sin)));
        }
        _pen.Fill(_outline.AsSpan(0, 17 + Arc), skin, 1);
        if (random.Chance(0.25f))
        {
            // Cel shading: the jaw's side in a darker flat tone.
            var (first, step) = random.Chance(0.5f) ? (0, 1) : (16, -1);
            Span<Vector2> shadow = stackalloc Vector2[18];
            for (var i = 0; i < 9; i++)
            {
                shadow[i] = points[first + (step * i)];
                shadow[17 - i] = Vector2.Lerp(shadow[i], points[30], 0.12f + (0.14f * MathF.Sin(i * 0.35f)));
            }
            _pen.Fill(shadow, skin * random.Uniform(0.6f, 0.9f), 1);
        }
        _pen.Stroke(
            points[..17], false, line * random.Uniform(0.8f, 1.5f), random.Uniform(0.4f, 1),
            ink, random.Uniform(0.8f, 1));
        if (random.Chance(0.4f))
            _pen.Stroke(_outline.AsSpan(16, Arc + 1), false, line, 0.6f, ink, 0.8f);
    }

    private void DrawEyes(ReadOnlySpan<Vector2> points, Vector3 ink, float line, bool print, Random random)
    {
        var white = random.Chance(0.85f) ? new Vector3(random.Uniform(225, 255)) : Colour(random, 120, 255);
        var iris = print || random.Chance(0.4f) ? ink : Colour(random, 0, 200);
        var gaze = new Vector2(random.Normal() * 0.1f, random.Normal() * 0.04f);
        var share = random.Uniform(0.15f, 0.3f);
        var lid = line * random.Uniform(1.2f, 2.4f);
        var lower = random.Chance(0.7f);
        var shine = !print && random.Chance(0.7f);
        foreach (var first in (ReadOnlySpan<int>)[36, 42])
        {
            var eye = points.Slice(first, 6);
            var (wide, high) = (
                Vector2.Distance(eye[0], eye[3]), Vector2.Distance(eye[1] + eye[2], eye[4] + eye[5]) / 2);
            var place = ((eye[1] + eye[2] + eye[4] + eye[5]) / 4) + (gaze * wide);
            _pen.Fill(eye, white, 1);
            // An iris is cut by the lids: as high as the eye, as wide as it likes.
            var radius = MathF.Max(0.6f, MathF.Min(share * wide, 0.55f * high));
            _pen.Dab(place, radius, iris, 1);
            if (high > 2.4f * radius)
                _pen.Stroke(
                    [place - (Up(eye) * (0.5f * high - radius)), place + (Up(eye) * ((0.5f * high) - radius))],
                    false, radius, 1, iris, 1);
            if (!print && radius > 1.5f * canvas.Unit)
                _pen.Dab(place, 0.5f * radius, iris * 0.4f, 1);
            if (shine)
                _pen.Dab(place + new Vector2(0.35f * radius, -0.4f * radius), 0.35f * radius, new Vector3(255), 1);
            _pen.Stroke(eye[..4], false, lid, 0.5f, ink, 1);
            if (lower)
                _pen.Stroke([eye[3], eye[4], eye[5], eye[0]], false, line * 0.8f, 0.4f, ink, 0.9f);
            // The fold of the lid, or a wrinkle: a line that is no landmark.
            if (random.Chance(0.3f))
            {
                var rise = Up(eye) * (0.25f * wide);
                _pen.Stroke(
                    [eye[0] + rise, eye[1] + rise, eye[2] + rise, eye[3] + rise], false, line * 0.6f, 0.2f, ink, 0.7f);
            }
        }
    }

    private static Vector2 Up(ReadOnlySpan<Vector2> eye)
    {
        var along = eye[3] - eye[0];
        return along.LengthSquared() > 1e-6f ? Vector2.Normalize(new Vector2(along.Y, -along.X)) : -Vector2.UnitY;
    }

    private void DrawBrows(ReadOnlySpan<Vector2> points, Vector3 ink, float line, Random random)
    {
        var thick = line * random.Uniform(0.8f, 4);
        var opacity = random.Uniform(0.5f, 1);
        var taper = random.Uniform(0.1f, 0.8f);
        _pen.Stroke(points[17..22], false, thick, taper, ink, opacity);
        _pen.Stroke(points[22..27], false, thick, taper, ink, opacity);
    }

    /// <summary>A long line down one side and a hook, a wedge, or nothing but nostrils.</summary>
    private void DrawNose(ReadOnlySpan<Vector2> points, Vector3 ink, float line, bool print, Random random)
    {
        var side = random.Chance(0.5f) ? 31 : 35;
        if (print || random.Chance(0.3f))
        {
            var start = random.Chance(0.5f) ? 27 : 28;
            for (var i = start; i < 30; i++)
                _pen.Stroke(points.Slice(i, 2), false, line, 1, ink, 0.95f);
            _pen.Stroke([points[30], points[side], points[side == 31 ? 32 : 34]], false, line, 0.6f, ink, 0.95f);
        }
        if (print || random.Chance(0.5f))
        {
            _pen.Stroke(points[31..36], false, line * random.Uniform(0.7f, 1.2f), 0.4f, ink, random.Uniform(0.5f, 1));
            return;
        }
        if (random.Chance(0.5f))
            _pen.Stroke([points[30], points[side == 31 ? 32 : 34], points[33]], false, line, 0.5f, ink, 0.9f);
        _pen.Dab(points[32], line, ink, 0.9f);
        _pen.Dab(points[34], line, ink, 0.9f);
    }

    private void DrawMouth(ReadOnlySpan<Vector2> points, Vector3 ink, float line, bool print, Random random)
    {
        var lips = random.Chance(0.6f)
            ? new Vector3(random.Uniform(140, 245), random.Uniform(20, 130), random.Uniform(30, 130))
            : Colour(random, 20, 230);
        if (print || random.Chance(0.5f))
            _pen.Fill(points[48..60], lips, random.Uniform(0.5f, 1));
        var open = Vector2.Distance(points[62], points[66])
            > 0.06f * Vector2.Distance(points[48], points[54]) + canvas.Unit;
        if (open)
            _pen.Fill(
                points[60..68], random.Chance(0.6f) ? new Vector3(random.Uniform(200, 255)) : Colour(random, 0, 90), 1);
        _pen.Stroke(points[60..65], false, line, 0.6f, ink, 1);
        if (open)
            _pen.Stroke([points[64], points[65], points[66], points[67], points[60]], false, line, 0.6f, ink, 1);
        if (random.Chance(0.4f))
            _pen.Stroke(points[48..60], true, line * 0.8f, 1, ink, 0.8f);
        else if (random.Chance(0.6f))
            _pen.Stroke(points[56..59], false, line * 0.9f, 0.3f, ink, 0.8f);
    }

    private static Vector3 Colour(Random random, float low, float high) =>
        new(random.Uniform(low, high), random.Uniform(low, high), random.Uniform(low, high));
}

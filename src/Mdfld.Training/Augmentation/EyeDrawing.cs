using System.Numerics;

namespace Mdfld.Training.Augmentation;

/// <summary>
/// Draws eyes into the lids of a face of 68 points, as animation does: large irises, lights, strong upper lids.
/// </summary>
internal sealed class EyeDrawing(Canvas canvas)
{
    private const int Steps = 6;

    private readonly Pen _pen = new(canvas);
    private readonly Vector2[] _rim = new Vector2[6 * Steps];

    /// <summary>Tall irises of one strong colour, two lights, thick upper lids.</summary>
    public void DrawAnime(ReadOnlySpan<Vector2> landmarks, Random random) =>
        Draw(landmarks, random, new EyeLook(
            Iris(random), new Vector3(38, 22, 30),
            random.Uniform(0.36f, 0.44f), random.Uniform(0.55f, 0.7f), random.Uniform(1, 1.5f)));

    /// <summary>As anime's, in black and white.</summary>
    public void DrawManga(ReadOnlySpan<Vector2> landmarks, Random random) =>
        Draw(landmarks, random, new EyeLook(
            new Vector3(random.Uniform(0, 90)), Vector3.Zero,
            random.Uniform(0.34f, 0.42f), random.Uniform(0.55f, 0.7f), random.Uniform(1, 1.5f)));

    /// <summary>Round glossy irises, thin lids.</summary>
    public void DrawGlossy(ReadOnlySpan<Vector2> landmarks, Random random) =>
        Draw(landmarks, random, new EyeLook(
            Iris(random) * 0.85f, new Vector3(45, 28, 24),
            random.Uniform(0.3f, 0.36f), 0.5f, random.Uniform(0.5f, 0.8f)));

    private static Vector3 Iris(Random random) => random.Next(5) switch
    {
        0 => new Vector3(70, 130, 190),
        1 => new Vector3(80, 150, 90),
        2 => new Vector3(130, 90, 170),
        3 => new Vector3(190, 120, 50),
        _ => new Vector3(125, 75, 45),
    };

    private void Draw(ReadOnlySpan<Vector2> landmarks, Random random, EyeLook look)
    {
        var gaze = new Vector2(random.Normal() * 0.05f, random.Normal() * 0.03f);
        foreach (var first in (ReadOnlySpan<int>)[36, 42])
        {
            var eye = landmarks.Slice(first, 6);
            var along = eye[3] - eye[0];
            var width = along.Length();
            var height = Vector2.Distance(eye[1] + eye[2], eye[4] + eye[5]) / 2;
            if (!(width > 2) || !float.IsFinite(width))
                continue;
            // A closed eye is its lid.
            if (height > 0.14f * width)
                Fill(eye, along / width, width, height, gaze, look);
            _pen.Stroke(
                eye[..4], false, look.Lid * canvas.Unit * MathF.Min(1.5f, width / (14 * canvas.Unit)), 0.55f,
                look.Ink, 0.95f);
            _pen.Stroke([eye[3], eye[4], eye[5], eye[0]], false, 0.35f * canvas.Unit, 0.4f, look.Ink, 0.6f);
        }
    }

    private void Fill(ReadOnlySpan<Vector2> eye, Vector2 right, float width, float height, Vector2 gaze, EyeLook look)
    {
        Round(eye);
        var down = new Vector2(-right.Y, right.X);
        var centre = ((eye[1] + eye[2] + eye[4] + eye[5]) / 4) + (right * (gaze.X * width)) + (down * (gaze.Y * width));
        var iris = new Vector2(MathF.Min(look.Wide * width, 0.9f * height), look.High * height);
        var box = FaceBox.Around(_rim);
        var size = canvas.Size;
        for (var y = Math.Max(0, (int)box.Top - 1); y <= Math.Min(size - 1, (int)(box.Top + box.Height) + 1); y++)
        {
            for (var x = Math.Max(0, (int)box.Left - 1); x <= Math.Min(size - 1, (int)(box.Left + box.Width) + 1); x++)
            {
                var (cover, colour) = (0f, Vector3.Zero);
                for (var s = 0; s < 4; s++)
                {
                    var p = new Vector2(x - 0.25f + (0.5f * (s & 1)), y - 0.25f + (0.25f * (s & 2)));
                    if (!Contains(p))
                        continue;
                    var local = new Vector2(Vector2.Dot(p - centre, right), Vector2.Dot(p - centre, down));
                    (cover, colour) = (cover + 0.25f, colour + Colour(local, iris, height, look));
                }
                if (cover == 0)
                    continue;
                var i = (y * size) + x;
                colour *= 0.25f;
                for (var c = 0; c < Picture.Channels; c++)
                {
                    ref var v = ref canvas.Channel(c)[i];
                    v = (v * (1 - cover)) + colour[c];
                }
            }
        }
    }

    /// <summary>What an eye shows at a place, from its middle, x along the eye and y down.</summary>
    private static Vector3 Colour(Vector2 p, Vector2 iris, float height, EyeLook look)
    {
        var light = new Vector2(p.X + (0.35f * iris.X), p.Y + (0.4f * iris.Y)) / (0.32f * iris);
        if (light.LengthSquared() < 1)
            return new Vector3(255);
        var at = (p / iris).Length();
        if (at < 1)
        {
            if (at > 0.86f)
                return look.Iris * 0.45f;
            if (at < 0.42f)
                return look.Iris * 0.12f;
            // Lighter below, where the light that came in leaves.
            return Vector3.Min(look.Iris * (0.85f + (0.6f * Math.Clamp(p.Y / iris.Y, -0.6f, 1))), new Vector3(255));
        }
        // The lid's shadow on the white.
        return new Vector3(248) * (1 - (0.25f * Math.Clamp((-p.Y / height) - 0.15f, 0, 1)));
    }

    /// <summary>The lids as smooth curves through their points.</summary>
    private void Round(ReadOnlySpan<Vector2> eye)
    {
        for (var k = 0; k < 6; k++)
        {
            var (a, b, c, d) = (eye[(k + 5) % 6], eye[k], eye[(k + 1) % 6], eye[(k + 2) % 6]);
            // The corners stay corners.
            if (k is 0 or 3)
                a = b;
            if (k is 2 or 5)
                d = c;
            for (var n = 0; n < Steps; n++)
            {
                var t = n / (float)Steps;
                _rim[(k * Steps) + n] =
                    b + (0.5f * t * (c - a + (t * ((2 * a) - (5 * b) + (4 * c) - d + (t * ((3 * (b - c)) + d - a))))));
            }
        }
    }

    private bool Contains(Vector2 p)
    {
        var inside = false;
        for (int i = 0, j = _rim.Length - 1; i < _rim.Length; j = i++)
        {
            var (a, b) = (_rim[i], _rim[j]);
            if (a.Y > p.Y != b.Y > p.Y && p.X < a.X + ((p.Y - a.Y) / (b.Y - a.Y) * (b.X - a.X)))
                inside = !inside;
        }
        return inside;
    }

    /// <summary>
    /// Colours, the iris's half axes as shares of the eye's width and height, the upper lid's half width.
    /// </summary>
    private readonly record struct EyeLook(Vector3 Iris, Vector3 Ink, float Wide, float High, float Lid);
}

using System.Numerics;

namespace Mdfld.Training.Augmentation.Shapes;

/// <summary>
/// Changes the parts of an upright face: 68 landmarks, then the points of the hair line. The middle between the eyes is
/// the origin, their distance about 1, y points to the chin.
/// </summary>
public readonly ref struct FaceParts(Span<Vector2> points)
{
    private readonly Span<Vector2> _points = points;

    private Span<Vector2> Jaw => _points[..17];

    private Span<Vector2> Brows => _points[17..27];

    private Span<Vector2> Nose => _points[27..36];

    private Span<Vector2> Mouth => _points[48..68];

    private Span<Vector2> Hair => _points[68..];

    /// <summary>Draws new parts and keeps them in their order from top to bottom.</summary>
    /// <remarks><c>amount</c>: 0..1.</remarks>
    public void Draw(Random random, float amount)
    {
        if (random.Chance(0.12f))
        {
            DrawAnime(random, amount);
        }
        else
        {
            if (random.Chance(0.8f))
                DrawJaw(random, amount);
            if (random.Chance(0.4f))
                DrawSkull(random, amount);
            if (random.Chance(0.45f))
                DrawEyes(random, amount * random.Uniform(-0.9f, 0.6f), amount * random.Uniform(-0.8f, 0.8f));
            if (random.Chance(0.45f))
                DrawNose(random, amount);
            if (random.Chance(0.5f))
                DrawMouth(random, amount);
        }
        if (random.Chance(0.5f))
            DrawBrows(random, amount);
        if (random.Chance(0.25f))
            Taper(amount * random.Uniform(-0.35f, 0.35f));
        Separate();
    }

    /// <summary>The features of a Japanese print: slits of eyes, high brows, a tiny mouth, a narrow nose.</summary>
    public void DrawPrint(Random random)
    {
        DrawEyes(random, random.Uniform(-0.4f, 0.15f), random.Uniform(-0.9f, 0));
        var slant = random.Uniform(-0.05f, 0.3f);
        Turn(_points[36..42], Vector2.One, default, slant);
        Turn(_points[42..48], Vector2.One, default, -slant);
        var brow = random.Uniform(-0.3f, 0.02f);
        foreach (ref var p in Brows)
            p.Y += brow;
        Turn(Nose, new Vector2(random.Uniform(0.4f, 1), random.Uniform(0.9f, 1.2f)), default, 0);
        Turn(Mouth, new Vector2(random.Uniform(0.35f, 0.9f), random.Uniform(0.4f, 1)), default, 0);
        Separate();
    }

    /// <summary>The features of a comic: eyes of any size, hardly a nose, a small mouth.</summary>
    public void DrawComic(Random random)
    {
        DrawEyes(random, random.Uniform(-0.3f, 0.3f), random.Uniform(-0.5f, 0.9f));
        DrawBrows(random, 0.7f);
        var nose = random.Uniform(0.3f, 1);
        Turn(Nose, new Vector2(nose, nose), default, 0);
        Turn(Mouth, new Vector2(random.Uniform(0.4f, 1.2f), random.Uniform(0.3f, 1.2f)), default, 0);
        Separate();
    }

    /// <summary>
    /// A jaw that is long or receding, wide or narrow, pointed or square, with a ball of a chin, or askew.
    /// </summary>
    private void DrawJaw(Random random, float amount)
    {
        var height = MathF.Max(0.5f, _points[8].Y);
        var longer = random.Chance(0.65f) ? amount * height * random.Uniform(-0.3f, 0.9f) : 0;
        var wider = random.Chance(0.6f) ? amount * random.Uniform(-0.45f, 0.8f) : 0;
        var widest = random.Uniform(0.35f, 0.95f);
        var pointed = random.Chance(0.5f) ? amount * random.Uniform(-0.6f, 0.75f) : 0;
        var lean = random.Chance(0.3f) ? amount * random.Uniform(-0.35f, 0.35f) : 0;
        var ball = random.Chance(0.4f) ? amount * random.Uniform(-0.3f, 1.1f) : 0;
        foreach (ref var p in Jaw)
        {
            var low = Math.Clamp(p.Y / height, 0, 1);
            var rise = low * low * (3 - (2 * low));
            var bell = (low - widest) / 0.4f;
            var chin = Math.Clamp((low - 0.6f) / 0.4f, 0, 1);
            p.X *= (1 + (wider * MathF.Exp(-bell * bell))) * (1 - (pointed * low * low * low)) * (1 + (ball * chin));
            p += new Vector2(lean * rise, (longer * rise) + (0.25f * ball * chin));
        }
        // The mouth is carried along, more or less.
        var follow = random.Uniform(0, 0.6f);
        foreach (ref var p in Mouth)
            p += new Vector2(lean * 0.6f, longer * follow) * Math.Clamp(p.Y / height, 0, 1);
    }

    private void DrawSkull(Random random, float amount)
    {
        var size = 1 + (amount * random.Uniform(-0.5f, 0.6f));
        var temples = amount * random.Uniform(-0.35f, 0.3f);
        foreach (ref var p in Hair)
            p = new Vector2(p.X * (1 + temples), p.Y * size);
        foreach (ref var p in Brows)
            p.Y *= 1 + (0.5f * (size - 1));
        foreach (ref var p in Jaw)
        {
            var high = 1 - Math.Clamp(p.Y, 0, 1);
            p.X *= 1 + (temples * high * high);
        }
    }

    /// <remarks><c>wide</c>, <c>high</c>: logarithms of the eyes' change.</remarks>
    private void DrawEyes(Random random, float wide, float high)
    {
        var amount = MathF.Max(MathF.Abs(wide), MathF.Abs(high));
        var size = new Vector2(MathF.Exp(wide), MathF.Exp(high));
        var apart = amount * random.Uniform(-0.12f, 0.15f);
        var tilt = amount * random.Uniform(-0.4f, 0.4f);
        // Now and then one eye stays as it is.
        var (left, right) = random.Chance(0.15f) ? (random.Next(2), 1) : (1, 1);
        if (left == 0 && random.Chance(0.5f))
            (left, right) = (1, 0);
        if (left == 1)
            Turn(_points[36..42], size, new Vector2(-apart, 0), -tilt);
        if (right == 1)
            Turn(_points[42..48], size, new Vector2(apart, 0), tilt);
    }

    private void DrawNose(Random random, float amount)
    {
        var longer = MathF.Exp(amount * random.Uniform(-0.5f, 0.6f));
        var wider = MathF.Exp(amount * random.Uniform(-0.5f, 0.75f));
        var lean = amount * random.Uniform(-0.2f, 0.2f);
        var droop = amount * random.Uniform(-0.12f, 0.15f);
        var top = _points[27];
        foreach (ref var p in Nose)
        {
            var from = p - top;
            p = top + new Vector2((from.X * wider) + (lean * from.Y), from.Y * longer);
        }
        _points[30].Y += droop;
        _points[33].Y += 0.5f * droop;
    }

    private void DrawMouth(Random random, float amount)
    {
        var size = new Vector2(
            MathF.Exp(amount * random.Uniform(-0.8f, 0.6f)), MathF.Exp(amount * random.Uniform(-0.7f, 0.7f)));
        var smile = amount * random.Uniform(-0.35f, 0.35f);
        // Caricature's grin, from ear to ear.
        if (random.Chance(0.25f))
        {
            size *= new Vector2(
                MathF.Exp(amount * random.Uniform(0.2f, 0.6f)), MathF.Exp(amount * random.Uniform(0, 0.5f)));
            smile = amount * random.Uniform(0, 0.6f);
        }
        var shift = new Vector2(random.Uniform(-0.15f, 0.15f), random.Uniform(-0.15f, 0.2f)) * amount;
        Turn(Mouth, size, shift, amount * random.Uniform(-0.2f, 0.2f));
        var middle = Centre(Mouth).X;
        foreach (ref var p in Mouth)
            p.Y -= smile * (p.X - middle) * (p.X - middle);
    }

    private void DrawBrows(Random random, float amount)
    {
        var equal = random.Chance(0.75f);
        var (lift, tilt, size) = Brow(random, amount);
        Turn(Brows[..5], size, new Vector2(0, lift), -tilt);
        if (!equal)
            (lift, tilt, size) = Brow(random, amount);
        Turn(Brows[5..], size, new Vector2(0, lift), tilt);

        static (float Lift, float Tilt, Vector2 Size) Brow(Random random, float amount) => (
            amount * random.Uniform(-0.35f, 0.12f),
            amount * random.Uniform(-0.4f, 0.4f),
            new Vector2(
                MathF.Exp(amount * random.Uniform(-0.4f, 0.35f)), MathF.Exp(amount * random.Uniform(-0.7f, 0.8f))));
    }

    /// <summary>Big eyes set low, small nose and mouth, a short pointed chin.</summary>
    public void DrawAnime(Random random, float amount)
    {
        var lower = amount * random.Uniform(0, 0.2f);
        DrawEyes(random, amount * random.Uniform(0.1f, 0.5f), amount * random.Uniform(0.5f, 1.2f));
        foreach (ref var p in _points[17..48])
            p.Y += lower;
        Turn(
            Nose, new Vector2(1 - (amount * random.Uniform(0.2f, 0.6f)), 1 - (amount * random.Uniform(0, 0.4f))),
            default, 0);
        Turn(
            Mouth, new Vector2(1 - (amount * random.Uniform(0, 0.5f)), 1 - (amount * random.Uniform(0, 0.5f))),
            default, 0);
        var pointed = amount * random.Uniform(0.1f, 0.6f);
        var shorter = amount * random.Uniform(-0.1f, 0.25f);
        foreach (ref var p in Jaw)
        {
            var low = Math.Clamp(p.Y / 1.8f, 0, 1);
            p = new Vector2(p.X * (1 - (pointed * low * low)), p.Y * (1 - (shorter * low)));
        }
    }

    private void Taper(float amount)
    {
        foreach (ref var p in _points)
            p.X *= 1 + (amount * Math.Clamp(p.Y - 0.7f, -1.5f, 1.5f));
    }

    /// <summary>
    /// Moves what came too near to its neighbour: brows above eyes, nose above mouth, mouth above chin.
    /// </summary>
    public void Separate()
    {
        var rise = MathF.Max(
            0, MathF.Max(_points[19].Y, _points[24].Y) + 0.12f - MathF.Min(_points[37].Y, _points[44].Y));
        foreach (ref var p in Brows)
            p.Y -= rise;
        var drop = MathF.Max(
            0, MathF.Max(_points[30].Y, _points[33].Y) + 0.1f - MathF.Min(_points[50].Y, _points[52].Y));
        foreach (ref var p in Mouth)
            p.Y += drop;
        drop = MathF.Max(0, _points[57].Y + 0.2f - _points[8].Y);
        foreach (ref var p in Jaw)
            p.Y += drop * Math.Clamp(p.Y / 1.5f, 0, 1);
    }

    /// <summary>Scales, turns (small angle, slope) and moves a part about its centre.</summary>
    private static void Turn(Span<Vector2> part, Vector2 size, Vector2 shift, float slope)
    {
        var centre = Centre(part);
        foreach (ref var p in part)
        {
            var from = (p - centre) * size;
            p = centre + shift + new Vector2(from.X, from.Y + (slope * from.X));
        }
    }

    private static Vector2 Centre(ReadOnlySpan<Vector2> part)
    {
        var sum = Vector2.Zero;
        foreach (var p in part)
            sum += p;
        return sum / part.Length;
    }
}

namespace Mdfld.Training.Augment;

/// <summary>
/// Changes the parts of an upright face. The middle between the eyes is the origin, their distance about 1, y points to
/// the chin.
/// </summary>
internal readonly ref struct FaceReshaping(FaceParts parts, Span<Vector2> points, Span<Vector2> hair)
{
    private readonly Span<Vector2> _points = points;
    private readonly Span<Vector2> _hair = hair;

    public static Vector2 Centre(ReadOnlySpan<Vector2> points, int[] part)
    {
        var sum = Vector2.Zero;
        foreach (var i in part)
            sum += points[i];
        return sum / part.Length;
    }

    /// <summary>Draws new parts and keeps them in their order from top to bottom.</summary>
    public void Draw(StyleShape shape, Random random, float amount)
    {
        if (shape == StyleShape.Print)
            Print(random, amount);
        else if (shape == StyleShape.Anime)
            Anime(random, amount);
        else
            Caricature(random, amount);
        Separate();
    }

    private void Caricature(Random random, float amount)
    {
        if (random.Chance(0.75f))
            Jaw(random, amount);
        if (random.Chance(0.4f))
            Skull(random, amount);
        if (random.Chance(0.5f))
            Eyes(random, amount * random.Uniform(-0.9f, 0.6f), amount * random.Uniform(-0.8f, 0.8f));
        if (random.Chance(0.45f))
            Nose(random, amount);
        if (random.Chance(0.5f))
            Mouth(random, amount);
        if (random.Chance(0.5f))
            Brows(random, amount);
        if (random.Chance(0.3f))
        {
            // Narrower above or below; longer above or below.
            var (taper, top, bottom) = (
                amount * random.Uniform(-0.35f, 0.35f), amount * random.Uniform(-0.15f, 0.2f),
                amount * random.Uniform(-0.15f, 0.2f));
            Move(_points, p => new Vector2(
                p.X * (1 + (taper * Math.Clamp(p.Y - 0.7f, -1.5f, 1.5f))), p.Y * (1 + (p.Y < 0 ? top : bottom))));
        }
    }

    private void Print(Random random, float amount)
    {
        Eyes(random, amount * random.Uniform(-0.4f, 0.15f), amount * random.Uniform(-0.9f, 0));
        var slant = amount * random.Uniform(-0.05f, 0.3f);
        Turn(parts.LeftEye, Vector2.One, default, slant);
        Turn(parts.RightEye, Vector2.One, default, -slant);
        var brows = new Vector2(0, amount * random.Uniform(-0.3f, 0.02f));
        Turn(parts.LeftBrow, Vector2.One, brows, 0);
        Turn(parts.RightBrow, Vector2.One, brows, 0);
        Turn(parts.Nose, Sized(random.Uniform(0.4f, 1), random.Uniform(0.9f, 1.2f)), default, 0);
        Turn(parts.Mouth, Sized(random.Uniform(0.35f, 0.9f), random.Uniform(0.4f, 1)), default, 0);

        Vector2 Sized(float wide, float high) => Vector2.Lerp(Vector2.One, new Vector2(wide, high), amount);
    }

    /// <summary>Big eyes set low, small nose and mouth, a short pointed chin.</summary>
    private void Anime(Random random, float amount)
    {
        var lower = new Vector2(0, amount * random.Uniform(0, 0.2f));
        Eyes(random, amount * random.Uniform(0.1f, 0.5f), amount * random.Uniform(0.5f, 1.2f));
        foreach (var part in (ReadOnlySpan<int[]>)
            [parts.LeftBrow, parts.RightBrow, parts.LeftEye, parts.RightEye, parts.Nose])
            Turn(part, Vector2.One, lower, 0);
        Turn(parts.Nose, Smaller(random.Uniform(0.2f, 0.6f), random.Uniform(0, 0.4f)), default, 0);
        Turn(parts.Mouth, Smaller(random.Uniform(0, 0.5f), random.Uniform(0, 0.5f)), default, 0);
        var (pointed, shorter) = (amount * random.Uniform(0.1f, 0.6f), amount * random.Uniform(-0.1f, 0.25f));
        Move(parts.Jaw, p =>
        {
            var low = Math.Clamp(p.Y / 1.8f, 0, 1);
            return new Vector2(p.X * (1 - (pointed * low * low)), p.Y * (1 - (shorter * low)));
        });
        if (random.Chance(0.5f))
            Brows(random, amount);

        Vector2 Smaller(float wide, float high) => Vector2.One - (amount * new Vector2(wide, high));
    }

    /// <summary>A jaw long or receding, wide or narrow, pointed or square, with a ball of a chin, or askew.</summary>
    private void Jaw(Random random, float amount)
    {
        var height = MathF.Max(0.5f, _points[parts.Chin].Y);
        var longer = random.Chance(0.65f) ? amount * height * random.Uniform(-0.3f, 0.9f) : 0;
        var wider = random.Chance(0.6f) ? amount * random.Uniform(-0.45f, 0.8f) : 0;
        var widest = random.Uniform(0.35f, 0.95f);
        var pointed = random.Chance(0.5f) ? amount * random.Uniform(-0.6f, 0.75f) : 0;
        var lean = random.Chance(0.3f) ? amount * random.Uniform(-0.35f, 0.35f) : 0;
        var ball = random.Chance(0.4f) ? amount * random.Uniform(-0.3f, 1.1f) : 0;
        Move(parts.Jaw, p =>
        {
            var low = Math.Clamp(p.Y / height, 0, 1);
            var rise = low * low * (3 - (2 * low));
            var bell = (low - widest) / 0.4f;
            var chin = Math.Clamp((low - 0.6f) / 0.4f, 0, 1);
            p.X *= (1 + (wider * MathF.Exp(-bell * bell))) * (1 - (pointed * low * low * low)) * (1 + (ball * chin));
            return p + new Vector2(lean * rise, (longer * rise) + (0.25f * ball * chin));
        });
        // The mouth is carried along, more or less.
        var carried = new Vector2(lean * 0.6f, longer * random.Uniform(0, 0.6f));
        Move(parts.Mouth, p => p + (carried * Math.Clamp(p.Y / height, 0, 1)));
    }

    private void Skull(Random random, float amount)
    {
        var size = 1 + (amount * random.Uniform(-0.5f, 0.6f));
        var temples = amount * random.Uniform(-0.35f, 0.3f);
        Move(_hair, p => new Vector2(p.X * (1 + temples), p.Y * size));
        foreach (var i in (int[])[.. parts.LeftBrow, .. parts.RightBrow])
            _points[i].Y *= 1 + (0.5f * (size - 1));
        Move(parts.Jaw, p =>
        {
            var high = 1 - Math.Clamp(p.Y, 0, 1);
            return p with { X = p.X * (1 + (temples * high * high)) };
        });
    }

    private void Eyes(Random random, float wide, float high)
    {
        var amount = MathF.Max(MathF.Abs(wide), MathF.Abs(high));
        var size = new Vector2(MathF.Exp(wide), MathF.Exp(high));
        var apart = new Vector2(amount * random.Uniform(-0.12f, 0.15f), 0);
        var tilt = amount * random.Uniform(-0.4f, 0.4f);
        // Now and then one eye stays as it is.
        var still = random.Chance(0.08f) ? random.Next(2) : -1;
        if (still != 0)
            Turn(parts.LeftEye, size, -apart, -tilt);
        if (still != 1)
            Turn(parts.RightEye, size, apart, tilt);
    }

    private void Nose(Random random, float amount)
    {
        var longer = MathF.Exp(amount * random.Uniform(-0.5f, 0.6f));
        var wider = MathF.Exp(amount * random.Uniform(-0.5f, 0.75f));
        var lean = amount * random.Uniform(-0.2f, 0.2f);
        var droop = amount * random.Uniform(-0.12f, 0.15f);
        var top = _points[parts.Nose[0]];
        foreach (var i in parts.Nose)
            top = _points[i].Y < top.Y ? _points[i] : top;
        Move(parts.Nose, p =>
        {
            var from = p - top;
            // The tip sinks or rises, the wings less.
            var tip = from.Y > 0.4f ? 1 / (1 + (MathF.Abs(from.X) * 6)) : 0;
            return top + new Vector2((from.X * wider) + (lean * from.Y), (from.Y * longer) + (droop * tip));
        });
    }

    private void Mouth(Random random, float amount)
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
        Turn(parts.Mouth, size, shift, amount * random.Uniform(-0.2f, 0.2f));
        var middle = Centre(_points, parts.Mouth).X;
        foreach (var i in parts.Mouth)
            _points[i].Y -= smile * (_points[i].X - middle) * (_points[i].X - middle);
    }

    private void Brows(Random random, float amount)
    {
        var isEqual = random.Chance(0.75f);
        var (lift, tilt, size) = Brow();
        Turn(parts.LeftBrow, size, new Vector2(0, lift), -tilt);
        if (!isEqual)
            (lift, tilt, size) = Brow();
        Turn(parts.RightBrow, size, new Vector2(0, lift), tilt);

        (float Lift, float Tilt, Vector2 Size) Brow() => (
            amount * random.Uniform(-0.35f, 0.12f),
            amount * random.Uniform(-0.4f, 0.4f),
            new Vector2(
                MathF.Exp(amount * random.Uniform(-0.4f, 0.35f)), MathF.Exp(amount * random.Uniform(-0.7f, 0.8f))));
    }

    /// <summary>Parts what came too near: brows above eyes, nose above mouth, mouth above chin.</summary>
    private void Separate()
    {
        foreach (var (brow, eye) in (ReadOnlySpan<(int[], int[])>)
            [(parts.LeftBrow, parts.LeftEye), (parts.RightBrow, parts.RightEye)])
        {
            var rise = Centre(_points, brow).Y + 0.06f - Extent(eye).Top;
            if (rise > 0)
                Turn(brow, Vector2.One, new Vector2(0, -rise), 0);
        }
        var drop = Extent(parts.Nose).Bottom + 0.1f - Extent(parts.Mouth).Top;
        if (drop > 0)
            Turn(parts.Mouth, Vector2.One, new Vector2(0, drop), 0);
        drop = MathF.Max(0, Extent(parts.Mouth).Bottom + 0.2f - _points[parts.Chin].Y);
        foreach (var i in parts.Jaw)
            _points[i].Y += drop * Math.Clamp(_points[i].Y / 1.5f, 0, 1);
    }

    private (float Top, float Bottom) Extent(int[] part)
    {
        var (top, bottom) = (float.MaxValue, float.MinValue);
        foreach (var i in part)
            (top, bottom) = (MathF.Min(top, _points[i].Y), MathF.Max(bottom, _points[i].Y));
        return (top, bottom);
    }

    /// <summary>Scales, turns (small angle, slope) and moves a part about its centre.</summary>
    private void Turn(int[] part, Vector2 size, Vector2 shift, float slope)
    {
        var centre = Centre(_points, part);
        Move(part, p =>
        {
            var from = (p - centre) * size;
            return centre + shift + new Vector2(from.X, from.Y + (slope * from.X));
        });
    }

    private void Move(int[] part, Func<Vector2, Vector2> map)
    {
        foreach (var i in part)
            _points[i] = map(_points[i]);
    }

    private static void Move(Span<Vector2> points, Func<Vector2, Vector2> map)
    {
        foreach (ref var p in points)
            p = map(p);
    }
}

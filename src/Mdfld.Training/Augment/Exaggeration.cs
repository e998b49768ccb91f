namespace Mdfld.Training.Augment;

/// <summary>Which parts of a face a style draws in another shape than they have.</summary>
public enum StyleShape
{
    Natural,

    Caricature,

    /// <summary>Big eyes set low, small nose and mouth, a short pointed chin.</summary>
    Anime,

    /// <summary>Slits of eyes, high brows, a tiny mouth, a narrow nose, as in Japanese prints.</summary>
    Print,
}

/// <summary>
/// Exaggerates faces: what tells one of 68 points from the mean head is multiplied, and parts are changed at random as
/// caricature and anime do.
/// </summary>
public sealed class Exaggeration
{
    /// <summary>Points along the hair line, besides the landmarks, that let the skull change.</summary>
    private const int HairPoints = 7;

    /// <summary>Deviations are not driven beyond this many usual ones: no face is left there.</summary>
    private const float MostDeviation = 3;

    private readonly LandmarkScheme _scheme;
    private readonly FaceParts _parts;

    private Exaggeration(LandmarkScheme scheme, FaceParts parts) => (_scheme, _parts) = (scheme, parts);

    /// <summary>What exaggerates faces of a scheme; null where its parts have no known names.</summary>
    public static Exaggeration? For(LandmarkScheme scheme) =>
        FaceParts.Of(scheme) is { } parts ? new Exaggeration(scheme, parts) : null;

    /// <summary>
    /// Multiplies what tells a face of 68 points from the mean head (Brennan: Caricature Generator, 1985), each part a
    /// little more or less.
    /// </summary>
    /// <param name="deviation">Of <see cref="HeadView.Fit(ReadOnlySpan{Vector2}, Span{Vector2})"/>; changed.</param>
    /// <param name="by">By how much of itself it grows; less than 0 leads to the mean head.</param>
    /// <param name="variety">By how much more or less a part may grow.</param>
    /// <param name="random">All draws come from it.</param>
    public static void Multiply(Span<Vector2> deviation, float by, float variety, Random random)
    {
        var (i, before, after) = (0, 0f, 0f);
        foreach (var end in (ReadOnlySpan<int>)[17, 27, 36, 48, 68])
        {
            var part = 1 + by + (variety * random.Uniform(-1, 1));
            for (; i < end; i++)
            {
                before += deviation[i].LengthSquared();
                deviation[i] *= part;
                after += deviation[i].LengthSquared();
            }
        }
        var usual = MostDeviation * HeadView.UsualDeviation;
        var most = MathF.Sqrt(MathF.Max(before, 68 * usual * usual) / MathF.Max(after, 1e-6f));
        foreach (ref var d in deviation)
            d *= MathF.Min(1, most);
    }

    /// <summary>Changes the parts of a face as a style does; amount 0 nothing to 1 as far as it goes.</summary>
    public void Reshape(StyleShape shape, Span<Vector2> face, float amount, Random random)
    {
        if (shape == StyleShape.Natural || amount <= 0)
            return;
        var frame = Frame(face);
        foreach (ref var p in face)
            p = frame.ToLocal(p);
        new FaceReshaping(_parts, face, []).Draw(shape, random, amount);
        foreach (ref var p in face)
            p = frame.FromLocal(p);
    }

    /// <summary>Draws another shape of a face as caricature and anime have.</summary>
    /// <returns>A smooth map: where the pixel shown at a point comes from.</returns>
    internal PointWarp Draw(Random random, ReadOnlySpan<Vector2> landmarks, float amount, Span<Vector2> drawn)
    {
        amount *= random.Uniform(0.35f, 1);
        landmarks.CopyTo(drawn);
        if (_scheme.Count == 68 && random.Chance(0.7f))
            MultiplyDeviation(random, amount, drawn);

        var frame = Frame(drawn);
        var count = landmarks.Length;
        var (from, to) = (new Vector2[count + HairPoints], new Vector2[count + HairPoints]);
        landmarks.CopyTo(from);
        for (var i = 0; i < HairPoints; i++)
        {
            var (sin, cos) = MathF.SinCos(MathF.PI * i / (HairPoints - 1));
            to[count + i] = new Vector2(-1.25f * cos, -0.35f - (1.05f * sin));
            from[count + i] = frame.FromLocal(to[count + i]);
        }
        for (var i = 0; i < count; i++)
            to[i] = frame.ToLocal(drawn[i]);
        var shape = random.Chance(0.12f) ? StyleShape.Anime : StyleShape.Caricature;
        new FaceReshaping(_parts, to.AsSpan(0, count), to.AsSpan(count)).Draw(shape, random, amount);
        to = Array.ConvertAll(to, frame.FromLocal);
        to.AsSpan(0, count).CopyTo(drawn);
        return new PointWarp(to, from, 0.6f * frame.Unit);
    }

    private static void MultiplyDeviation(Random random, float amount, Span<Vector2> face)
    {
        Span<Vector2> deviation = stackalloc Vector2[68];
        Span<Vector2> multiplied = stackalloc Vector2[68];
        if (HeadView.Fit(face, deviation, out var scale) is not { } pose)
            return;
        deviation.CopyTo(multiplied);
        // From halfway to the mean to 2.2 times as odd.
        Multiply(multiplied, amount * random.Uniform(-0.5f, 1.2f), amount * random.Uniform(0, 0.6f), random);
        for (var i = 0; i < face.Length; i++)
            face[i] += scale * pose.Rolled(multiplied[i] - deviation[i]);
    }

    private UprightFrame Frame(ReadOnlySpan<Vector2> face) => UprightFrame.Of(
        FaceReshaping.Centre(face, _parts.LeftEye), FaceReshaping.Centre(face, _parts.RightEye), face[_parts.Chin]);
}

/// <summary>Numbers of the points of exaggerated parts; left and right are the picture's.</summary>
internal sealed record FaceParts(
    int[] LeftEye, int[] RightEye, int[] LeftBrow, int[] RightBrow, int[] Nose, int[] Mouth, int[] Jaw)
{
    public int Chin => Jaw[Jaw.Length / 2];

    public static FaceParts? Of(LandmarkScheme scheme)
    {
        // A scheme's left and right are the subject's.
        int[][] parts =
        [
            .. new[] { "right eye", "left eye", "right brow", "left brow", "nose", "mouth", "jaw" }.Select(name =>
                scheme.Contours.Concat(scheme.Groups).FirstOrDefault(p => p.Name == name)?.Indices.ToArray() ?? []),
        ];
        return parts.Any(p => p.Length == 0)
            ? null
            : new FaceParts(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], parts[6]);
    }
}

using System.Numerics;

namespace Mdfld.Data;

/// <summary>The length of a face that errors are divided by.</summary>
public enum Normalisation
{
    /// <summary>Distance of the outer eye corners.</summary>
    Ocular,

    /// <summary>Distance of the pupils.</summary>
    Pupil,

    /// <summary>What STAR does for the scheme: ocular, but pupil for COFW.</summary>
    Default,
}

/// <summary>How far landmarks are off: the measures of the field, as fractions (0.05 is 5 %).</summary>
public static class Metrics
{
    /// <summary>
    /// Normalised mean error: the mean distance between found and true points, divided by a length of the true face.
    /// </summary>
    /// <param name="found">The scheme's points in order, pixels.</param>
    /// <param name="truth">The true points.</param>
    /// <param name="scheme">What the points mean.</param>
    /// <param name="normalisation">The length to divide by.</param>
    /// <param name="points">Which points count (all, where empty): one group of the scheme, for instance.</param>
    /// <exception cref="ArgumentException">The points are not as many as the scheme has.</exception>
    /// <exception cref="InvalidDataException">The true face has the length 0 or is not finite.</exception>
    public static double Nme(
        ReadOnlySpan<Vector2> found,
        ReadOnlySpan<Vector2> truth,
        LandmarkScheme scheme,
        Normalisation normalisation = Normalisation.Ocular,
        ReadOnlySpan<int> points = default)
    {
        scheme.Check(found);
        scheme.Check(truth);
        var length = Length(truth, scheme, normalisation);
        var sum = 0.0;
        if (points.IsEmpty)
        {
            for (var i = 0; i < truth.Length; i++)
                sum += Distance(found[i], truth[i]);
            return sum / truth.Length / length;
        }
        foreach (var i in points)
            sum += Distance(found[i], truth[i]);
        return sum / points.Length / length;
    }

    /// <summary>The share of errors above <paramref name="threshold"/>; NaN counts as above.</summary>
    /// <exception cref="ArgumentException">There are no errors.</exception>
    public static double FailureRate(ReadOnlySpan<double> errors, double threshold = 0.1)
    {
        ThrowIfEmpty(errors);
        var failed = 0;
        foreach (var error in errors)
            failed += error <= threshold ? 0 : 1;
        return (double)failed / errors.Length;
    }

    /// <summary>
    /// The area under the cumulative error curve from 0 to <paramref name="threshold"/>, divided by the threshold. The
    /// curve is a staircase, so the area is exactly the mean of max(0, 1 - error / threshold).
    /// </summary>
    /// <exception cref="ArgumentException">There are no errors.</exception>
    public static double Auc(ReadOnlySpan<double> errors, double threshold = 0.1)
    {
        ThrowIfEmpty(errors);
        var sum = 0.0;
        foreach (var error in errors)
            sum += error < threshold ? 1 - (error / threshold) : 0;
        return sum / errors.Length;
    }

    /// <summary>The length of a true face that its errors are divided by, pixels.</summary>
    /// <exception cref="InvalidDataException">It is 0 or not finite.</exception>
    internal static double Length(ReadOnlySpan<Vector2> truth, LandmarkScheme scheme, Normalisation normalisation)
    {
        var pair = normalisation switch
        {
            Normalisation.Ocular => scheme.OuterEyeCorners,
            Normalisation.Pupil => scheme.Pupils,
            _ => scheme.ReferencePair,
        };
        var length = pair.IsEmpty ? double.NaN : pair[0].DistanceTo(pair[1], truth);
        if (length > 0 && double.IsFinite(length))
            return length;
        var name = normalisation.ToString().ToLowerInvariant();
        throw new InvalidDataException($"the true face's {name} distance is {length}: nothing to divide errors by");
    }

    internal static void ThrowIfEmpty(ReadOnlySpan<double> errors)
    {
        if (errors.IsEmpty)
            throw new ArgumentException("there are no errors to measure", nameof(errors));
    }

    private static double Distance(Vector2 a, Vector2 b)
    {
        var (x, y) = ((double)a.X - b.X, (double)a.Y - b.Y);
        return Math.Sqrt((x * x) + (y * y));
    }
}

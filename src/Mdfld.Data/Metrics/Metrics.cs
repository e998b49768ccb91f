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
    /// <param name="truth">The true points; those that are missing do not count.</param>
    /// <param name="scheme">What the points mean.</param>
    /// <param name="normalisation">The length to divide by.</param>
    /// <param name="points">Which points count (all, where empty): one group of the scheme, for instance.</param>
    /// <exception cref="ArgumentException">The points are not as many as the scheme has.</exception>
    /// <returns>NaN where none of the points that count is there.</returns>
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
        var (length, sum) = (Length(truth, scheme, normalisation), 0.0);
        var (wanted, count) = (points.IsEmpty ? truth.Length : points.Length, 0);
        for (var n = 0; n < wanted; n++)
        {
            var i = points.IsEmpty ? n : points[n];
            if (LabelledFace.IsMissing(truth[i]))
                continue;
            sum += Distance(found[i], truth[i]);
            count++;
        }
        return sum / count / length;
    }

    /// <summary>
    /// The mean distance of the jaw's found points from the outline that joins the true ones, divided by a length of
    /// the true face: annotators agree on the outline, not on where along it a point lies.
    /// </summary>
    /// <returns>NaN where the scheme has no jaw, or fewer than two points of it are there.</returns>
    /// <inheritdoc cref="Nme"/>
    public static double OutlineError(
        ReadOnlySpan<Vector2> found, ReadOnlySpan<Vector2> truth, LandmarkScheme scheme,
        Normalisation normalisation = Normalisation.Ocular)
    {
        scheme.Check(found);
        scheme.Check(truth);
        var length = Length(truth, scheme, normalisation);
        var outline = new List<Vector2>();
        var (sum, count) = (0.0, 0);
        var jaw = scheme.Contours.FirstOrDefault(c => c.Name == "jaw")?.Indices ?? [];
        foreach (var i in jaw)
        {
            if (!LabelledFace.IsMissing(truth[i]))
                outline.Add(truth[i]);
        }
        foreach (var i in outline.Count > 1 ? jaw : [])
        {
            if (LabelledFace.IsMissing(truth[i]))
                continue;
            var nearest = double.PositiveInfinity;
            for (var s = 1; s < outline.Count; s++)
                nearest = Math.Min(nearest, DistanceToSegment(found[i], outline[s - 1], outline[s]));
            sum += nearest;
            count++;
        }
        return sum / count / length;
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

    /// <summary>
    /// The length of a true face that its errors are divided by, pixels; between points that are missing, where
    /// <see cref="HeadView.Complete"/> has them.
    /// </summary>
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
        if (double.IsNaN(length) && !pair.IsEmpty && truth.Length == LandmarkScheme.Ibug68.Count)
            length = pair[0].DistanceTo(pair[1], HeadView.Complete(truth));
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

    private static double DistanceToSegment(Vector2 p, Vector2 from, Vector2 to)
    {
        var along = to - from;
        var share = along.LengthSquared() > 0 ? Vector2.Dot(p - from, along) / along.LengthSquared() : 0;
        return Distance(p, from + (Math.Clamp(share, 0, 1) * along));
    }

    private static double Distance(Vector2 a, Vector2 b)
    {
        var (x, y) = ((double)a.X - b.X, (double)a.Y - b.Y);
        return Math.Sqrt((x * x) + (y * y));
    }
}

/// <summary>The errors of some faces: all of a folder, or one style of it. Fractions, not %.</summary>
/// <param name="Errors">The NME of each face; infinite where the face was not found at all.</param>
public sealed record ErrorSummary(IReadOnlyList<double> Errors)
{
    /// <summary>Mean of the NMEs of the faces found; NaN where none was.</summary>
    public double Mean => Found().DefaultIfEmpty(double.NaN).Average();

    /// <summary>Median of the NMEs of the faces found; NaN where none was.</summary>
    public double Median
    {
        get
        {
            var sorted = Found().DefaultIfEmpty(double.NaN).Order().ToArray();
            return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        }
    }

    /// <summary>Share of faces that were found.</summary>
    public double FoundShare => (double)Found().Count() / Errors.Count;

    /// <summary>Share of faces above <paramref name="threshold"/>; one that was not found is.</summary>
    public double FailureRate(double threshold = 0.1) => Metrics.FailureRate([.. Errors], threshold);

    /// <summary>Area under the cumulative error curve up to <paramref name="threshold"/>, divided by it.</summary>
    public double Auc(double threshold = 0.1) => Metrics.Auc([.. Errors], threshold);

    private IEnumerable<double> Found() => Errors.Where(double.IsFinite);
}

/// <summary>How a detector's confidence fits its errors. Fractions, not %.</summary>
/// <param name="CalibrationError">
/// Expected calibration error (Naeini et al., AAAI 2015): faces in ten bins of confidence; the mean difference of a
/// bin's mean confidence and its share of faces under 10 %, weighted by faces.
/// </param>
/// <param name="Threshold">The confidence from which faces are kept.</param>
/// <param name="Kept">Share of faces that are.</param>
/// <param name="FailureRate">Share of those kept whose NME is above 10 %; 0 where none is kept.</param>
/// <param name="RightKept">Share of the faces up to 10 % that are kept; NaN where there are none.</param>
/// <param name="WrongKept">Share of the faces above 10 % that are kept; NaN where there are none.</param>
public sealed record Reliability(
    double CalibrationError, float Threshold, double Kept, double FailureRate, double RightKept, double WrongKept)
{
    /// <summary>The NME that a trustworthy face stays under.</summary>
    public const double LargestError = 0.1;

    private const int Bins = 10;

    /// <summary>Measures; null without faces.</summary>
    /// <param name="faces">Confidence and NME of each face.</param>
    /// <param name="threshold">The confidence from which faces are kept.</param>
    public static Reliability? Of(IReadOnlyList<(float Confidence, double Nme)> faces, float threshold)
    {
        if (faces.Count == 0)
            return null;
        var error = faces
            .GroupBy(f => Math.Clamp((int)(f.Confidence * Bins), 0, Bins - 1))
            .Sum(bin => Math.Abs(bin.Sum(f => f.Confidence) - bin.Count(f => f.Nme <= LargestError)));
        var kept = faces.Where(f => f.Confidence >= threshold).ToArray();
        var (right, rightKept) = (faces.Count(f => f.Nme <= LargestError), kept.Count(f => f.Nme <= LargestError));
        var wrongKept = kept.Length - rightKept;
        return new Reliability(
            error / faces.Count,
            threshold,
            (double)kept.Length / faces.Count,
            kept.Length == 0 ? 0 : (double)wrongKept / kept.Length,
            (double)rightKept / right,
            (double)wrongKept / (faces.Count - right));
    }
}

/// <summary>
/// Failure rate and area under the curve as STAR's evaluation computes and rounds them, for comparison with published
/// numbers. <see cref="Metrics"/> has the plain definitions.
/// </summary>
public static class StarMetrics
{
    private const double Step = 0.0001;

    /// <summary>
    /// The cumulative error curve is sampled at 0, 0.0001, ... up to the threshold (for some thresholds rounding adds
    /// one point beyond it, which is kept: 0.05 ends at 0.0501). FR = 1 - the last value. AUC = Simpson's integral /
    /// threshold; with an odd number of intervals the mean of "last by trapezium" and "first by trapezium".
    /// </summary>
    /// <param name="errors">NMEs as fractions, at least one.</param>
    /// <param name="threshold">For instance <see cref="LandmarkScheme.ReferenceThreshold"/>.</param>
    /// <param name="rounded">FR to 4 digits and AUC to 6, as STAR reports them.</param>
    /// <exception cref="ArgumentException">There are no errors, or the threshold is not between 0 and 100.</exception>
    public static (double FailureRate, double Auc) FailureRateAndAuc(
        ReadOnlySpan<double> errors, double threshold, bool rounded = true)
    {
        Metrics.ThrowIfEmpty(errors);
        if (!(threshold > 0 && threshold <= 100))
            throw new ArgumentException($"a threshold of {threshold} is not between 0 and 100", nameof(threshold));
        var sorted = errors.ToArray();
        Array.Sort(sorted);
        var curve = new double[GridPoints(threshold)];
        var below = 0;
        for (var i = 0; i < curve.Length; i++)
        {
            while (below < sorted.Length && sorted[below] <= i * Step)
                below++;
            curve[i] = (double)below / sorted.Length;
        }
        var failureRate = 1 - curve[^1];
        var auc = Integrate(curve) * Step / threshold;
        return rounded ? (Math.Round(failureRate, 4), Math.Round(auc, 6)) : (failureRate, auc);
    }

    /// <summary>Samples of the curve for a threshold: 502 for 0.05, 1001 for 0.1.</summary>
    internal static int GridPoints(double threshold) => (int)Math.Ceiling((threshold + Step) / Step);

    private static double Integrate(ReadOnlySpan<double> y)
    {
        if (y.Length % 2 == 1)
            return Simpson(y);
        var first = Simpson(y[..^1]) + ((y[^2] + y[^1]) / 2);
        var second = ((y[0] + y[1]) / 2) + Simpson(y[1..]);
        return (first + second) / 2;
    }

    private static double Simpson(ReadOnlySpan<double> y)
    {
        var sum = 0.0;
        for (var i = 0; i + 2 < y.Length; i += 2)
            sum += (y[i] + (4 * y[i + 1]) + y[i + 2]) / 3;
        return sum;
    }
}

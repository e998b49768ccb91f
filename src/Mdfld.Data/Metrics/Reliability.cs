namespace Mdfld.Data;

/// <summary>How a detector's confidence fits its errors. Fractions, not %.</summary>
/// <param name="CalibrationError">
/// Expected calibration error (Naeini et al., AAAI 2015): faces in ten bins of confidence; the mean difference of a
/// bin's mean confidence and its share of faces under 10 %, weighted by faces.
/// </param>
/// <param name="Threshold">The confidence from which faces are kept.</param>
/// <param name="Kept">Share of faces that are.</param>
/// <param name="FailureRate">Share of those kept whose NME is above 10 %; 0 where none is kept.</param>
public sealed record Reliability(double CalibrationError, float Threshold, double Kept, double FailureRate)
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
        return new Reliability(
            error / faces.Count,
            threshold,
            (double)kept.Length / faces.Count,
            kept.Length == 0 ? 0 : (double)kept.Count(f => !(f.Nme <= LargestError)) / kept.Length);
    }
}

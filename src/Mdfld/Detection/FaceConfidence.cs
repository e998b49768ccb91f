using System.Globalization;
using System.Text.Json;

namespace Mdfld;

/// <summary>
/// The probability that a face's landmarks are right: a logistic function of the error that the points' covariances
/// foretell, fitted by <c>mdfld calibrate</c> and kept in the landmark model's file.
/// </summary>
/// <param name="Slope">Weight of <see cref="ForetoldError"/>; negative.</param>
/// <param name="Constant">The log odds where that is 0.</param>
/// <param name="Threshold">The confidence from which a found face is kept by default.</param>
internal sealed record FaceConfidence(double Slope, double Constant, float Threshold)
{
    /// <summary>The property of the model's file.</summary>
    public const string Key = "mdfld.confidence";

    // Shares of the eyes' distance and of the crop's side, smaller or larger than any that a network tells apart.
    private const double LeastError = 1e-4;
    private const double LargestError = 1e3;
    private const double LeastEyes = 1e-2;

    /// <summary>The probability that the mean error is under 10 %.</summary>
    public float Of(Landmarks face) =>
        (float)(1 / (1 + Math.Exp(-((Slope * ForetoldError(face)) + Constant))));

    /// <summary>
    /// The logarithm of the points' mean standard deviation / the distance of the outer eye corners. More (parts of the
    /// face, size, the finder's score, how far the points moved from step to step) told right from wrong no better in
    /// kinds of faces that were not fitted to.
    /// </summary>
    public static double ForetoldError(Landmarks face)
    {
        var deviation = face.Uncertainty.Sum(point => (double)point.Deviation) / face.Uncertainty.Length;
        var eyes = Math.Max(face.Scheme.EyeDistance(face.Points.AsSpan()), LeastEyes * face.Crop.Side);
        var error = Math.Log(Math.Clamp(deviation / eyes, LeastError, LargestError));
        return double.IsFinite(error) ? error : Math.Log(LargestError);
    }

    /// <summary>The property's text.</summary>
    public string ToText() => string.Create(
        CultureInfo.InvariantCulture, $"{{\"threshold\":{Threshold},\"slope\":{Slope:R},\"constant\":{Constant:R}}}");

    /// <summary>Reads the property; null where the text is something else.</summary>
    public static FaceConfidence? Parse(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var threshold = json.RootElement.GetProperty("threshold").GetSingle();
            var slope = json.RootElement.GetProperty("slope").GetDouble();
            var constant = json.RootElement.GetProperty("constant").GetDouble();
            return threshold is >= 0 and <= 1 && double.IsFinite(slope) && double.IsFinite(constant)
                ? new FaceConfidence(slope, constant, threshold) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException
            or FormatException)
        {
            return null;
        }
    }
}

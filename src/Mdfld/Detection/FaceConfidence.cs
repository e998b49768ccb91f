using System.Globalization;
using System.Text.Json;

namespace Mdfld;

/// <summary>
/// The probability that a face's landmarks are right: a logistic regression on what the networks say, fitted by
/// <c>mdfld calibrate</c> and kept in the landmark model's file.
/// </summary>
/// <param name="Weights">Weights of the features, and the constant.</param>
/// <param name="Threshold">The confidence from which a found face is kept by default.</param>
internal sealed record FaceConfidence(IReadOnlyList<double> Weights, float Threshold)
{
    /// <summary>The property of the model's file.</summary>
    public const string Key = "mdfld.calibration";

    /// <summary>
    /// Logs of: the points' mean deviation and the distance of the outer eye corners, both / the side of the crop, and
    /// that side in pixels. The deviation in crops is the network's own unit, and the eyes are what errors are divided
    /// by. Finer ones (parts of the face, the finder's score, how far the points moved from step to step) told right
    /// from wrong no better on samples held back.
    /// </summary>
    public const int FeatureCount = 3;

    // Smaller than any that a network tells apart.
    private const double LeastDeviation = 1e-4;
    private const double LeastEyes = 1e-2;

    /// <summary>The probability that the mean error is under 10 %.</summary>
    public float Of(Landmarks face)
    {
        Span<double> features = stackalloc double[FeatureCount];
        Features(face, features);
        var sum = Weights[FeatureCount];
        for (var i = 0; i < FeatureCount; i++)
            sum += Weights[i] * features[i];
        return (float)(1 / (1 + Math.Exp(-sum)));
    }

    /// <summary>What the probability is computed from.</summary>
    public static void Features(Landmarks face, Span<double> features)
    {
        var side = face.Crop.Side;
        var deviation = face.Uncertainty.Sum(point => (double)point.Deviation) / face.Uncertainty.Length;
        var eyes = face.Scheme.EyeDistance(face.Points.AsSpan());
        features[0] = Math.Log(Math.Clamp(deviation / side, LeastDeviation, 10));
        features[1] = Math.Log(Math.Clamp(eyes / side, LeastEyes, 10));
        features[2] = Math.Log(Math.Clamp(side, 8, 256));
    }

    /// <summary>The property's text.</summary>
    public string ToText()
    {
        var weights = string.Join(',', Weights.Select(w => w.ToString("R", CultureInfo.InvariantCulture)));
        return string.Create(CultureInfo.InvariantCulture, $"{{\"threshold\":{Threshold},\"weights\":[{weights}]}}");
    }

    /// <summary>Reads the property; null where the text is something else.</summary>
    public static FaceConfidence? Parse(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var weights = json.RootElement.GetProperty("weights");
            var threshold = json.RootElement.GetProperty("threshold").GetSingle();
            if (weights.GetArrayLength() != FeatureCount + 1 || !(threshold is >= 0 and <= 1))
                return null;
            var values = weights.EnumerateArray().Select(w => w.GetDouble()).ToArray();
            return Array.TrueForAll(values, double.IsFinite) ? new FaceConfidence(values, threshold) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException
            or FormatException)
        {
            return null;
        }
    }
}

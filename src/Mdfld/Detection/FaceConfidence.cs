using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Mdfld;

/// <summary>
/// The probability that a face's landmarks are right: a logistic regression on what the networks say, fitted by
/// <c>mdfld calibrate</c> and kept in the landmark model's file.
/// </summary>
/// <param name="Found">Weights of the features, and the constant, of faces that a finder found.</param>
/// <param name="Given">The same of faces whose place the caller gave.</param>
/// <param name="Threshold">The confidence from which a found face is kept, unless told otherwise.</param>
internal sealed record FaceConfidence(
    IReadOnlyList<double> Found, IReadOnlyList<double> Given, float Threshold)
{
    /// <summary>The property of the model's file.</summary>
    public const string Key = "mdfld.confidence";

    /// <summary>
    /// Logs of: mean and largest deviation of the points and size of the face; of found faces also the odds of the
    /// finder's score and how far the points moved from one look to the next. The last weight is the constant's.
    /// </summary>
    public const int GivenFeatures = 3;
    public const int FoundFeatures = 5;

    // Smaller than any that a network tells apart.
    private const double LeastDeviation = 1e-4;
    private const double LeastMove = 1e-3;

    /// <summary>The probability that the mean error is under 10 %.</summary>
    /// <param name="face">The face after the last look.</param>
    /// <param name="previous">After the look before; null where the place was given.</param>
    public float Of(Landmarks face, Landmarks? previous)
    {
        Span<double> features = stackalloc double[FoundFeatures];
        features = features[..(previous is null ? GivenFeatures : FoundFeatures)];
        Features(face, previous, features);
        var weights = previous is null ? Given : Found;
        var sum = weights[features.Length];
        for (var i = 0; i < features.Length; i++)
            sum += weights[i] * features[i];
        return (float)(1 / (1 + Math.Exp(-sum)));
    }

    /// <summary>What the probability is computed from.</summary>
    public static void Features(Landmarks face, Landmarks? previous, Span<double> features)
    {
        var box = face.Box;
        var size = Math.Max(1e-3, Math.Sqrt(box.Width * (double)box.Height));
        var (mean, largest) = (0.0, 0.0);
        foreach (var point in face.Uncertainty)
        {
            mean += point.Deviation / face.Uncertainty.Length;
            largest = Math.Max(largest, point.Deviation);
        }
        features[0] = Math.Log(Math.Clamp(mean / size, LeastDeviation, 10));
        features[1] = Math.Log(Math.Clamp(largest / size, LeastDeviation, 10));
        features[2] = Math.Log(Math.Clamp(size, 8, 256));
        if (previous is null)
            return;
        var score = Math.Clamp(face.Score, 0.001, 0.999);
        features[3] = Math.Log(score / (1 - score));
        var moved = 0.0;
        for (var i = 0; i < face.Points.Length; i++)
            moved += Vector2.Distance(face.Points[i], previous.Points[i]) / face.Points.Length;
        features[4] = Math.Log(Math.Clamp(moved / size, LeastMove, 10));
    }

    /// <summary>The property's text.</summary>
    public string ToText()
    {
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"threshold\":{Threshold},\"found\":[{Join(Found)}],\"given\":[{Join(Given)}]}}");

        static string Join(IEnumerable<double> weights) =>
            string.Join(',', weights.Select(w => w.ToString("R", CultureInfo.InvariantCulture)));
    }

    /// <summary>Reads the property; null where the text is something else.</summary>
    public static FaceConfidence? Parse(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var all = json.RootElement;
            var (found, given) = (Weights(all, "found", FoundFeatures + 1), Weights(all, "given", GivenFeatures + 1));
            var threshold = all.GetProperty("threshold").GetSingle();
            return found is null || given is null || !(threshold is >= 0 and <= 1)
                ? null : new FaceConfidence(found, given, threshold);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException
            or FormatException)
        {
            return null;
        }
    }

    private static double[]? Weights(JsonElement all, string name, int count)
    {
        var weights = all.GetProperty(name);
        if (weights.GetArrayLength() != count)
            return null;
        var values = weights.EnumerateArray().Select(w => w.GetDouble()).ToArray();
        return Array.TrueForAll(values, double.IsFinite) ? values : null;
    }
}

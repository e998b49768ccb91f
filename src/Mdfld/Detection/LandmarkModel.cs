using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Mdfld;

/// <summary>
/// What a landmark model's file says about itself: its <c>mdfld.*</c> properties, checked against its graph.
/// </summary>
/// <param name="Name">What the model is called.</param>
/// <param name="Scheme">What its points mean.</param>
/// <param name="Size">Rows and columns of the crop it looks at.</param>
/// <param name="IsBgr">Whether its channels are B, G, R (as STAR's) instead of R, G, B.</param>
/// <param name="Mean">Subtracted from every byte of the crop,</param>
/// <param name="Std">and then divided by.</param>
/// <param name="CropFactor">Side of the crop / longest side of the tight landmark box.</param>
public sealed record LandmarkModel(
    string Name, LandmarkScheme Scheme, int Size, bool IsBgr, float Mean, float Std, float CropFactor)
{
    internal const string Input = "image";
    internal const string Output = "landmarks";
    internal const string Spread = "spread";

    private const int LargestSize = 2048;

    /// <summary>Whether it says how unsure each point is.</summary>
    public bool HasSpread { get; init; }

    /// <summary>How far its points are to be trusted; null where it was never calibrated.</summary>
    internal FaceConfidence? Confidence { get; init; }

    /// <summary>Reads and checks the properties of a loaded model.</summary>
    /// <exception cref="InvalidDataException">It is no landmark model; the message says what is missing.</exception>
    internal static LandmarkModel Of(InferenceSession session, string path)
    {
        var properties = session.ModelMetadata.CustomMetadataMap;
        if (!properties.ContainsKey("mdfld.points"))
            throw Refuse("no property mdfld.points in it");

        var points = Whole("mdfld.points", 1, 1000);
        var model = new LandmarkModel(
            properties.GetValueOrDefault("mdfld.name") is { Length: > 0 } name
                ? name : Path.GetFileNameWithoutExtension(path),
            LandmarkScheme.TryForCount(points) ?? throw Refuse($"mdfld.points is {points}, expected 68, 98 or 29"),
            Whole("mdfld.size", 8, LargestSize),
            Text("mdfld.channels") switch
            {
                "bgr" => true,
                "rgb" => false,
                var other => throw Refuse($"mdfld.channels is '{other}', expected rgb or bgr"),
            },
            Number("mdfld.mean", -1e4f, 1e4f),
            Number("mdfld.std", 1e-4f, 1e4f),
            Number("mdfld.crop_factor", 0.1f, 10))
        {
            HasSpread = session.OutputMetadata.ContainsKey(Spread),
            Confidence = properties.TryGetValue(FaceConfidence.Key, out var weights)
                ? FaceConfidence.Parse(weights) ?? throw Refuse($"{FaceConfidence.Key} is no calibration")
                : null,
        };

        CheckTensor("input", Input, session.InputMetadata, [-1, 3, model.Size, model.Size]);
        CheckTensor("output", Output, session.OutputMetadata, [-1, points, 2]);
        if (model.HasSpread)
            CheckTensor("output", Spread, session.OutputMetadata, [-1, points, 3]);
        else if (model.Confidence is not null)
            throw Refuse($"{FaceConfidence.Key} in it, but no output '{Spread}' that it needs");
        if (session.InputMetadata.Count != 1)
            throw Refuse($"{session.InputMetadata.Count} inputs, expected one called '{Input}'");
        return model;

        string Text(string key) => properties.GetValueOrDefault(key) ?? throw Refuse($"no property {key} in it");

        int Whole(string key, int low, int high) =>
            int.TryParse(Text(key), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                && value >= low && value <= high
                ? value
                : throw Refuse($"{key} is '{Text(key)}', expected a whole number from {low} to {high}");

        float Number(string key, float low, float high) =>
            float.TryParse(Text(key), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                && value >= low && value <= high
                ? value
                : throw Refuse($"{key} is '{Text(key)}', expected a number from {low} to {high}");

        void CheckTensor(
            string kind, string tensor, IReadOnlyDictionary<string, NodeMetadata> all, ReadOnlySpan<int> expected)
        {
            if (!all.TryGetValue(tensor, out var found))
                throw Refuse($"no {kind} called '{tensor}'");
            var isFloat = found.IsTensor && found.ElementDataType == TensorElementType.Float;
            if (!isFloat || !Fits(found.Dimensions, expected))
            {
                throw Refuse(
                    $"{kind} '{tensor}' is {found.ElementDataType} [{string.Join(", ", found.Dimensions)}], "
                    + $"expected Float [{string.Join(", ", expected.ToArray())}]");
            }
        }

        InvalidDataException Refuse(string found) => new(
            $"{path}: not a landmark model of Mdfld: {found}; "
            + "make one with `mdfld export CHECKPOINT --out FILE.onnx`");
    }

    // A dimension of -1 is open; the batch must be, the others may.
    private static bool Fits(ReadOnlySpan<int> found, ReadOnlySpan<int> expected)
    {
        if (found.Length != expected.Length || found[0] >= 0)
            return false;
        for (var i = 1; i < found.Length; i++)
        {
            if (found[i] >= 0 && found[i] != expected[i])
                return false;
        }
        return true;
    }
}

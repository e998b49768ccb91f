using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Mdfld;

/// <summary>A landmark model in ONNX Runtime.</summary>
/// <remarks>
/// Input <c>image</c> (N, 3, S, S), output <c>landmarks</c> (N, P, 2) in network units. A second output <c>spread</c>
/// (N, P, 3) may give each point's variance of x, covariance, variance of y in network units squared: of its error in a
/// calibrated model, of its heat map in another.
/// </remarks>
internal sealed class OnnxLandmarkModel : LandmarkModel
{
    public const string Input = "image";
    public const string Output = "landmarks";
    public const string Spread = "spread";

    private const int LargestSize = 2048;

    private static readonly string[] Inputs = [Input];
    private static readonly string[] Points = [Output];
    private static readonly string[] PointsAndSpreads = [Output, Spread];

    private OnnxSession? _session;
    private string _path = "";

    /// <summary>Whether no native session is open.</summary>
    internal bool IsClosed => _session?.IsClosed ?? true;

    /// <summary>Checks what a file says about itself, then opens it.</summary>
    /// <exception cref="InvalidDataException">The file is no landmark model.</exception>
    public static OnnxLandmarkModel Open(OnnxFile file, DetectorOptions options)
    {
        var model = Describe(file, options.Scheme);
        model._session = OnnxSession.Open(file, options);
        return model;
    }

    /// <summary>Reads and checks the properties of a file, and that its graph fits them.</summary>
    /// <exception cref="InvalidDataException">It is no landmark model; the message says what is missing.</exception>
    public static OnnxLandmarkModel Describe(OnnxFile file, LandmarkScheme? scheme = null)
    {
        var properties = file.Properties;
        if (!properties.ContainsKey("mdfld.points"))
            throw Refuse("no property mdfld.points in it");

        var points = Whole("mdfld.points", 1, 1000);
        scheme ??= LandmarkScheme.TryForCount(points)
            ?? throw Refuse(
                $"mdfld.points is {points}, expected 68, 98 or 29; other models need DetectorOptions.Scheme");
        if (scheme.Count != points)
            throw Refuse($"mdfld.points is {points}, expected the {scheme.Count} of {scheme.Name}");
        var model = new OnnxLandmarkModel
        {
            Name = file.ModelName,
            Scheme = scheme,
            Size = Whole("mdfld.size", 8, LargestSize),
            IsBgr = Text("mdfld.channels") switch
            {
                "bgr" => true,
                "rgb" => false,
                var other => throw Refuse($"mdfld.channels is '{other}', expected rgb or bgr"),
            },
            Mean = Number("mdfld.mean", -1e4f, 1e4f),
            Std = Number("mdfld.std", 1e-4f, 1e4f),
            CropFactor = Number("mdfld.crop_factor", 0.1f, 10),
            HasCovariance = file.Output(Spread) is not null,
            Confidence = properties.TryGetValue(FaceConfidence.Key, out var weights)
                ? FaceConfidence.Parse(weights) ?? throw Refuse($"{FaceConfidence.Key} is no calibration")
                : null,
            _path = file.Name,
        };

        CheckTensor("input", file.Inputs.FirstOrDefault(i => i.Name == Input), Input, -1, 3, model.Size, model.Size);
        CheckTensor("output", file.Output(Output), Output, -1, points, 2);
        if (model.HasCovariance)
            CheckTensor("output", file.Output(Spread), Spread, -1, points, 3);
        else if (model.Confidence is not null)
            throw Refuse($"{FaceConfidence.Key} in it, but no output '{Spread}' that it needs");
        if (model.Confidence is not null && scheme.OuterEyeCorners.IsEmpty)
            throw Refuse($"{FaceConfidence.Key} in it, but {scheme} has no outer eye corners that it needs");
        if (file.Inputs.Count != 1)
            throw Refuse($"{file.Inputs.Count} inputs, expected one called '{Input}'");
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

        void CheckTensor(string kind, OnnxTensor? found, string tensor, params long[] expected)
        {
            if (found is null)
                throw Refuse($"no {kind} called '{tensor}'");
            // The batch must be free, the other dimensions may be.
            if (!found.Fits(expected) || found.Dimensions![0] >= 0)
            {
                throw Refuse(
                    $"{kind} '{tensor}' is {found}, expected "
                    + new OnnxTensor(tensor, true, expected));
            }
        }

        InvalidDataException Refuse(string found) => new(
            $"{file.Name}: not a landmark model of Mdfld: {found}; "
            + "make one with `mdfld export CHECKPOINT --out FILE.onnx`");
    }

    public override void Run(
        Memory<float> planes, int count, Span<Vector2> landmarks, Span<PointCovariance> covariances,
        CancellationToken stop)
    {
        var session = _session ?? throw new InvalidOperationException($"{_path}: only its header was read");
        using var input = OrtValue.CreateTensorValueFromMemory(
            OrtMemoryInfo.DefaultInstance, planes, [count, Picture.Channels, Size, Size]);
        using var results = session.Run(
            Inputs, [input], covariances.IsEmpty ? Points : PointsAndSpreads, stop);
        Copy<Vector2>(results[0], count, landmarks);
        if (!covariances.IsEmpty)
            Copy<PointCovariance>(results[1], count, covariances);
    }

    public override void Dispose() => _session?.Dispose();

    private void Copy<T>(OrtValue result, int count, Span<T> values)
        where T : struct
    {
        var answer = MemoryMarshal.Cast<float, T>(result.GetTensorDataAsSpan<float>());
        if (answer.Length != values.Length)
        {
            throw new InvalidDataException(
                $"{_path}: the model gave {answer.Length} points for {count} faces, expected {Scheme.Count} a face");
        }
        answer.CopyTo(values);
    }
}

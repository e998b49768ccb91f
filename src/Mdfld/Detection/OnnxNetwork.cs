using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Mdfld;

/// <summary>A landmark model in ONNX Runtime.</summary>
/// <remarks>
/// Input <c>image</c> (N, 3, S, S), output <c>landmarks</c> (N, P, 2) in network units; u in [-1, 1] is the crop's
/// pixel ((u + 1) S - 1) / 2 (STAR, align_corners false). A second output <c>spread</c> (N, P, 3) may give each point's
/// variance of x, covariance, variance of y in network units squared.
/// </remarks>
internal sealed class OnnxNetwork : LandmarkNetwork
{
    private static readonly string[] Inputs = [LandmarkModel.Input];
    private static readonly string[] Points = [LandmarkModel.Output];
    private static readonly string[] PointsAndSpreads = [LandmarkModel.Output, LandmarkModel.Spread];

    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();

    private OnnxNetwork(InferenceSession session, string path)
        : base(LandmarkModel.Of(session, path), path) => _session = session;

    /// <summary>Loads a model.</summary>
    /// <exception cref="FileNotFoundException">The file is not there.</exception>
    /// <exception cref="InvalidDataException">The file is no landmark model.</exception>
    public static OnnxNetwork Load(string path, int threads) => Over(OnnxModel.Open(path, threads), path);

    /// <summary>Opens a model of models/, which is inside this assembly.</summary>
    public static OnnxNetwork OfResource(string name, int threads) => Over(OnnxModel.OpenResource(name, threads), name);

    public override void Run(Memory<float> planes, int count, Span<Vector2> landmarks) =>
        Run(planes, count, landmarks, []);

    public override void Run(
        Memory<float> planes, int count, Span<Vector2> landmarks, Span<PointCovariance> spreads)
    {
        try
        {
            using var input = OrtValue.CreateTensorValueFromMemory(
                OrtMemoryInfo.DefaultInstance, planes, [count, Image.Channels, Model.Size, Model.Size]);
            using var results = _session.Run(
                _runOptions, Inputs, [input], spreads.IsEmpty ? Points : PointsAndSpreads);
            Copy(Answer<Vector2>(results[0]), count, landmarks);
            if (!spreads.IsEmpty)
                Copy(Answer<PointCovariance>(results[1]), count, spreads);
        }
        catch (OnnxRuntimeException e)
        {
            throw OnnxModel.Fails(Path, e);
        }
    }

    public override void Dispose()
    {
        _runOptions.Dispose();
        _session.Dispose();
    }

    private static OnnxNetwork Over(InferenceSession session, string path)
    {
        try
        {
            return new OnnxNetwork(session, path);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private static ReadOnlySpan<T> Answer<T>(OrtValue result)
        where T : struct => MemoryMarshal.Cast<float, T>(result.GetTensorDataAsSpan<float>());
}

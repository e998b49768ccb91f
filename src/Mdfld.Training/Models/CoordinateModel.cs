using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Mdfld.Training;

/// <summary>
/// An ONNX network of somebody else's that gives coordinates, as MobileFaceNet of cunjian/pytorch_face_landmark: input
/// (N, 3, S, S), R, G, B, byte / 255, of a square around the face; output (N, 2 P), x and y in units of the crop.
/// A second opinion for <see cref="PseudoLabeller"/>.
/// </summary>
public sealed class CoordinateModel : LandmarkModel
{
    // Side of the crop / longest side of the tight landmark box: MobileFaceNet's.
    private const float Factor = 1.1f;

    private readonly InferenceSession _session;
    private readonly string _input;

    private CoordinateModel(InferenceSession session, string input) => (_session, _input) = (session, input);

    /// <summary>Opens a file.</summary>
    /// <exception cref="FileNotFoundException">The file is not there.</exception>
    /// <exception cref="InvalidDataException">It is no such network.</exception>
    public static LandmarkModel Open(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: no such file", path);
        using var options = new SessionOptions { IntraOpNumThreads = 1 };
        InferenceSession session;
        try
        {
            session = new InferenceSession(path, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"{path}: no ONNX network: {e.Message}", e);
        }
        var (inputs, outputs) = (session.InputMetadata, session.OutputMetadata);
        if (inputs.Count == 1 && inputs.Values.First().Dimensions is [_, Picture.Channels, var size, var width]
            && size == width && size is >= 8 and <= 2048
            && outputs.Count == 1 && outputs.Values.First().Dimensions is [_, var numbers] && numbers % 2 == 0
            && LandmarkScheme.TryForCount(numbers / 2) is { } scheme)
        {
            return new CoordinateModel(session, inputs.Keys.First())
            {
                Name = Path.GetFileNameWithoutExtension(path),
                Scheme = scheme,
                Size = size,
                CropFactor = Factor,
                Mean = 0,
                Std = 255,
            };
        }
        session.Dispose();
        throw new InvalidDataException(
            $"{path}: expected one input [N, 3, S, S] and one output of 136, 196 or 58 coordinates a face");
    }

    public override void Run(
        Memory<float> planes, int count, Span<Vector2> landmarks, Span<PointCovariance> covariances,
        CancellationToken stop)
    {
        // One face a run: such files often have a batch of one in their graph.
        var plane = Picture.Channels * Size * Size;
        for (var n = 0; n < count; n++)
        {
            stop.ThrowIfCancellationRequested();
            using var input = OrtValue.CreateTensorValueFromMemory(
                OrtMemoryInfo.DefaultInstance, planes.Slice(n * plane, plane), [1, Picture.Channels, Size, Size]);
            using var options = new RunOptions();
            using var results = _session.Run(options, [_input], [input], _session.OutputNames);
            var points = MemoryMarshal.Cast<float, Vector2>(results[0].GetTensorDataAsSpan<float>());
            // From units of the crop to network units, where a pixel's middle counts: pixel = u S.
            for (var i = 0; i < Scheme.Count; i++)
                landmarks[(n * Scheme.Count) + i] = (((2 * Size * points[i]) + Vector2.One) / Size) - Vector2.One;
        }
    }

    public override void Dispose() => _session.Dispose();
}

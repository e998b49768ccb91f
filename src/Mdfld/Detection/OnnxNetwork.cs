using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Mdfld;

/// <summary>A landmark model in ONNX Runtime.</summary>
internal sealed class OnnxNetwork : LandmarkNetwork
{
    private static readonly string[] Inputs = [LandmarkModel.Input];
    private static readonly string[] Outputs = [LandmarkModel.Output];

    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();

    private OnnxNetwork(InferenceSession session, string path)
        : base(LandmarkModel.Of(session, path), path) => _session = session;

    /// <summary>Loads a model.</summary>
    /// <exception cref="FileNotFoundException">The file is not there.</exception>
    /// <exception cref="InvalidDataException">The file is no landmark model.</exception>
    public static OnnxNetwork Load(string path, int threads)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: no such file; expected an .onnx landmark model", path);
        InferenceSession? session = null;
        try
        {
            using var settings = new SessionOptions
            {
                IntraOpNumThreads = threads,
                InterOpNumThreads = 1,
                // What goes wrong comes back as an exception; nothing is printed besides.
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            };
            session = new InferenceSession(path, settings);
            return new OnnxNetwork(session, path);
        }
        catch (Exception e)
        {
            session?.Dispose();
            if (e is OnnxRuntimeException)
                throw new InvalidDataException($"{path}: ONNX Runtime cannot load it: {OneLine(e)}", e);
            throw;
        }
    }

    public override void Run(Memory<float> planes, int count, Span<Vector2> landmarks)
    {
        try
        {
            using var input = OrtValue.CreateTensorValueFromMemory(
                OrtMemoryInfo.DefaultInstance, planes, [count, Image.Channels, Model.Size, Model.Size]);
            using var results = _session.Run(_runOptions, Inputs, [input], Outputs);
            Copy(MemoryMarshal.Cast<float, Vector2>(results[0].GetTensorDataAsSpan<float>()), count, landmarks);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"{Path}: the model fails: {OneLine(e)}", e);
        }
    }

    public override void Dispose()
    {
        _runOptions.Dispose();
        _session.Dispose();
    }

    private static string OneLine(Exception e) => e.Message.ReplaceLineEndings(" ").Trim();
}

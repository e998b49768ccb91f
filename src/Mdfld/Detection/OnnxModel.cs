using Microsoft.ML.OnnxRuntime;

namespace Mdfld;

/// <summary>An .onnx file or resource, opened by ONNX Runtime; whatever is wrong with it is named after it.</summary>
internal static class OnnxModel
{
    /// <summary>Opens the file of that path.</summary>
    /// <exception cref="FileNotFoundException">The file is not there.</exception>
    /// <exception cref="InvalidDataException">ONNX Runtime cannot load it.</exception>
    public static InferenceSession Open(string path, int threads)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: no such file; expected an .onnx model", path);
        return Open(path, threads, settings => new InferenceSession(path, settings));
    }

    /// <summary>Opens a model of models/, which is inside this assembly.</summary>
    public static InferenceSession OpenResource(string name, int threads)
    {
        using var stream = typeof(OnnxModel).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"Mdfld.dll was built without the model {name}");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return Open(name, threads, settings => new InferenceSession(bytes, settings));
    }

    /// <summary>What went wrong in a run, by the model's name.</summary>
    public static InvalidDataException Fails(string name, OnnxRuntimeException e) =>
        new($"{name}: the model fails: {OneLine(e)}", e);

    private static InferenceSession Open(string name, int threads, Func<SessionOptions, InferenceSession> open)
    {
        try
        {
            using var settings = new SessionOptions
            {
                IntraOpNumThreads = threads,
                InterOpNumThreads = 1,
                // What goes wrong comes back as an exception; nothing is printed besides.
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            };
            return open(settings);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"{name}: ONNX Runtime cannot load it: {OneLine(e)}", e);
        }
    }

    private static string OneLine(Exception e) => e.Message.ReplaceLineEndings(" ").Trim();
}

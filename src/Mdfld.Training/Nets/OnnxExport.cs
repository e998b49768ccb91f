using Google.Protobuf;
using Mdfld.Training.Onnx;

namespace Mdfld.Training;

/// <summary>
/// Writes a network, as it is in evaluation, as an ONNX file (operator set 17); the batch size stays free, and with it,
/// where wanted, height and width.
/// </summary>
public static class OnnxExport
{
    /// <summary>Exports a network and replaces the file in one step. Equal networks give equal files.</summary>
    /// <param name="path">Where to write.</param>
    /// <param name="network">Has the parameters: float32, on the CPU.</param>
    /// <param name="height">Of the input <c>image</c>, (N, 3, height, width).</param>
    /// <param name="width">Of the input.</param>
    /// <param name="properties">Text properties of the file.</param>
    /// <param name="anySize">Whether the input may be any multiple of that height and width.</param>
    /// <exception cref="NotSupportedException">The network needs an input of one size.</exception>
    /// <exception cref="IOException">The file cannot be written; an older one is left as it was.</exception>
    public static void Save(
        string path,
        Network network,
        int height,
        int width,
        IReadOnlyDictionary<string, string>? properties = null,
        bool anySize = false)
    {
        var graph = Graph(network, height, width, anySize);
        var model = GraphBuilder.Wrap(graph, properties ?? new Dictionary<string, string>());
        AtomicFile.Write(path, model.WriteTo);
    }

    /// <summary>The graph of a network.</summary>
    internal static GraphProto Graph(Network network, int height, int width, bool anySize = false)
    {
        var f = new OnnxOps(network, height, width, anySize);
        return f.Build(network.Predict(f, f.Images));
    }
}

using Google.Protobuf;
using Mdfld.Torch.Checkpoints;

namespace Mdfld.Torch.Onnx;

/// <summary>Writes a graph as an ONNX file: format version 8, operator set 17.</summary>
internal static class ModelFile
{
    private const long FormatVersion = 8;
    private const long OperatorSet = 17;

    /// <summary>The model around a graph. Equal graphs and properties give equal bytes.</summary>
    public static ModelProto Wrap(GraphProto graph, IReadOnlyDictionary<string, string> metadata)
    {
        var model = new ModelProto
        {
            IrVersion = FormatVersion,
            ProducerName = "mdfld",
            Graph = graph,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = OperatorSet } },
        };
        foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        return model;
    }

    /// <summary>Writes the whole file or none: beside its place first, then moved there.</summary>
    public static void Write(ModelProto model, string path) => AtomicFile.Write(path, model.WriteTo);
}

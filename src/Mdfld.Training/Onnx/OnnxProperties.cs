using Google.Protobuf;
using Mdfld.Training.Onnx;

namespace Mdfld.Training;

/// <summary>The text properties of an ONNX file (<c>ModelProto.metadata_props</c>).</summary>
public static class OnnxProperties
{
    /// <summary>Gives a file one property, in place of an older one of that name; all else stays as it is.</summary>
    /// <param name="path">The file to read.</param>
    /// <param name="key">Name of the property.</param>
    /// <param name="value">Its text.</param>
    /// <param name="target">The file to write, whole or not at all; null replaces <paramref name="path"/>.</param>
    /// <exception cref="InvalidDataException">The file is no ONNX model.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static void Set(string path, string key, string value, string? target = null)
    {
        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException($"{path}: not an ONNX model: {e.Message}", e);
        }
        for (var i = model.MetadataProps.Count - 1; i >= 0; i--)
        {
            if (model.MetadataProps[i].Key == key)
                model.MetadataProps.RemoveAt(i);
        }
        model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        AtomicFile.Write(target ?? path, model.WriteTo);
    }
}

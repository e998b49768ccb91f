namespace Mdfld;

/// <summary>The .onnx files of models/ that were built into this assembly.</summary>
internal static class BundledModel
{
    public static byte[] Read(string name)
    {
        using var stream = typeof(BundledModel).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"Mdfld.Bundle was built without the model {name}");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}

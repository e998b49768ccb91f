using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Mdfld;

/// <summary>What is known of a finder's file: ours by its <c>mdfld.finder</c> property, YuNet by its outputs.</summary>
/// <param name="Name">What the model is called.</param>
/// <param name="Input">Its input, (1, 3, H, W).</param>
/// <param name="Height">Rows of the input, where only one number will do.</param>
/// <param name="Width">Columns of the input, where only one number will do.</param>
/// <param name="Threshold">The score from which a face is one, unless told otherwise.</param>
/// <param name="MinimumFace">Longest side of the smallest box it knows, pixels of the input.</param>
/// <param name="MaximumFace">Longest side of the largest box it knows, pixels of the input.</param>
/// <param name="Layout">How its outputs are read.</param>
internal sealed record FinderModel(
    string Name,
    string Input,
    int? Height,
    int? Width,
    float Threshold,
    float MinimumFace,
    float MaximumFace,
    FinderLayout Layout)
{
    /// <summary>Reads and checks the properties of a loaded model.</summary>
    /// <exception cref="InvalidDataException">It is no face finder; the message says what is missing.</exception>
    public static FinderModel Of(InferenceSession session, string path)
    {
        var properties = session.ModelMetadata.CustomMetadataMap;
        var isOurs = properties.TryGetValue("mdfld.finder", out var version);
        if (isOurs && version != "1")
            throw Refuse($"mdfld.finder is '{version}', expected 1");
        var layout = isOurs ? FinderLayout.Mdfld : FinderLayout.YuNet;
        foreach (var output in layout.Outputs)
        {
            if (!session.OutputMetadata.TryGetValue(output, out var found))
                throw Refuse($"no property mdfld.finder in it, and no output '{output}' as YuNet has");
            if (!IsFloat(found))
                throw Refuse($"output '{output}' is {found.ElementDataType}, expected Float");
        }
        if (session.InputMetadata.Count != 1)
            throw Refuse($"{session.InputMetadata.Count} inputs, expected one");
        var (name, input) = session.InputMetadata.First();
        var dimensions = input.Dimensions;
        if (!IsFloat(input) || dimensions.Length != 4 || dimensions[0] > 1 || dimensions[1] != Image.Channels)
        {
            throw Refuse(
                $"input '{name}' is {input.ElementDataType} [{string.Join(", ", dimensions)}], "
                + "expected Float [1, 3, height, width]");
        }
        return new FinderModel(
            properties.GetValueOrDefault("mdfld.name") is { Length: > 0 } given
                ? given : Path.GetFileNameWithoutExtension(path),
            name,
            Side(dimensions[2]),
            Side(dimensions[3]),
            Number("mdfld.threshold", layout.Threshold, 0, 1),
            Number("mdfld.min_face", layout.MinimumFace, 1, 1000),
            Number("mdfld.max_face", layout.MaximumFace, 64, 10000),
            layout);

        int? Side(int pixels) =>
            pixels < 0 ? null
            : pixels is >= 64 and <= 4096 && pixels % FinderLayout.LargestStride == 0 ? pixels
            : throw Refuse($"its input has {pixels} pixels a side, expected a multiple of 32 from 64 to 4096");

        float Number(string key, float absent, float low, float high) =>
            !properties.TryGetValue(key, out var text) ? absent
            : float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                && value >= low && value <= high ? value
            : throw Refuse($"{key} is '{text}', expected a number from {low} to {high}");

        static bool IsFloat(NodeMetadata tensor) =>
            tensor.IsTensor && tensor.ElementDataType == TensorElementType.Float;

        InvalidDataException Refuse(string found) => new($"{path}: not a face finder of Mdfld, nor YuNet: {found}");
    }
}

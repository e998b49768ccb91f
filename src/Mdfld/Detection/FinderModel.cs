using System.Globalization;

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
    /// <summary>Reads and checks the properties of a file, and that its graph fits them.</summary>
    /// <exception cref="InvalidDataException">It is no face finder; the message says what is missing.</exception>
    public static FinderModel Describe(OnnxFile file)
    {
        var properties = file.Properties;
        var isOurs = properties.TryGetValue("mdfld.finder", out var version);
        if (isOurs && version != "1")
            throw Refuse($"mdfld.finder is '{version}', expected 1");
        var layout = isOurs ? FinderLayout.Mdfld : FinderLayout.YuNet;
        foreach (var name in layout.Outputs)
        {
            if (file.Output(name) is not { } output)
                throw Refuse($"no property mdfld.finder in it, and no output '{name}' as YuNet has");
            if (!layout.Fits(name, output))
                throw Refuse($"output '{name}' is {output}, expected float {layout.ShapeOf(name)}");
        }
        if (file.Inputs.Count != 1)
            throw Refuse($"{file.Inputs.Count} inputs, expected one");
        var input = file.Inputs[0];
        if (!input.IsFloat || input.Dimensions is not [<= 1, Picture.Channels, var height, var width])
            throw Refuse($"input '{input.Name}' is {input}, expected float [1, 3, height, width]");
        return new FinderModel(
            file.ModelName,
            input.Name,
            Side(height),
            Side(width),
            Number("mdfld.threshold", layout.Threshold, 0, 1),
            Number("mdfld.min_face", layout.MinimumFace, 1, 1000),
            Number("mdfld.max_face", layout.MaximumFace, 64, 10000),
            layout);

        int? Side(long pixels) =>
            pixels < 0 ? null
            : pixels is >= 64 and <= 4096 && pixels % FinderLayout.LargestStride == 0 ? (int)pixels
            : throw Refuse($"its input has {pixels} pixels a side, expected a multiple of 32 from 64 to 4096");

        float Number(string key, float absent, float low, float high) =>
            !properties.TryGetValue(key, out var text) ? absent
            : float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                && value >= low && value <= high ? value
            : throw Refuse($"{key} is '{text}', expected a number from {low} to {high}");

        InvalidDataException Refuse(string found) =>
            new($"{file.Name}: not a face finder of Mdfld, nor YuNet: {found}");
    }
}

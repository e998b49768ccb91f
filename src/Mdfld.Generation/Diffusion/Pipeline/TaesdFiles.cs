namespace Mdfld.Generation;

/// <summary>
/// TAESD as its author publishes it: <c>*_encoder.safetensors</c> and <c>*_decoder.safetensors</c>, layers numbered from
/// the picture and from the latent, without options.
/// </summary>
internal static class TaesdFiles
{
    private const string Encoder = "_encoder.safetensors";
    private const string Decoder = "_decoder.safetensors";

    /// <summary>Whether a folder holds one such pair and no options, or a file is the encoder of a pair.</summary>
    public static bool AreIn(string path) => Find(path) is not null;

    /// <summary>Reads the pair.</summary>
    /// <exception cref="InvalidDataException">A file is broken, or of another network.</exception>
    public static AutoencoderTiny Read(string path, Device? device, ScalarType type)
    {
        var (encoder, decoder) = Find(path)!.Value;
        using var files = WeightFiles.Join(
            path, (encoder, name => $"encoder.layers.{name}"), (decoder, DecoderName));
        var latents = files.Tensors.TryGetValue("decoder.layers.0.weight", out var first)
            && first.Shape is [_, var channels, _, _]
            ? (int)Math.Min(channels, int.MaxValue)
            : throw new InvalidDataException($"{decoder}: expected the decoder of a TAESD, with a tensor '1.weight'");
        var config = new AutoencoderTinyConfig { LatentChannels = latents };
        if (config.Fault() is { } fault)
            throw new InvalidDataException($"{decoder}: {fault}");
        return ModelParts.Fill(new AutoencoderTiny(config), files, device, type);
    }

    private static (string Encoder, string Decoder)? Find(string path)
    {
        var isFile = path.EndsWith(Encoder, StringComparison.Ordinal) && File.Exists(path);
        if (!isFile && (!Directory.Exists(path) || File.Exists(Path.Combine(path, ModelParts.Config))))
            return null;
        var encoders = isFile ? [path] : Directory.GetFiles(path, "*" + Encoder);
        return encoders is [var only] && only[..^Encoder.Length] + Decoder is var decoder && File.Exists(decoder)
            ? (only, decoder) : null;
    }

    /// <summary>The author's layer 0 is the clamp, which diffusers does not count.</summary>
    private static string DecoderName(string name)
    {
        var dot = name.IndexOf('.');
        return dot > 0 && int.TryParse(name.AsSpan(0, dot), NumberStyles.None, null, out var layer)
            ? $"decoder.layers.{layer - 1}{name[dot..]}" : name;
    }
}

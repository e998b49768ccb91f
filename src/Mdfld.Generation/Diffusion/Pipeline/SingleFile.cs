namespace Mdfld.Generation;

/// <summary>
/// A Stable Diffusion 1.x or 2.x, or a ControlNet for one, in a single file: all networks under the names of the
/// authors' code (<c>model.diffusion_model.input_blocks.1.0.in_layers.0.weight</c>). Their options are those of the
/// published models; which, the width of the text states says.
/// </summary>
internal sealed class SingleFile : IDisposable
{
    private const string UNetPrefix = "model.diffusion_model.";
    private const string ControlPrefix = "control_model.";
    private const string VaePrefix = "first_stage_model.";
    private const string TextPrefix = "cond_stage_model.";
    private const int WidthOf1 = 768, WidthOf2 = 1024;

    private readonly WeightFiles _files;

    internal SingleFile(string path, bool isSecond) =>
        (_files, IsSecond) = (WeightFiles.Join(path, (path, name => name)), isSecond);

    /// <summary>Whether it is of the kind of Stable Diffusion 2: another text encoder, heads of 64 channels.</summary>
    public bool IsSecond { get; }

    /// <summary>Opens a file of all networks but the tokenizer.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static SingleFile OpenModel(string path) => Open(path, UNetPrefix, "a Stable Diffusion 1 or 2 in one file");

    /// <summary>Opens a file of a ControlNet, under these names, those of diffusers, or with neither's prefix.</summary>
    /// <inheritdoc cref="OpenModel" path="/exception"/>
    public static SingleFile OpenControlNet(string path) =>
        Open(path, ControlPrefix, "a ControlNet of Stable Diffusion 1 or 2 in one file");

    public UNet ReadUNet(Device? device, ScalarType type) =>
        ReadUNet(Published(new UNetConfig(), IsSecond), device, type);

    public ControlNet ReadControlNet(Device? device, ScalarType type) =>
        ReadControlNet(Published(new ControlNetConfig(), IsSecond), device, type);

    public AutoencoderKL ReadAutoencoder(Device? device, ScalarType type) =>
        ReadAutoencoder(new AutoencoderKLConfig(), device, type);

    public ClipTextEncoder ReadTextEncoder(Device? device, ScalarType type) =>
        ReadTextEncoder(PublishedText(IsSecond), device, type);

    /// <summary>Options of a published UNet or ControlNet.</summary>
    internal static T Published<T>(T config, bool isSecond) where T : EncoderConfig => config with
    {
        CrossAttentionDim = isSecond ? WidthOf2 : WidthOf1,
        AttentionHeadDim = isSecond ? [5, 10, 20, 20] : [8],
        UseLinearProjection = isSecond,
    };

    /// <summary>Options of a published text encoder: CLIP's ViT-L/14, or OpenCLIP's ViT-H without its last layer.</summary>
    internal static TextEncoderConfig PublishedText(bool isSecond) => isSecond
        ? new()
        {
            HiddenSize = WidthOf2,
            IntermediateSize = 4 * WidthOf2,
            NumHiddenLayers = 23,
            NumAttentionHeads = 16,
            HiddenAct = TextEncoderConfig.Gelu,
        }
        : new() { HiddenSize = WidthOf1, IntermediateSize = 4 * WidthOf1, NumAttentionHeads = 12 };

    internal UNet ReadUNet(UNetConfig config, Device? device, ScalarType type) => ModelParts.Fill(
        new UNet(config), _files, device, type, name => new(UNetPrefix + UNetName(name, config)));

    internal ControlNet ReadControlNet(ControlNetConfig config, Device? device, ScalarType type)
    {
        var prefix = _files.Tensors.Keys.Any(k => k.StartsWith(ControlPrefix, StringComparison.Ordinal))
            ? ControlPrefix : "";
        return ModelParts.Fill(
            new ControlNet(config), _files, device, type, name => new(prefix + ControlName(name, config)));
    }

    internal AutoencoderKL ReadAutoencoder(AutoencoderKLConfig config, Device? device, ScalarType type) =>
        ModelParts.Fill(
            new AutoencoderKL(config), _files, device, type,
            name => new(VaePrefix + VaeName(name, config.BlockOutChannels.Count)));

    internal ClipTextEncoder ReadTextEncoder(TextEncoderConfig config, Device? device, ScalarType type) =>
        ModelParts.Fill(new ClipTextEncoder(config), _files, device, type, name => TextSource(name, IsSecond));

    public void Dispose() => _files.Dispose();

    /// <summary>What a tensor of a UNet is called.</summary>
    /// <param name="name">Its name in diffusers.</param>
    internal static string UNetName(string name, UNetConfig config)
    {
        var each = config.LayersPerBlock + 1;
        return name.Split('.') switch
        {
            ["up_blocks", var l, "resnets", var i, var layer, var end] =>
                $"output_blocks.{(int.Parse(l) * each) + int.Parse(i)}.0.{Resnet(layer)}.{end}",
            ["up_blocks", var l, "attentions", var i, .. var rest] =>
                $"output_blocks.{(int.Parse(l) * each) + int.Parse(i)}.1.{string.Join('.', rest)}",
            ["up_blocks", var l, "upsamplers", _, "conv", var end] =>
                $"output_blocks.{((int.Parse(l) + 1) * each) - 1}"
                + $".{(config.UpBlockTypes[int.Parse(l)] == BlockTypes.CrossAttnUp ? 2 : 1)}.conv.{end}",
            ["conv_norm_out", var end] => $"out.0.{end}",
            ["conv_out", var end] => $"out.2.{end}",
            _ => EncoderName(name, each),
        };
    }

    /// <summary>What a tensor of a ControlNet is called.</summary>
    /// <inheritdoc cref="UNetName"/>
    internal static string ControlName(string name, ControlNetConfig config) => name.Split('.') switch
    {
        // Every second entry is a SiLU.
        ["controlnet_cond_embedding", "conv_in", var end] => $"input_hint_block.0.{end}",
        ["controlnet_cond_embedding", "blocks", var i, var end] => $"input_hint_block.{2 * (int.Parse(i) + 1)}.{end}",
        ["controlnet_cond_embedding", "conv_out", var end] =>
            $"input_hint_block.{(4 * config.ConditioningEmbeddingOutChannels.Count) - 2}.{end}",
        ["controlnet_down_blocks", var i, var end] => $"zero_convs.{i}.0.{end}",
        ["controlnet_mid_block", var end] => $"middle_block_out.0.{end}",
        _ => EncoderName(name, config.LayersPerBlock + 1),
    };

    /// <summary>What a tensor of an autoencoder is called.</summary>
    /// <inheritdoc cref="UNetName"/>
    internal static string VaeName(string name, int levels) => name.Split('.') switch
    {
        [var half, "conv_norm_out", var end] => $"{half}.norm_out.{end}",
        [var half, "mid_block", "resnets", var i, var layer, var end] =>
            $"{half}.mid.block_{int.Parse(i) + 1}.{layer}.{end}",
        [var half, "mid_block", "attentions", _, var layer, .. var rest] =>
            $"{half}.mid.attn_1.{layer switch
            {
                "group_norm" => "norm",
                "to_out" => "proj_out",
                _ => layer[^1..],
            }}.{rest[^1]}",
        ["encoder", "down_blocks", var l, "resnets", var i, var layer, var end] =>
            $"encoder.down.{l}.block.{i}.{Shortcut(layer)}.{end}",
        ["encoder", "down_blocks", var l, "downsamplers", _, "conv", var end] =>
            $"encoder.down.{l}.downsample.conv.{end}",
        ["decoder", "up_blocks", var l, "resnets", var i, var layer, var end] =>
            $"decoder.up.{levels - 1 - int.Parse(l)}.block.{i}.{Shortcut(layer)}.{end}",
        ["decoder", "up_blocks", var l, "upsamplers", _, "conv", var end] =>
            $"decoder.up.{levels - 1 - int.Parse(l)}.upsample.conv.{end}",
        _ => name,
    };

    /// <summary>
    /// Where a tensor of a text encoder is: transformers' names in version 1; in 2 OpenCLIP's, whose queries, keys and
    /// values are one tensor.
    /// </summary>
    /// <inheritdoc cref="UNetName"/>
    internal static WeightSource TextSource(string name, bool isSecond)
    {
        if (!isSecond)
            return new($"{TextPrefix}transformer.{name}");
        const string Model = $"{TextPrefix}model.";
        const string Blocks = $"{Model}transformer.resblocks.";
        return name.Split('.') switch
        {
            [_, "embeddings", "token_embedding", var end] => new($"{Model}token_embedding.{end}"),
            [_, "embeddings", "position_embedding", _] => new($"{Model}positional_embedding"),
            [_, "encoder", "layers", var i, "self_attn", "out_proj", var end] =>
                new($"{Blocks}{i}.attn.out_proj.{end}"),
            [_, "encoder", "layers", var i, "self_attn", var third, var end] =>
                new($"{Blocks}{i}.attn.in_proj_{end}", "qkv".IndexOf(third[0]), 3),
            [_, "encoder", "layers", var i, "mlp", var layer, var end] =>
                new($"{Blocks}{i}.mlp.{(layer == "fc1" ? "c_fc" : "c_proj")}.{end}"),
            [_, "encoder", "layers", var i, var norm, var end] => new($"{Blocks}{i}.ln_{norm[^1]}.{end}"),
            [_, "final_layer_norm", var end] => new($"{Model}ln_final.{end}"),
            _ => new(name),
        };
    }

    private static SingleFile Open(string path, string prefix, string expected)
    {
        var width = 0L;
        using (var file = Checkpoint.Load(path))
        {
            // What reads the text in the first transformer.
            string[] names =
            [
                $"{prefix}input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight",
                "input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight",
                "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight",
            ];
            var tensors = file.StateDict();
            if (names.Select(tensors.GetValueOrDefault).FirstOrDefault(t => t is not null) is { Shape: [_, var w] })
                width = w;
        }
        return width is WidthOf1 or WidthOf2
            ? new SingleFile(path, width == WidthOf2)
            : throw new InvalidDataException(
                $"{path}: expected {expected}, found "
                + (width == 0 ? "neither's tensors" : $"text states of width {width}"));
    }

    /// <summary>Names that UNet and ControlNet share.</summary>
    /// <param name="each">Parts of a level: residual blocks, and what halves the size.</param>
    private static string EncoderName(string name, int each) => name.Split('.') switch
    {
        ["conv_in", var end] => $"input_blocks.0.0.{end}",
        ["time_embedding", var layer, var end] => $"time_embed.{(layer == "linear_1" ? 0 : 2)}.{end}",
        ["down_blocks", var l, "resnets", var i, var layer, var end] =>
            $"input_blocks.{1 + (int.Parse(l) * each) + int.Parse(i)}.0.{Resnet(layer)}.{end}",
        ["down_blocks", var l, "attentions", var i, .. var rest] =>
            $"input_blocks.{1 + (int.Parse(l) * each) + int.Parse(i)}.1.{string.Join('.', rest)}",
        ["down_blocks", var l, "downsamplers", _, "conv", var end] =>
            $"input_blocks.{(int.Parse(l) + 1) * each}.0.op.{end}",
        ["mid_block", "resnets", var i, var layer, var end] => $"middle_block.{2 * int.Parse(i)}.{Resnet(layer)}.{end}",
        ["mid_block", "attentions", _, .. var rest] => $"middle_block.1.{string.Join('.', rest)}",
        _ => name,
    };

    private static string Resnet(string layer) => layer switch
    {
        "norm1" => "in_layers.0",
        "conv1" => "in_layers.2",
        "time_emb_proj" => "emb_layers.1",
        "norm2" => "out_layers.0",
        "conv2" => "out_layers.3",
        _ => "skip_connection",
    };

    private static string Shortcut(string layer) => layer == "conv_shortcut" ? "nin_shortcut" : layer;
}

namespace Mdfld.Generation;

/// <summary>
/// A small autoencoder without norm or attention, taught the latents of a large one: TAESD (Boer Bohan).
/// Parameters bear diffusers' names (<c>AutoencoderTiny</c>), also where levels differ in channels or pictures are
/// folded, which diffusers' class cannot do.
/// </summary>
public sealed class AutoencoderTiny : Autoencoder
{
    /// <summary>Beginning of the names of the encoder's parameters, for <see cref="Module.Freeze"/>.</summary>
    internal const string Encoder = "encoder";

    // Latents beyond are bent towards it, whatever the options say.
    private const double Clamp = 3;

    /// <summary>Weights are to be loaded or drawn; until then they take no memory.</summary>
    /// <exception cref="ArgumentException">The options make no network.</exception>
    public AutoencoderTiny(AutoencoderTinyConfig config)
    {
        config.Check();
        Config = config;
        Build(() => Decode(Encode(zeros(1, config.PictureChannels, config.Reduction, config.Reduction)).Mean));
    }

    public override AutoencoderTinyConfig Config { get; }

    internal override Layers Layers => new(this);

    private long Patch => Config.PatchSize ?? 1;

    /// <inheritdoc/>
    /// <remarks>
    /// Drawn for layers without norms: normal for what follows a ReLU (He et al. 2015); residual blocks do nothing at first.
    /// </remarks>
    public override void Initialise(Random random)
    {
        WeightInitialisation.HeNormal(this, random);
        const string Last = ".conv.4", Weight = ".weight";
        foreach (var (name, _) in Parameters().Where(p => p.Name.EndsWith(Last + Weight, StringComparison.Ordinal)))
            WeightInitialisation.Zero(this, name[..^Weight.Length]);
    }

    /// <inheritdoc/>
    /// <remarks>The latent itself: there is no distribution. Sides that are no multiples are rounded up.</remarks>
    public override Moments Encode(Tensor picture)
    {
        using var scope = NewDisposeScope();
        var (f, layer) = (Layers[$"{Encoder}.layers"], 0);
        var x = pixel_unshuffle((picture + 1) * 0.5, Patch);
        foreach (var (level, blocks) in Config.NumEncoderBlocks.Index())
        {
            var isFirst = level == 0;
            x = f.Conv(
                x, $"{layer++}", Config.EncoderBlockOutChannels[level], stride: isFirst ? 1 : 2, bias: isFirst);
            for (var i = 0; i < blocks; i++)
                x = Residual(f[$"{layer++}"], x);
        }
        return new(f.Conv(x, $"{layer}", Config.LatentChannels).MoveToOuterDisposeScope(), null);
    }

    /// <inheritdoc/>
    public override Tensor Decode(Tensor latent)
    {
        using var scope = NewDisposeScope();
        // The second layer is the ReLU, and a level's doubling is one of its own.
        var (f, layer) = (Layers["decoder.layers"], 2);
        var x = (Unscaled(latent) / Clamp).tanh() * Clamp;
        x = f.Conv(x, "0", Config.DecoderBlockOutChannels[0]).relu();
        foreach (var (level, blocks) in Config.NumDecoderBlocks.Index())
        {
            for (var i = 0; i < blocks; i++)
                x = Residual(f[$"{layer++}"], x);
            var isLast = level == Config.NumDecoderBlocks.Count - 1;
            if (!isLast)
            {
                layer++;
                x = upsample_nearest2d(x, [2 * x.shape[2], 2 * x.shape[3]]);
            }
            var channels = isLast ? Config.OutChannels : Config.DecoderBlockOutChannels[level + 1];
            x = f.Conv(x, $"{layer++}", channels, bias: isLast);
        }
        return ((pixel_shuffle(x, Patch) * 2) - 1).MoveToOuterDisposeScope();
    }

    /// <summary>Latents as bytes, as diffusers keeps them.</summary>
    /// <param name="latent">Any shape, scaled.</param>
    internal Tensor ToBytes(Tensor latent) =>
        (((latent / (2 * Config.LatentMagnitude)) + Config.LatentShift).clamp(0, 1) * 255).round()
            .to(ScalarType.Byte);

    /// <summary>Latents from bytes.</summary>
    internal Tensor FromBytes(Tensor bytes) =>
        ((bytes.to(ElementType) / 255) - Config.LatentShift) * (2 * Config.LatentMagnitude);

    /// <summary>Three 3x3 convolutions, added to what they saw before the last ReLU; same shape.</summary>
    private static Tensor Residual(Layers f, Tensor x)
    {
        using var scope = NewDisposeScope();
        var (channels, h) = ((int)x.shape[1], x);
        h = f.Conv(h, "conv.0", channels).relu();
        h = f.Conv(h, "conv.2", channels).relu();
        return (f.Conv(h, "conv.4", channels) + x).relu().MoveToOuterDisposeScope();
    }
}

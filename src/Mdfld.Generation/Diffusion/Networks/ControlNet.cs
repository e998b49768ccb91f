namespace Mdfld.Generation;

/// <summary>What a ControlNet adds to a UNet.</summary>
/// <param name="Down">Added to what the UNet's way down keeps for the way up, in that order.</param>
/// <param name="Mid">Added to what its middle gives.</param>
public sealed record ControlResiduals(IReadOnlyList<Tensor> Down, Tensor Mid)
{
    public ControlResiduals To(ScalarType type) => new([.. Down.Select(d => d.to(type))], Mid.to(type));
}

/// <summary>
/// A copy of a UNet's encoder that also reads a control image and adds to what the UNet keeps (Zhang et al. 2023).
/// Parameters bear diffusers' names (<c>ControlNetModel</c>).
/// </summary>
public sealed class ControlNet : LatentEncoder
{
    /// <summary>In guess mode the finest residual has this share of the coarsest.</summary>
    private const double LeastGuess = 0.1;

    private const string Embedding = "controlnet_cond_embedding";

    /// <summary>Weights are to be loaded, drawn or copied; until then they take no memory.</summary>
    /// <exception cref="ArgumentException">The options make no network.</exception>
    public ControlNet(ControlNetConfig config)
        : base(config)
    {
        Config = config;
        var side = config.ConditioningReduction << (Levels - 1);
        Build(() => Forward(
            BlankLatent, zeros(1), BlankText, zeros(1, config.ConditioningChannels, side, side)));
    }

    public ControlNetConfig Config { get; }

    /// <summary>
    /// A ControlNet that begins where the UNet stands: its encoder copied, the convolutions that let the control in
    /// zero, so that it changes nothing before it is trained.
    /// </summary>
    /// <param name="random">Draws the rest of the control image's embedding.</param>
    /// <param name="conditioning">See <see cref="ControlNetConfig.ConditioningEmbeddingOutChannels"/>.</param>
    public static ControlNet From(UNet unet, Random random, params IReadOnlyList<int> conditioning)
    {
        var network = new ControlNet(ControlNetConfig.For(unet.Config, conditioning));
        network.CopyFrom(unet, random);
        return network;
    }

    /// <summary>As <see cref="From"/>, for this network's options.</summary>
    internal void CopyFrom(UNet unet, Random random)
    {
        InitialiseEmbedding(random);
        var weights = unet.StateDict().ToDictionary(entry => entry.Name, entry => entry.Tensor);
        using var noGrad = no_grad();
        foreach (var (name, own) in StateDict())
        {
            if (weights.TryGetValue(name, out var copied))
                own.copy_(copied);
        }
        WeightInitialisation.Zero(this, "controlnet_down_blocks");
        WeightInitialisation.Zero(this, "controlnet_mid_block");
    }

    /// <summary>Draws first weights of the control image's embedding; it gives zero until it is trained.</summary>
    internal void InitialiseEmbedding(Random random)
    {
        // SiLU halves what is small, and a control image is mostly black: normal weights of the deviation 2 /
        // sqrt(fan-in) bring its lines through as strong as they are. Of PyTorch's usual ones a ten-thousandth arrives
        // at the last layer, and the gradients there are below Adam's epsilon for thousands of steps.
        WeightInitialisation.HeNormal(this, random, Embedding, gain: Math.Sqrt(2));
        WeightInitialisation.Zero(this, $"{Embedding}.conv_out");
    }

    /// <summary>What to add to the UNet for the same latents, timesteps and text.</summary>
    /// <param name="sample">(N, in, h, w), noisy latents.</param>
    /// <param name="timesteps">(N), or a scalar for all; int64 or float.</param>
    /// <param name="text">(N, L, cross-attention width), states of the text encoder.</param>
    /// <param name="condition">(N, 3, H, W), control images in [0, 1], R, G, B.</param>
    /// <param name="scale">Control scale: everything is multiplied by it.</param>
    /// <param name="guessMode">
    /// The finer a residual the less it counts, so that the control works without a text.
    /// </param>
    /// <exception cref="ArgumentException">The control image has not the size that goes with the latent's.</exception>
    public ControlResiduals Forward(
        Tensor sample, Tensor timesteps, Tensor text, Tensor condition, double scale = 1, bool guessMode = false)
    {
        using var scope = NewDisposeScope();
        var embedded = Embed(condition.ChannelsLast());
        if (embedded.shape[2] * Patch != sample.shape[2] || embedded.shape[3] * Patch != sample.shape[3])
            throw new ArgumentException(
                $"a control image [{string.Join(", ", condition.shape)}] "
                + $"gives {embedded.shape[3]} x {embedded.shape[2]}, "
                + $"the latent has {sample.shape[3] / Patch} x {sample.shape[2] / Patch}");
        var (mid, skips) = Encode(sample, Told(timesteps, text, sample.dtype), text, embedded);
        var down = new Tensor[skips.Count];
        for (var i = 0; i < down.Length; i++)
        {
            var share = guessMode ? Math.Pow(LeastGuess, 1 - ((double)i / down.Length)) : 1;
            down[i] = Residual(skips[i], $"controlnet_down_blocks.{i}", share * scale);
        }
        return new(down, Residual(mid, "controlnet_mid_block", scale));
    }

    /// <summary>A control image shrunk to the size of the latent: (N, channels of the first level, h, w).</summary>
    internal Tensor Embed(Tensor condition)
    {
        using var scope = NewDisposeScope();
        return Layers[Embedding].Conv(EmbeddingFeatures(condition), "conv_out", Config.BlockOutChannels[0])
            .MoveToOuterDisposeScope();
    }

    /// <summary>
    /// What the embedding's last layer sees: after a first convolution, for every further number of channels a 3x3
    /// convolution and one of stride 2, SiLU after each.
    /// </summary>
    internal Tensor EmbeddingFeatures(Tensor condition)
    {
        using var scope = NewDisposeScope();
        var (f, channels) = (Layers[Embedding], Config.ConditioningEmbeddingOutChannels);
        var folded = Config.ConditioningPatchSize is { } patch ? pixel_unshuffle(condition, patch) : condition;
        var x = f.Conv(folded, "conv_in", channels[0]).silu();
        for (var i = 0; i < 2 * (channels.Count - 1); i++)
            x = f.Conv(x, $"blocks.{i}", channels[(i + 1) / 2], stride: 1 + (i % 2)).silu();
        return x.MoveToOuterDisposeScope();
    }

    private Tensor Residual(Tensor x, string name, double factor)
    {
        var residual = Layers.Conv(x, name, x.shape[1], kernel: 1);
        return (factor == 1 ? residual : residual * factor).MoveToOuterDisposeScope();
    }
}

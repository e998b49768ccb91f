namespace Mdfld.Generation;

/// <summary>What a ControlNet adds to a UNet.</summary>
/// <param name="Down">Added to what the UNet's way down keeps for the way up, in that order.</param>
/// <param name="Mid">Added to what its middle gives.</param>
public sealed record ControlResiduals(IReadOnlyList<Tensor> Down, Tensor Mid)
{
    /// <summary>The same in another element type.</summary>
    public ControlResiduals To(ScalarType type) => new([.. Down.Select(d => d.to(type))], Mid.to(type));
}

/// <summary>
/// Shrinks a control image to the size of the latent: <c>conv_in</c>, then for every further number of channels a 3x3
/// convolution and one of stride 2, SiLU after each, then <c>conv_out</c>.
/// </summary>
internal sealed class ConditionEmbedding : Module
{
    private readonly Conv2d _convIn, _convOut;
    private readonly Conv2d[] _blocks;

    public ConditionEmbedding(ControlNetConfig config)
    {
        var channels = config.ConditioningEmbeddingOutChannels;
        _convIn = Child("conv_in", new Conv2d(config.ConditioningChannels, channels[0], 3));
        _blocks = Layers.Make(2 * (channels.Count - 1), i => Child($"blocks.{i}", new Conv2d(
            channels[i / 2], channels[(i + 1) / 2], 3, stride: 1 + (i % 2))));
        _convOut = Child("conv_out", new Conv2d(channels[^1], config.BlockOutChannels[0], 3));
    }

    /// <summary>(N, 3, H, W) in [0, 1] to (N, channels of the UNet's first level, h, w).</summary>
    public Tensor Forward(Tensor condition)
    {
        using var scope = NewDisposeScope();
        return _convOut.Forward(Features(condition)).MoveToOuterDisposeScope();
    }

    /// <summary>What the last layer sees.</summary>
    internal Tensor Features(Tensor condition)
    {
        using var scope = NewDisposeScope();
        var x = _convIn.Forward(condition).silu();
        foreach (var block in _blocks)
            x = block.Forward(x).silu();
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>Draws first weights; the result is zero until it is trained.</summary>
    public void Initialise(Random random)
    {
        // SiLU halves what is small, and a control image is mostly black: normal weights of the deviation 2 /
        // sqrt(fan-in) bring its lines through as strong as they are. Of PyTorch's usual ones a ten-thousandth arrives
        // at the last layer, and the gradients there are below Adam's epsilon for thousands of steps.
        WeightInitialisation.HeNormal(this, random);
        using var noGrad = no_grad();
        foreach (var (_, weight) in Parameters().Where(p => p.Tensor.ndim > 1))
            weight.mul_(Math.Sqrt(2));
        WeightInitialisation.Zero(_convOut);
    }
}

/// <summary>
/// A copy of a UNet's encoder that also reads a control image and adds to what the UNet keeps (Zhang et al. 2023).
/// Parameters bear diffusers' names (<c>ControlNetModel</c>).
/// </summary>
public sealed class ControlNet : LatentEncoder
{
    /// <summary>In guess mode the finest residual has this share of the coarsest.</summary>
    private const double LeastGuess = 0.1;

    private readonly ConditionEmbedding _condition;
    private readonly Conv2d[] _zeroDown;
    private readonly Conv2d _zeroMid;

    /// <summary>Weights are to be loaded, drawn or copied; until then they take no memory.</summary>
    /// <exception cref="ArgumentException">The options make no network.</exception>
    public ControlNet(ControlNetConfig config)
        : base(config)
    {
        Config = config;
        _condition = Child("controlnet_cond_embedding", new ConditionEmbedding(config));
        _zeroDown = Layers.Make(SkipChannels.Count, i => Child(
            $"controlnet_down_blocks.{i}", new Conv2d(SkipChannels[i], SkipChannels[i], 1)));
        var coarsest = config.BlockOutChannels[^1];
        _zeroMid = Child("controlnet_mid_block", new Conv2d(coarsest, coarsest, 1));
    }

    public ControlNetConfig Config { get; }

    /// <summary>
    /// A ControlNet that begins where the UNet stands: its encoder copied, the convolutions that let the control in
    /// zero, so that it changes nothing before it is trained.
    /// </summary>
    /// <param name="unet">The UNet to control.</param>
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
        _condition.Initialise(random);
        var weights = unet.StateDict().ToDictionary(entry => entry.Name, entry => entry.Tensor);
        using var noGrad = no_grad();
        foreach (var (name, own) in StateDict())
        {
            if (weights.TryGetValue(name, out var copied))
                own.copy_(copied);
        }
        foreach (var convolution in _zeroDown.Append(_zeroMid))
            WeightInitialisation.Zero(convolution);
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
        var embedded = _condition.Forward(condition.ChannelsLast());
        if (!embedded.shape.AsSpan(2).SequenceEqual(sample.shape.AsSpan(2)))
        {
            throw new ArgumentException(
                $"a control image [{string.Join(", ", condition.shape)}] "
                + $"gives {embedded.shape[3]} x {embedded.shape[2]}, "
                + $"the latent has {sample.shape[3]} x {sample.shape[2]}");
        }
        var (mid, skips) = Encode(sample, Time(timesteps, sample.dtype), text, embedded);
        var down = new Tensor[skips.Count];
        for (var i = 0; i < down.Length; i++)
        {
            var share = guessMode ? Math.Pow(LeastGuess, 1 - ((double)i / down.Length)) : 1;
            down[i] = Scaled(_zeroDown[i].Forward(skips[i]), share * scale).MoveToOuterDisposeScope();
        }
        return new(down, Scaled(_zeroMid.Forward(mid), scale).MoveToOuterDisposeScope());
    }

    private static Tensor Scaled(Tensor x, double factor) => factor == 1 ? x : x * factor;
}

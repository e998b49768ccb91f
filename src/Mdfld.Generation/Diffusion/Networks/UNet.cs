namespace Mdfld.Generation;

/// <summary>
/// The network that predicts the noise (or velocity) in a latent, told the timestep and the text (Rombach et al. 2022).
/// Parameters bear diffusers' names (<c>UNet2DConditionModel</c>).
/// </summary>
public sealed class UNet : LatentEncoder
{
    private readonly UpBlock[] _up;
    private readonly GroupNorm _normOut;
    private readonly Conv2d _convOut;

    /// <summary>Weights are to be loaded or drawn (<see cref="Initialise"/>); until then they take no memory.</summary>
    /// <exception cref="ArgumentException">The options make no network.</exception>
    public UNet(UNetConfig config)
        : base(config)
    {
        Config = config;
        var channels = config.BlockOutChannels;
        _up = [.. Enumerable.Range(0, channels.Count).Select(i => Child($"up_blocks.{i}", new UpBlock(config, i)))];
        _normOut = Child("conv_norm_out", new GroupNorm(config.NormNumGroups, channels[0], config.NormEps));
        _convOut = Child("conv_out", new Conv2d(channels[0], config.OutChannels, 3));
    }

    /// <summary>Its options.</summary>
    public UNetConfig Config { get; }

    /// <summary>Draws first weights (PyTorch's own, biases zero); the output begins at zero.</summary>
    public void Initialise(Random random)
    {
        WeightInitialisation.Uniform(this, random);
        WeightInitialisation.Zero(_convOut);
    }

    /// <summary>Predicts.</summary>
    /// <param name="sample">(N, in, h, w), noisy latents.</param>
    /// <param name="timesteps">(N), or a scalar for all; int64 or float.</param>
    /// <param name="text">(N, L, cross-attention width), states of the text encoder.</param>
    /// <param name="control">What a ControlNet adds, or null.</param>
    /// <returns>(N, out, h, w).</returns>
    public Tensor Forward(Tensor sample, Tensor timesteps, Tensor text, ControlResiduals? control = null)
    {
        using var scope = NewDisposeScope();
        var time = Time(timesteps, sample.dtype);
        var (x, skips) = Encode(sample, time, text);
        if (control is not null)
        {
            if (control.Down.Count != skips.Count)
                throw new ArgumentException(
                    $"the control has {control.Down.Count} residuals, the UNet {skips.Count} skips");
            for (var i = 0; i < skips.Count; i++)
                skips[i] += control.Down[i];
            x += control.Mid;
        }
        foreach (var block in _up)
            x = block.Forward(x, time, text, skips);
        return _convOut.Forward(_normOut.Forward(x).silu()).MoveToOuterDisposeScope();
    }
}

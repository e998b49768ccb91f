namespace Mdfld.Generation;

/// <summary>A timestep as a vector: sinusoids of many frequencies, two linear layers with SiLU between.</summary>
internal sealed class TimeEmbedding : Module
{
    private const double LongestPeriod = 10_000;

    private readonly Linear _linear1, _linear2;
    private readonly int _channels;

    public TimeEmbedding(int channels, int width)
    {
        _channels = channels;
        _linear1 = Child("linear_1", new Linear(channels, width));
        _linear2 = Child("linear_2", new Linear(width, width));
    }

    /// <summary>(N) timesteps, whole or not, to (N, width) of the given type.</summary>
    public Tensor Forward(Tensor timesteps, ScalarType type) =>
        _linear2.Forward(_linear1.Forward(Sinusoids(timesteps, _channels).to(type)).silu());

    /// <summary>(N) to (N, width): cosines, then sines, of frequencies falling from 1 to about 1/10000.</summary>
    internal static Tensor Sinusoids(Tensor timesteps, int width)
    {
        var half = width / 2;
        // Not by libtorch's exp, whose last bit, a thousandfold in the angle, differs between processors.
        float[] frequencies =
            [.. Enumerable.Range(0, half).Select(i => MathF.Exp(i * (float)-Math.Log(LongestPeriod) / half))];
        var angles = timesteps.to(ScalarType.Float32).unsqueeze(1)
            * Tensor.From<float>(frequencies, 1, half).to(timesteps.device);
        return cat([angles.cos(), angles.sin()], 1);
    }
}

/// <summary>A transformer between two residual blocks (<c>UNetMidBlock2DCrossAttn</c>).</summary>
internal sealed class MidBlock : Module
{
    private readonly ResnetBlock _first, _second;
    private readonly SpatialTransformer _transformer;

    public MidBlock(EncoderConfig config)
    {
        var channels = config.BlockOutChannels[^1];
        _first = Child("resnets.0", config.Resnet(channels, channels));
        _transformer = Child(
            "attentions.0", new SpatialTransformer(config, config.BlockOutChannels.Count - 1));
        _second = Child("resnets.1", config.Resnet(channels, channels));
    }

    /// <summary>(N, channels, h, w), same shape.</summary>
    public Tensor Forward(Tensor x, Tensor time, Tensor text)
    {
        using var scope = NewDisposeScope();
        return _second.Forward(_transformer.Forward(_first.Forward(x, time), text), time).MoveToOuterDisposeScope();
    }
}

/// <summary>
/// The half of the UNet that encodes the noisy latent, and that a ControlNet copies: time embedding, first convolution,
/// the way down, the middle.
/// </summary>
public abstract class LatentEncoder : Module
{
    private readonly TimeEmbedding _timeEmbedding;
    private readonly Conv2d _convIn;
    private readonly DownBlock[] _down;
    private readonly MidBlock _mid;

    private protected LatentEncoder(EncoderConfig config)
    {
        config.Check();
        var channels = config.BlockOutChannels;
        _convIn = Child("conv_in", new Conv2d(config.InChannels, channels[0], 3));
        _timeEmbedding = Child("time_embedding", new TimeEmbedding(channels[0], config.TimeWidth));
        _down = Layers.Make(channels.Count, i => Child($"down_blocks.{i}", new DownBlock(
            channels, i, config.LayersPerBlock, config.Resnet,
            config.DownBlockTypes[i] == BlockTypes.CrossAttnDown ? () => new SpatialTransformer(config, i) : null,
            padAfter: false)));
        _mid = Child("mid_block", new MidBlock(config));
        SkipChannels =
        [
            channels[0],
            .. channels.SelectMany((c, i) =>
                Enumerable.Repeat(c, config.LayersPerBlock + (i < channels.Count - 1 ? 1 : 0))),
        ];
    }

    /// <summary>Channels of what the way down keeps for the way up, in order.</summary>
    private protected IReadOnlyList<int> SkipChannels { get; }

    /// <summary>The time embedding of (N) or one timestep, (N, width) or (1, width).</summary>
    private protected Tensor Time(Tensor timesteps, ScalarType type) =>
        _timeEmbedding.Forward(timesteps.ndim == 0 ? timesteps.unsqueeze(0) : timesteps, type);

    /// <summary>Way down and middle; <paramref name="addition"/> is added after the first convolution.</summary>
    /// <returns>What the middle gives, and the skips of the way down.</returns>
    private protected (Tensor Mid, List<Tensor> Skips) Encode(
        Tensor sample, Tensor time, Tensor text, Tensor? addition = null)
    {
        var x = _convIn.Forward(sample.ChannelsLast());
        if (addition is not null)
            x += addition;
        var skips = new List<Tensor> { x };
        foreach (var block in _down)
            x = block.Forward(x, time, text, skips);
        return (_mid.Forward(x, time, text), skips);
    }
}

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
        _up = Layers.Make(channels.Count, i => Child($"up_blocks.{i}", new UpBlock(
            channels, i, config.LayersPerBlock + 1, config.Resnet,
            config.UpBlockTypes[i] == BlockTypes.CrossAttnUp
                ? () => new SpatialTransformer(config, channels.Count - 1 - i) : null,
            takesSkips: true)));
        _normOut = Child("conv_norm_out", new GroupNorm(config.NormNumGroups, channels[0], config.NormEps));
        _convOut = Child("conv_out", new Conv2d(channels[0], config.OutChannels, 3));
    }

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

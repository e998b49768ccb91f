namespace Mdfld.Generation;

/// <summary>
/// The half of the UNet that encodes the noisy latent, and that a ControlNet copies: time embedding, first convolution,
/// the way down, the middle. Level 0 is the finest.
/// </summary>
public abstract class LatentEncoder : LayeredNetwork
{
    private const double LongestPeriod = 10_000;

    private protected const string PooledText = "text_embedding";

    private readonly EncoderConfig _config;

    private protected LatentEncoder(EncoderConfig config)
    {
        config.Check();
        _config = config;
    }

    internal override Layers Layers => new(this, "", _config.NormNumGroups, _config.NormEps);

    private protected int Levels => _config.BlockOutChannels.Count;

    private protected int Patch => _config.PatchSize ?? 1;

    /// <summary>What it is built on: a latent whose coarsest level has one pixel; and a text of one token.</summary>
    private protected Tensor BlankLatent =>
        zeros(1, _config.InChannels, Patch << (Levels - 1), Patch << (Levels - 1));

    private protected Tensor BlankText => zeros(1, 1, _config.CrossAttentionDim);

    /// <summary>
    /// The time embedding of (N) or one timestep, whole or not: sinusoids of many frequencies, two linear layers with
    /// SiLU between; (N, width) or (1, width) of the given type.
    /// </summary>
    internal Tensor Time(Tensor timesteps, ScalarType type)
    {
        var (f, channels) = (Layers["time_embedding"], _config.BlockOutChannels[0]);
        var sinusoids = Sinusoids(timesteps.ndim == 0 ? timesteps.unsqueeze(0) : timesteps, channels).to(type);
        return f.Linear(f.Linear(sinusoids, "linear_1", 4 * channels).silu(), "linear_2", 4 * channels);
    }

    /// <summary>The embedding that residual blocks add: of the time, and where it is pooled of the text; (N, width).</summary>
    private protected Tensor Told(Tensor timesteps, Tensor text, ScalarType type)
    {
        var time = Time(timesteps, type);
        return _config.PooledText ? time + Layers.Linear(text.mean([1]), PooledText, 4 * _config.BlockOutChannels[0]) : time;
    }

    /// <summary>A parameter that begins at zero: a network may start from weights without it.</summary>
    internal static bool IsAddition(string name) => name.StartsWith(PooledText + '.', StringComparison.Ordinal);

    /// <summary>Way down and middle; <paramref name="addition"/> is added after the first convolution.</summary>
    /// <returns>What the middle gives, and the skips of the way down.</returns>
    private protected (Tensor Mid, List<Tensor> Skips) Encode(
        Tensor sample, Tensor time, Tensor text, Tensor? addition = null)
    {
        var folded = Patch == 1 ? sample : pixel_unshuffle(sample, Patch);
        var x = Layers.Conv(folded.ChannelsLast(), "conv_in", _config.BlockOutChannels[0]);
        if (addition is not null)
            x += addition;
        var skips = new List<Tensor> { x };
        for (var level = 0; level < Levels; level++)
            x = DownBlock(x, level, time, text, skips);
        return (MidBlock(x, time, text), skips);
    }

    /// <summary>
    /// Residual blocks, each with a transformer where the level has them, then half the size unless it is the last
    /// level: (N, before, h, w) to (N, channels, h / 2, w / 2).
    /// </summary>
    /// <param name="skips">Gets what every part gives; the caller's scope owns it then.</param>
    internal Tensor DownBlock(Tensor x, int level, Tensor time, Tensor text, List<Tensor> skips)
    {
        var (f, channels) = (Layers[$"down_blocks.{level}"], _config.BlockOutChannels[level]);
        for (var i = 0; i < _config.LayersPerBlock; i++)
        {
            x = f.Resnet(x, $"resnets.{i}", channels, time);
            if (_config.DownBlockTypes[level] == BlockTypes.CrossAttnDown)
                x = f.SpatialTransformer(x, $"attentions.{i}", text, _config, level);
            skips.Add(x);
        }
        if (level < Levels - 1)
        {
            x = f.Downsample(x);
            skips.Add(x);
        }
        return x;
    }

    /// <summary>A transformer between two residual blocks (<c>UNetMidBlock2DCrossAttn</c>); same shape.</summary>
    internal Tensor MidBlock(Tensor x, Tensor time, Tensor text)
    {
        using var scope = NewDisposeScope();
        var (f, channels) = (Layers["mid_block"], _config.BlockOutChannels[^1]);
        x = f.Resnet(x, "resnets.0", channels, time);
        x = f.SpatialTransformer(x, "attentions.0", text, _config, Levels - 1);
        return f.Resnet(x, "resnets.1", channels, time).MoveToOuterDisposeScope();
    }

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

/// <summary>
/// The network that predicts the noise (or velocity) in a latent, told the timestep and the text (Rombach et al. 2022).
/// Parameters bear diffusers' names (<c>UNet2DConditionModel</c>).
/// </summary>
public sealed class UNet : LatentEncoder
{
    /// <summary>Weights are to be loaded or drawn (<see cref="Initialise"/>); until then they take no memory.</summary>
    /// <exception cref="ArgumentException">The options make no network.</exception>
    public UNet(UNetConfig config)
        : base(config)
    {
        Config = config;
        Build(() => Forward(BlankLatent, zeros(1), BlankText));
    }

    public UNetConfig Config { get; }

    /// <summary>Draws first weights (PyTorch's own, biases zero); the output begins at zero.</summary>
    public void Initialise(Random random)
    {
        WeightInitialisation.Uniform(this, random);
        WeightInitialisation.Zero(this, "conv_out");
        WeightInitialisation.Zero(this, PooledText);
    }

    /// <summary>Predicts.</summary>
    /// <param name="sample">(N, in, h, w), noisy latents.</param>
    /// <param name="timesteps">(N), or a scalar for all; int64 or float.</param>
    /// <param name="text">(N, L, cross-attention width), states of the text encoder.</param>
    /// <param name="control">What a ControlNet adds, or null.</param>
    /// <returns>(N, out, h, w).</returns>
    public Tensor Forward(Tensor sample, Tensor timesteps, Tensor text, ControlResiduals? control = null)
    {
        var (prediction, features) = ForwardWithFeatures(sample, timesteps, text, control);
        features.Dispose();
        return prediction;
    }

    /// <summary>
    /// Predicts, and gives what the finest level gets on the way up, (N, channels, h, w) of the finest level's size: the
    /// network's deepest features that have it.
    /// </summary>
    /// <inheritdoc cref="Forward"/>
    internal (Tensor Prediction, Tensor Features) ForwardWithFeatures(
        Tensor sample, Tensor timesteps, Tensor text, ControlResiduals? control = null)
    {
        using var scope = NewDisposeScope();
        var time = Told(timesteps, text, sample.dtype);
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
        for (var step = 0; step < Levels - 1; step++)
            x = UpBlock(x, step, time, text, skips);
        var features = x;
        x = UpBlock(x, Levels - 1, time, text, skips);
        x = Layers.NormConv(x, "conv_norm_out", "conv_out", Config.OutChannels * Patch * Patch);
        return ((Patch == 1 ? x : pixel_shuffle(x, Patch)).MoveToOuterDisposeScope(), features.MoveToOuterDisposeScope());
    }

    /// <summary>What it reads of noisy latents: with them, where it takes one, a photo's.</summary>
    /// <param name="latents">(N, C, h, w).</param>
    /// <param name="photo">(N, 1 + C, h, w): a mask of ones and the photo's latent; null, or all zeros, for no photo.</param>
    /// <exception cref="ArgumentException">There is a photo, and it takes none.</exception>
    internal Tensor Input(Tensor latents, Tensor? photo)
    {
        if (!Config.PhotoCondition)
            return photo is null ? latents : throw new ArgumentException("a photo, but the UNet of the model reads none");
        var shape = latents.shape;
        photo ??= zeros(
            shape[0], shape[1] + 1, shape[2], shape[3], dtype: latents.dtype, device: latents.device);
        return cat([latents, photo], 1);
    }

    /// <summary>
    /// Residual blocks, each joined by what the way down kept last and with a transformer where the level has them,
    /// then the size of the next skip unless it is the finest level. Step 0 is the coarsest level's.
    /// </summary>
    /// <param name="skips">Are taken from the end.</param>
    internal Tensor UpBlock(Tensor x, int step, Tensor time, Tensor text, List<Tensor> skips)
    {
        using var scope = NewDisposeScope();
        var (f, level) = (Layers[$"up_blocks.{step}"], Levels - 1 - step);
        for (var i = 0; i <= Config.LayersPerBlock; i++)
        {
            x = cat([x, skips[^1]], 1);
            skips.RemoveAt(skips.Count - 1);
            x = f.Resnet(x, $"resnets.{i}", Config.BlockOutChannels[level], time);
            if (Config.UpBlockTypes[step] == BlockTypes.CrossAttnUp)
                x = f.SpatialTransformer(x, $"attentions.{i}", text, Config, level);
        }
        if (level > 0)
            x = f.Upsample(x, skips[^1].shape[2], skips[^1].shape[3]);
        return x.MoveToOuterDisposeScope();
    }
}

namespace Mdfld.Generation;

/// <summary>
/// The half of the UNet that looks at the noisy latent, and that a ControlNet copies: time embedding, first
/// convolution, the way down, the middle.
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
        _down = [.. Enumerable.Range(0, channels.Count)
            .Select(i => Child($"down_blocks.{i}", new DownBlock(config, i)))];
        _mid = Child("mid_block", new MidBlock(config));
        SkipChannels = SkipsOf(config);
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

    private static List<int> SkipsOf(EncoderConfig config)
    {
        var channels = config.BlockOutChannels;
        var skips = new List<int> { channels[0] };
        for (var i = 0; i < channels.Count; i++)
            skips.AddRange(Enumerable.Repeat(channels[i], config.LayersPerBlock + (i < channels.Count - 1 ? 1 : 0)));
        return skips;
    }
}

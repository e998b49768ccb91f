namespace Mdfld.Generation;

/// <summary>Twice norm, SiLU, 3x3 convolution, the time added between; residual (<c>ResnetBlock2D</c>).</summary>
internal sealed class ResnetBlock : Module
{
    private readonly GroupNorm _norm1, _norm2;
    private readonly Conv2d _conv1, _conv2;
    private readonly Linear? _time;
    private readonly Conv2d? _shortcut;

    public ResnetBlock(int inChannels, int outChannels, int groups, double epsilon, int timeWidth = 0)
    {
        _norm1 = Child("norm1", new GroupNorm(groups, inChannels, epsilon));
        _conv1 = Child("conv1", new Conv2d(inChannels, outChannels, 3));
        _time = timeWidth > 0 ? Child("time_emb_proj", new Linear(timeWidth, outChannels)) : null;
        _norm2 = Child("norm2", new GroupNorm(groups, outChannels, epsilon));
        _conv2 = Child("conv2", new Conv2d(outChannels, outChannels, 3));
        _shortcut = inChannels == outChannels ? null : Child("conv_shortcut", new Conv2d(inChannels, outChannels, 1));
    }

    /// <summary>(N, in, h, w) and, where the block has a time, (N, timeWidth), to (N, out, h, w).</summary>
    public Tensor Forward(Tensor x, Tensor? time = null)
    {
        using var scope = NewDisposeScope();
        var h = First(x);
        if (_time is not null)
            h += _time.Forward(time!.silu()).unsqueeze(-1).unsqueeze(-1);
        h = _conv2.Forward(_norm2.Forward(h).silu());
        return ((_shortcut?.Forward(x) ?? x) + h).MoveToOuterDisposeScope();
    }

    /// <summary>The first half in a scope of its own: at 512 x 512 pixels every feature map counts.</summary>
    private Tensor First(Tensor x)
    {
        using var scope = NewDisposeScope();
        return _conv1.Forward(_norm1.Forward(x).silu()).MoveToOuterDisposeScope();
    }
}

/// <summary>Half the size, by a 3x3 convolution of stride 2.</summary>
internal sealed class Downsample : Module
{
    private readonly Conv2d _conv;
    private readonly bool _padAfter;

    public Downsample(int channels, bool padAfter)
    {
        _padAfter = padAfter;
        _conv = Child("conv", new Conv2d(channels, channels, 3, stride: 2, padding: padAfter ? 0 : 1));
    }

    /// <summary>(N, C, h, w) to about half of both.</summary>
    public Tensor Forward(Tensor x) => _conv.Forward(_padAfter ? pad(x, (0, 1, 0, 1)) : x);
}

/// <summary>A larger size by repeating pixels, then a 3x3 convolution.</summary>
internal sealed class Upsample : Module
{
    private readonly Conv2d _conv;

    public Upsample(int channels) => _conv = Child("conv", new Conv2d(channels, channels, 3));

    /// <summary>(N, C, h, w) to (N, C, height, width).</summary>
    public Tensor Forward(Tensor x, long height, long width) =>
        _conv.Forward(upsample_nearest2d(x, [height, width]));
}

/// <summary>
/// One level of an encoder: residual blocks, each with a transformer where the level has them, then half the size
/// unless it is the last level. Used by UNet, ControlNet and autoencoder.
/// </summary>
internal sealed class DownBlock : Module
{
    private readonly ResnetBlock[] _resnets;
    private readonly SpatialTransformer[] _transformers;
    private readonly Downsample? _downsample;

    /// <param name="channels">Channels of each level, finest first.</param>
    /// <param name="level">0 for the finest.</param>
    /// <param name="layers">Residual blocks.</param>
    /// <param name="resnet">Makes one of channels in and out.</param>
    /// <param name="transformer">Makes what follows each; null for nothing.</param>
    /// <param name="padAfter">See <see cref="Downsample"/>.</param>
    public DownBlock(
        IReadOnlyList<int> channels, int level, int layers, Func<int, int, ResnetBlock> resnet,
        Func<SpatialTransformer>? transformer, bool padAfter)
    {
        var (own, before) = (channels[level], channels[Math.Max(level - 1, 0)]);
        _resnets = Layers.Make(layers, i => Child($"resnets.{i}", resnet(i == 0 ? before : own, own)));
        _transformers = transformer is null ? []
            : Layers.Make(layers, i => Child($"attentions.{i}", transformer()));
        if (level < channels.Count - 1)
            _downsample = Child("downsamplers.0", new Downsample(own, padAfter));
    }

    /// <summary>(N, before, h, w) to (N, channels, h / 2, w / 2).</summary>
    /// <param name="x">Feature maps.</param>
    /// <param name="time">Time embedding, where the blocks have one.</param>
    /// <param name="text">States of the text, where there are transformers.</param>
    /// <param name="skips">Gets what every part gives; the caller's scope owns it then.</param>
    public Tensor Forward(Tensor x, Tensor? time = null, Tensor? text = null, List<Tensor>? skips = null)
    {
        for (var i = 0; i < _resnets.Length; i++)
        {
            x = _resnets[i].Forward(x, time);
            if (_transformers.Length > 0)
                x = _transformers[i].Forward(x, text!);
            skips?.Add(x);
        }
        if (_downsample is not null)
        {
            x = _downsample.Forward(x);
            skips?.Add(x);
        }
        return x;
    }
}

/// <summary>
/// One level of a decoder: residual blocks, each with a transformer where the level has them, then the size of the
/// next level unless it is the last. In a UNet each block also takes what the encoder kept last.
/// </summary>
internal sealed class UpBlock : Module
{
    private readonly ResnetBlock[] _resnets;
    private readonly SpatialTransformer[] _transformers;
    private readonly Upsample? _upsample;

    /// <param name="channels">Channels of each level, finest first.</param>
    /// <param name="step">0 for the coarsest.</param>
    /// <param name="layers">Residual blocks.</param>
    /// <param name="resnet">Makes one of channels in and out.</param>
    /// <param name="transformer">Makes what follows each; null for nothing.</param>
    /// <param name="takesSkips">Whether the encoder's feature maps are joined to the input of each.</param>
    public UpBlock(
        IReadOnlyList<int> channels, int step, int layers, Func<int, int, ResnetBlock> resnet,
        Func<SpatialTransformer>? transformer, bool takesSkips)
    {
        var level = channels.Count - 1 - step;
        var (own, before) = (channels[level], channels[Math.Min(level + 1, channels.Count - 1)]);
        var finer = channels[Math.Max(level - 1, 0)];
        _resnets = Layers.Make(layers, i => Child($"resnets.{i}", resnet(
            (i == 0 ? before : own) + (!takesSkips ? 0 : i == layers - 1 ? finer : own), own)));
        _transformers = transformer is null ? []
            : Layers.Make(layers, i => Child($"attentions.{i}", transformer()));
        if (level > 0)
            _upsample = Child("upsamplers.0", new Upsample(own));
    }

    /// <summary>Takes skips from the end of the list; gives the size of the next one left, or twice its own.</summary>
    public Tensor Forward(Tensor x, Tensor? time = null, Tensor? text = null, List<Tensor>? skips = null)
    {
        using var scope = NewDisposeScope();
        for (var i = 0; i < _resnets.Length; i++)
        {
            if (skips is not null)
            {
                x = cat([x, skips[^1]], 1);
                skips.RemoveAt(skips.Count - 1);
            }
            x = _resnets[i].Forward(x, time);
            if (_transformers.Length > 0)
                x = _transformers[i].Forward(x, text!);
        }
        if (_upsample is not null)
        {
            var (height, width) = skips is null
                ? (2 * x.shape[2], 2 * x.shape[3]) : (skips[^1].shape[2], skips[^1].shape[3]);
            x = _upsample.Forward(x, height, width);
        }
        return x.MoveToOuterDisposeScope();
    }
}

/// <summary>Numbered layers of one kind.</summary>
internal static class Layers
{
    public static T[] Make<T>(int count, Func<int, T> layer) => [.. Enumerable.Range(0, count).Select(layer)];
}

namespace Mdfld.Generation;

/// <summary>
/// Twice norm, SiLU and 3x3 convolution, the time added between, and the input to the result (<c>ResnetBlock2D</c> in
/// diffusers).
/// </summary>
internal sealed class ResnetBlock : Module
{
    private readonly GroupNorm _norm1;
    private readonly Conv2d _conv1;
    private readonly Linear? _time;
    private readonly GroupNorm _norm2;
    private readonly Conv2d _conv2;
    private readonly Conv2d? _shortcut;

    /// <param name="inChannels">Channels that come in.</param>
    /// <param name="outChannels">Channels that go out.</param>
    /// <param name="groups">Groups of the norms.</param>
    /// <param name="epsilon">Added to their variance.</param>
    /// <param name="timeWidth">Width of the time embedding; 0 for none.</param>
    public ResnetBlock(int inChannels, int outChannels, int groups, double epsilon, int timeWidth = 0)
    {
        _norm1 = Child("norm1", new GroupNorm(groups, inChannels, epsilon));
        _conv1 = Child("conv1", new Conv2d(inChannels, outChannels, 3));
        if (timeWidth > 0)
            _time = Child("time_emb_proj", new Linear(timeWidth, outChannels));
        _norm2 = Child("norm2", new GroupNorm(groups, outChannels, epsilon));
        _conv2 = Child("conv2", new Conv2d(outChannels, outChannels, 3));
        if (inChannels != outChannels)
            _shortcut = Child("conv_shortcut", new Conv2d(inChannels, outChannels, 1));
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

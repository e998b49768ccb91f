using Mdfld.Torch;

namespace Mdfld.Training;

/// <summary>Convolution without bias, batch norm, and a rectifier unless told otherwise.</summary>
internal sealed class ConvNormRelu : Module
{
    private readonly Conv2d _conv;
    private readonly BatchNorm2d _norm;
    private readonly bool _relu;

    public ConvNormRelu(int inChannels, int outChannels, int kernel, int stride = 1, bool relu = true)
    {
        _conv = Child("conv", new Conv2d(inChannels, outChannels, kernel, stride, bias: false));
        _norm = Child("norm", new BatchNorm2d(outChannels));
        _relu = relu;
    }

    public Tensor Forward(Tensor x)
    {
        var y = _norm.Forward(_conv.Forward(x));
        return _relu ? y.Relu() : y;
    }
}

/// <summary>Bottleneck residual: 1x1, 3x3, 1x1 convolutions added to the input (He et al. 2016).</summary>
internal sealed class Bottleneck : Module
{
    private readonly ConvNormRelu _reduce;
    private readonly ConvNormRelu _conv;
    private readonly ConvNormRelu _expand;

    public Bottleneck(int channels, int inner)
    {
        _reduce = Child("reduce", new ConvNormRelu(channels, inner, 1));
        _conv = Child("conv", new ConvNormRelu(inner, inner, 3));
        _expand = Child("expand", new ConvNormRelu(inner, channels, 1, relu: false));
    }

    public Tensor Forward(Tensor x) => (x + _expand.Forward(_conv.Forward(_reduce.Forward(x)))).Relu();
}

/// <summary>Blocks at one resolution, after a 3x3 convolution that halves it and changes the channels.</summary>
internal sealed class Stage : Module
{
    private readonly ConvNormRelu? _shrink;
    private readonly Bottleneck[] _blocks;

    public Stage(int inChannels, int outChannels, int blocks, bool shrink)
    {
        if (shrink)
            _shrink = Child("shrink", new ConvNormRelu(inChannels, outChannels, 3, 2));
        _blocks =
        [
            .. Enumerable.Range(0, blocks)
                .Select(i => Child($"block.{i}", new Bottleneck(outChannels, outChannels / 2))),
        ];
    }

    public Tensor Forward(Tensor x) => _blocks.Aggregate(_shrink?.Forward(x) ?? x, (y, block) => block.Forward(y));
}

using Mdfld.Torch;

namespace Mdfld.Training.Star;

/// <summary>
/// Pre-activated bottleneck: BN, ReLU, 1x1 conv to half the outputs; BN, ReLU, 3x3; BN, ReLU, 1x1; plus the input.
/// </summary>
/// <remarks>
/// <c>skip_layer</c>, which fits the input where the channels change, exists in the state dict of every block; where
/// they do not change it is never used and never gets a gradient.
/// </remarks>
internal sealed class ResidualBlock : Module
{
    private readonly BatchNorm2d _norm1;
    private readonly StarConv _conv1;
    private readonly BatchNorm2d _norm2;
    private readonly StarConv _conv2;
    private readonly BatchNorm2d _norm3;
    private readonly StarConv _conv3;
    private readonly StarConv _skip;
    private readonly bool _skipUsed;

    public ResidualBlock(int inputs, int outputs)
    {
        var middle = outputs / 2;
        _norm1 = Child("bn1", new BatchNorm2d(inputs));
        _conv1 = Child("conv1", new StarConv(inputs, middle));
        _norm2 = Child("bn2", new BatchNorm2d(middle));
        _conv2 = Child("conv2", new StarConv(middle, middle, kernel: 3));
        _norm3 = Child("bn3", new BatchNorm2d(middle));
        _conv3 = Child("conv3", new StarConv(middle, outputs));
        _skip = Child("skip_layer", new StarConv(inputs, outputs));
        _skipUsed = inputs != outputs;
    }

    public Tensor Forward(Tensor x)
    {
        var y = _conv1.Forward(_norm1.Forward(x).Relu());
        y = _conv2.Forward(_norm2.Forward(y).Relu());
        y = _conv3.Forward(_norm3.Forward(y).Relu());
        return y + (_skipUsed ? _skip.Forward(x) : x);
    }
}

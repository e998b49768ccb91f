using Mdfld.Torch;

namespace Mdfld.Training.Star;

/// <summary>Convolution with bias, padding (kernel - 1) / 2, then batch norm and ReLU where asked for.</summary>
internal sealed class StarConv : Module
{
    private readonly Conv2d _conv;
    private readonly BatchNorm2d? _norm;

    /// <param name="inputs">Channels in.</param>
    /// <param name="outputs">Channels out.</param>
    /// <param name="kernel">Side of the kernel, odd.</param>
    /// <param name="stride">Step in pixels.</param>
    /// <param name="normalised">Whether batch norm and ReLU follow.</param>
    public StarConv(int inputs, int outputs, int kernel = 1, int stride = 1, bool normalised = false)
    {
        _conv = Child("conv", new Conv2d(inputs, outputs, kernel, stride: stride, padding: (kernel - 1) / 2));
        _norm = normalised ? Child("bn", new BatchNorm2d(outputs)) : null;
    }

    public Tensor Forward(Tensor x) => _norm is null ? _conv.Forward(x) : _norm.Forward(_conv.Forward(x)).Relu();
}

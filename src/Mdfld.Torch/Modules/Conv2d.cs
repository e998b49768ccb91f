namespace Mdfld.Torch;

/// <summary>A convolution: (N, in, H, W) to (N, out, H', W'), parameters <c>weight</c> and <c>bias</c>.</summary>
public sealed class Conv2d : Module
{
    private readonly Tensor _weight;
    private readonly Tensor? _bias;
    private readonly int _stride;
    private readonly int _padding;
    private readonly int _groups;

    /// <param name="inChannels">Channels that come in.</param>
    /// <param name="outChannels">Channels that go out.</param>
    /// <param name="kernel">Side of the square kernel.</param>
    /// <param name="stride">Step in both directions.</param>
    /// <param name="padding">Zeros at every edge; null keeps the size at stride 1.</param>
    /// <param name="groups">Channels are split into that many independent groups.</param>
    /// <param name="bias">Whether a bias is added; leave it out before a normalisation.</param>
    /// <param name="initialise">Whether the weight is drawn (He); if not it is to be loaded or drawn later.</param>
    public Conv2d(
        int inChannels, int outChannels, int kernel, int stride = 1, int? padding = null, int groups = 1,
        bool bias = true, bool initialise = true)
    {
        (_stride, _padding, _groups) = (stride, padding ?? (kernel - 1) / 2, groups);
        var fanIn = inChannels / groups * kernel * kernel;
        long[] shape = [outChannels, inChannels / groups, kernel, kernel];
        _weight = Parameter("weight", initialise ? Initialise.HeNormal(shape, fanIn) : Tensor.Empty(shape));
        if (bias)
            _bias = Parameter("bias", Tensor.Zeros([outChannels]));
    }

    /// <summary>(N, in, H, W) to (N, out, H', W').</summary>
    public Tensor Forward(Tensor x) => x.Conv2d(_weight, _bias, _stride, _padding, groups: _groups);
}

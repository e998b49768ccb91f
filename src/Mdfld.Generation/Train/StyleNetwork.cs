namespace Mdfld.Generation;

/// <summary>
/// Tells styles apart: four convolutions that halve the picture, the mean of each channel, a linear layer.
/// </summary>
internal sealed class StyleNetwork : Module
{
    private static readonly int[] Channels = [3, 32, 64, 96, 128];

    private readonly Conv2d[] _convolutions;
    private readonly GroupNorm[] _norms;
    private readonly Linear _out;

    /// <param name="styles">Number of styles.</param>
    /// <param name="random">Draws the weights.</param>
    public StyleNetwork(int styles, Random random)
    {
        var levels = Enumerable.Range(0, Channels.Length - 1).ToArray();
        _convolutions =
        [
            .. levels.Select(i => Child($"conv{i}", new Conv2d(Channels[i], Channels[i + 1], 3, stride: 2))),
        ];
        _norms = [.. levels.Select(i => Child($"norm{i}", new GroupNorm(8, Channels[i + 1], 1e-5)))];
        _out = Child("out", new Linear(Channels[^1], styles));
        WeightInitialisation.HeNormal(this, random);
    }

    /// <summary>(N, 3, S, S) in [-1, 1] to the logarithm of each style's probability, (N, styles).</summary>
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        for (var i = 0; i < _convolutions.Length; i++)
            x = _norms[i].Forward(_convolutions[i].Forward(x)).relu();
        return _out.Forward(x.mean([2, 3])).log_softmax(-1).MoveToOuterDisposeScope();
    }
}

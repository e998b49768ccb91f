using Mdfld.Torch;

namespace Mdfld.Training;

/// <summary>
/// A second look at features (Newell et al. 2016): down by halves and up again, added to what came in. The last
/// convolution starts at zero, so that a network begins as the one it was grown from.
/// </summary>
internal sealed class Hourglass : Module
{
    private readonly Stage[] _stages;
    private readonly Conv2d[] _laterals;
    private readonly Bottleneck[] _refine;
    private readonly Conv2d _out;

    /// <remarks><c>context</c>: channels in and out; <c>inner</c>: of the bottlenecks on the way up; <c>channels</c>:
    /// of each halving.</remarks>
    public Hourglass(int context, int inner, int[] channels)
    {
        _stages = [.. channels.Select((c, i) => Child(
            $"stage.{i}", new Stage(i == 0 ? context : channels[i - 1], c, 1, shrink: true)))];
        _laterals = [.. channels.Select((c, i) => Child($"lateral.{i}", new Conv2d(c, context, 1)))];
        _refine = [.. channels.Select((_, i) => Child($"refine.{i}", new Bottleneck(context, inner)))];
        _out = Child("out", new Conv2d(context, context, 1));
    }

    /// <summary>Same shape, (N, context, S, S); S a multiple of 2 for each halving.</summary>
    public Tensor Forward(Tensor x)
    {
        var levels = new Tensor[_stages.Length];
        var y = x;
        for (var i = 0; i < _stages.Length; i++)
            levels[i] = y = _stages[i].Forward(y);

        var top = _laterals[^1].Forward(levels[^1]);
        for (var i = _stages.Length - 1; i >= 0; i--)
        {
            var (side, beside) = i == 0
                ? (x.Shape[3], x)
                : (levels[i - 1].Shape[3], _laterals[i - 1].Forward(levels[i - 1]));
            top = _refine[i].Forward(beside + top.UpsampleNearest2d(side, side));
        }
        return (x + _out.Forward(top)).Relu();
    }

    /// <summary>Makes the hourglass give back what it gets (which is never negative).</summary>
    public void BeAsIdentity()
    {
        using var noGrad = Autograd.NoGrad();
        foreach (var (_, parameter) in _out.Parameters())
            parameter.Overwrite<float>(new float[parameter.Count]);
    }
}

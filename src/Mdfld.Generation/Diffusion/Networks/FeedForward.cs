namespace Mdfld.Generation;

/// <summary>Two linear layers with a gated GELU between (GEGLU, Shazeer 2020): value times gelu(gate).</summary>
internal sealed class FeedForward : Module
{
    private const int Expansion = 4;

    private readonly Linear _project;
    private readonly Linear _out;
    private readonly int _inner;

    public FeedForward(int channels)
    {
        _inner = Expansion * channels;
        _project = Child("net.0.proj", new Linear(channels, 2 * _inner));
        _out = Child("net.2", new Linear(_inner, channels));
    }

    /// <summary>(N, P, channels), same shape.</summary>
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var projected = _project.Forward(x);
        var value = projected.slice(-1, 0, _inner, 1);
        var gate = projected.slice(-1, _inner, 2 * _inner, 1);
        return _out.Forward(value * gate.gelu()).MoveToOuterDisposeScope();
    }
}

namespace Mdfld.Generation;

/// <summary>
/// Attention of positions to each other, or to a context: parameters <c>to_q</c>, <c>to_k</c>, <c>to_v</c>,
/// <c>to_out.0</c>.
/// </summary>
internal sealed class Attention : Module
{
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _out;
    private readonly int _heads;
    private readonly bool _upcast;

    /// <param name="channels">Width of the positions.</param>
    /// <param name="contextWidth">Width of what they look at.</param>
    /// <param name="heads">Number of heads.</param>
    /// <param name="bias">Whether queries, keys and values have a bias.</param>
    /// <param name="upcast">Weights are computed in float32.</param>
    public Attention(int channels, int contextWidth, int heads, bool bias, bool upcast)
    {
        (_heads, _upcast) = (heads, upcast);
        _query = Child("to_q", new Linear(channels, channels, bias));
        _key = Child("to_k", new Linear(contextWidth, channels, bias));
        _value = Child("to_v", new Linear(contextWidth, channels, bias));
        _out = Child("to_out.0", new Linear(channels, channels));
    }

    /// <summary>(N, P, channels) looks at (N, L, contextWidth), or at itself.</summary>
    public Tensor Forward(Tensor x, Tensor? context = null)
    {
        using var scope = NewDisposeScope();
        context ??= x;
        return _out.Forward(DotProductAttention.Attend(
            _query.Forward(x), _key.Forward(context), _value.Forward(context), _heads, upcast: _upcast)).MoveToOuterDisposeScope();
    }
}

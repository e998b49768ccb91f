namespace Mdfld.Generation;

/// <summary>
/// Self-attention of all pixels in one head, normed before and added after: in the autoencoder's middle.
/// </summary>
internal sealed class VaeAttention : Module
{
    /// <summary>Names that the published files use, and today's.</summary>
    public static readonly (string Old, string New)[] Renamed =
        [("query", "to_q"), ("key", "to_k"), ("value", "to_v"), ("proj_attn", "to_out.0")];

    private readonly GroupNorm _norm;
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _out;

    public VaeAttention(int channels, int groups, double epsilon)
    {
        _norm = Child("group_norm", new GroupNorm(groups, channels, epsilon));
        _query = Child("to_q", new Linear(channels, channels));
        _key = Child("to_k", new Linear(channels, channels));
        _value = Child("to_v", new Linear(channels, channels));
        _out = Child("to_out.0", new Linear(channels, channels));
    }

    /// <summary>(N, channels, h, w), same shape.</summary>
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var pixels = PixelList.From(_norm.Forward(x));
        var attended = DotProductAttention.Attend(
            _query.Forward(pixels), _key.Forward(pixels), _value.Forward(pixels), heads: 1);
        return (PixelList.ToMaps(_out.Forward(attended), x.shape) + x).MoveToOuterDisposeScope();
    }
}

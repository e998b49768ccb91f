namespace Mdfld.Generation;

/// <summary>
/// Self-attention, cross-attention to the text and a feed-forward part, each normed before and added after.
/// </summary>
internal sealed class TransformerBlock : Module
{
    private readonly LayerNorm _norm1;
    private readonly Attention _self;
    private readonly LayerNorm _norm2;
    private readonly Attention _cross;
    private readonly LayerNorm _norm3;
    private readonly FeedForward _feedForward;

    public TransformerBlock(int channels, int heads, int textWidth, bool upcast)
    {
        _norm1 = Child("norm1", new LayerNorm(channels));
        _self = Child("attn1", new Attention(channels, channels, heads, bias: false, upcast));
        _norm2 = Child("norm2", new LayerNorm(channels));
        _cross = Child("attn2", new Attention(channels, textWidth, heads, bias: false, upcast));
        _norm3 = Child("norm3", new LayerNorm(channels));
        _feedForward = Child("ff", new FeedForward(channels));
    }

    /// <summary>(N, P, channels), same shape.</summary>
    public Tensor Forward(Tensor x, Tensor text)
    {
        using var scope = NewDisposeScope();
        x = _self.Forward(_norm1.Forward(x)) + x;
        x = _cross.Forward(_norm2.Forward(x), text) + x;
        return (_feedForward.Forward(_norm3.Forward(x)) + x).MoveToOuterDisposeScope();
    }
}

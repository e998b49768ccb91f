namespace Mdfld.Generation;

/// <summary>One layer of the text transformer: causal self-attention and a feed-forward part, normed before.</summary>
internal sealed class ClipLayer : Module
{
    private readonly LayerNorm _norm1;
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _out;
    private readonly LayerNorm _norm2;
    private readonly Linear _expand;
    private readonly Linear _shrink;
    private readonly int _heads;
    private readonly bool _quick;

    public ClipLayer(TextEncoderConfig config)
    {
        var width = config.HiddenSize;
        (_heads, _quick) = (config.NumAttentionHeads, config.HiddenAct == TextEncoderConfig.QuickGelu);
        _query = Child("self_attn.q_proj", new Linear(width, width));
        _key = Child("self_attn.k_proj", new Linear(width, width));
        _value = Child("self_attn.v_proj", new Linear(width, width));
        _out = Child("self_attn.out_proj", new Linear(width, width));
        _norm1 = Child("layer_norm1", new LayerNorm(width, config.LayerNormEps));
        _expand = Child("mlp.fc1", new Linear(width, config.IntermediateSize));
        _shrink = Child("mlp.fc2", new Linear(config.IntermediateSize, width));
        _norm2 = Child("layer_norm2", new LayerNorm(width, config.LayerNormEps));
    }

    /// <summary>(N, L, width), same shape.</summary>
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var normed = _norm1.Forward(x);
        x += _out.Forward(DotProductAttention.Attend(
            _query.Forward(normed), _key.Forward(normed), _value.Forward(normed), _heads, causal: true));
        return (x + _shrink.Forward(Activate(_expand.Forward(_norm2.Forward(x))))).MoveToOuterDisposeScope();
    }

    /// <summary>GELU, or the x sigmoid(1.702 x) that stands for it in CLIP's own weights.</summary>
    private Tensor Activate(Tensor x) => _quick ? x * (x * 1.702).sigmoid() : x.gelu();
}

namespace Mdfld.Generation;

/// <summary>One layer of the text transformer: causal self-attention and a feed-forward part, normed before.</summary>
internal sealed class ClipLayer : Module
{
    private readonly LayerNorm _norm1, _norm2;
    private readonly Linear _query, _key, _value, _out, _expand, _shrink;
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

/// <summary>
/// CLIP's text transformer (Radford et al. 2021): what the UNet reads of a prompt. Parameters bear transformers' names
/// (<c>CLIPTextModel</c>).
/// </summary>
public sealed class ClipTextEncoder : Module
{
    private readonly Embedding _tokens, _positions;
    private readonly ClipLayer[] _layers;
    private readonly LayerNorm _finalNorm;

    /// <summary>Weights are to be loaded or drawn (<see cref="Initialise"/>); until then they take no memory.</summary>
    /// <exception cref="ArgumentException">The options make no network.</exception>
    public ClipTextEncoder(TextEncoderConfig config)
    {
        config.Check();
        Config = config;
        _tokens = Child("text_model.embeddings.token_embedding", new Embedding(config.VocabSize, config.HiddenSize));
        _positions = Child(
            "text_model.embeddings.position_embedding", new Embedding(config.MaxPositionEmbeddings, config.HiddenSize));
        _layers = Layers.Make(
            config.NumHiddenLayers, i => Child($"text_model.encoder.layers.{i}", new ClipLayer(config)));
        _finalNorm = Child("text_model.final_layer_norm", new LayerNorm(config.HiddenSize, config.LayerNormEps));
    }

    public TextEncoderConfig Config { get; }

    /// <summary>Draws first weights: PyTorch's own for layers, small ones for embeddings; biases zero.</summary>
    public void Initialise(Random random) => WeightInitialisation.Uniform(this, random);

    /// <summary>Encodes prompts.</summary>
    /// <param name="ids">(N, L) int64 from the tokenizer; the padding is attended to like any token.</param>
    /// <param name="skipLayers">That many of the last layers are left out ("clip skip"); the final norm is not.</param>
    /// <returns>(N, L, hidden size).</returns>
    /// <exception cref="ArgumentOutOfRangeException">More layers are to be skipped than there are.</exception>
    public Tensor Forward(Tensor ids, int skipLayers = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(skipLayers);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(skipLayers, _layers.Length);
        using var scope = NewDisposeScope();
        return _finalNorm.Forward(States(ids).ElementAt(_layers.Length - skipLayers)).MoveToOuterDisposeScope();
    }

    /// <summary>The embeddings, then what each layer gives, before any final norm.</summary>
    internal IEnumerable<Tensor> States(Tensor ids)
    {
        var x = _tokens.Forward(ids)
            + _positions.Forward(arange(0, ids.shape[1], dtype: ScalarType.Int64, device: ids.device));
        yield return x;
        foreach (var layer in _layers)
        {
            x = layer.Forward(x);
            yield return x;
        }
    }
}

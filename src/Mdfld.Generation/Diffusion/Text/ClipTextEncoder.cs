namespace Mdfld.Generation;

/// <summary>
/// CLIP's text transformer (Radford et al. 2021): what the UNet reads of a prompt. Parameters bear transformers' names
/// (<c>CLIPTextModel</c>).
/// </summary>
public sealed class ClipTextEncoder : LayeredNetwork
{
    /// <summary>Weights are to be loaded or drawn (<see cref="Initialise"/>); until then they take no memory.</summary>
    /// <exception cref="ArgumentException">The options make no network.</exception>
    public ClipTextEncoder(TextEncoderConfig config)
    {
        config.Check();
        Config = config;
        Build(() => Forward(zeros([1, 1], dtype: ScalarType.Int64)));
    }

    public TextEncoderConfig Config { get; }

    /// <summary>Embeddings of the ids after those of the vocabulary, (k, hidden size); null: there are none.</summary>
    internal Tensor? Added { get; set; }

    internal override Layers Layers => new Layers(this)["text_model"];

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
        ArgumentOutOfRangeException.ThrowIfGreaterThan(skipLayers, Config.NumHiddenLayers);
        using var scope = NewDisposeScope();
        var states = States(ids).ElementAt(Config.NumHiddenLayers - skipLayers);
        return Layers.LayerNorm(states, "final_layer_norm", Config.LayerNormEps).MoveToOuterDisposeScope();
    }

    /// <summary>The embeddings, then what each layer gives, before any final norm.</summary>
    internal IEnumerable<Tensor> States(Tensor ids)
    {
        var (f, width) = (Layers["embeddings"], Config.HiddenSize);
        var positions = arange(0, ids.shape[1], dtype: ScalarType.Int64, device: ids.device);
        var x = Tokens() + f.Embedding(positions, "position_embedding", Config.MaxPositionEmbeddings, width);
        yield return x;
        for (var i = 0; i < Config.NumHiddenLayers; i++)
        {
            x = Layer(x, $"encoder.layers.{i}");
            yield return x;
        }

        Tensor Tokens()
        {
            if (Added is null)
                return f.Embedding(ids, "token_embedding", Config.VocabSize, width);
            var own = f.Embedding(ids.clamp(max: Config.VocabSize - 1), "token_embedding", Config.VocabSize, width);
            var added = Added.to(own.dtype, own.device)
                .index_select(0, (ids - Config.VocabSize).clamp(min: 0).flatten()).reshape([.. ids.shape, width]);
            return where((ids < Config.VocabSize).unsqueeze(-1), own, added);
        }
    }

    /// <summary>Causal self-attention and a feed-forward part, normed before: (N, L, width), same shape.</summary>
    private Tensor Layer(Tensor x, string name)
    {
        using var scope = NewDisposeScope();
        var (f, width, epsilon) = (Layers[name], Config.HiddenSize, Config.LayerNormEps);
        var attention = f["self_attn"];
        var normed = f.LayerNorm(x, "layer_norm1", epsilon);
        var attended = AttentionLayers.Attend(
            attention.Linear(normed, "q_proj", width), attention.Linear(normed, "k_proj", width),
            attention.Linear(normed, "v_proj", width), Config.NumAttentionHeads, causal: true);
        x += attention.Linear(attended, "out_proj", width);
        normed = f.LayerNorm(x, "layer_norm2", epsilon);
        var inner = Activate(f.Linear(normed, "mlp.fc1", Config.IntermediateSize));
        return (x + f.Linear(inner, "mlp.fc2", width)).MoveToOuterDisposeScope();
    }

    /// <summary>GELU, or the x sigmoid(1.702 x) that stands for it in CLIP's own weights.</summary>
    private Tensor Activate(Tensor x) =>
        Config.HiddenAct == TextEncoderConfig.QuickGelu ? x * (x * 1.702).sigmoid() : x.gelu();
}

namespace Mdfld.Generation;

/// <summary>
/// CLIP's text transformer (Radford et al. 2021): what the UNet reads of a prompt. Parameters bear transformers' names
/// (<c>CLIPTextModel</c>).
/// </summary>
public sealed class ClipTextEncoder : Module
{
    private readonly Embedding _tokens;
    private readonly Embedding _positions;
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
        _layers =
        [
            .. Enumerable.Range(0, config.NumHiddenLayers)
                .Select(i => Child($"text_model.encoder.layers.{i}", new ClipLayer(config))),
        ];
        _finalNorm = Child("text_model.final_layer_norm", new LayerNorm(config.HiddenSize, config.LayerNormEps));
    }

    /// <summary>Its options.</summary>
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

namespace Mdfld.Generation;

/// <summary>
/// A file of low-rank changes W + scale alpha / rank B A (Hu et al. 2022) of a UNet and a text encoder, under the names
/// of peft and diffusers (<c>unet.LAYER.lora_A.weight</c>, <c>lora.down</c>) or of kohya's scripts
/// (<c>lora_unet_LAYER.lora_down.weight</c>, dots as underscores).
/// </summary>
internal static class LoraFile
{
    // What the two factors are called after the layer's name; the longest first.
    private static readonly (string Down, string Up)[] Endings =
    [
        (".lora_A.weight", ".lora_B.weight"), (".lora_down.weight", ".lora_up.weight"),
        (".lora.down.weight", ".lora.up.weight"), ("_lora.down.weight", "_lora.up.weight"),
    ];

    /// <summary>Adds the changes to the weights of a model.</summary>
    /// <param name="scale">How much of them; 1 is as they were trained.</param>
    /// <exception cref="InvalidDataException">
    /// It is no such file, of another model, or of a kind that is more than low-rank changes. The model is as it was.
    /// </exception>
    public static void Merge(string path, DiffusionModel model, double scale)
    {
        using var file = Checkpoint.Load(path);
        var tensors = file.StateDict();
        var layers = new LayerNames(model);
        var changes = new List<(Tensor Weight, Tensor Change)>();
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var used = new HashSet<string>();
        foreach (var (name, down) in tensors)
        {
            if (Endings.FirstOrDefault(e => name.EndsWith(e.Down, StringComparison.Ordinal)) is not { Up: { } end } pair)
                continue;
            var layer = name[..^pair.Down.Length];
            if (!tensors.TryGetValue(layer + end, out var up))
                throw Bad($"'{name}' has no '{layer + end}' beside it");
            var weight = layers.Find(layer) ?? throw Bad($"'{layer}' is no layer of this model");
            var alpha = layer + ".alpha";
            changes.Add((weight, Change(name, down, up, tensors.GetValueOrDefault(alpha), weight)));
            used.UnionWith([name, layer + end, alpha]);
        }
        if (changes.Count == 0)
            throw Bad("holds no low-rank changes; expected names such as 'unet.LAYER.lora_A.weight'");
        if (tensors.Keys.FirstOrDefault(name => !used.Contains(name)) is { } other)
            throw Bad($"'{other}' is no low-rank change; only these (LoRA) are supported, not LoHa, LoKr or DoRA");
        foreach (var (weight, change) in changes)
            weight.add_(change.to(weight.dtype, weight.device));

        Tensor Change(string name, RawTensor down, RawTensor up, RawTensor? alpha, Tensor weight)
        {
            var (a, b) = (Float(down), Float(up));
            var rank = a.ndim == 0 ? 0 : a.shape[0];
            if (a.ndim < 2 || b.ndim < 2 || rank == 0 || b.shape[1] != rank || b.NumberOfElements != b.shape[0] * rank
                || b.shape[0] != weight.shape[0]
                || a.NumberOfElements / rank != weight.NumberOfElements / weight.shape[0])
            {
                throw Bad(
                    $"'{name}' has the shape [{string.Join(", ", a.shape)}] and goes with "
                    + $"[{string.Join(", ", b.shape)}]; the layer has [{string.Join(", ", weight.shape)}]");
            }
            var strength = alpha is null ? 1 : Float(alpha).reshape(-1)[0].ToDouble() / rank;
            return (b.reshape(-1, rank).matmul(a.reshape(rank, -1)) * (scale * strength)).reshape(weight.shape);
        }

        static Tensor Float(RawTensor raw) => raw.ToTensor().to(ScalarType.Float32);

        InvalidDataException Bad(string what) => new($"{path}: {what}");
    }

    /// <summary>The weights that a file's names mean.</summary>
    private sealed class LayerNames
    {
        private const string Weight = ".weight";

        private readonly Dictionary<string, Tensor> _weights = [];

        public LayerNames(DiffusionModel model)
        {
            foreach (var (module, peft, kohya) in ((Module, string, string)[])[
                (model.UNet, "unet.", "lora_unet_"), (model.TextEncoder, "text_encoder.", "lora_te_")])
            {
                var weights = module.StateDict().Where(t => t.Name.EndsWith(Weight, StringComparison.Ordinal));
                foreach (var (name, tensor) in weights)
                {
                    var layer = name[..^Weight.Length];
                    _weights[peft + layer] = tensor;
                    _weights[kohya + layer.Replace('.', '_')] = tensor;
                }
            }
        }

        /// <summary>Null for a layer that is not there.</summary>
        public Tensor? Find(string layer) =>
            _weights.GetValueOrDefault(layer)
            // As diffusers named them when attention had processors.
            ?? _weights.GetValueOrDefault(layer.Replace(".processor.", ".", StringComparison.Ordinal))
            ?? _weights.GetValueOrDefault(layer.Replace(".processor.to_out", ".to_out.0", StringComparison.Ordinal));
    }
}

namespace Mdfld.Generation;

/// <summary>
/// Low-rank changes W + scale B A of all attention in a UNet (Hu et al. 2022): queries, keys, values and outputs.
/// Trained beside frozen weights, saved on their own under the names diffusers and peft share, or merged into the UNet.
/// </summary>
internal sealed class LowRankChanges : Module
{
    private const string Weight = ".weight";
    private const string A = ".lora_A.weight";
    private const string B = ".lora_B.weight";

    private static readonly string[] Adapted = [".to_q", ".to_k", ".to_v", ".to_out.0"];

    private readonly UNet _unet;
    private readonly double _scale;
    private readonly HashSet<string> _layers;

    /// <summary>Attaches changes to a UNet; they are nothing until trained: A is to be drawn, B is zero.</summary>
    public LowRankChanges(UNet unet, int rank, double alpha)
    {
        (_unet, _scale) = (unet, alpha / rank);
        _layers = [.. unet.Parameters().Select(p => p.Name)
            .Where(name => Adapted.Any(a => name.EndsWith(a + Weight, StringComparison.Ordinal)))
            .Select(name => name[..^Weight.Length])];
        foreach (var layer in _layers)
        {
            var shape = unet.Parameter(layer + Weight).shape;
            AddParameter(layer + A, zeros(rank, shape[1]));
            AddParameter(layer + B, zeros(shape[0], rank));
        }
        unet.Changes = this;
    }

    /// <summary>Draws A, as PyTorch draws a linear layer.</summary>
    public void Initialise(Random random)
    {
        foreach (var layer in _layers)
            WeightInitialisation.Uniform(this[layer + A], random);
    }

    /// <summary>What is added to a layer's output, (..., in) to (..., out); null where it has no change.</summary>
    public Tensor? Forward(string layer, Tensor x) =>
        _layers.Contains(layer) ? linear(linear(x, this[layer + A].to(x.dtype)), this[layer + B].to(x.dtype)) * _scale : null;

    /// <summary>Writes the safetensors file that diffusers' <c>load_lora_weights</c> reads.</summary>
    public void Save(string path)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        // Its readers know no alpha: the scale is in B.
        SafeTensors.Write(
            path, Parameters().Select(p => ("unet." + p.Name,
                (p.Name.EndsWith(B, StringComparison.Ordinal) ? p.Tensor * _scale : p.Tensor).ToRaw())),
            new Dictionary<string, string> { ["format"] = "pt" });
    }

    /// <summary>Adds the changes to the UNet's own weights and takes them off it.</summary>
    public void Merge()
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        foreach (var layer in _layers)
            _unet.Parameter(layer + Weight).add_(this[layer + B].matmul(this[layer + A]) * _scale);
        _unet.Changes = null;
        Dispose();
    }
}

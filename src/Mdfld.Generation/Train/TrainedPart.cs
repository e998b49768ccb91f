using Mdfld.Training.Weights;

namespace Mdfld.Generation;

/// <summary>
/// Those weights of a model that a run changes, under names that say where they belong: what is averaged, saved and
/// resumed. All others of its networks are frozen.
/// </summary>
internal sealed class TrainedPart : Module
{
    /// <param name="frozen">Networks of which nothing changes but what follows.</param>
    /// <param name="trained">The weights that do, by their full names; they stay the networks' own.</param>
    public TrainedPart(IEnumerable<Module> frozen, IEnumerable<(string Name, Tensor Tensor)> trained)
    {
        foreach (var network in frozen)
            network.RequireGrad(false);
        foreach (var (name, tensor) in trained)
            AddParameter(name, tensor);
    }

    /// <summary>A network's parameters under its name, such as <c>unet.conv_in.weight</c>.</summary>
    public static IEnumerable<(string Name, Tensor Tensor)> Of(string name, Module network) =>
        network.Parameters().Select(p => ($"{name}.{p.Name}", (Tensor)p.Tensor));
}

/// <summary>
/// Low-rank changes of all attention in a UNet: queries, keys, values and outputs. Trained beside frozen weights, saved
/// on their own under the names diffusers and peft share, or merged into the UNet.
/// </summary>
internal sealed class LowRankUNet
{
    private static readonly string[] Adapted = [".to_q", ".to_k", ".to_v", ".to_out.0"];

    private readonly (string Name, Linear Layer, LowRank Change)[] _changes;

    /// <summary>Attaches changes, as yet none, to a UNet.</summary>
    public LowRankUNet(UNet unet, LowRankRecipe recipe)
    {
        const string Weight = ".weight";
        _changes =
        [
            .. unet.Parameters().Where(p => Adapted.Any(a => p.Name.EndsWith(a + Weight, StringComparison.Ordinal)))
                .Select(p => (Name: p.Name[..^Weight.Length], p.Tensor.shape))
                .Select(p => (
                    p.Name, (Linear)unet.Part(p.Name),
                    new LowRank(p.shape[1], p.shape[0], recipe.Rank, recipe.Alpha))),
        ];
        foreach (var (_, layer, change) in _changes)
            layer.Change = change;
    }

    /// <summary>Parameters of all changes, <c>unet.LAYER.lora_A.weight</c>.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> Parameters() =>
        _changes.SelectMany(c => TrainedPart.Of($"unet.{c.Name}", c.Change));

    /// <summary>Moves all changes to a device.</summary>
    public void To(Device device)
    {
        foreach (var (_, _, change) in _changes)
            change.To(device);
    }

    /// <summary>Draws what must not be zero.</summary>
    public void Initialise(Random random)
    {
        foreach (var (_, _, change) in _changes)
            change.Initialise(random);
    }

    /// <summary>Writes the safetensors file that diffusers' <c>load_lora_weights</c> reads.</summary>
    public void Save(string path)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        SafeTensors.Write(path, _changes.SelectMany(c =>
        {
            var (down, up) = c.Change.Scaled();
            return new[]
            {
                ($"unet.{c.Name}.lora_A.weight", down.ToRaw()), ($"unet.{c.Name}.lora_B.weight", up.ToRaw()),
            };
        }), new Dictionary<string, string> { ["format"] = "pt" });
    }

    /// <summary>Adds the changes to the UNet's own weights and takes them off it.</summary>
    public void Merge()
    {
        using var noGrad = no_grad();
        foreach (var (_, layer, change) in _changes)
        {
            layer.Merge();
            change.Dispose();
        }
    }
}

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
internal sealed class LowRankUNet : Module
{
    private static readonly string[] Adapted = [".to_q", ".to_k", ".to_v", ".to_out.0"];

    private readonly List<(string Name, Linear Layer, LowRank Change)> _changes = [];

    /// <summary>Attaches changes, as yet none, to a UNet.</summary>
    public LowRankUNet(UNet unet, LowRankRecipe recipe)
    {
        const string Weight = ".weight";
        foreach (var (name, weight) in unet.Parameters()
            .Where(p => Adapted.Any(a => p.Name.EndsWith(a + Weight, StringComparison.Ordinal))))
        {
            var layer = name[..^Weight.Length];
            var change = new LowRank(weight.shape[1], weight.shape[0], recipe.Rank, recipe.Alpha);
            _changes.Add((layer, (Linear)unet.Part(layer), Child(layer, change)));
            _changes[^1].Layer.Change = change;
        }
    }

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

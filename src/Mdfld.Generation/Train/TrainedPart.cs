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

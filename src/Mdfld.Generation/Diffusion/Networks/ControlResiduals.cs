namespace Mdfld.Generation;

/// <summary>What a ControlNet adds to a UNet.</summary>
/// <param name="Down">Added to what the UNet's way down keeps for the way up, in that order.</param>
/// <param name="Mid">Added to what its middle gives.</param>
public sealed record ControlResiduals(IReadOnlyList<Tensor> Down, Tensor Mid)
{
    /// <summary>The same in another element type.</summary>
    public ControlResiduals To(ScalarType type) => new([.. Down.Select(d => d.to(type))], Mid.to(type));
}

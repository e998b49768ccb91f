namespace Mdfld.Torch.Checkpoints;

/// <summary>
/// A Python dictionary of a checkpoint (<c>dict</c>, <c>OrderedDict</c> or <c>Counter</c>), in the order of the file.
/// </summary>
/// <remarks>
/// Keys are <see cref="string"/>, <see cref="long"/>, <see cref="double"/> or <see cref="bool"/>. Values, here and in
/// all lists and tuples: null, <see cref="bool"/>, <see cref="long"/>, <see cref="System.Numerics.BigInteger"/> (beyond
/// 64 bits), <see cref="double"/>, <see cref="string"/>, <c>byte[]</c>, <see cref="RawTensor"/>,
/// <see cref="CheckpointDictionary"/>, <c>List&lt;object?&gt;</c>, <c>object?[]</c> (a tuple),
/// <c>HashSet&lt;object&gt;</c>. Nothing is nested deeper than 64 levels.
/// </remarks>
public sealed class CheckpointDictionary : OrderedDictionary<object, object?>
{
    /// <summary>Attributes set on the dictionary, such as <c>_metadata</c> of a state dict; mostly null.</summary>
    public CheckpointDictionary? Attributes { get; internal set; }
}

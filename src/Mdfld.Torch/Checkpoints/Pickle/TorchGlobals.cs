namespace Mdfld.Torch.Checkpoints.Pickle;

/// <summary>What torch.save names in a pickle to make a tensor.</summary>
internal static class TorchGlobals
{
    /// <summary>
    /// torch's storage classes. Complex and quantised ones are not among them and so are refused by name.
    /// </summary>
    public static IReadOnlyList<(string Name, ScalarType Type)> Storages { get; } =
    [
        ("ByteStorage", ScalarType.UInt8),
        ("CharStorage", ScalarType.Int8),
        ("ShortStorage", ScalarType.Int16),
        ("IntStorage", ScalarType.Int32),
        ("LongStorage", ScalarType.Int64),
        ("HalfStorage", ScalarType.Float16),
        ("BFloat16Storage", ScalarType.BFloat16),
        ("FloatStorage", ScalarType.Float32),
        ("DoubleStorage", ScalarType.Float64),
        ("BoolStorage", ScalarType.Bool),
    ];

    /// <summary><c>(storage, offset, size, stride[, requires_grad, backward_hooks[, metadata]])</c>.</summary>
    public static RawTensor Tensor(Unpickler unpickler, object?[] arguments)
    {
        if (arguments is not [TorchStorage storage, long offset, object?[] size, object?[] stride, ..]
            || !size.All(side => side is long) || !stride.All(step => step is long))
            throw unpickler.Cursor.Bad("a tensor made of something else than storage, offset, size and stride");
        unpickler.Charge(2L * size.Length);
        var sides = Array.ConvertAll(size, side => (long)side!);
        var layout = TensorLayout.View(sides, Array.ConvertAll(stride, step => (long)step!), offset, storage.Count)
            ?? throw unpickler.Cursor.Bad(
                $"a tensor [{string.Join(", ", sides)}] "
                + $"that does not lie within its storage of {storage.Count} elements");
        return new(storage.Type, layout, storage);
    }

    /// <summary><c>(tensor, requires_grad, backward_hooks)</c>: the tensor itself.</summary>
    public static RawTensor Parameter(Unpickler unpickler, object?[] arguments) => arguments is [RawTensor tensor, ..]
        ? tensor
        : throw unpickler.Cursor.Bad("a parameter that is no tensor");
}

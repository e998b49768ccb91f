namespace Mdfld.Training.Weights;

/// <summary>From checkpoints to libtorch's tensors and back.</summary>
public static class TensorBridge
{
    /// <summary>A CPU tensor with a copy of the elements, read straight into its memory.</summary>
    /// <exception cref="InvalidDataException">The file was cut short since it was opened.</exception>
    public static Tensor ToTensor(this RawTensor raw)
    {
        if (raw.ByteCount > Array.MaxLength)
            throw new InvalidDataException(
                $"a tensor of {raw.ByteCount} bytes; at most {Array.MaxLength} are read at once");
        var tensor = empty(raw.Shape, dtype: raw.Type);
        try
        {
            if (raw.ByteCount > 0)
                raw.CopyTo(tensor.bytes);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The elements for writing, a piece at a time, to be used before the tensor changes or is disposed.
    /// </summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="type">What fractions become; null leaves them.</param>
    public static RawTensor ToRaw(this Tensor tensor, ScalarType? type = null)
    {
        var written = type is { } wanted && tensor.dtype.IsFloatingPoint ? wanted : tensor.dtype;
        return new(written, TensorLayout.Contiguous(tensor.shape)!, (offset, destination) =>
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            var first = offset / written.ByteSize;
            tensor.reshape(-1).slice(0, first, first + (destination.Length / written.ByteSize), 1).to(written)
                .CopyTo(destination);
        });
    }

    /// <summary>Copies a state dict of a checkpoint into the parameters and buffers of a module, by name.</summary>
    /// <param name="module">Its tensors keep their device and type; values are converted.</param>
    /// <param name="checkpoint">An open file.</param>
    /// <param name="name">As for <see cref="Checkpoint.StateDict"/>.</param>
    /// <param name="strict">Also refuse tensors of the file that the module does not have.</param>
    /// <param name="mayStay">Names whose values stay where the file has none for them; null: none may.</param>
    /// <exception cref="InvalidDataException">A tensor is missing, has another shape, or is one too many.</exception>
    public static void LoadStateDict(
        this Module module,
        Checkpoint checkpoint,
        string? name = null,
        bool strict = true,
        Func<string, bool>? mayStay = null)
    {
        var tensors = checkpoint.StateDict(name);
        if (strict)
        {
            var own = module.StateDict().Select(entry => entry.Name).ToHashSet();
            if (tensors.Keys.FirstOrDefault(key => !own.Contains(key)) is { } extra)
                throw new InvalidDataException(
                    $"{checkpoint.Path}: '{extra}' has no place in this network; is it a checkpoint of another?");
        }
        module.LoadStateDict(key => tensors.GetValueOrDefault(key)?.ToTensor(), checkpoint.Path, mayStay);
    }
}

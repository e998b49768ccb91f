using Mdfld.Torch.Native;

namespace Mdfld.Torch.Checkpoints;

/// <summary>From checkpoints to libtorch's tensors and back.</summary>
public static class TensorBridge
{
    /// <summary>A CPU tensor with a copy of the elements, read straight into its memory.</summary>
    /// <exception cref="InvalidDataException">The file was cut short since it was opened.</exception>
    public static unsafe Tensor ToTensor(this RawTensor raw)
    {
        if (raw.ByteCount > Array.MaxLength)
            throw new InvalidDataException($"a tensor of {raw.ByteCount} bytes; at most {Array.MaxLength} are read at once");
        var tensor = Tensor.Empty(raw.Shape.ToArray(), raw.Type);
        if (raw.ByteCount == 0)
            return tensor;
        try
        {
            raw.CopyTo(new Span<byte>(NativeMethods.mdfld_tensor_data(tensor.Handle), (int)raw.ByteCount));
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The elements for writing: those of a contiguous CPU tensor in place, to be used before it changes or is disposed; of
    /// any other, a copy.
    /// </summary>
    public static unsafe RawTensor ToRaw(this Tensor tensor)
    {
        var shape = tensor.Shape;
        if (NativeMethods.mdfld_tensor_data(tensor.Handle) is not null)
            return new(tensor.Type, TensorLayout.Contiguous(shape)!, new NativeData(tensor));
        var bytes = new byte[checked(tensor.Count * tensor.Type.ByteSize)];
        tensor.CopyTo(bytes);
        return new(tensor.Type, shape, bytes);
    }

    /// <summary>Copies a state dict of a checkpoint into the parameters and buffers of a module, by name.</summary>
    /// <param name="module">Its tensors keep their place and type; values are converted.</param>
    /// <param name="checkpoint">An open file.</param>
    /// <param name="name">As for <see cref="Checkpoint.StateDict"/>.</param>
    /// <param name="strict">Also refuse tensors of the file that the module has no place for.</param>
    /// <exception cref="InvalidDataException">A tensor is missing, has another shape, or is one too many.</exception>
    public static void LoadStateDict(this Module module, Checkpoint checkpoint, string? name = null, bool strict = true)
    {
        var tensors = checkpoint.StateDict(name);
        if (strict)
        {
            var own = module.StateDict().Select(entry => entry.Name).ToHashSet();
            if (tensors.Keys.FirstOrDefault(key => !own.Contains(key)) is { } extra)
                throw new InvalidDataException(
                    $"{checkpoint.Path}: '{extra}' has no place in this network; is it a checkpoint of another?");
        }
        module.LoadStateDict(key => tensors.GetValueOrDefault(key)?.ToTensor(), checkpoint.Path);
    }

    /// <summary>The memory of a contiguous CPU tensor.</summary>
    private sealed unsafe class NativeData(Tensor tensor) : TensorData
    {
        public override long Length => tensor.Count * tensor.Type.ByteSize;

        public override void Read(long offset, Span<byte> destination)
        {
            var data = (byte*)NativeMethods.mdfld_tensor_data(tensor.Handle);
            new ReadOnlySpan<byte>(data + offset, destination.Length).CopyTo(destination);
            GC.KeepAlive(tensor);
        }
    }
}

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
            throw new InvalidDataException(
                $"a tensor of {raw.ByteCount} bytes; at most {Array.MaxLength} are read at once");
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
    /// The elements for writing, to be used before the tensor changes or is disposed: those of a contiguous CPU tensor
    /// in place, of any other a piece at a time.
    /// </summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="type">What fractions become; null leaves them.</param>
    public static unsafe RawTensor ToRaw(this Tensor tensor, ScalarType? type = null)
    {
        var written = type is { } wanted && tensor.Type.IsFloatingPoint ? wanted : tensor.Type;
        var inPlace = written == tensor.Type && NativeMethods.mdfld_tensor_data(tensor.Handle) is not null;
        return new(
            written, TensorLayout.Contiguous(tensor.Shape)!,
            inPlace ? new NativeData(tensor) : new ConvertedData(tensor, written));
    }

    /// <summary>Copies a state dict of a checkpoint into the parameters and buffers of a module, by name.</summary>
    /// <param name="module">Its tensors keep their place and type; values are converted.</param>
    /// <param name="checkpoint">An open file.</param>
    /// <param name="name">As for <see cref="Checkpoint.StateDict"/>.</param>
    /// <param name="strict">Also refuse tensors of the file that the module has no place for.</param>
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

    /// <summary>The elements of any tensor in another type, made when they are asked for.</summary>
    private sealed class ConvertedData(Tensor tensor, ScalarType type) : TensorData
    {
        public override long Length => tensor.Count * type.ByteSize;

        public override void Read(long offset, Span<byte> destination)
        {
            using var scope = new TensorScope();
            using var noGrad = Autograd.NoGrad();
            var first = offset / type.ByteSize;
            tensor.Reshape(-1).Slice(0, first, first + (destination.Length / type.ByteSize)).To(type).To(Device.Cpu)
                .CopyTo(destination);
        }
    }
}

using System.Runtime.InteropServices;
using Mdfld.Torch.Native;

namespace Mdfld.Torch;

/// <summary>
/// An n-dimensional array of libtorch. Dispose it, or make it inside a <see cref="TensorScope"/>; a forgotten one is
/// released by the garbage collector, late.
/// </summary>
public sealed unsafe partial class Tensor : IDisposable
{
    private nint _handle;

    internal Tensor(nint handle)
    {
        _handle = handle;
        TensorScope.Register(this);
    }

    ~Tensor() => Release();

    /// <summary>Sizes, outermost dimension first.</summary>
    public long[] Shape
    {
        get
        {
            var shape = new long[Dimensions];
            fixed (long* p = shape)
                NativeMethods.mdfld_tensor_sizes(Handle, p);
            GC.KeepAlive(this);
            return shape;
        }
    }

    /// <summary>Number of dimensions.</summary>
    public int Dimensions => With(NativeMethods.mdfld_tensor_dims);

    /// <summary>Type of the elements.</summary>
    public ScalarType Type => With(NativeMethods.mdfld_tensor_type);

    /// <summary>Where the elements live.</summary>
    public Device Device => Device.FromNative(With(NativeMethods.mdfld_tensor_device));

    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (a, b) => a * b);

    /// <summary>Whether operators on it are recorded for backward.</summary>
    /// <exception cref="TorchException">Set on a tensor that is no leaf, or not floating-point.</exception>
    public bool RequiresGrad
    {
        get => With(NativeMethods.mdfld_tensor_requires_grad) != 0;
        set => NativeMethods.Check(With(handle => NativeMethods.mdfld_tensor_set_requires_grad(handle, value ? 1 : 0)));
    }

    /// <summary>The gradient that <see cref="Backward"/> gathered, a new handle each time, or null.</summary>
    public Tensor? Grad
    {
        get
        {
            nint grad = 0;
            NativeMethods.Check(With(handle => NativeMethods.mdfld_tensor_grad(handle, out grad)));
            return grad == 0 ? null : new Tensor(grad);
        }
    }

    internal nint Handle => _handle != 0 ? _handle : throw new ObjectDisposedException(nameof(Tensor));

    /// <summary>A CPU tensor with a copy of <paramref name="data"/>.</summary>
    /// <exception cref="TorchException">The shape does not hold that many elements.</exception>
    public static Tensor From<T>(ReadOnlySpan<T> data, params ReadOnlySpan<long> shape) where T : unmanaged =>
        From(MemoryMarshal.AsBytes(data), ScalarTypes.Of<T>(), shape);

    /// <summary>A CPU tensor with a copy of raw little-endian elements in C order.</summary>
    /// <exception cref="TorchException">The shape does not hold that many bytes.</exception>
    public static Tensor From(ReadOnlySpan<byte> bytes, ScalarType type, ReadOnlySpan<long> shape)
    {
        fixed (byte* p = bytes)
        fixed (long* sizes = shape)
        {
            NativeMethods.Check(
                NativeMethods.mdfld_tensor_from(p, bytes.Length, sizes, shape.Length, type, out var handle));
            return new Tensor(handle);
        }
    }

    /// <summary>A copy of the elements in C order.</summary>
    /// <exception cref="InvalidOperationException"><typeparamref name="T"/> is not the element type.</exception>
    public T[] ToArray<T>() where T : unmanaged
    {
        if (ScalarTypes.Of<T>() != Type)
            throw new InvalidOperationException($"the elements are {Type}, not {typeof(T).Name}");
        var data = new T[Count];
        CopyTo(MemoryMarshal.AsBytes(data.AsSpan()));
        return data;
    }

    /// <summary>Copies the raw elements, C order, into memory of just that size.</summary>
    /// <exception cref="TorchException">The sizes differ.</exception>
    public void CopyTo(Span<byte> bytes)
    {
        fixed (byte* p = bytes)
            NativeMethods.Check(NativeMethods.mdfld_tensor_to(Handle, p, bytes.Length));
        GC.KeepAlive(this);
    }

    /// <summary>Overwrites the elements of a contiguous CPU tensor, recording nothing.</summary>
    /// <exception cref="InvalidOperationException">
    /// The tensor is elsewhere, has gaps, or differs in size or type.
    /// </exception>
    public void Overwrite<T>(ReadOnlySpan<T> data) where T : unmanaged
    {
        var target = NativeMethods.mdfld_tensor_data(Handle);
        if (target is null || data.Length != Count || ScalarTypes.Of<T>() != Type)
            throw new InvalidOperationException(
                $"{data.Length} {typeof(T).Name} do not overwrite "
                + $"a {Type} tensor [{string.Join(", ", Shape)}] on {Device}");
        data.CopyTo(new Span<T>(target, data.Length));
        GC.KeepAlive(this);
    }

    /// <summary>The only element of a floating-point tensor.</summary>
    public float ToSingle() => (float)ToDouble();

    /// <summary>The only element, as a double.</summary>
    /// <exception cref="TorchException">There is not exactly one.</exception>
    public double ToDouble()
    {
        double value;
        using var real = Type == ScalarType.Float64 ? null : To(ScalarType.Float64);
        CopyFrom(real ?? this, &value);
        return value;

        static void CopyFrom(Tensor tensor, double* p)
        {
            NativeMethods.Check(NativeMethods.mdfld_tensor_to(tensor.Handle, p, sizeof(double)));
            GC.KeepAlive(tensor);
        }
    }

    /// <summary>Adds the gradient of this scalar to <see cref="Grad"/> of every leaf it came from.</summary>
    /// <exception cref="TorchException">It is no scalar, or nothing was recorded.</exception>
    public void Backward() => NativeMethods.Check(With(NativeMethods.mdfld_tensor_backward));

    /// <summary>Forgets the gathered gradient.</summary>
    public void ClearGrad() => NativeMethods.Check(With(NativeMethods.mdfld_tensor_clear_grad));

    /// <summary>Releases the native memory (once no other tensor shares it).</summary>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Type} [{string.Join(", ", Shape)}] on {Device}";

    /// <summary>Puts the elements on another device, and into another type, under this very object, so that whoever
    /// holds it follows.</summary>
    internal void MoveTo(Device device, ScalarType type)
    {
        if (Device != device || Type != type)
            Become(ToDeviceOp.Call(this, device, type));
    }

    /// <summary>
    /// Takes the elements of another tensor, which is disposed: whoever holds this one sees them from now on. Old
    /// elements are released, a gathered gradient is forgotten.
    /// </summary>
    public void Become(Tensor other)
    {
        var trained = RequiresGrad;
        TensorScope.Detach(other);
        NativeMethods.mdfld_tensor_release(
            Interlocked.Exchange(ref _handle, Interlocked.Exchange(ref other._handle, 0)));
        other.Dispose();
        RequiresGrad = trained;
    }

    /// <summary>Calls with the native handle; the finaliser waits until the call is over.</summary>
    private T With<T>(Func<nint, T> call)
    {
        var result = call(Handle);
        GC.KeepAlive(this);
        return result;
    }

    private void Release()
    {
        var handle = Interlocked.Exchange(ref _handle, 0);
        if (handle != 0)
            NativeMethods.mdfld_tensor_release(handle);
    }
}

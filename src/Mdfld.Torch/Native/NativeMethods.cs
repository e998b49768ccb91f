using System.Runtime.InteropServices;

namespace Mdfld.Torch.Native;

/// <summary>The C functions of native/torch/mdfld_torch.h.</summary>
internal static unsafe partial class NativeMethods
{
    public const string Library = "mdfld_torch";

    static NativeMethods() => NativeLibraryLocator.Register();

    [LibraryImport(Library)]
    public static partial nint mdfld_error();

    [LibraryImport(Library)]
    public static partial nint mdfld_libtorch_version();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mdfld_operator_find(string name, string overload, out nint op);

    [LibraryImport(Library)]
    public static partial int mdfld_operator_call(
        nint op, NativeValue* arguments, int argumentCount, NativeValue* results, int capacity, out int count);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mdfld_script_load(string path, string device, out ScriptHandle module);

    [LibraryImport(Library)]
    public static partial int mdfld_script_run(
        ScriptHandle module, nint* inputs, int inputCount, NativeValue* results, int capacity, out int count);

    [LibraryImport(Library)]
    public static partial void mdfld_script_release(nint module);

    [LibraryImport(Library)]
    public static partial int mdfld_tensor_from(
        void* data, long bytes, long* sizes, int dims, ScalarType type, out nint tensor);

    [LibraryImport(Library)]
    public static partial int mdfld_tensor_to(nint tensor, void* data, long bytes);

    [LibraryImport(Library)]
    public static partial void* mdfld_tensor_data(nint tensor);

    [LibraryImport(Library)]
    public static partial int mdfld_tensor_dims(nint tensor);

    [LibraryImport(Library)]
    public static partial void mdfld_tensor_sizes(nint tensor, long* sizes);

    [LibraryImport(Library)]
    public static partial ScalarType mdfld_tensor_type(nint tensor);

    [LibraryImport(Library)]
    public static partial int mdfld_tensor_device(nint tensor);

    [LibraryImport(Library)]
    public static partial void mdfld_tensor_release(nint tensor);

    [LibraryImport(Library)]
    public static partial long mdfld_tensor_live();

    [LibraryImport(Library)]
    public static partial int mdfld_tensor_requires_grad(nint tensor);

    [LibraryImport(Library)]
    public static partial int mdfld_tensor_set_requires_grad(nint tensor, int value);

    [LibraryImport(Library)]
    public static partial int mdfld_tensor_backward(nint tensor);

    [LibraryImport(Library)]
    public static partial int mdfld_tensor_grad(nint tensor, out nint grad);

    [LibraryImport(Library)]
    public static partial int mdfld_tensor_clear_grad(nint tensor);

    [LibraryImport(Library)]
    public static partial int mdfld_grad_mode(int enabled);

    [LibraryImport(Library)]
    public static partial int mdfld_autocast(int cuda, int type);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mdfld_group_create(
        string backend, string host, int port, int rank, int size, long timeoutMs, out GroupHandle group);

    [LibraryImport(Library)]
    public static partial int mdfld_group_all_reduce(GroupHandle group, nint* tensors, int count, int average);

    [LibraryImport(Library)]
    public static partial int mdfld_group_broadcast(GroupHandle group, nint* tensors, int count, int root);

    [LibraryImport(Library)]
    public static partial int mdfld_group_barrier(GroupHandle group);

    [LibraryImport(Library)]
    public static partial void mdfld_group_release(nint group);

    [LibraryImport(Library)]
    public static partial int mdfld_manual_seed(ulong seed);

    [LibraryImport(Library)]
    public static partial int mdfld_set_threads(int threads);

    [LibraryImport(Library)]
    public static partial int mdfld_get_threads();

    [LibraryImport(Library)]
    public static partial int mdfld_set_flush_denormal(int enabled);

    [LibraryImport(Library)]
    public static partial int mdfld_cuda_available();

    /// <summary>Turns a failed call into an exception with libtorch's own words.</summary>
    /// <exception cref="TorchException">The call failed.</exception>
    public static void Check(int status)
    {
        if (status != 0)
            throw new TorchException(Marshal.PtrToStringUTF8(mdfld_error()) ?? "libtorch failed without a word");
    }
}

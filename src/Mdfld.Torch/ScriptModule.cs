using Mdfld.Torch.Checkpoints;
using Mdfld.Torch.Native;

namespace Mdfld.Torch;

/// <summary>
/// A TorchScript module, as <c>torch.jit.save</c> writes it, in evaluation mode. Any number of threads may run it at
/// once.
/// </summary>
/// <remarks>
/// Such a file is code, not only weights: libtorch's interpreter runs what stands in it, with the rights of this
/// process, and its operators can read and write files. Load only what comes from someone you would take a program
/// from.
/// </remarks>
public sealed unsafe class ScriptModule : IDisposable
{
    private const int MaxResults = 64;

    private readonly ScriptHandle _handle;

    private ScriptModule(ScriptHandle handle, string path) => (_handle, Path) = (handle, path);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Loads a module; from then on its code can run.</summary>
    /// <param name="path">A file of <c>torch.jit.save</c>.</param>
    /// <param name="device">Where its weights go, wherever they were when it was saved.</param>
    /// <exception cref="FileNotFoundException">The file is not there.</exception>
    /// <exception cref="InvalidDataException">It is no TorchScript, or libtorch cannot read it.</exception>
    public static ScriptModule Load(string path, Device device = default)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: no such file; expected a TorchScript module", path);
        if (Checkpoint.FormatOf(path) != WeightFormat.TorchScript)
            throw new InvalidDataException($"{path}: no TorchScript module (an archive of torch.jit.save)");
        ScriptHandle? handle = null;
        Ask(
            path, "libtorch cannot load it",
            () => NativeMethods.mdfld_script_load(path, device.ToString(), out handle));
        return new ScriptModule(handle!, path);
    }

    /// <summary>Runs the module.</summary>
    /// <param name="inputs">What its <c>forward</c> takes.</param>
    /// <returns>The tensors it gives, in order; tuples and lists are flattened.</returns>
    /// <exception cref="InvalidDataException">Its code fails, or gives no tensor.</exception>
    /// <exception cref="ObjectDisposedException">It has been disposed.</exception>
    public Tensor[] Run(params ReadOnlySpan<Tensor> inputs)
    {
        var handles = new nint[inputs.Length];
        for (var i = 0; i < handles.Length; i++)
            handles[i] = inputs[i].Handle;
        var results = stackalloc NativeValue[MaxResults];
        var count = 0;
        try
        {
            Ask(Path, "its code fails", () =>
            {
                fixed (nint* p = handles)
                    return NativeMethods.mdfld_script_run(_handle, p, handles.Length, results, MaxResults, out count);
            });
        }
        finally
        {
            // The handles above are plain numbers: their owners must outlive the call.
            foreach (var input in inputs)
                GC.KeepAlive(input);
        }

        var tensors = new List<Tensor>(count);
        for (var i = 0; i < count; i++)
        {
            if (results[i].Kind == ValueKind.Tensor)
                tensors.Add(new Tensor(results[i].Pointer));
        }
        return tensors.Count > 0 ? [.. tensors] : throw new InvalidDataException($"{Path}: its code gives no tensor");
    }

    /// <summary>Releases the module, once no thread runs it any more.</summary>
    public void Dispose() => _handle.Dispose();

    /// <summary>Makes a call; libtorch's own words, mostly many lines of them, become one.</summary>
    private static void Ask(string path, string failure, Func<int> call)
    {
        try
        {
            NativeMethods.Check(call());
        }
        catch (TorchException e)
        {
            var words = string.Join(' ', e.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            throw new InvalidDataException($"{path}: {failure}: {words}", e);
        }
    }
}

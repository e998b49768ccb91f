using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mdfld.Training;

/// <summary>
/// Landmark networks in TorchScript, as MDFLD publishes its third version: input (N, 3, 256, 256), order B, G, R,
/// byte / 255 * 2 - 1; output (N, P, 2) in [-1, 1], pixel = ((u + 1) 256 - 1) / 2.
/// </summary>
/// <remarks>Such a file is code that runs in this process: see <see cref="ScriptModule"/>.</remarks>
public static class ScriptDetector
{
    /// <summary>Loads a file and runs it once on a grey picture to see what it gives.</summary>
    /// <param name="path">A file of <c>torch.jit.save</c>.</param>
    /// <param name="threads">libtorch's threads from here on; 0 takes one a core.</param>
    /// <exception cref="FileNotFoundException">The file is not there.</exception>
    /// <exception cref="InvalidDataException">It is no TorchScript, or its module no such network.</exception>
    public static LandmarkModel Load(string path, int threads = 0)
    {
        var module = ScriptModule.Load(path);
        try
        {
            // The crop of STAR, which MDFLD's networks were trained from.
            var model = new Model(module)
            {
                Name = Name(path),
                Scheme = SchemeOf(module),
                Size = StarOptions.CropSize,
                CropFactor = 1,
                IsBgr = true,
            };
            set_num_threads(threads > 0 ? threads : Environment.ProcessorCount);
            return model;
        }
        catch
        {
            module.Dispose();
            throw;
        }
    }

    /// <summary>Runs a network on crops.</summary>
    /// <param name="module">The network.</param>
    /// <param name="images">(N, 3, 256, 256).</param>
    /// <returns>(N, P, 2) on the processor; the caller or its scope disposes it.</returns>
    /// <exception cref="InvalidDataException">Its code fails or gives something else.</exception>
    public static Tensor Run(ScriptModule module, Tensor images)
    {
        ArgumentNullException.ThrowIfNull(module);
        using var noGrad = no_grad();
        var results = module.Run(images);
        return results is [{ dtype: ScalarType.Float32, shape: [var n, _, 2] } landmarks] && n == images.shape[0]
            ? landmarks.to(CPU)
            : throw new InvalidDataException(
                $"{module.Path}: expected one Float32 tensor [{images.shape[0]}, points, 2] of the network, "
                + $"it gave {string.Join(" and ", results.Select(r => r.Describe()))}");
    }

    /// <summary>The scheme of a network's points, which one run tells.</summary>
    /// <exception cref="InvalidDataException">Its code fails, or no scheme has so many points.</exception>
    public static LandmarkScheme SchemeOf(ScriptModule module, Device? device = null)
    {
        using var scope = NewDisposeScope();
        const int Size = StarOptions.CropSize;
        var grey = Tensor.From<float>(new float[Picture.Channels * Size * Size], 1, Picture.Channels, Size, Size);
        var points = Run(module, grey.to(device ?? CPU)).shape[1];
        return LandmarkScheme.TryForCount((int)Math.Min(points, int.MaxValue))
            ?? throw new InvalidDataException($"{module.Path}: it finds {points} points, expected 68, 98 or 29");
    }

    private sealed class Model(ScriptModule module) : LandmarkModel
    {
        public override void Run(
            Memory<float> planes, int count, Span<Vector2> landmarks, Span<PointCovariance> covariances,
            CancellationToken stop)
        {
            using var scope = NewDisposeScope();
            var input = Tensor.From<float>(planes.Span, count, Picture.Channels, Size, Size);
            var units = MemoryMarshal.Cast<float, Vector2>(ScriptDetector.Run(module, input).ToArray<float>());
            if (units.Length != landmarks.Length)
            {
                throw new InvalidDataException(
                    $"{module.Path}: the network gave {units.Length} points for {count} faces, "
                    + $"expected {Scheme.Count} a face");
            }
            units.CopyTo(landmarks);
        }

        public override void Dispose() => module.Dispose();
    }

    /// <summary>mdfld_cartoon_v3 of mdfld_cartoon_v3.torchscript.pt.</summary>
    private static string Name(string path) =>
        Path.GetFileName(path) is var file && file.IndexOf('.') is > 0 and var dot ? file[..dot] : file;
}

/// <summary>A TorchScript module, as <c>torch.jit.save</c> writes it, in evaluation mode.</summary>
/// <remarks>
/// Such a file is code, not only weights: libtorch's interpreter runs what stands in it, with the rights of this
/// process, and its operators can read and write files. Load only what comes from someone you would take a program
/// from.
/// </remarks>
public sealed class ScriptModule : IDisposable
{
    private readonly jit.ScriptModule _module;
    private readonly ReaderWriterLockSlim _use = new();
    private bool _disposed;

    private ScriptModule(jit.ScriptModule module, string path) => (_module, Path) = (module, path);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Loads a module; from then on its code can run.</summary>
    /// <param name="path">A file of <c>torch.jit.save</c>.</param>
    /// <param name="device">Where its weights go, wherever they were when it was saved; null: the processor.</param>
    /// <exception cref="FileNotFoundException">The file is not there.</exception>
    /// <exception cref="InvalidDataException">It is no TorchScript, or libtorch cannot read it.</exception>
    public static ScriptModule Load(string path, Device? device = null)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: no such file; expected a TorchScript module", path);
        if (Weights.Checkpoint.FormatOf(path) != Weights.WeightFormat.TorchScript)
            throw new InvalidDataException($"{path}: no TorchScript module (an archive of torch.jit.save)");
        TorchRuntime.Load();
        return Call(path, "libtorch cannot load it", () =>
        {
            var module = jit.load(path, device ?? CPU);
            module.eval();
            return new ScriptModule(module, path);
        });
    }

    /// <summary>Runs the module.</summary>
    /// <param name="input">What its <c>forward</c> takes.</param>
    /// <returns>The tensors it gives, in order; tuples and lists are flattened.</returns>
    /// <exception cref="InvalidDataException">Its code fails, or gives no tensor.</exception>
    /// <exception cref="ObjectDisposedException">It has been disposed.</exception>
    public Tensor[] Run(Tensor input)
    {
        _use.EnterReadLock();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            Tensor[] tensors = [.. Flat(Call(Path, "its code fails", () => _module.forward(input)))];
            return tensors.Length > 0 ? tensors : throw new InvalidDataException($"{Path}: its code gives no tensor");
        }
        finally
        {
            _use.ExitReadLock();
        }
    }

    /// <summary>Releases the module, once no thread runs it any more.</summary>
    public void Dispose()
    {
        _use.EnterWriteLock();
        if (!_disposed)
            _module.Dispose();
        _disposed = true;
        _use.ExitWriteLock();
    }

    private static IEnumerable<Tensor> Flat(object? result) => result switch
    {
        Tensor tensor => [tensor],
        System.Collections.IEnumerable many and not string => many.Cast<object?>().SelectMany(Flat),
        ITuple tuple => Enumerable.Range(0, tuple.Length).SelectMany(i => Flat(tuple[i])),
        _ => [],
    };

    /// <summary>Makes a call; libtorch's own words, mostly many lines of them, become one.</summary>
    private static T Call<T>(string path, string failure, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception e) when (e is ExternalException or NotSupportedException or InvalidOperationException
            && e is not ObjectDisposedException)
        {
            var words = string.Join(' ', e.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            throw new InvalidDataException($"{path}: {failure}: {words}", e);
        }
    }
}

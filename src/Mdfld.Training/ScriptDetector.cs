using System.Numerics;
using System.Runtime.InteropServices;
using Mdfld.Torch;
using Mdfld.Training.Star;

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
            TorchLibrary.Threads = threads > 0 ? threads : Environment.ProcessorCount;
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
        using var noGrad = Autograd.NoGrad();
        var results = module.Run(images);
        return results is [{ Type: ScalarType.Float32, Shape: [var n, _, 2] } landmarks] && n == images.Shape[0]
            ? landmarks.To(Device.Cpu)
            : throw new InvalidDataException(
                $"{module.Path}: expected one Float32 tensor [{images.Shape[0]}, points, 2] of the network, "
                + $"it gave {string.Join(" and ", results.Select(r => r.ToString()))}");
    }

    /// <summary>The scheme of a network's points, which one run tells.</summary>
    /// <exception cref="InvalidDataException">Its code fails, or no scheme has so many points.</exception>
    public static LandmarkScheme SchemeOf(ScriptModule module, Device device = default)
    {
        using var scope = new TensorScope();
        const int Size = StarOptions.CropSize;
        var grey = Tensor.From<float>(new float[Picture.Channels * Size * Size], 1, Picture.Channels, Size, Size);
        var points = Run(module, grey.To(device)).Shape[1];
        return LandmarkScheme.TryForCount((int)Math.Min(points, int.MaxValue))
            ?? throw new InvalidDataException($"{module.Path}: it finds {points} points, expected 68, 98 or 29");
    }

    private sealed class Model(ScriptModule module) : LandmarkModel
    {
        public override void Run(
            Memory<float> planes, int count, Span<Vector2> landmarks, Span<PointCovariance> covariances,
            CancellationToken stop)
        {
            using var scope = new TensorScope();
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

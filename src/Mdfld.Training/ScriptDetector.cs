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
    /// <summary>
    /// Loads a file, runs it once on a grey picture to see what it gives, and makes a detector of it.
    /// </summary>
    /// <param name="path">A file of <c>torch.jit.save</c>.</param>
    /// <param name="options">How it runs; its threads become libtorch's.</param>
    /// <exception cref="FileNotFoundException">The file is not there.</exception>
    /// <exception cref="InvalidDataException">It is no TorchScript, or its module no such network.</exception>
    public static LandmarkDetector Load(string path, LandmarkDetectorOptions? options = null)
    {
        var network = new Network(ScriptModule.Load(path));
        try
        {
            var detector = LandmarkDetector.Over(network, options);
            TorchLibrary.Threads = options?.Threads is > 0 and var n ? n : Environment.ProcessorCount;
            return detector;
        }
        catch
        {
            network.Dispose();
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
        var grey = Tensor.From<float>(new float[Image.Channels * Size * Size], 1, Image.Channels, Size, Size);
        var points = Run(module, grey.To(device)).Shape[1];
        return LandmarkScheme.TryForCount((int)Math.Min(points, int.MaxValue))
            ?? throw new InvalidDataException($"{module.Path}: it finds {points} points, expected 68, 98 or 29");
    }

    private sealed class Network(ScriptModule module) : LandmarkNetwork(Describe(module), module.Path)
    {
        public override void Run(Memory<float> planes, int count, Span<Vector2> landmarks)
        {
            using var scope = new TensorScope();
            var input = Tensor.From<float>(planes.Span, count, Image.Channels, Model.Size, Model.Size);
            var units = ScriptDetector.Run(module, input).ToArray<float>();
            Copy<Vector2>(MemoryMarshal.Cast<float, Vector2>(units), count, landmarks);
        }

        public override void Dispose() => module.Dispose();

        private static LandmarkModel Describe(ScriptModule module)
        {
            try
            {
                // The crop of STAR, which MDFLD's networks were trained from.
                return new LandmarkModel(
                    Name(module.Path), SchemeOf(module), StarOptions.CropSize, IsBgr: true, 127.5f, 127.5f,
                    CropFactor: 1);
            }
            catch
            {
                module.Dispose();
                throw;
            }
        }

        /// <summary>mdfld_cartoon_v3 of mdfld_cartoon_v3.torchscript.pt.</summary>
        private static string Name(string path) =>
            System.IO.Path.GetFileName(path) is var file && file.IndexOf('.') is > 0 and var dot ? file[..dot] : file;
    }
}

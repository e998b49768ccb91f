using Tensor = TorchSharp.torch.Tensor;
using Mdfld.Training;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Mdfld.Bench;

/// <summary>One face through STAR's full network, random weights: exported to ONNX Runtime, and in libtorch.</summary>
internal static class StarInference
{
    private const int Size = StarOptions.CropSize;

    public static void Run(int rounds)
    {
        Console.WriteLine("## STAR, 256 x 256, one face\n");
        Console.WriteLine("| threads | ONNX Runtime, ms | libtorch, ms | ratio of medians |\n|---|---|---|---|");
        var path = Path.Combine(Path.GetTempPath(), $"mdfld-bench-{Environment.ProcessId}.onnx");
        using var network = new StarNetwork(new StarOptions(LandmarkScheme.Ibug68));
        try
        {
            OnnxExport.Save(path, network, Size, Size);
            network.Eval();
            foreach (var threads in new[] { 1, 2 })
                Compare(path, network, threads, rounds);
        }
        finally
        {
            File.Delete(path);
        }
        Console.WriteLine();
    }

    private static void Compare(string path, StarNetwork network, int threads, int rounds)
    {
        set_num_threads(threads);
        using var options = new SessionOptions { IntraOpNumThreads = threads };
        // A pool that spins after its turn would slow the other contender's.
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        using var session = new InferenceSession(path, options);
        using var noGrad = no_grad();

        var random = new Random(1);
        var pixels = new float[3 * Size * Size];
        foreach (ref var pixel in pixels.AsSpan())
            pixel = random.NextSingle() * 2 - 1;
        var input = NamedOnnxValue.CreateFromTensor("image", new DenseTensor<float>(pixels, [1, 3, Size, Size]));
        var measured = Measurement.Interleaved(
            rounds,
            ("ONNX Runtime", () => session.Run([input]).Dispose()),
            ("libtorch", Forward));
        var ratio = measured[1].Median / measured[0].Median;
        Console.WriteLine($"| {threads} | {Times(measured[0])} | {Times(measured[1])} | {ratio:0.00} |");

        void Forward()
        {
            using var scope = NewDisposeScope();
            network.Forward(Tensor.From<float>(pixels, 1, 3, Size, Size))[^1].Landmarks.ToArray<float>();
        }
    }

    private static string Times(Measurement m) => $"{m.Median * 1e3:0} (fastest {m.Fastest * 1e3:0})";
}

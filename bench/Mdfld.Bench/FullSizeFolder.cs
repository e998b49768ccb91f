using System.Diagnostics;
using System.Globalization;
using Mdfld.Generation;

namespace Mdfld.Bench;

/// <summary>
/// Stable Diffusion 1.5 at full size with random weights: a model folder in float16 with a ControlNet, loaded in
/// float32, one guidance step at 512 x 512 and one decoded picture; seconds and memory. Takes minutes, 3 GB of disk (in
/// the temporary folder, removed at the end) and up to 10 GiB of memory.
/// </summary>
internal static class FullSizeFolder
{
    private const int Side = 64;

    public static void Run(int _)
    {
        Console.WriteLine("## Full-size generator: Stable Diffusion 1.5 with ControlNet, 512 x 512\n");
        Console.WriteLine("| what | s | peak memory, GiB |\n|---|---|---|");
        TorchRuntime.Load();
        set_num_threads(Environment.ProcessorCount);
        var folder = Directory.CreateTempSubdirectory("mdfld-full-size-").FullName;
        try
        {
            var path = Path.Combine(folder, "model");
            Phase("making random weights, writing them in float16", () => Write(path));
            DiffusionModel? model = null;
            Phase("loading", () => model = DiffusionModel.Load(path));
            using (model)
                Use(model!);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        Console.WriteLine();
    }

    private static void Write(string path)
    {
        var random = new Random(1);
        using var unet = new UNet(new UNetConfig { CrossAttentionDim = 768, SampleSize = Side });
        unet.Initialise(random);
        var control = ControlNet.From(unet, random, 16, 32, 96, 256);
        var autoencoder = new AutoencoderKL(new AutoencoderKLConfig { SampleSize = 8 * Side });
        autoencoder.Initialise(random);
        var text = new ClipTextEncoder(new TextEncoderConfig
        {
            HiddenSize = 768,
            IntermediateSize = 3072,
            NumAttentionHeads = 12,
        });
        text.Initialise(random);
        var tokenizer = BpeTrainer.Train(["an oil portrait of a face"], 600);
        var scheduler = new SchedulerConfig { ClassName = "DDIMScheduler" };
        using var model = new DiffusionModel(tokenizer, text, unet, autoencoder, scheduler, control);
        model.Save(path);
    }

    private static void Use(DiffusionModel model)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        manual_seed(1);
        string[] prompts = ["", "an oil portrait of a face"];
        long[] ids = [.. prompts.SelectMany(model.Tokenizer.Encode).Select(id => (long)id)];
        var (latents, picture) = (randn([1, 4, Side, Side]), rand([2, 3, 8 * Side, 8 * Side]));
        var both = latents.expand(2, -1, -1, -1).contiguous();
        var time = full([2], 500f);
        Tensor? states = null, predicted = null;

        Phase("text states of two prompts", () =>
            states = model.TextEncoder.Forward(Tensor.From<long>(ids, 2, model.Tokenizer.Length)));
        Phase("guidance step, UNet alone", () => predicted = Guided(model.UNet.Forward(both, time, states!)));
        Phase("guidance step, with ControlNet", () => predicted = Guided(model.UNet.Forward(
            both, time, states!, model.ControlNet!.Forward(both, time, states!, picture))));
        if (!predicted!.isfinite().all().ToBoolean())
            throw new InvalidOperationException("the prediction has numbers that are none");
        Phase("decoding the picture", () => model.Autoencoder.Decode(latents));
    }

    private static Tensor Guided(Tensor predicted)
    {
        var (negative, positive) = (predicted.slice(0, 0, 1, 1), predicted.slice(0, 1, 2, 1));
        return negative + (7.5 * (positive - negative));
    }

    /// <summary>
    /// Does something once and prints what it took; what it makes beyond its result is freed before the next.
    /// </summary>
    private static void Phase(string name, Action body)
    {
        ResetPeak();
        var start = Stopwatch.GetTimestamp();
        body();
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {seconds:0.0} | {PeakGibibytes():0.00} |"));
    }

    /// <summary>The kernel forgets the process's highest memory use so far (proc(5), clear_refs).</summary>
    private static void ResetPeak() => File.WriteAllText("/proc/self/clear_refs", "5");

    private static double PeakGibibytes()
    {
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        var kilobytes = line["VmHWM:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim();
        return double.Parse(kilobytes, CultureInfo.InvariantCulture) / (1 << 20);
    }
}

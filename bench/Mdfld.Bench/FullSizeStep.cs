using System.Diagnostics;
using Mdfld.Generation;

namespace Mdfld.Bench;

/// <summary>
/// One guidance step of the UNet of Stable Diffusion 1.5 (random weights, float32) for a picture of 512 x 512, and the
/// most memory the process ever held.
/// </summary>
internal static class FullSizeStep
{
    private const int LatentSide = 64;
    private const int TextLength = 77;
    private const int TextWidth = 768;
    private const int MostRounds = 3;

    public static void Run(int rounds)
    {
        set_num_threads(Environment.ProcessorCount);
        using var noGrad = no_grad();
        using var unet = new UNet(new UNetConfig { CrossAttentionDim = TextWidth });
        unet.Initialise(new Random(1));
        var latents = randn([2, unet.Config.InChannels, LatentSide, LatentSide]);
        var text = randn([2, TextLength, TextWidth]);
        var timestep = full([1], 500f);
        var step = Measurement.Interleaved(Math.Min(rounds, MostRounds), ("step", () =>
        {
            unet.Forward(latents, timestep, text).Dispose();
        }
        ))[0];
        using var self = Process.GetCurrentProcess();
        Console.WriteLine($"## UNet of Stable Diffusion 1.5, {unet.ParameterCount() / 1e6:0} M parameters\n");
        Console.WriteLine(
            "| threads | s a guidance step | peak memory, GiB |\n|---|---|---|");
        Console.WriteLine(
            $"| {get_num_threads()} | {step.Median:0.0} "
            + $"| {self.PeakWorkingSet64 / (double)(1 << 30):0.0} |\n");
    }
}

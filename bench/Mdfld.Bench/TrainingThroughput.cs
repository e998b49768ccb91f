using Mdfld.Training;

namespace Mdfld.Bench;

/// <summary>
/// GFLOP/s of forward + backward: a 3x3 convolution alone, and whole training steps of the compact network.
/// </summary>
internal static class TrainingThroughput
{
    private const int Batch = 16;
    private const int Size = 128;

    public static void Run(int rounds)
    {
        Console.WriteLine("## Training, forward + backward\n");
        Console.WriteLine("| threads | what | ms | GFLOP | GFLOP/s |\n|---|---|---|---|---|");
        foreach (var threads in new[] { 1, 2 })
        {
            TorchLibrary.Threads = threads;
            using var scope = NewDisposeScope();
            using var network = new CompactNetwork(points: 68);
            using var adam = new Adam(network.Parameters(), learningRate: 1e-4);
            var images = randn([Batch, 3, Size, Size]);
            var landmarks = rand([Batch, 68, 2]) * 1.6 - 0.8;
            var loss = new CompactLoss();

            using var convolution = new Conv2d(64, 64, 3);
            var maps = randn([Batch, 64, 64, 64]);
            maps.requires_grad = true;

            Report(
                threads, rounds,
                ("3x3 convolution, 64 to 64 channels, 64 x 64, batch 16", () =>
                {
                    maps.grad = null;
                    convolution.Forward(maps).sum().backward();
                }
            ),
                ("compact network, 128 x 128, batch 16, loss and Adam included", () =>
                {
                    loss.Forward(network, network.Logits(images), landmarks).backward();
                    adam.Step();
                }
            ));
        }
        Console.WriteLine();
    }

    private static void Report(int threads, int rounds, params (string Name, Action Step)[] steps)
    {
        var flops = Array.ConvertAll(steps, step => 3 * CountForward(step.Step));
        var contenders = Array.ConvertAll(steps, step => (step.Name, InScope(step.Step)));
        var measured = Measurement.Interleaved(rounds, contenders);
        for (var i = 0; i < steps.Length; i++)
        {
            var (gigaflop, seconds) = (flops[i] / 1e9, measured[i].Median);
            Console.WriteLine(
                $"| {threads} | {steps[i].Name} | {seconds * 1e3:0.0} | {gigaflop:0.00} | {gigaflop / seconds:0} |");
        }
    }

    private static double CountForward(Action step)
    {
        using var counter = new FlopCounter();
        InScope(step)();
        return counter.Flops;
    }

    private static Action InScope(Action step) => () =>
    {
        using var scope = NewDisposeScope();
        step();
    };
}

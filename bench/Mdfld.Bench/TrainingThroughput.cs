using Mdfld.Training;

namespace Mdfld.Bench;

/// <summary>
/// Forward + backward: a 3x3 convolution alone, and whole training steps of the compact network.
/// </summary>
internal static class TrainingThroughput
{
    private const int Batch = 16;
    private const int Size = 128;

    public static void Run(int rounds)
    {
        Console.WriteLine("## Training, forward + backward\n");
        Console.WriteLine("| threads | what | ms |\n|---|---|---|");
        foreach (var threads in new[] { 1, 2 })
        {
            set_num_threads(threads);
            using var scope = NewDisposeScope();
            using var network = new CompactNetwork(points: 68);
            using var adam = new NamedOptimiser(network, new OptimiserSettings { LearningRate = 1e-4 });
            var images = randn([Batch, 3, Size, Size]);
            var landmarks = rand([Batch, 68, 2]) * 1.6 - 0.8;
            var loss = new CompactLoss();

            var weight = randn([64, 64, 3, 3]);
            weight.requires_grad = true;
            var maps = randn([Batch, 64, 64, 64]);
            maps.requires_grad = true;

            Report(
                threads, rounds,
                ("3x3 convolution, 64 to 64 channels, 64 x 64, batch 16", () =>
                {
                    (maps.grad, weight.grad) = (null, null);
                    conv2d(maps, weight, padding: [1, 1]).sum().backward();
                }
            ),
                ("compact network, 128 x 128, batch 16, loss and Adam included", () =>
                {
                    var logits = network.Logits(images);
                    loss.Forward(network, logits, landmarks, ones([Batch, 68]), LandmarkScheme.Ibug68).backward();
                    adam.Step();
                }
            ));
        }
        Console.WriteLine();
    }

    private static void Report(int threads, int rounds, params (string Name, Action Step)[] steps)
    {
        var contenders = Array.ConvertAll(steps, step => (step.Name, InScope(step.Step)));
        foreach (var measured in Measurement.Interleaved(rounds, contenders))
            Console.WriteLine($"| {threads} | {measured.Name} | {measured.Median * 1e3:0.0} |");
    }

    private static Action InScope(Action step) => () =>
    {
        using var scope = NewDisposeScope();
        step();
    };
}

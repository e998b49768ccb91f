using Mdfld.Generation;

namespace Mdfld.Bench;

/// <summary>
/// A face of the small generator and the parts it is made of, and a training step of base and stage 1: seconds beside
/// the arithmetic they need.
/// </summary>
internal static class GeneratorSpeed
{
    private const int Steps = 20;
    private const int Batch = 16;

    public static void Run(int rounds)
    {
        set_num_threads(Environment.ProcessorCount);
        using var scope = NewDisposeScope();
        using var model = DiffusionModel.Load(Repository.File("models", "generator-small"));
        var size = (int)model.UNet.Config.SampleSize! * model.Autoencoder.Config.Reduction;
        var (_, face) = Repository.Samples()[0];
        var box = face.Landmarks.Max(p => MathF.Max(p.X, p.Y)) * 1.1f;
        var control = ControlImage.Draw([.. face.Landmarks.Select(p => p * size / box)], size, size);
        var pipeline = new DiffusionPipeline(model);
        var request = new PipelineRequest
        {
            Prompt = "an oil portrait of a face",
            Sampler = "dpm++",
            Steps = Steps,
            Control = control,
        };
        var side = size / model.Autoencoder.Config.Reduction;
        var latents = randn([2, model.Autoencoder.Config.LatentChannels, side, side]);
        // Zeros where the UNet would read a photo: there is none.
        var sample = cat([latents, zeros([2, model.UNet.Config.InChannels - latents.shape[1], side, side])], 1);
        var timestep = full([1], 500f);
        var seen = rand([2, 3, size, size]);
        var text = pipeline.TextOf(request).detach();

        Console.WriteLine($"## Small generator, {size} x {size}, {get_num_threads()} threads\n");
        Console.WriteLine("| what | ms |\n|---|---|");
        Report(
            rounds, trains: false,
            ($"a face: {Steps} steps, guidance, control", () => pipeline.Generate(request)),
            ("its two prompts", () => pipeline.TextOf(request)),
            ("one step: UNet and ControlNet, two pictures", () =>
                model.UNet.Forward(sample, timestep, text, model.ControlNet!.Forward(sample, timestep, text, seen))),
            ("one step without control", () => model.UNet.Forward(sample, timestep, text)),
            ("its decoding", () => model.Autoencoder.Decode(latents.slice(0, 0, 1, 1))));
        ReportTraining(rounds, model, sample, latents, text, seen);
        Console.WriteLine();
    }

    private static void ReportTraining(
        int rounds, DiffusionModel model, Tensor sample, Tensor latents, Tensor text, Tensor seen)
    {
        Tensor Batched(Tensor two) => cat([.. Enumerable.Repeat(two, Batch / 2)], 0);
        var (x, states, conditions) = (Batched(sample), Batched(text), Batched(seen));
        var noise = randn_like(Batched(latents));
        var timesteps = arange(0f, Batch) * 60;

        using (var adam = new NamedOptimiser(model.UNet, new OptimiserSettings { LearningRate = 1e-4 }))
        {
            Report(rounds, trains: true, ($"training step of base, batch {Batch}: UNet, Adam", () =>
            {
                Loss(model.UNet.Forward(x, timesteps, states), noise).backward();
                adam.Step();
            }
            ));
        }
        model.UNet.RequireGrad(false);
        using (var adam = new NamedOptimiser(model.ControlNet!, new OptimiserSettings { LearningRate = 1e-4 }))
        {
            Report(rounds, trains: true, ($"training step of stage 1, batch {Batch}: ControlNet alone, Adam", () =>
            {
                var control = model.ControlNet!.Forward(x, timesteps, states, conditions);
                Loss(model.UNet.Forward(x, timesteps, states, control), noise).backward();
                adam.Step();
            }
            ));
        }
    }

    private static Tensor Loss(Tensor predicted, Tensor noise)
    {
        var off = predicted - noise;
        return (off * off).mean();
    }

    private static void Report(int rounds, bool trains, params (string Name, Action Body)[] works)
    {
        var contenders = works.Select(work => (work.Name, (Action)(() => Alone(work.Body, trains)))).ToArray();
        foreach (var measured in Measurement.Interleaved(rounds, contenders))
            Console.WriteLine($"| {measured.Name} | {measured.Median * 1e3:0.0} |");
    }

    private static void Alone(Action body, bool trains)
    {
        using var scope = NewDisposeScope();
        if (trains)
        {
            body();
            return;
        }
        using var noGrad = no_grad();
        body();
    }
}

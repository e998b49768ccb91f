namespace Mdfld.Cli.Original;

/// <summary>--mode train: the original's training as a recipe of ours.</summary>
internal static class OriginalTrain
{
    // conf/alignment.py: the learning rate falls to a tenth after these epochs.
    private static readonly int[] Milestones = [200, 350, 450];

    /// <summary>
    /// Trains on train.tsv, validates on test.tsv, and at the end measures the best weights as test does.
    /// </summary>
    /// <returns>The exit code.</returns>
    public static int Run(OriginalJob job, OriginalLog log, CancellationToken stop)
    {
        if (job.Weights is not null && !File.Exists(job.Weights))
            throw new UsageException($"--pretrained_weight {job.Weights}: no such file");
        var train = OriginalFaces.Read(job, "train.tsv");
        var validation = OriginalFaces.Read(job, "test.tsv");
        var recipe = Recipe(job, train.Folder.Faces.Count);
        var steps = StepsOf(job, train.Folder.Faces.Count);
        var detector = new DetectorJob(recipe, [train.Folder], [validation.Folder]);
        var trainer = new Trainer(recipe, detector, Path.Combine(job.WorkFolder, "model"));
        log.Begin(job);
        train.Announce(log);
        validation.Announce(log);
        if (job.DeviceIds.Count > 1)
            log.Warn($"One device trains, not {job.DeviceIds.Count}");
        log.Info($"Dataset size: {train.Folder.Faces.Count}, {validation.Folder.Faces.Count} to validate");
        log.Info(job.Weights is null
            ? "Begins with random weights" : $"{(job.IsResumed ? "Goes on with" : "Begins with")} {job.Weights}");
        if (!trainer.Run(job.IsResumed, new Lines(steps, job.Epochs, log), stop).Finished)
        {
            log.Info($"Stopped; go on with --pretrained_weight {trainer.LastCheckpoint}");
            return ExitCode.Interrupted;
        }
        log.Info("Training finished");
        Conclude(job, validation.Folder, log, stop);
        return 0;
    }

    /// <summary>The original's settings; of the augmentation only the crop's width is a choice.</summary>
    public static DetectorRecipe Recipe(OriginalJob job, int faces)
    {
        var steps = StepsOf(job, faces);
        var phases = new List<Phase>();
        for (var (i, epoch) = (0, 0); epoch < job.Epochs; i++)
        {
            var end = i < Milestones.Length ? Math.Min(Milestones[i], job.Epochs) : job.Epochs;
            var length = (long)(end - epoch) * steps;
            if (length > int.MaxValue)
                throw new UsageException($"{job.Epochs} epochs of {steps} steps are too many");
            phases.Add(new Phase { Steps = (int)length, Size = StarOptions.CropSize, Rate = Math.Pow(10, -i) });
            epoch = end;
        }
        return new DetectorRecipe
        {
            Name = job.Data,
            Network = NetworkKind.Star,
            Batch = job.Batch,
            Replicas = 1,
            Device = job.Device.ToString(),
            Start = job.Weights,
            Optimiser = new OptimiserSettings { Kind = OptimiserKind.Adam, LearningRate = job.LearningRate, Clip = 0 },
            Average = Math.Pow(0.5, job.Batch / 10000.0),
            AverageWarmup = false,
            Phases = phases,
            Data = [new DataRecipe { Name = "train.tsv" }],
            Validation = ["test.tsv"],
            ValidateEvery = steps,
            Augmentation = new() { CropFactor = 1 },
            Star = new StarRecipe
            {
                Channels = Channels(job),
                Version = job.Loss.Version,
                Distance = job.Loss.Distance,
                Weight = job.Loss.SpreadWeight,
                OriginalAugmentation = true,
            },
        };
    }

    private static int StepsOf(OriginalJob job, int faces) => (faces + job.Batch - 1) / job.Batch;

    /// <summary>256, or those of the checkpoint that training begins with.</summary>
    private static int Channels(OriginalJob job)
    {
        if (job.Weights is null)
            return new StarRecipe().Channels;
        if (ModelFile.Open(job.Weights).Kind == ModelKind.TorchScript)
            throw new UsageException($"--pretrained_weight {job.Weights}: TorchScript runs, but is not trained here");
        using var network = StarCheckpoint.Load(job.Weights);
        var options = network.Options;
        var byDefault = new StarOptions(options.Scheme, options.Channels);
        return options == byDefault && options.Scheme.Count == job.Scheme.Count
            ? options.Channels
            : throw new UsageException(
                $"--pretrained_weight {job.Weights}: {options.Stacks} stacks, {options.Levels} levels, "
                + $"{options.Scheme.Count} points; "
                + $"expected {byDefault.Stacks}, {byDefault.Levels}, {job.Scheme.Count}");
    }

    private sealed class Lines(int steps, int epochs, OriginalLog log) : ITrainingObserver
    {
        public void Begin(TrainingHeader header)
        {
        }

        public void Report(TrainingReport report)
        {
            var (epoch, step) = (((report.Step - 1) / steps) + 1, ((report.Step - 1) % steps) + 1);
            log.Info(string.Create(
                CultureInfo.InvariantCulture,
                $" -->>[{epoch:000}/{epochs:000}][{step:000}/{steps:000}] Average Loss: {report.Loss:0.000000}, "
                + $"{report.SamplesPerSecond:0.0} faces/s, {report.TimeLeft:d\\.hh\\:mm\\:ss} left"));
            foreach (var (name, nme) in report.Validation ?? [])
                log.Info(FormattableString.Invariant($"Val_net_ema of {name}: NME {nme / 100:0.000000}"));
        }
    }

    /// <summary>
    /// Measures the best weights, and gives the run's folder the name that the original gives it then.
    /// </summary>
    private static void Conclude(OriginalJob job, FaceFolder validation, OriginalLog log, CancellationToken stop)
    {
        var best = Path.Combine(job.WorkFolder, "model", "best.safetensors");
        using var network = OriginalNetwork.Load(job with { Weights = best });
        var errors = OriginalTest.Measure(network, validation, job, null, stop)[^1];
        log.Info(OriginalTest.Tested(errors, job.Scheme));
        var folder = string.Create(CultureInfo.InvariantCulture, $"{job.WorkFolder}-fin-{errors.Average():0.0000}");
        if (Directory.Exists(folder))
            return;
        log.Info($"The run is in {folder}");
        Directory.Move(job.WorkFolder, folder);
    }
}

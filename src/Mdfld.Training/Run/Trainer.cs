using System.Diagnostics;

namespace Mdfld.Training;

/// <summary>
/// Trains any network. The result is a function of settings, data and the number of threads: a run that was stopped,
/// or killed, goes on from its last checkpoint to the same weights. Several processes share every batch and hold the
/// same weights; the first of them validates and writes.
/// </summary>
/// <param name="job">The network, its samples and its validation.</param>
/// <param name="folder">Where checkpoints and logs go; made if missing.</param>
/// <param name="group">The processes that train together; null is this one alone.</param>
public sealed class Trainer(RunSettings settings, TrainingJob job, string folder, ProcessGroup? group = null)
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(5);

    private readonly int _processes = group?.Size ?? 1;

    /// <summary>The newest checkpoint, from which a run goes on.</summary>
    public string LastCheckpoint => Path.Combine(folder, "last.safetensors");

    /// <summary>The checkpoint that validated best; there is none where nothing is validated.</summary>
    public string BestCheckpoint => Path.Combine(folder, "best.safetensors");

    private bool Writes => group is not { Rank: > 0 };

    /// <summary>Runs to the end of the settings' phases.</summary>
    /// <param name="resume">Whether to go on from <see cref="LastCheckpoint"/>.</param>
    /// <param name="show">Is told of the run before its first step, every few seconds, and of every validation.</param>
    /// <exception cref="InvalidOperationException">
    /// The loss or its gradient is no longer finite, the folder holds a run that is not resumed, or the processes
    /// cannot share a batch.
    /// </exception>
    public TrainingResult Run(bool resume, ITrainingObserver show, CancellationToken stop)
    {
        if (!resume && File.Exists(LastCheckpoint))
            throw new InvalidOperationException(
                $"{folder} holds a run already: --resume goes on with it, --out takes another folder");
        if (settings.SamplesAtOnce(_processes) * _processes * settings.Replicas * settings.Accumulate != settings.Batch)
            throw new InvalidOperationException(
                $"a batch of {settings.Batch} cannot be shared by {_processes} processes "
                + $"of {settings.Replicas} replicas");
        Directory.CreateDirectory(folder);
        using var thread = new TrainingThread();
        return thread.Run(() => Train(resume, show, stop)).GetAwaiter().GetResult();
    }

    private TrainingResult Train(bool resume, ITrainingObserver show, CancellationToken stop)
    {
        var device = Devices.Parse(settings.Device);
        var threads = settings.Threads ?? Math.Max(1, Environment.ProcessorCount / settings.Replicas);
        set_num_threads(threads);

        // The network, its moving average and its optimiser, as they begin or as they were left.
        using var replicas = new ReplicaSet(settings.Replicas, job.MakeTask, new Random(settings.Seed), device);
        var network = replicas.First.Network;
        if (!resume && settings.Start is { } start)
        {
            using var checkpoint = Checkpoint.Load(start);
            var entry = TrainingCheckpoint.StartOf(checkpoint);
            network.LoadStateDict(checkpoint, entry, mayStay: replicas.First.MayBeAdded);
        }
        using var average = new ExponentialMovingAverage(network);
        using var optimiser = new NamedOptimiser(network, settings.Optimiser);
        var state = resume
            ? TrainingCheckpoint.Restore(LastCheckpoint, network, average, optimiser) : new TrainingState();
        AgreeOn(state.Step, network);
        replicas.CopyWeights();

        // The data, and a second network with the averaged weights to validate.
        using var validated = Writes && job.Validates ? job.MakeTask() : null;
        validated?.To(device);
        var validate = validated is null ? null : job.Validator(validated, device, stop);
        var source = job.Load(replicas.First, stop);
        using var batches = new BatchLoader(settings, source, state.Step, group?.Rank ?? 0, _processes);
        using var log = Writes ? new TrainingLog(folder, state.Step, job.Measure) : null;
        log?.Show("train/samples", state.Step, job.Preview(settings.At(state.Step).Phase, new Random(settings.Seed)));

        var parameters = network.Parameters().Select(p => p.Tensor).ToArray();
        var meter = new Meter(settings, state.Step);
        var saved = Stopwatch.StartNew();
        var stopped = false;
        if (state.Step < settings.Steps)
            show.Begin(new TrainingHeader(
                job.Properties[TrainingCheckpoint.NetworkKey], network.ParameterCount(), job.Samples,
                network.ComputeType is { } type ? $"{device} ({type.ToString().ToLowerInvariant()})" : device.ToString(),
                _processes, settings.Replicas, threads, state.Step, settings.Steps,
                replicas.TimeOf(batches.Peek()) * settings.Accumulate * (settings.Steps - state.Step)));
        while (state.Step < settings.Steps && !stopped)
        {
            // Forward, loss, backward: gradients add up over the parts of a batch, the replicas and the processes.
            var loss = 0.0;
            for (var part = 0; part < settings.Accumulate; part++)
                loss += replicas.Backward(batches.Next(), 1.0 / settings.Accumulate);
            (loss, stopped) = Average(loss, stop.IsCancellationRequested, parameters);
            var norm = nn.utils.clip_grad_norm_(
                parameters, settings.Optimiser.Clip > 0 ? settings.Optimiser.Clip : double.PositiveInfinity);
            // STAR's loss has maps with a finite loss and no finite gradient; nothing of such a step may reach the
            // weights.
            if (!double.IsFinite(loss) || !double.IsFinite(norm))
            {
                throw new InvalidOperationException(
                    $"step {state.Step} has the loss {loss} and the gradient norm {norm}; the last checkpoint is "
                    + "whole: resume with another optimiser.learning_rate or seed");
            }

            // The step, and the average that follows it; young averages follow faster, or they would long remember
            // the random first weights.
            var rate = optimiser.LearningRate = settings.RateAt(state.Step);
            var young = (state.Step + 1.0) / (state.Step + 10);
            // The replicas wait for this; number by number, it gives the same on any number of threads.
            set_num_threads(threads * settings.Replicas);
            optimiser.Step();
            average.Update(settings.AverageWarmup ? Math.Min(settings.Average, young) : settings.Average);
            replicas.CopyWeights();
            set_num_threads(threads);
            state = state with { Step = state.Step + 1 };
            meter.Add(loss);

            // Validation, checkpoint, log.
            var due = state.Step % settings.ValidateEvery == 0 || state.Step == settings.Steps;
            if (log is null || (!due && meter.Elapsed < ReportEvery))
                continue;
            var report = meter.Take(state.Step) with
            {
                LearningRate = rate,
                GradientNorm = norm,
                Measure = job.Measure,
            };
            if (due && validated is not null)
            {
                average.CopyTo(validated.Network);
                validated.Network.Eval();
                report = report with { Validation = validate?.Invoke() };
                if (report.Validation?.Average(m => m.Value) is { } error)
                {
                    state = state with { Last = error };
                    if (error < state.Best)
                        Save(BestCheckpoint, state = state with { Best = error, BestStep = state.Step });
                }
                if (job.Sheet(validated) is { } sheet)
                    log.ShowSheet(state.Step, sheet);
            }
            log.Write(report);
            show.Report(report);
            if (saved.Elapsed.TotalMinutes >= settings.CheckpointMinutes)
            {
                Save(LastCheckpoint, state);
                saved.Restart();
            }
        }
        if (Writes)
            Save(LastCheckpoint, state);
        // No process returns before the checkpoint is on the disk.
        group?.Barrier();
        return new TrainingResult(
            state.Step >= settings.Steps, state.Best < state.Last ? BestCheckpoint : LastCheckpoint, state);

        void Save(string path, TrainingState reached) =>
            TrainingCheckpoint.Save(path, network, average, optimiser, reached, job.Properties);
    }

    /// <summary>All processes begin with the weights of the first, at one step.</summary>
    private void AgreeOn(long step, Module network)
    {
        if (group is null)
            return;
        using var scope = NewDisposeScope();
        var first = Tensor.From<long>([step], 1);
        group.Broadcast([first]);
        if (first.item<long>() != step)
        {
            throw new InvalidOperationException(
                $"process {group.Rank} begins with step {step}, the first with {first.item<long>()}: "
                + "all need the same --out folder");
        }
        group.Broadcast(network.StateDict().Select(t => t.Tensor));
    }

    /// <summary>
    /// Gradients and loss become the mean over the processes. None may stop before the others: they would wait for it.
    /// </summary>
    private (double Loss, bool Stop) Average(double loss, bool stop, Tensor[] parameters)
    {
        if (group is null)
            return (loss, stop);
        using var scope = NewDisposeScope();
        var shared = Tensor.From<double>([loss, stop ? 1 : 0], 2);
        group.Average([shared, .. parameters.Select(p => p.grad).OfType<Tensor>()]);
        var mean = shared.ToArray<double>();
        return (mean[0], mean[1] > 0);
    }

    /// <summary>Means and rates between two reports.</summary>
    private sealed class Meter(RunSettings settings, long step)
    {
        private readonly Stopwatch _watch = Stopwatch.StartNew();
        private long _first = step;
        private double _loss;
        private int _count;

        public TimeSpan Elapsed => _watch.Elapsed;

        public void Add(double loss)
        {
            _loss += loss;
            _count++;
        }

        public TrainingReport Take(long step)
        {
            var stepsPerSecond = (step - _first) / Math.Max(1e-9, _watch.Elapsed.TotalSeconds);
            var left = TimeSpan.FromSeconds((settings.Steps - step) / Math.Max(1e-9, stepsPerSecond));
            var loss = _loss / Math.Max(1, _count);
            var report = new TrainingReport(step, settings.Steps, loss, 0, 0, stepsPerSecond * settings.Batch, left);
            (_first, _loss, _count) = (step, 0, 0);
            _watch.Restart();
            return report;
        }
    }
}

/// <summary>Where a run stands.</summary>
/// <param name="Best">The least validation error so far, the mean over the sets.</param>
/// <param name="BestStep">The step that had it.</param>
public sealed record TrainingState(
    long Step = 0, double Best = double.PositiveInfinity, long BestStep = 0, double Last = double.PositiveInfinity);

/// <summary>What became of a run.</summary>
/// <param name="Finished">Whether it was done to its end.</param>
/// <param name="Checkpoint">The better of the best and the last checkpoint.</param>
public sealed record TrainingResult(bool Finished, string Checkpoint, TrainingState State);

/// <summary>Watches a run.</summary>
public interface ITrainingObserver
{
    /// <summary>Is told of the run before its first step.</summary>
    void Begin(TrainingHeader header);

    /// <summary>Is told every few seconds, and of every validation.</summary>
    void Report(TrainingReport report);
}

/// <summary>A run as it begins.</summary>
/// <param name="Parameters">Numbers that are trained.</param>
/// <param name="Samples">Samples in an epoch.</param>
/// <param name="Processes">Processes that share a batch.</param>
/// <param name="Replicas">Copies of the network in each.</param>
/// <param name="Step">Steps done already.</param>
/// <param name="Expected">About how long the rest takes: its steps at the pace of a first one.</param>
public sealed record TrainingHeader(
    string Network, long Parameters, int Samples, string Device, int Processes, int Replicas, int Threads, long Step,
    long Steps, TimeSpan Expected);

/// <summary>How a run goes.</summary>
/// <param name="Loss">Mean loss since the last report.</param>
/// <param name="LearningRate">Of the last step.</param>
/// <param name="GradientNorm">Of the last step, before clipping.</param>
/// <param name="SamplesPerSecond">Since the last report.</param>
/// <param name="TimeLeft">At that rate.</param>
public sealed record TrainingReport(
    long Step,
    long Steps,
    double Loss,
    double LearningRate,
    double GradientNorm,
    double SamplesPerSecond,
    TimeSpan TimeLeft)
{
    /// <summary>What was validated, such as "nme".</summary>
    public string Measure { get; init; } = "";

    /// <summary>The error by validation set, less being better, where this report has a validation.</summary>
    public IReadOnlyList<(string Name, double Value)>? Validation { get; init; }
}

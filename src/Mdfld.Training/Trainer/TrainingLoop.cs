using System.Diagnostics;
using Mdfld.Training.Weights;

namespace Mdfld.Training;

/// <summary>
/// Trains a network by its recipe. The result is a function of recipe, data and the number of threads: a run that was
/// stopped, or killed, goes on from its last checkpoint to the same weights. Several processes share every batch and
/// hold the same weights; the first of them writes.
/// </summary>
public sealed class TrainingLoop(Recipe recipe, TrainingPlan plan, string folder, ProcessGroup? group = null)
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(5);

    private readonly Recipe _recipe = recipe;
    private readonly TrainingPlan _plan = plan;
    private readonly string _folder = folder;
    private readonly ProcessGroup? _group = group;

    /// <summary>The newest checkpoint; <c>best.safetensors</c> beside it is the one that validated best.</summary>
    public string LastCheckpoint => Path.Combine(_folder, "last.safetensors");

    private bool Writes => _group is not { Rank: > 0 };

    /// <summary>Runs to the end of the recipe.</summary>
    /// <param name="resume">Whether to go on from <see cref="LastCheckpoint"/>.</param>
    /// <param name="report">Is told every few seconds, and of every measurement.</param>
    /// <param name="stop">Saves and returns.</param>
    /// <returns>Whether the recipe was done to its end.</returns>
    /// <exception cref="InvalidOperationException">
    /// The loss or its gradient is no longer finite, or the folder holds a run that is not resumed.
    /// </exception>
    public bool Run(bool resume, Action<TrainingReport> report, CancellationToken stop)
    {
        if (!resume && File.Exists(LastCheckpoint))
            throw new InvalidOperationException(
                $"{_folder} holds a run already: --resume goes on with it, --out takes another folder");
        var processes = _group?.Size ?? 1;
        if (_recipe.Batch % (processes * _recipe.Accumulate * _recipe.Replicas * _recipe.Looks) != 0)
        {
            throw new InvalidOperationException(
                $"a batch of {_recipe.Batch} cannot be shared by {processes} processes of {_recipe.Replicas} replicas");
        }
        Directory.CreateDirectory(_folder);
        using var thread = new TrainingThread();
        return thread.Run(() => Train(resume, report, stop)).GetAwaiter().GetResult();
    }

    private bool Train(bool resume, Action<TrainingReport> report, CancellationToken stop)
    {
        var device = Devices.Parse(_recipe.Device);
        set_num_threads(_recipe.Threads ?? Math.Max(1, Environment.ProcessorCount / _recipe.Replicas));
        using var replicas = new ReplicaSet(
            _recipe.Replicas, _plan.MakeTask, new Random(_recipe.Seed), device, _recipe.Precision);
        using var measured = Writes && _plan.Measures ? _plan.MakeTask() : null;
        measured?.To(device);
        var network = replicas.First.Network;
        if (!resume && _recipe.Start is { } start)
        {
            using var checkpoint = Checkpoint.Load(start);
            network.LoadStateDict(
                checkpoint, TrainingCheckpoint.StartOf(checkpoint), mayStay: replicas.First.MayBeAdded);
        }
        using var average = new ExponentialMovingAverage(network);
        using var optimiser = new NamedOptimiser(network, _recipe.Optimiser);
        var (step, best) = resume
            ? TrainingCheckpoint.Restore(LastCheckpoint, network, average, optimiser)
            : (0L, double.PositiveInfinity);
        var shared = _group is null ? null : new SharedGradients(_group, network, device, step);
        replicas.Follow();

        var measure = measured is null ? null : _plan.Measurer(measured, device, stop);
        var source = _plan.Load(replicas.First, stop);
        using var batches = new BatchLoader(_recipe, source, step, _group?.Rank ?? 0, _group?.Size ?? 1);
        using var log = Writes ? new TrainingLog(_folder, step, _plan.Measure) : null;
        log?.Show("train/faces", step, _plan.Preview(_recipe.At(step).Phase, new Random(_recipe.Seed)));
        var meter = new Meter(step);
        var saved = Stopwatch.StartNew();
        var (rate, norm) = (0.0, 0.0);
        var stopped = shared is null && stop.IsCancellationRequested;
        while (step < _recipe.Steps && !stopped)
        {
            var loss = 0.0;
            for (var part = 0; part < _recipe.Accumulate; part++)
                loss += replicas.Backward(batches.Next(), 1.0 / _recipe.Accumulate);
            // Nobody may leave alone: the others would wait for his gradients.
            stopped = stop.IsCancellationRequested;
            if (shared is not null)
                (loss, stopped) = shared.Average(loss, stopped);
            var clip = _recipe.Optimiser.Clip;
            norm = nn.utils.clip_grad_norm_(network.Parameters().Select(p => p.Tensor), clip > 0 ? clip : double.PositiveInfinity);
            // STAR's loss has maps with a finite loss and no finite gradient; nothing of such a step may reach the
            // weights.
            if (!double.IsFinite(loss) || !double.IsFinite(norm))
            {
                throw new InvalidOperationException(
                    $"step {step} has the loss {loss} and the gradient norm {norm}; the last checkpoint is whole: "
                    + "resume with another optimiser.learning_rate or seed");
            }
            var (phase, progress) = _recipe.At(step);
            optimiser.LearningRate = rate = Rate * double.Lerp(phase.Rate, phase.RateEnd ?? phase.Rate, progress);
            optimiser.Step();
            // Young averages follow faster, or they would long remember the random first weights.
            var young = (step + 1.0) / (step + 10);
            average.Update(_recipe.AverageWarmup ? Math.Min(_recipe.Average, young) : _recipe.Average);
            replicas.Follow();
            step++;
            meter.Add(loss);

            var due = step % _recipe.ValidateEvery == 0 || step == _recipe.Steps;
            if (!due && meter.Elapsed < ReportEvery)
                continue;
            IReadOnlyList<(string Name, double Value)>? validation = null;
            var now = meter.Take(step, _recipe);
            if (due && measured is not null)
            {
                average.CopyTo(measured.Network);
                measured.Network.Eval();
                validation = measure?.Invoke();
                if (validation?.Average(m => m.Value) is { } mean && mean < best)
                {
                    best = mean;
                    Save("best.safetensors");
                }
                if (_plan.Samples(measured) is { } samples)
                    log?.Show("samples", step, samples);
            }
            if (log is null)
                continue;
            var state =
                now with { LearningRate = rate, GradientNorm = norm, Measure = _plan.Measure, Validation = validation };
            log.Write(state);
            report(state);
            if (saved.Elapsed.TotalMinutes >= _recipe.CheckpointMinutes)
            {
                Save("last.safetensors");
                saved.Restart();
            }
        }
        if (Writes)
            Save("last.safetensors");
        // Whoever reads the checkpoint next finds it whole.
        _group?.Barrier();
        return step >= _recipe.Steps;

        void Save(string name) =>
            TrainingCheckpoint.Save(
                Path.Combine(_folder, name), network, average, optimiser, step, best, _plan.Properties);
    }

    private double Rate => _recipe.Optimiser.LearningRate;

    /// <summary>Means and rates between two reports.</summary>
    private sealed class Meter(long step)
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

        public TrainingReport Take(long step, Recipe recipe)
        {
            var stepsPerSecond = (step - _first) / Math.Max(1e-9, _watch.Elapsed.TotalSeconds);
            var left = TimeSpan.FromSeconds((recipe.Steps - step) / Math.Max(1e-9, stepsPerSecond));
            var loss = _loss / Math.Max(1, _count);
            var report = new TrainingReport(step, recipe.Steps, loss, 0, 0, stepsPerSecond * recipe.Batch, left);
            (_first, _loss, _count) = (step, 0, 0);
            _watch.Restart();
            return report;
        }
    }
}

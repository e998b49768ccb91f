using System.Diagnostics;
using Mdfld.Torch;
using Mdfld.Torch.Checkpoints;
using Mdfld.Training.Star;

namespace Mdfld.Training;

/// <summary>
/// Trains a detector by its recipe. The result is a function of recipe, data and the machine's number of cores: a run
/// that was stopped, or killed, goes on from its last checkpoint to the same weights.
/// </summary>
public sealed class DetectorTrainer
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(5);

    private readonly Recipe _recipe;
    private readonly IReadOnlyList<FaceFolder> _data;
    private readonly IReadOnlyList<FaceFolder> _validation;
    private readonly string _folder;

    /// <param name="recipe">What to do.</param>
    /// <param name="dataRoots">Folders in which the recipe's data folders are looked for, in turn.</param>
    /// <param name="folder">Where checkpoints and logs go; made if missing.</param>
    /// <exception cref="DirectoryNotFoundException">A data folder is in none of the roots.</exception>
    public DetectorTrainer(Recipe recipe, IReadOnlyList<string> dataRoots, string folder)
    {
        (_recipe, _folder) = (recipe, folder);
        _data = DataFolders.Open(recipe.Data.Select(d => d.Name), dataRoots);
        _validation = DataFolders.Open(recipe.Validation, dataRoots);
    }

    /// <summary>The newest checkpoint; <c>best.safetensors</c> beside it is the one that validated best.</summary>
    public string LastCheckpoint => Path.Combine(_folder, "last.safetensors");

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
            throw new InvalidOperationException($"{_folder} holds a run already: --resume goes on with it, --out takes another folder");
        Directory.CreateDirectory(_folder);
        var device = Device.Parse(_recipe.Device);
        TorchLibrary.Threads = Math.Max(1, Environment.ProcessorCount / _recipe.Replicas);
        using var replicas = new ReplicaSet(_recipe.Replicas, MakeTask, new Random(_recipe.Seed), device);
        using var measured = MakeTask();
        measured.Network.To(device);
        var network = replicas.First.Network;
        if (!resume && _recipe.Start is { } start)
        {
            using var checkpoint = Checkpoint.Load(start);
            network.LoadStateDict(checkpoint, TrainingCheckpoint.Average);
        }
        using var average = new ExponentialMovingAverage(network);
        using var optimiser = MakeOptimiser(network);
        var (step, best) = resume
            ? TrainingCheckpoint.Restore(LastCheckpoint, network, average, optimiser)
            : (0L, double.PositiveInfinity);
        replicas.Follow();

        var size = _recipe.Phases.Max(p => p.Size);
        var validator = new Validator(
            measured, _validation, _recipe.Phases[^1].Size, _recipe.Augmentation.CropFactor, device, stop);
        var faces = FaceStore.Load(_data, size, _recipe.Augmentation.CropFactor, stop)
            .SelectMany((folder, i) => Enumerable.Repeat(folder, _recipe.Data[i].Repeat).SelectMany(f => f)).ToArray();
        using var batches = new BatchLoader(_recipe, replicas.First, faces, step);
        using var log = new TrainingLog(_folder, step);
        var random = new Random(_recipe.Seed);
        log.Show("train/faces", step, TrainingPreview.Draw(
            _recipe, random.GetItems(faces, 48), _data[0].Scheme, _recipe.At(step).Phase, random));
        var meter = new Meter(step);
        var saved = Stopwatch.StartNew();
        var (rate, norm) = (0.0, 0.0);
        while (step < _recipe.Steps && !stop.IsCancellationRequested)
        {
            var loss = replicas.Backward(batches.Next());
            var clip = _recipe.Optimiser.Clip;
            norm = Gradients.ClipNorm(network.Parameters(), clip > 0 ? clip : double.PositiveInfinity);
            // STAR's loss has maps with a finite loss and no finite gradient; nothing of such a step may reach the weights.
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

            var measure = step % _recipe.ValidateEvery == 0 || step == _recipe.Steps;
            if (!measure && meter.Elapsed < ReportEvery)
                continue;
            IReadOnlyList<(string Name, double Nme)>? nme = null;
            var now = meter.Take(step, _recipe);
            if (measure && _validation.Count > 0)
            {
                average.CopyTo(measured.Network);
                measured.Network.Eval();
                nme = validator.Measure();
                var mean = nme.Average(m => m.Nme);
                if (mean < best)
                {
                    best = mean;
                    Save("best.safetensors");
                }
            }
            var state = now with { LearningRate = rate, GradientNorm = norm, Validation = nme };
            log.Write(state);
            report(state);
            if (saved.Elapsed.TotalMinutes >= _recipe.CheckpointMinutes)
            {
                Save("last.safetensors");
                saved.Restart();
            }
        }
        Save("last.safetensors");
        return step >= _recipe.Steps;

        void Save(string name) =>
            TrainingCheckpoint.Save(Path.Combine(_folder, name), replicas.First, average, optimiser, step, best, _recipe);
    }

    private DetectorTask MakeTask() => TaskFor(_recipe, _data[0].Scheme);

    /// <summary>The task a recipe names.</summary>
    internal static DetectorTask TaskFor(Recipe recipe, LandmarkScheme scheme) => recipe.Network switch
    {
        NetworkKind.Star => new StarTask(
            new StarOptions(scheme, recipe.Star.Channels),
            new StarLoss(recipe.Star.Version, recipe.Star.Distance, recipe.Star.Weight)),
        _ => new CompactTask(scheme, recipe.Loss, recipe.Width, recipe.Stacks),
    };

    private double Rate => _recipe.Optimiser.LearningRate;

    private Optimiser MakeOptimiser(Module network) => _recipe.Optimiser.Kind switch
    {
        OptimiserKind.Sgd => new Sgd(network.Parameters(), Rate, momentum: 0.9, _recipe.Optimiser.WeightDecay),
        OptimiserKind.Adam => new Adam(network.Parameters(), Rate),
        _ => new Adam(network.Parameters(), Rate, weightDecay: _recipe.Optimiser.WeightDecay),
    };

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
            var report = new TrainingReport(step, recipe.Steps, loss, 0, 0, stepsPerSecond * recipe.Batch, left, null);
            (_first, _loss, _count) = (step, 0, 0);
            _watch.Restart();
            return report;
        }
    }
}

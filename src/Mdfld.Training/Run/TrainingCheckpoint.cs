using System.Runtime.InteropServices;

namespace Mdfld.Training;

/// <summary>
/// A run on disk: weights, their moving average, the optimiser's moments and the step, in one safetensors file that
/// appears complete or not at all.
/// </summary>
public static class TrainingCheckpoint
{
    /// <summary>Prefix of the weights as trained.</summary>
    public const string Network = "net";

    /// <summary>Prefix of the averaged weights, which are validated and exported.</summary>
    public const string Average = "net_ema";

    /// <summary>Metadata: the model's name.</summary>
    public const string NameKey = "mdfld.name";

    /// <summary>Metadata: the kind of network.</summary>
    public const string NetworkKey = "mdfld.network";

    private const string OptimiserState = "optimiser";
    private const string StepKey = "mdfld.step";
    private const string BestKey = "mdfld.best_error";
    private const string BestStepKey = "mdfld.best_step";
    private const string LastKey = "mdfld.last_error";

    /// <summary>
    /// The state dict of a file that one goes on with: of ours the average, of the original's its network; null where
    /// the file is one state dict.
    /// </summary>
    public static string? StartOf(Checkpoint checkpoint) =>
        checkpoint.Metadata.ContainsKey(NetworkKey) ? Average
        : checkpoint.HasStateDict(Network) ? Network
        : null;

    internal static void Save(
        string path, Module network, ExponentialMovingAverage average, NamedOptimiser optimiser,
        TrainingState state, IReadOnlyDictionary<string, string> properties)
    {
        using var scope = NewDisposeScope();
        var tensors = Named(Network, network.StateDict())
            .Concat(Named(Average, average.StateDict()))
            .Concat(Named(OptimiserState, optimiser.State()));
        SafeTensors.Write(path, tensors, new Dictionary<string, string>(properties)
        {
            [StepKey] = state.Step.ToString(CultureInfo.InvariantCulture),
            [BestKey] = state.Best.ToString("R", CultureInfo.InvariantCulture),
            [BestStepKey] = state.BestStep.ToString(CultureInfo.InvariantCulture),
            [LastKey] = state.Last.ToString("R", CultureInfo.InvariantCulture),
        });
    }

    /// <summary>
    /// Keeps one state dict, as the average, and the metadata; a run cannot go on from it. Filters and matrices are
    /// rounded to float16, half of the size; norms, whose variances float16 cannot hold, are not, nor what is too large.
    /// </summary>
    internal static void SaveWeights(Checkpoint checkpoint, string path, string entry)
    {
        string[] ofTheRun = [StepKey, BestKey, BestStepKey, LastKey];
        SafeTensors.Write(
            path,
            checkpoint.StateDict(entry).Select(t => ($"{Average}.{t.Key}", Rounded(t.Value))),
            checkpoint.Metadata.Where(m => !ofTheRun.Contains(m.Key)).ToDictionary());

        static RawTensor Rounded(RawTensor raw)
        {
            if (raw.Shape.Length < 2 || raw.Type != ScalarType.Float32)
                return raw;
            Half[] rounded = [.. raw.ToArray<float>().Select(v => (Half)v)];
            if (!Array.TrueForAll(rounded, Half.IsFinite))
                return raw;
            return new RawTensor(ScalarType.Float16, raw.Shape, MemoryMarshal.AsBytes(rounded.AsSpan()).ToArray());
        }
    }

    /// <summary>Resumes a run.</summary>
    /// <exception cref="InvalidDataException">The file is no checkpoint of this network.</exception>
    internal static TrainingState Restore(
        string path, Module network, ExponentialMovingAverage average, NamedOptimiser optimiser)
    {
        using var checkpoint = Checkpoint.Load(path);
        using var scope = NewDisposeScope();
        network.LoadStateDict(checkpoint, Network);
        average.Restore(Find(checkpoint.StateDict(Average)), path);
        if (checkpoint.HasStateDict(OptimiserState))
            optimiser.Restore(Find(checkpoint.StateDict(OptimiserState)));
        return new TrainingState((long)Number(StepKey), Number(BestKey), (long)Number(BestStepKey), Number(LastKey));

        double Number(string key) =>
            double.TryParse(checkpoint.Metadata.GetValueOrDefault(key), CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new InvalidDataException(
                    $"{path}: it does not say its {key}; is it a checkpoint of this version's mdfld train?");
    }

    private static Func<string, Tensor?> Find(IReadOnlyDictionary<string, RawTensor> tensors) =>
        name => tensors.TryGetValue(name, out var raw) ? raw.ToTensor() : null;

    private static IEnumerable<(string Name, RawTensor Tensor)> Named(
        string prefix, IEnumerable<(string Name, Tensor Tensor)> tensors) =>
        tensors.Select(t => ($"{prefix}.{t.Name}", t.Tensor.ToRaw()));
}

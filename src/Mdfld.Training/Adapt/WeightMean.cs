using System.Runtime.InteropServices;

namespace Mdfld.Training;

/// <summary>
/// Weights between those of a model and those it was fine-tuned to: most of what was learnt, and little of what was
/// forgotten (Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022).
/// </summary>
internal static class WeightMean
{
    /// <summary>Writes a checkpoint of averaged weights.</summary>
    /// <param name="start">The checkpoint that the run started from.</param>
    /// <param name="tuned">What it became.</param>
    /// <param name="share">How much of the second, 0 to 1.</param>
    /// <param name="path">The file to write.</param>
    /// <exception cref="InvalidDataException">They are not of one network.</exception>
    public static void Save(string start, string tuned, double share, string path)
    {
        using var first = Checkpoint.Load(start);
        using var second = Checkpoint.Load(tuned);
        var from = first.StateDict(TrainingCheckpoint.StartOf(first));
        SafeTensors.Write(
            path,
            second.StateDict(TrainingCheckpoint.Average).Select(
                t => ($"{TrainingCheckpoint.Average}.{t.Key}", Mean(t.Key, from.GetValueOrDefault(t.Key), t.Value))),
            second.Metadata);

        RawTensor Mean(string name, RawTensor? a, RawTensor b)
        {
            if (a is null || a.Type != b.Type || !a.Shape.SequenceEqual(b.Shape))
                throw new InvalidDataException($"{start}: its '{name}' is not that of the network in {tuned}");
            // Counters of batches.
            if (b.Type != ScalarType.Float32)
                return b;
            var (old, mean) = (a.ToArray<float>(), b.ToArray<float>());
            for (var i = 0; i < mean.Length; i++)
                mean[i] = (float)double.Lerp(old[i], mean[i], share);
            return new RawTensor(b.Type, b.Shape, MemoryMarshal.AsBytes(mean.AsSpan()).ToArray());
        }
    }
}

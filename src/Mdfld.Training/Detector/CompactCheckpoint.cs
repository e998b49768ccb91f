using System.Globalization;
using Mdfld.Training.Weights;

namespace Mdfld.Training;

/// <summary>Reads what <see cref="Trainer"/> wrote of a compact network.</summary>
internal static class CompactCheckpoint
{
    /// <summary>The network of a file, built as the file says.</summary>
    /// <param name="path">A checkpoint, or a model's <c>.safetensors</c>.</param>
    /// <param name="entry">Which of its state dicts.</param>
    /// <exception cref="InvalidDataException">The file is no checkpoint of a compact network.</exception>
    public static CompactNetwork Load(string path, string entry = TrainingCheckpoint.Average)
    {
        using var opened = Checkpoint.Load(path);
        var said = opened.Metadata;
        if (said.GetValueOrDefault(TrainingCheckpoint.NetworkKey) != TrainingCheckpoint.NameOf(NetworkKind.Compact))
            throw new InvalidDataException($"{path}: expected a checkpoint of mdfld train with a compact network");
        var points = (int)Number(said, TrainingCheckpoint.PointsKey, 1, 1000, path);
        // Files from before there were several widths and stacks name none.
        var width = said.ContainsKey(TrainingCheckpoint.WidthKey)
            ? Number(said, TrainingCheckpoint.WidthKey, 0.125, 4, path) : 1;
        var stacks = said.ContainsKey(TrainingCheckpoint.StacksKey)
            ? (int)Number(said, TrainingCheckpoint.StacksKey, 1, 8, path) : 1;
        var network = new CompactNetwork(points, width, stacks);
        try
        {
            network.LoadStateDict(opened, entry);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>A number that a file says of its network.</summary>
    /// <exception cref="InvalidDataException">It is missing, or not within the bounds.</exception>
    public static double Number(
        IReadOnlyDictionary<string, string> said, string key, double low, double high, string path) =>
        double.TryParse(said.GetValueOrDefault(key), CultureInfo.InvariantCulture, out var n) && n >= low && n <= high
            ? n
            : throw new InvalidDataException(
                $"{path}: {key} is '{said.GetValueOrDefault(key)}', expected a number from {low} to {high}");
}

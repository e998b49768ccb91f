using System.Globalization;
using Mdfld.Training.Weights;
using Mdfld.Training.Finder;
using Mdfld.Training.Star;

namespace Mdfld.Training;

/// <summary>Makes ONNX models of trained weights: landmark detectors and face finders.</summary>
public static class DetectorExport
{
    /// <summary>
    /// Exports a checkpoint of <see cref="Trainer"/> or <c>mdfld train finder</c> (its averaged weights) or
    /// of STAR's own code.
    /// </summary>
    /// <param name="checkpoint">A <c>.safetensors</c> or a torch <c>.pkl</c>, <c>.pt</c>, <c>.pth</c>.</param>
    /// <param name="path">
    /// Where the model goes; replaced in one step. One that ends in <c>.safetensors</c> gets the weights alone, without
    /// what only a run to be resumed needs: small enough to keep, and to start another run from.
    /// </param>
    /// <param name="entry">
    /// Which of the file's state dicts; null for <c>net_ema</c> of our own, <c>net</c> of STAR's.
    /// </param>
    /// <exception cref="InvalidDataException">The file is no checkpoint of a network known here.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static void Save(string checkpoint, string path, string? entry = null)
    {
        if (Checkpoint.FormatOf(checkpoint) == WeightFormat.TorchScript)
        {
            throw new InvalidDataException(
                $"{checkpoint}: TorchScript is code and not weights; it runs, but is not exported");
        }
        IReadOnlyDictionary<string, string> metadata;
        using (var opened = Checkpoint.Load(checkpoint))
            metadata = opened.Metadata;
        var network = metadata.GetValueOrDefault(TrainingCheckpoint.NetworkKey);
        if (Path.GetExtension(path) == ".safetensors")
        {
            if (network is null)
                throw new InvalidDataException(
                    $"{checkpoint}: expected a checkpoint of mdfld train to take the weights from");
            TrainingCheckpoint.SaveWeights(checkpoint, path, entry ?? TrainingCheckpoint.Average);
            return;
        }
        if (network == TrainingCheckpoint.NameOf(NetworkKind.Compact))
        {
            SaveCompact(checkpoint, path, entry ?? TrainingCheckpoint.Average, metadata);
            return;
        }
        if (network == TrainingCheckpoint.NameOf(NetworkKind.Finder))
        {
            FinderExport.Save(checkpoint, path, entry ?? TrainingCheckpoint.Average, metadata);
            return;
        }
        entry ??= network is null ? StarCheckpoint.Network : StarCheckpoint.AverageNetwork;
        using var star = StarCheckpoint.Load(checkpoint, entry);
        var factor = metadata.GetValueOrDefault(TrainingCheckpoint.CropFactorKey) ?? "1";
        OnnxExport.Save(
            path, star, StarOptions.CropSize, StarOptions.CropSize,
            Properties(metadata, checkpoint, star.Options.Scheme.Count, StarOptions.CropSize, "bgr", factor));
    }

    private static void SaveCompact(
        string checkpoint, string path, string entry, IReadOnlyDictionary<string, string> metadata)
    {
        using var network = CompactCheckpoint.Load(checkpoint, entry);
        var size = (int)Number(TrainingCheckpoint.SizeKey, 64, 1024);
        OnnxExport.Save(
            path, network, size, size,
            Properties(
                metadata, checkpoint, network.Points, size, "rgb",
                Number(TrainingCheckpoint.CropFactorKey, 0.1, 10).ToString(CultureInfo.InvariantCulture)));

        double Number(string key, double low, double high) =>
            CompactCheckpoint.Number(metadata, key, low, high, checkpoint);
    }

    private static Dictionary<string, string> Properties(
        IReadOnlyDictionary<string, string> metadata,
        string checkpoint, int points, int size, string channels, string factor) => new()
        {
            ["mdfld.name"] = metadata.GetValueOrDefault("mdfld.name") ?? Path.GetFileNameWithoutExtension(checkpoint),
            [TrainingCheckpoint.PointsKey] = points.ToString(CultureInfo.InvariantCulture),
            [TrainingCheckpoint.SizeKey] = size.ToString(CultureInfo.InvariantCulture),
            ["mdfld.channels"] = channels,
            ["mdfld.mean"] = "127.5",
            ["mdfld.std"] = "127.5",
            [TrainingCheckpoint.CropFactorKey] = factor,
        };
}

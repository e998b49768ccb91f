using System.Globalization;
using Mdfld.Training.Weights;

namespace Mdfld.Training;

/// <summary>Makes ONNX models of trained weights: landmark detectors and face finders.</summary>
public static class DetectorExport
{
    /// <summary>Exports a checkpoint of <see cref="Trainer"/> (its averaged weights) or of STAR's own code.</summary>
    /// <param name="checkpoint">A <c>.safetensors</c> or a torch <c>.pkl</c>, <c>.pt</c>, <c>.pth</c>.</param>
    /// <param name="path">
    /// Where the model goes; replaced in one step. One that ends in <c>.safetensors</c> gets the weights only, without
    /// what only a run to be resumed needs, filters in float16: small enough to keep, and to start another run from.
    /// </param>
    /// <param name="entry">The state dict; null for <c>net_ema</c> of our own, <c>net</c> of STAR's.</param>
    /// <exception cref="InvalidDataException">The file is no checkpoint of a network known here.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static void Save(string checkpoint, string path, string? entry = null)
    {
        if (Checkpoint.FormatOf(checkpoint) == WeightFormat.TorchScript)
        {
            throw new InvalidDataException(
                $"{checkpoint}: TorchScript is code and not weights; it runs, but is not exported");
        }
        using var opened = Checkpoint.Load(checkpoint);
        var name = opened.Metadata.GetValueOrDefault(TrainingCheckpoint.NetworkKey);
        // A file that names no network of ours may be the original's.
        var kind = Enum.GetValues<NetworkKind>().FirstOrDefault(k => k.NameOf() == name, NetworkKind.Star);
        if (Path.GetExtension(path) == ".safetensors")
        {
            if (name is null)
                throw new InvalidDataException(
                    $"{checkpoint}: expected a checkpoint of mdfld train to take the weights from");
            TrainingCheckpoint.SaveWeights(opened, path, entry ?? TrainingCheckpoint.Average);
        }
        else if (kind == NetworkKind.Finder)
        {
            FinderCheckpoint.Export(opened, path, entry ?? TrainingCheckpoint.Average);
        }
        else
        {
            Save(opened, path, DetectorNetwork.Of(kind).Read(opened, entry));
        }
    }

    /// <summary>Writes the model of a landmark detector; disposes its network.</summary>
    internal static void Save(Checkpoint checkpoint, string path, TrainedDetector detector)
    {
        using var network = detector.Network;
        OnnxExport.Save(path, network, detector.Size, detector.Size, new Dictionary<string, string>
        {
            [TrainingCheckpoint.NameKey] = checkpoint.Metadata.GetValueOrDefault(TrainingCheckpoint.NameKey)
                ?? Path.GetFileNameWithoutExtension(checkpoint.Path),
            [DetectorProperties.Points] = detector.Points.ToString(CultureInfo.InvariantCulture),
            [DetectorProperties.Size] = detector.Size.ToString(CultureInfo.InvariantCulture),
            ["mdfld.channels"] = detector.Channels,
            ["mdfld.mean"] = "127.5",
            ["mdfld.std"] = "127.5",
            [DetectorProperties.CropFactor] = detector.CropFactor,
        });
    }
}

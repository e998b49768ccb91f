using System.Globalization;
using System.Numerics;
using Mdfld.Training.Weights;

namespace Mdfld.Training;

/// <summary>Trains a <see cref="CompactNetwork"/> with <see cref="CompactLoss"/>.</summary>
/// <param name="width">Multiplies its channels.</param>
/// <param name="stacks">Its hourglasses.</param>
internal sealed class CompactTask(LandmarkScheme scheme, CompactLoss loss, double width = 1, int stacks = 1)
    : DetectorTask
{
    private readonly CompactNetwork _network = new(scheme.Count, width, stacks);

    public override Module Network => _network;

    public override LandmarkScheme Scheme => scheme;

    /// <summary>The task of a recipe.</summary>
    public static CompactTask Make(DetectorRecipe recipe, LandmarkScheme scheme) =>
        new(scheme, recipe.Loss, recipe.Width, recipe.Stacks);

    public override void Initialise(Random random) => _network.Initialise(random);

    public override bool MayBeAdded(string name) => name.StartsWith("hourglass.", StringComparison.Ordinal);

    public override IReadOnlyList<SamplePart> Encode(
        Picture crop, ReadOnlySpan<Vector2> landmarks, ReadOnlySpan<float> weights)
    {
        var units = new float[2 * landmarks.Length];
        for (var i = 0; i < landmarks.Length; i++)
            ((((2 * landmarks[i]) + Vector2.One) / crop.Width) - Vector2.One).CopyTo(units, 2 * i);
        var shares = new float[landmarks.Length];
        Array.Fill(shares, 1);
        weights.CopyTo(shares);
        return [PicturePlanes.Of(crop), new(units, [landmarks.Length, 2]), new(shares, [landmarks.Length])];
    }

    public override Tensor Loss(IReadOnlyList<Tensor> batch) =>
        loss.Forward(_network, _network.Logits(batch[0]), batch[1], batch[2], scheme);

    public override Tensor Predict(Tensor images) => _network.Forward(images);
}

/// <summary>Reads what <see cref="Trainer"/> wrote of a compact network.</summary>
public static class CompactCheckpoint
{
    /// <summary>The network of a file, built as the file says.</summary>
    /// <param name="path">A checkpoint, or a model's <c>.safetensors</c>.</param>
    /// <exception cref="InvalidDataException">The file is no checkpoint of a compact network.</exception>
    public static CompactNetwork Load(string path, string entry = TrainingCheckpoint.Average)
    {
        using var checkpoint = Checkpoint.Load(path);
        return Load(checkpoint, entry);
    }

    /// <summary>A network and what its model file says of it.</summary>
    internal static TrainedDetector Read(Checkpoint checkpoint, string? entry)
    {
        var size = (int)DetectorProperties.Number(checkpoint, DetectorProperties.Size, 64, 1024);
        var factor = DetectorProperties.Number(checkpoint, DetectorProperties.CropFactor, 0.1, 10);
        var network = Load(checkpoint, entry ?? TrainingCheckpoint.Average);
        return new TrainedDetector(network, network.Points, size, "rgb", factor.ToString(CultureInfo.InvariantCulture));
    }

    private static CompactNetwork Load(Checkpoint checkpoint, string entry)
    {
        if (checkpoint.Metadata.GetValueOrDefault(TrainingCheckpoint.NetworkKey) != NetworkKind.Compact.NameOf())
            throw new InvalidDataException(
                $"{checkpoint.Path}: expected a checkpoint of mdfld train with a compact network");
        var points = (int)DetectorProperties.Number(checkpoint, DetectorProperties.Points, 1, 1000);
        // Files from before there were several widths and stacks name none.
        var width = NumberOrOne(DetectorProperties.Width, 0.125, 4);
        var stacks = (int)NumberOrOne(DetectorProperties.Stacks, 1, 8);
        var network = new CompactNetwork(points, width, stacks);
        try
        {
            network.LoadStateDict(checkpoint, entry);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }

        double NumberOrOne(string key, double low, double high) =>
            checkpoint.Metadata.ContainsKey(key) ? DetectorProperties.Number(checkpoint, key, low, high) : 1;
    }
}

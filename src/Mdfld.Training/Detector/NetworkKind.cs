using System.Globalization;
using System.Numerics;
using Mdfld.Training.Weights;

namespace Mdfld.Training;

/// <summary>Networks a recipe can name.</summary>
public enum NetworkKind
{
    /// <summary><see cref="CompactNetwork"/>.</summary>
    Compact,

    /// <summary><see cref="StarNetwork"/>, the original's.</summary>
    Star,

    /// <summary>A face finder's.</summary>
    Finder,
}

/// <summary>The table of landmark detectors' networks, a line each.</summary>
/// <param name="MakeTask">Makes the network and its loss as a recipe says, for the points of a scheme.</param>
/// <param name="Read">Reads a state dict of a checkpoint for export; null is the one that is validated.</param>
internal sealed record DetectorNetwork(
    Func<DetectorRecipe, LandmarkScheme, DetectorTask> MakeTask, Func<Checkpoint, string?, TrainedDetector> Read)
{
    public static DetectorNetwork Of(NetworkKind kind) => kind switch
    {
        NetworkKind.Compact => new(CompactTask.Make, CompactCheckpoint.Read),
        NetworkKind.Star => new(StarTask.Make, StarCheckpoint.Read),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no landmark detector"),
    };
}

/// <summary>A trained network and what its model file says of it.</summary>
/// <param name="Size">Side of the crop, pixels.</param>
/// <param name="Channels">"rgb" or "bgr".</param>
/// <param name="CropFactor">Side of the crop / side of the tight square.</param>
internal sealed record TrainedDetector(Network Network, int Points, int Size, string Channels, string CropFactor);

/// <summary>What the trainer needs to know of a landmark detector beside its loss.</summary>
internal abstract class DetectorTask : TrainingTask
{
    /// <summary>What its landmarks mean.</summary>
    public abstract LandmarkScheme Scheme { get; }

    /// <summary>Whether its loss minds how much each point counts.</summary>
    public virtual bool TakesWeights => true;

    /// <summary>Turns an augmented crop into the arrays of one sample; called on many threads at once.</summary>
    /// <param name="landmarks">Pixels of the crop.</param>
    /// <param name="weights">
    /// How much each point counts: less where it is hidden, 0 where it is missing; empty where all count 1.
    /// </param>
    /// <returns>The picture's planes first, the landmarks in network units second, then what else the loss wants; each
    /// with its shape without the batch.</returns>
    public abstract IReadOnlyList<SamplePart> Encode(
        Picture crop, ReadOnlySpan<Vector2> landmarks, ReadOnlySpan<float> weights);

    /// <summary>Landmarks (N, P, 2) in network units of pictures (N, 3, S, S).</summary>
    public abstract Tensor Predict(Tensor images);
}

/// <summary>What checkpoints and model files say of a landmark detector: the keys of their metadata.</summary>
internal static class DetectorProperties
{
    public const string Points = "mdfld.points";
    public const string Width = "mdfld.width";
    public const string Stacks = "mdfld.stacks";
    public const string Size = "mdfld.size";
    public const string CropFactor = "mdfld.crop_factor";

    /// <summary>The metadata of a run's checkpoints.</summary>
    public static Dictionary<string, string> Of(DetectorRecipe recipe, LandmarkScheme scheme) => new()
    {
        [TrainingCheckpoint.NameKey] = recipe.Name,
        [TrainingCheckpoint.NetworkKey] = recipe.Network.NameOf(),
        [Points] = scheme.Count.ToString(CultureInfo.InvariantCulture),
        [Width] = recipe.Width.ToString("R", CultureInfo.InvariantCulture),
        [Stacks] = recipe.Stacks.ToString(CultureInfo.InvariantCulture),
        [Size] = recipe.Phases[^1].Size.ToString(CultureInfo.InvariantCulture),
        [CropFactor] = recipe.Augmentation.CropFactor.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>A number of a checkpoint's metadata.</summary>
    /// <exception cref="InvalidDataException">It is missing, or not within the bounds.</exception>
    public static double Number(Checkpoint checkpoint, string key, double low, double high)
    {
        var text = checkpoint.Metadata.GetValueOrDefault(key);
        return double.TryParse(text, CultureInfo.InvariantCulture, out var n) && n >= low && n <= high
            ? n
            : throw new InvalidDataException(
                $"{checkpoint.Path}: {key} is '{text}', expected a number from {low} to {high}");
    }
}

/// <summary>Names of networks in files.</summary>
public static class NetworkNames
{
    /// <summary>How recipes and checkpoints call a network.</summary>
    public static string NameOf(this NetworkKind kind) => kind.ToString().ToLowerInvariant();
}

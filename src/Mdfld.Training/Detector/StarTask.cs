using System.Numerics;
using Mdfld.Training.Weights;

namespace Mdfld.Training;

/// <summary>Trains the original's <see cref="StarNetwork"/> with its loss, on crops of 256.</summary>
internal sealed class StarTask(StarOptions options, StarLoss loss) : DetectorTask
{
    private readonly StarNetwork _network = new(options);
    private readonly StarCriterion _criterion = new(loss);

    public override Module Network => _network;

    public override LandmarkScheme Scheme => options.Scheme;

    public override bool TakesWeights => false;

    /// <summary>The task of a recipe.</summary>
    public static StarTask Make(DetectorRecipe recipe, LandmarkScheme scheme) =>
        new(
            new StarOptions(scheme, recipe.Star.Channels, recipe.Star.Stacks, StemChannels: recipe.Star.StemChannels),
            new StarLoss(recipe.Star.Version, recipe.Star.Distance, recipe.Star.Weight));

    public override void Initialise(Random random) => WeightInitialisation.Uniform(_network, random);

    /// <inheritdoc/>
    /// <remarks>The original's loss knows no weights: all points count 1.</remarks>
    public override IReadOnlyList<SamplePart> Encode(
        Picture crop, ReadOnlySpan<Vector2> landmarks, ReadOnlySpan<float> weights)
    {
        var sample = StarSample.From(crop, landmarks, Scheme);
        const long Maps = StarSample.MapSize;
        return
        [
            new(sample.Picture, [Picture.Channels, StarOptions.CropSize, StarOptions.CropSize]),
            new(sample.Landmarks, [landmarks.Length, 2]),
            new(sample.PointMaps, [Scheme.Count, Maps, Maps]),
            new(sample.EdgeMaps, [Scheme.Contours.Length, Maps, Maps]),
        ];
    }

    public override Tensor Loss(IReadOnlyList<Tensor> batch) =>
        _criterion.Forward(_network.Forward(batch[0]), new StarTargets(batch[1], batch[2], batch[3]));

    public override Tensor Predict(Tensor images) => _network.Forward(images)[^1].Landmarks;
}

/// <summary>Networks of STAR from files: the original's own checkpoints, or safetensors with the same names.</summary>
public static class StarCheckpoint
{
    private const string FirstHead = "out_heatmaps.0.conv.weight";
    private const string Stem = "pre.0.conv.weight";
    internal const int MostChannels = 512;
    internal const int MostStacks = 8;
    private const int MostLevels = 6;

    /// <summary>Builds the network that fits the file and fills it; the file may have no other tensor.</summary>
    /// <remarks>
    /// In the original's best_model.pkl <c>net</c> is whichever of the plain and the averaged network validated better.
    /// </remarks>
    /// <param name="path">A <c>.pkl</c> of STAR, or a <c>.safetensors</c>.</param>
    /// <param name="entry">
    /// Which state dict; null for <c>net</c> of the original's files, <c>net_ema</c> of ours. A file that is one state
    /// dict itself needs no name.
    /// </param>
    /// <returns>The network, in evaluation mode; the caller disposes it.</returns>
    /// <exception cref="InvalidDataException">The file is no checkpoint of STAR; the message says why.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static StarNetwork Load(string path, string? entry = null)
    {
        using var checkpoint = Checkpoint.Load(path);
        return Load(checkpoint, entry);
    }

    /// <summary>A network and what its model file says of it.</summary>
    internal static TrainedDetector Read(Checkpoint checkpoint, string? entry)
    {
        var network = Load(checkpoint, entry);
        var factor = checkpoint.Metadata.GetValueOrDefault(DetectorProperties.CropFactor) ?? "1";
        return new TrainedDetector(network, network.Options.Scheme.Count, StarOptions.CropSize, "bgr", factor);
    }

    private static StarNetwork Load(Checkpoint checkpoint, string? entry)
    {
        var name = EntryOf(checkpoint, entry);
        var network = new StarNetwork(OptionsOf(checkpoint, name));
        try
        {
            network.LoadStateDict(checkpoint, name);
            network.Eval();
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>The state dict to take; null where the file is one itself.</summary>
    internal static string? EntryOf(Checkpoint checkpoint, string? entry = null) =>
        checkpoint.Root is CheckpointDictionary root && root.ContainsKey(FirstHead)
            ? null : entry ?? TrainingCheckpoint.StartOf(checkpoint) ?? TrainingCheckpoint.Network;

    /// <summary>The network's size, from names and shapes.</summary>
    /// <exception cref="InvalidDataException">The file is no checkpoint of STAR; the message says why.</exception>
    internal static StarOptions OptionsOf(Checkpoint checkpoint, string? name)
    {
        var tensors = checkpoint.StateDict(name);
        if (!tensors.TryGetValue(FirstHead, out var head) || head.Shape is not [var points, var channels, 1, 1])
            throw new InvalidDataException(
                $"{checkpoint.Path}: expected STAR's '{FirstHead}' (points, channels, 1, 1), found none");
        var stem = tensors.TryGetValue(Stem, out var first) && first.Shape is [var filters, _, 7, 7] ? filters : 0;
        var stacks = Count(i => $"out_heatmaps.{i}.conv.weight");
        var levels = Count(i => $"hgs.0.{string.Concat(Enumerable.Repeat("low2.", i))}up1.bn1.weight");
        // Only what these names promise is allocated, so they are not believed without limit.
        if (points is not (68 or 98 or 29)
            || channels is < 2 or > MostChannels || stem is < 1 or > MostChannels
            || stacks > MostStacks || levels is < 1 or > MostLevels)
        {
            throw new InvalidDataException(
                $"{checkpoint.Path}: {points} points, {channels} channels, {stem} of the stem, {stacks} stacks of {levels} levels; "
                + $"expected 68, 98 or 29 points, 2 to {MostChannels} channels, 1 to {MostChannels} of the stem, "
                + $"up to {MostStacks} stacks of up to {MostLevels} levels");
        }
        return new StarOptions(LandmarkScheme.ForCount((int)points), (int)channels, stacks, levels, (int)stem);

        int Count(Func<int, string> key) =>
            Enumerable.Range(0, MostStacks + MostLevels + 1).TakeWhile(i => tensors.ContainsKey(key(i))).Count();
    }
}

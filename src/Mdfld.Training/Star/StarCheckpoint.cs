using Mdfld.Training.Weights;

namespace Mdfld.Training.Star;

/// <summary>Networks of STAR from files: the original's own checkpoints, or safetensors with the same names.</summary>
public static class StarCheckpoint
{
    /// <summary>The entry that the original's evaluation loads.</summary>
    public const string Network = "net";

    /// <summary>The entry with the moving average of the weights; files saved without it have none.</summary>
    public const string AverageNetwork = "net_ema";

    private const string FirstHead = "out_heatmaps.0.conv.weight";
    private const int MostChannels = 512;
    private const int MostStacks = 8;
    private const int MostLevels = 6;

    /// <summary>Builds the network that fits the file and fills it; every tensor must find its place.</summary>
    /// <remarks>
    /// In the original's best_model.pkl <c>net</c> is whichever of the plain and the averaged network validated better.
    /// </remarks>
    /// <param name="path">A <c>.pkl</c> of STAR, or a <c>.safetensors</c>.</param>
    /// <param name="entry">
    /// Which state dict; null for <see cref="Network"/> of the original's files, <see cref="AverageNetwork"/> of ours.
    /// A file that is one state dict itself needs no name.
    /// </param>
    /// <returns>The network, in evaluation mode; the caller disposes it.</returns>
    /// <exception cref="InvalidDataException">The file is no checkpoint of STAR; the message says why.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static StarNetwork Load(string path, string? entry = null)
    {
        using var checkpoint = Checkpoint.Load(path);
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
            ? null : entry ?? TrainingCheckpoint.StartOf(checkpoint) ?? Network;

    /// <summary>The network's size, from names and shapes.</summary>
    /// <exception cref="InvalidDataException">The file is no checkpoint of STAR; the message says why.</exception>
    internal static StarOptions OptionsOf(Checkpoint checkpoint, string? name)
    {
        var tensors = checkpoint.StateDict(name);
        if (!tensors.TryGetValue(FirstHead, out var head) || head.Shape is not [var points, var channels, 1, 1])
            throw new InvalidDataException(
                $"{checkpoint.Path}: expected STAR's '{FirstHead}' (points, channels, 1, 1), found none");
        var stacks = Count(i => $"out_heatmaps.{i}.conv.weight");
        var levels = Count(i => $"hgs.0.{string.Concat(Enumerable.Repeat("low2.", i))}up1.bn1.weight");
        // Only what these names promise is allocated, so they are not believed without limit.
        if (points is not (68 or 98 or 29)
            || channels is < 2 or > MostChannels || stacks > MostStacks || levels is < 1 or > MostLevels)
        {
            throw new InvalidDataException(
                $"{checkpoint.Path}: {points} points, {channels} channels, {stacks} stacks of {levels} levels; "
                + $"expected 68, 98 or 29 points, 2 to {MostChannels} channels, "
                + $"up to {MostStacks} stacks of up to {MostLevels} levels");
        }

        return new StarOptions(LandmarkScheme.ForCount((int)points), (int)channels, stacks, levels);

        int Count(Func<int, string> key)
        {
            var count = 0;
            while (count <= MostStacks + MostLevels && tensors.ContainsKey(key(count)))
                count++;
            return count;
        }
    }
}

using System.Globalization;
using Mdfld.Torch.Checkpoints;
using Mdfld.Training.Star;

namespace Mdfld.Training.Weights;

/// <summary>What a checkpoint's metadata and the table of its tensors tell of its network.</summary>
internal static class CheckpointFacts
{
    // STAR's fixed matrix from edges to points,
    private const string Fixed = "e2h_transform.";

    // and what batch normalisation computes, are saved but not trained.
    private static readonly string[] NotTrained = [".running_mean", ".running_var", ".num_batches_tracked"];

    public static OrderedDictionary<string, string> Of(string path)
    {
        using var checkpoint = Checkpoint.Load(path);
        var said = checkpoint.Metadata;
        var facts = new OrderedDictionary<string, string>
        {
            ["name"] = said.GetValueOrDefault(TrainingCheckpoint.NameKey) ?? Path.GetFileNameWithoutExtension(path),
        };
        var entries = EntriesOf(checkpoint);
        var entry = TrainingCheckpoint.StartOf(checkpoint);
        if (said.TryGetValue(TrainingCheckpoint.NetworkKey, out var network))
        {
            facts["network"] = network;
            if (said.TryGetValue(TrainingCheckpoint.PointsKey, out var points))
                facts["points"] = points;
            if (said.TryGetValue(TrainingCheckpoint.SizeKey, out var size))
                facts["size"] = $"{size} x {size}";
        }
        else
        {
            entry = StarCheckpoint.EntryOf(checkpoint);
            AddStar(checkpoint, entry, facts);
        }
        if (entry is null || checkpoint.HasStateDict(entry))
            facts["parameters"] = CountParameters(checkpoint.StateDict(entry)).ToString(CultureInfo.InvariantCulture);
        facts["entries"] = entries.Count > 0 ? string.Join(", ", entries) : "none: the file is one state dict";
        return facts;
    }

    /// <summary>A network of STAR, told by its names and shapes; another one stays unknown.</summary>
    private static void AddStar(Checkpoint checkpoint, string? entry, OrderedDictionary<string, string> facts)
    {
        try
        {
            var options = StarCheckpoint.OptionsOf(checkpoint, entry);
            facts["network"] =
                $"STAR, {options.Stacks} stacks of {options.Levels} levels, {options.Channels} channels";
            facts["points"] = $"{options.Scheme.Count} ({options.Scheme.Name})";
            facts["size"] = $"{StarOptions.CropSize} x {StarOptions.CropSize}";
        }
        catch (InvalidDataException)
        {
            facts["network"] = "unknown: neither one of mdfld train nor STAR's";
        }
    }

    // Tensors of a hostile file may claim more elements than a long counts.
    private static Int128 CountParameters(IReadOnlyDictionary<string, RawTensor> tensors) => tensors
        .Where(t => !t.Key.StartsWith(Fixed, StringComparison.Ordinal)
            && !NotTrained.Any(end => t.Key.EndsWith(end, StringComparison.Ordinal)))
        .Aggregate(Int128.Zero, (sum, t) => sum + t.Value.Count);

    /// <summary>The state dicts of a file: dictionaries of tensors, or what its names begin with.</summary>
    private static List<string> EntriesOf(Checkpoint checkpoint)
    {
        if (checkpoint.Root is not CheckpointDictionary root)
            return [];
        if (checkpoint.Metadata.ContainsKey(TrainingCheckpoint.NetworkKey))
        {
            return [.. root.Keys.OfType<string>().Where(k => k.Contains('.'))
                .Select(k => k[..k.IndexOf('.')]).Distinct()];
        }
        return [.. root.Where(e => e.Value is CheckpointDictionary).Select(e => e.Key).OfType<string>()];
    }
}

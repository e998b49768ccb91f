using System.Globalization;
using Mdfld.Training.Weights;

namespace Mdfld.Training;

/// <summary>A file of a model, whose content decides what it is, not its name.</summary>
/// <remarks>Headers are read only: no network is built, no tensor read, nothing executed.</remarks>
/// <param name="Path">The file.</param>
/// <param name="Kind">What it holds.</param>
public sealed record ModelFile(string Path, ModelKind Kind)
{
    /// <summary>Decides what a file is.</summary>
    /// <exception cref="FileNotFoundException">The file is not there.</exception>
    /// <exception cref="InvalidDataException">It is no model, or broken; the message says what was found.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ModelFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: no such file; expected a model", path);
        return new ModelFile(path, Checkpoint.FormatOf(path) switch
        {
            WeightFormat.TorchScript => ModelKind.TorchScript,
            not WeightFormat.None => ModelKind.Checkpoint,
            _ when !LandmarkModel.IsOnnx(path) => throw new InvalidDataException(
                $"{path}: expected a model (.onnx, a checkpoint of torch.save, .safetensors, or TorchScript), "
                + $"found {Checkpoint.DescribeUnknown(path)}"),
            _ when Fault(() => LandmarkModel.ReadHeader(path)) is null => ModelKind.Landmarks,
            _ when Fault(() => FaceFinder.ReadHeader(path)) is null => ModelKind.Finder,
            _ => ModelKind.OtherOnnx,
        });
    }

    /// <summary>What a message calls the kind.</summary>
    public string KindName => Kind switch
    {
        ModelKind.Landmarks => "a landmark model (ONNX)",
        ModelKind.Finder => "a face finder (ONNX)",
        ModelKind.OtherOnnx => "an ONNX model of another kind",
        ModelKind.Checkpoint => "a checkpoint",
        _ => "a TorchScript program",
    };

    /// <summary>
    /// What the file says about itself: name and text of each fact, in the order to show them. Of a checkpoint the
    /// table of its tensors is read, of TorchScript nothing.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is broken; the message says how.</exception>
    public OrderedDictionary<string, string> Describe()
    {
        switch (Kind)
        {
            case ModelKind.Landmarks:
                using (var model = LandmarkModel.ReadHeader(Path))
                    return Facts(model);
            case ModelKind.Finder:
                using (var finder = FaceFinder.ReadHeader(Path))
                    return new()
                    {
                        ["name"] = finder.Name,
                        ["finds"] = $"faces, from a score of {Text(finder.Threshold)}",
                    };
            case ModelKind.Checkpoint:
                return CheckpointFacts.Of(Path);
            default:
                return new()
                {
                    ["name"] = System.IO.Path.GetFileNameWithoutExtension(Path),
                    ["kind"] = Kind == ModelKind.OtherOnnx ? $"ONNX, but {WhyOther()}"
                        : "TorchScript: a program; detect runs it only with --trust-code",
                };
        }
    }

    /// <summary>An error that says what the file is where something else was expected.</summary>
    /// <param name="expected">Such as "a landmark model".</param>
    public InvalidDataException Not(string expected) => new(
        $"{Path}: expected {expected}, found {KindName}"
        + (Kind == ModelKind.OtherOnnx ? $": {WhyOther()}" : ""));

    /// <summary>What both readers miss, the landmark model's first.</summary>
    private string WhyOther()
    {
        string?[] faults = [Fault(() => LandmarkModel.ReadHeader(Path)), Fault(() => FaceFinder.ReadHeader(Path))];
        return string.Join("; ", faults.Select(f => f?.Replace($"{Path}: ", "", StringComparison.Ordinal)));
    }

    /// <summary>The error of a reader, or null.</summary>
    private static string? Fault(Func<IDisposable> read)
    {
        try
        {
            read().Dispose();
            return null;
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
    }

    private static OrderedDictionary<string, string> Facts(LandmarkModel model) => new()
    {
        ["name"] = model.Name,
        ["points"] = $"{model.Scheme.Count} ({model.Scheme.Name})",
        ["size"] = $"{model.Size} x {model.Size}",
        ["channels"] = $"{(model.IsBgr ? "bgr" : "rgb")}, (byte - {Text(model.Mean)}) / {Text(model.Std)}",
        ["crop"] = $"{Text(model.CropFactor)} x the landmark box",
        ["trusted"] = model.Threshold is { } threshold
            ? $"from a confidence of {Text(threshold)}" : "always: its confidence was never calibrated",
    };

    private static string Text(float value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What kind of model a file holds.</summary>
public enum ModelKind
{
    /// <summary>A landmark model in ONNX.</summary>
    Landmarks,

    /// <summary>A face finder in ONNX: Mdfld's or YuNet's.</summary>
    Finder,

    /// <summary>Another ONNX model.</summary>
    OtherOnnx,

    /// <summary>Weights of torch.save, or a <c>.safetensors</c> file.</summary>
    Checkpoint,

    /// <summary>A program of torch.jit.save with its weights.</summary>
    TorchScript,
}

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
            if (said.TryGetValue(DetectorProperties.Points, out var points))
                facts["points"] = points;
            if (said.TryGetValue(DetectorProperties.Size, out var size))
                facts["size"] = $"{size} x {size}";
        }
        else
        {
            entry = StarCheckpoint.EntryOf(checkpoint);
            AddStar(checkpoint, entry, facts);
        }
        if (entry is null || checkpoint.HasStateDict(entry))
            facts["parameters"] = CountParameters(checkpoint.StateDict(entry)).ToString(CultureInfo.InvariantCulture);
        facts["entries"] = entries.Length > 0 ? string.Join(", ", entries) : "none: the file is one state dict";
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
    private static string[] EntriesOf(Checkpoint checkpoint) => checkpoint.Root is not CheckpointDictionary root ? []
        : checkpoint.Metadata.ContainsKey(TrainingCheckpoint.NetworkKey)
        ? [.. root.Keys.OfType<string>().Where(k => k.Contains('.')).Select(k => k[..k.IndexOf('.')]).Distinct()]
        : [.. root.Where(e => e.Value is CheckpointDictionary).Select(e => e.Key).OfType<string>()];
}

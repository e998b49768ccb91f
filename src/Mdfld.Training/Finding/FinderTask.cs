using System.Globalization;
using Mdfld.Training.Weights;

namespace Mdfld.Training;

/// <summary>Trains a <see cref="FinderNetwork"/> with <see cref="FinderLoss"/> on scenes.</summary>
internal sealed class FinderTask(FinderLoss loss) : TrainingTask
{
    private readonly FinderNetwork _network = new();

    public override FinderNetwork Network => _network;

    public override void Initialise(Random random) => _network.Initialise(random);

    public override bool MayBeAdded(string name) => FinderNetwork.IsGrown(name);

    public override Tensor Loss(IReadOnlyList<Tensor> batch) =>
        loss.Forward(_network.Forward(batch[0]), [.. batch.Skip(1)]);

    /// <summary>The picture's planes, then the targets of each stride.</summary>
    public static IReadOnlyList<SamplePart> Encode(Scene scene)
    {
        var (width, height) = (scene.Picture.Width, scene.Picture.Height);
        var parts = new List<SamplePart> { PicturePlanes.Of(scene.Picture) };
        foreach (var stride in FinderNetwork.Strides)
            parts.Add(FinderTargets.Encode(scene.Faces, width, height, stride));
        return parts;
    }
}

/// <summary>What checkpoints say of a face finder, and its export.</summary>
internal static class FinderCheckpoint
{
    private const string SmallestKey = "mdfld.min_face";
    private const string LargestKey = "mdfld.max_face";
    private const int LargestStride = 32;

    /// <summary>The metadata of a run's checkpoints.</summary>
    public static Dictionary<string, string> Properties(FinderRecipe recipe) => new()
    {
        [TrainingCheckpoint.NameKey] = recipe.Name,
        [TrainingCheckpoint.NetworkKey] = recipe.Network.NameOf(),
        [SmallestKey] = Text(recipe.Scenes.SmallestFace),
        [LargestKey] = Text(recipe.Scenes.LargestFace * recipe.Phases.Max(p => p.Size)),
    };

    /// <summary>Writes an ONNX model for pictures of any size, a multiple of 32 high and wide.</summary>
    /// <exception cref="InvalidDataException">The file is no checkpoint of a finder.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static void Export(Checkpoint checkpoint, string path, string entry)
    {
        using var network = new FinderNetwork();
        network.LoadStateDict(checkpoint, entry);
        var properties = new Dictionary<string, string>
        {
            ["mdfld.finder"] = "1",
            [TrainingCheckpoint.NameKey] = Said(TrainingCheckpoint.NameKey) ?? "finder",
            ["mdfld.threshold"] = Text(FinderValidator.Threshold),
            [SmallestKey] = Number(SmallestKey),
            [LargestKey] = Number(LargestKey),
        };
        OnnxExport.Save(path, network, LargestStride, LargestStride, properties, anySize: true);

        string? Said(string key) => checkpoint.Metadata.GetValueOrDefault(key);

        string Number(string key)
        {
            var text = Said(key);
            return float.TryParse(text, CultureInfo.InvariantCulture, out var n) && n is > 0 and < 1e5f
                ? Text(n)
                : throw new InvalidDataException($"{checkpoint.Path}: {key} is '{text}', expected pixels");
        }
    }

    private static string Text(float number) => number.ToString(CultureInfo.InvariantCulture);
}

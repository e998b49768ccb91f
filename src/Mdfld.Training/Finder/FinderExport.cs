using System.Globalization;
using Mdfld.Training.Weights;

namespace Mdfld.Training.Finder;

/// <summary>Makes ONNX models of trained finders; pictures of any size, a multiple of 32 high and wide.</summary>
internal static class FinderExport
{
    public const string SmallestKey = "mdfld.min_face";
    public const string LargestKey = "mdfld.max_face";

    private const int LargestStride = 32;

    /// <summary>Exports a checkpoint.</summary>
    /// <exception cref="InvalidDataException">The file is no checkpoint of a finder.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static void Save(string checkpoint, string path, string entry, IReadOnlyDictionary<string, string> metadata)
    {
        using var network = new FinderNetwork();
        using (var opened = Checkpoint.Load(checkpoint))
            network.LoadStateDict(opened, entry);
        var properties = new Dictionary<string, string>
        {
            ["mdfld.finder"] = "1",
            [TrainingCheckpoint.NameKey] = metadata.GetValueOrDefault(TrainingCheckpoint.NameKey) ?? "finder",
            ["mdfld.threshold"] = Text(FinderValidator.Threshold),
            [SmallestKey] = Number(SmallestKey),
            [LargestKey] = Number(LargestKey),
        };
        OnnxExport.Save(path, network, LargestStride, LargestStride, properties, anySize: true);

        string Number(string key) =>
            float.TryParse(metadata.GetValueOrDefault(key), CultureInfo.InvariantCulture, out var n)
                && n is > 0 and < 1e5f
                ? Text(n)
                : throw new InvalidDataException(
                    $"{checkpoint}: {key} is '{metadata.GetValueOrDefault(key)}', expected pixels");
    }

    public static string Text(float number) => number.ToString(CultureInfo.InvariantCulture);
}

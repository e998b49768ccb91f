using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mdfld.Generation.Dataset;

/// <summary>
/// Everything that determines the bytes of a sample, as <c>generate.json</c> in the data set's folder: shards and
/// resumed runs must agree on it. Styles and their number may grow.
/// </summary>
public sealed record DatasetSettings
{
    private static readonly JsonSerializerOptions Layout = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
    };

    /// <summary>Rows and columns of every picture of <c>mdfld generate</c>.</summary>
    public const int PictureSize = 256;

    public required string Engine { get; init; }
    public string? Model { get; init; }
    public string? ModelSha256 { get; init; }
    public string? Sampler { get; init; }
    public int? Steps { get; init; }
    public string? Start { get; init; }

    /// <summary>Element type of the generator's networks, the best that the machine has: float32, bfloat16 or float16.</summary>
    public string? ComputeType { get; init; }

    /// <summary>All random numbers follow from it, the style's id and the sample's index.</summary>
    public required long Seed { get; init; }

    public int Size { get; init; } = PictureSize;
    public required string StylesSha256 { get; init; }

    /// <summary>Faces that landmarks are varied from.</summary>
    public required int Landmarks { get; init; }
    public required string LandmarksSha256 { get; init; }
    /// <summary>What a pair that is kept has passed: none, nme or full.</summary>
    public required string Check { get; init; }

    public required string CheckModel { get; init; }
    public string? CheckFinder { get; init; }

    /// <summary>Largest NME of a pair that is kept, %; with a full check also half of a blind guess's.</summary>
    public required double CheckThreshold { get; init; }

    public required int Attempts { get; init; }

    public string Text() => JsonSerializer.Serialize(this, Layout) + "\n";

    /// <exception cref="InvalidDataException">It is no such file.</exception>
    public static DatasetSettings Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<DatasetSettings>(File.ReadAllText(path), Layout)
                ?? throw new JsonException("it is empty");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path}: no settings of mdfld generate: {e.Message}", e);
        }
    }

    /// <summary>The first thing in which two runs differ, by its name in the file; null where they agree.</summary>
    public string? DifferenceFrom(DatasetSettings other)
    {
        using var mine = JsonSerializer.SerializeToDocument(this, Layout);
        using var theirs = JsonSerializer.SerializeToDocument(other, Layout);
        return mine.RootElement.EnumerateObject()
            .Where(p => p.Value.ToString() != theirs.RootElement.GetProperty(p.Name).ToString())
            .Select(p => p.Name).FirstOrDefault();
    }
}

/// <summary>The samples of one of several processes that write a data set together.</summary>
/// <param name="Styles">The styles, in the order of their file.</param>
/// <param name="Number">Which shard, from 0 on: samples i with i mod <paramref name="Count"/> equal to it.</param>
public sealed record DatasetShard(IReadOnlyList<Style> Styles, int PerStyle, int Number = 0, int Count = 1)
{
    /// <summary>The samples of the shard: the first of every style, then the second ones, ...</summary>
    public IEnumerable<(Style Style, int Index)> Samples() =>
        Enumerable.Range(0, PerStyle).SelectMany(index => Styles.Select(style => (style, index)))
            .Where((_, i) => i % Count == Number);
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mdfld.Diffusion.Synthesis;

/// <summary>
/// What the bytes of a data set follow from, as <c>generate.json</c> in its folder: shards and resumed runs must agree
/// on it. Styles and their number may grow.
/// </summary>
public sealed record SynthesisSettings
{
    private static readonly JsonSerializerOptions Layout = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
    };

    public required string Engine { get; init; }

    public string? Model { get; init; }

    public string? ModelSha256 { get; init; }

    public string? Sampler { get; init; }

    public int? Steps { get; init; }

    public string? Start { get; init; }

    public required long Seed { get; init; }

    public int Size { get; init; } = SynthesisOptions.Size;

    public required string StylesSha256 { get; init; }

    /// <summary>Faces that landmarks are varied from.</summary>
    public required int Landmarks { get; init; }

    public required string LandmarksSha256 { get; init; }

    public required string CheckModel { get; init; }

    /// <summary>Largest NME of a pair that is kept, %.</summary>
    public required double CheckThreshold { get; init; }

    public required int Attempts { get; init; }

    /// <summary>The file's text.</summary>
    public string Text() => JsonSerializer.Serialize(this, Layout) + "\n";

    /// <exception cref="InvalidDataException">It is no such file.</exception>
    public static SynthesisSettings Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<SynthesisSettings>(File.ReadAllText(path), Layout)
                ?? throw new JsonException("it is empty");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: no settings of mdfld generate: {e.Message}", e);
        }
    }

    /// <summary>The first thing in which two runs differ, by its name in the file; null where they agree.</summary>
    public string? DifferenceFrom(SynthesisSettings other)
    {
        using var mine = JsonSerializer.SerializeToDocument(this, Layout);
        using var theirs = JsonSerializer.SerializeToDocument(other, Layout);
        foreach (var property in mine.RootElement.EnumerateObject())
        {
            if (property.Value.ToString() != theirs.RootElement.GetProperty(property.Name).ToString())
                return property.Name;
        }
        return null;
    }
}

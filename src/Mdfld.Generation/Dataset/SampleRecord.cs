using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mdfld.Generation.Dataset;

/// <summary>One line of <c>samples.jsonl</c>: a pair that is in the data set, or one that was given up.</summary>
public sealed record SampleRecord
{
    private static readonly JsonSerializerOptions Layout = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
    };

    public required string Style { get; init; }

    /// <summary>Number of the sample within its style, from 0 on.</summary>
    public required int Index { get; init; }

    /// <summary>The picture below <c>images/</c>; null where every attempt failed the check.</summary>
    [JsonPropertyName("image")]
    public string? Picture { get; init; }

    /// <summary>SHA-256 of the picture's file, hexadecimal.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Which attempt it is, from 0 on; those before failed the check.</summary>
    public required int Attempt { get; init; }

    public required int Seed { get; init; }
    public required string Prompt { get; init; }
    public string NegativePrompt { get; init; } = "";
    public required string Engine { get; init; }
    public string? Model { get; init; }
    public string? ModelSha256 { get; init; }
    public string? Sampler { get; init; }
    public int? Steps { get; init; }
    public float? Guidance { get; init; }
    public float? ControlScale { get; init; }

    /// <summary>Start of the diffusion: noise, photo or stylized; "+ photo" where the UNet read the photo too.</summary>
    public string? Start { get; init; }

    /// <summary>Of a start that is not noise: the share of the noise schedule that was run.</summary>
    public float? Strength { get; init; }

    /// <summary>Picture of the labelled face that the landmarks were varied from, without its folder.</summary>
    public required string Source { get; init; }

    /// <summary>How each attempt was seen, this one last; null where the landmarks made no face.</summary>
    public required IReadOnlyList<CheckResult?> Checks { get; init; }

    /// <summary>68 points x, y, pixels; none where every attempt failed.</summary>
    public IReadOnlyList<float> Landmarks { get; init; } = [];

    public Vector2[] Points() =>
        [.. Enumerable.Range(0, Landmarks.Count / 2)
            .Select(i => new Vector2(Landmarks[2 * i], Landmarks[(2 * i) + 1]))];

    public string Line() => JsonSerializer.Serialize(this, Layout) + "\n";

    /// <summary>Reads the complete lines of a file; an incomplete last one is left out.</summary>
    /// <returns>The records and the bytes they take.</returns>
    /// <exception cref="InvalidDataException">A line is no record.</exception>
    public static (IReadOnlyList<SampleRecord> Records, long Length) ReadAll(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream, new UTF8Encoding(false));
        var text = reader.ReadToEnd();
        var end = text.LastIndexOf('\n') + 1;
        var lines = text[..end].Split('\n')[..^1];
        return (
            [.. lines.Select((line, i) => Parse(line, $"{path}, line {i + 1}"))],
            Encoding.UTF8.GetByteCount(text.AsSpan(0, end)));
    }

    private static SampleRecord Parse(string line, string where)
    {
        try
        {
            return JsonSerializer.Deserialize<SampleRecord>(line, Layout) is { } record && record.IsConsistent()
                ? record
                : throw new InvalidDataException($"{where}: no record of a sample: its parts contradict each other");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{where}: no record of a sample: {e.Message}", e);
        }
    }

    private bool IsConsistent() => Index >= 0 && Checks.Count > 0 && (Picture is null || Checks[^1] is not null)
        && Landmarks.Count == (Picture is null ? 0 : 136) && (Picture is null) == (Sha256 is null);
}

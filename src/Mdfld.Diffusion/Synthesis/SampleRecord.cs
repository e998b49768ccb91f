using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mdfld.Diffusion.Synthesis;

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

    /// <summary>Id of the style.</summary>
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

    /// <summary>What this attempt's draws come from.</summary>
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

    /// <summary>What it was painted from: noise, photo or stylized.</summary>
    public string? Start { get; init; }

    /// <summary>Of a start that is not noise: the share of the noise schedule that was run.</summary>
    public float? Strength { get; init; }

    /// <summary>Picture of the labelled face that the landmarks were varied from, without its folder.</summary>
    public required string Source { get; init; }

    /// <summary>
    /// What the check found of each attempt, this one last: NME in %; null where the landmarks made no face.
    /// </summary>
    public required IReadOnlyList<double?> CheckNme { get; init; }

    /// <summary>68 points x, y, pixels; none where every attempt failed.</summary>
    public IReadOnlyList<float> Landmarks { get; init; } = [];

    /// <summary>The landmarks as points.</summary>
    public Vector2[] Points() =>
        [.. Enumerable.Range(0, Landmarks.Count / 2)
            .Select(i => new Vector2(Landmarks[2 * i], Landmarks[(2 * i) + 1]))];

    /// <summary>The line, with its end.</summary>
    public string Line() => JsonSerializer.Serialize(this, Layout) + "\n";

    /// <summary>Reads a line.</summary>
    /// <exception cref="FormatException">It is no record.</exception>
    public static SampleRecord Parse(string line)
    {
        SampleRecord? record;
        try
        {
            record = JsonSerializer.Deserialize<SampleRecord>(line, Layout);
        }
        catch (JsonException e)
        {
            throw new FormatException($"no record of a sample: {e.Message}", e);
        }
        if (record is null || record.Index < 0 || record.CheckNme.Count == 0
            || (record.Picture is null) != (record.Landmarks.Count == 0)
            || (record.Picture is null) != (record.Sha256 is null)
            || record.Landmarks.Count is not (0 or 136))
            throw new FormatException("no record of a sample: its parts contradict each other");
        return record;
    }

    /// <summary>Reads the whole lines of a file; a last one that was not finished is left out.</summary>
    /// <returns>The records and the bytes they take.</returns>
    /// <exception cref="InvalidDataException">A line is no record.</exception>
    public static (IReadOnlyList<SampleRecord> Records, long Length) ReadAll(string path)
    {
        var records = new List<SampleRecord>();
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream, new UTF8Encoding(false));
        var text = reader.ReadToEnd();
        var end = text.LastIndexOf('\n') + 1;
        var number = 0;
        foreach (var line in text[..end].Split('\n')[..^1])
        {
            number++;
            try
            {
                records.Add(Parse(line));
            }
            catch (FormatException e)
            {
                throw new InvalidDataException($"{path}, line {number}: {e.Message}", e);
            }
        }
        return (records, Encoding.UTF8.GetByteCount(text.AsSpan(0, end)));
    }
}

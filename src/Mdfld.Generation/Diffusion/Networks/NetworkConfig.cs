using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mdfld.Generation;

/// <summary>
/// The <c>config.json</c> beside the weights of a part. Reading refuses options that would change what the network
/// computes and are not known here; all other unknown ones are kept and written again.
/// </summary>
public abstract record NetworkConfig
{
    internal static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        MaxDepth = 16,
        WriteIndented = true,
    };

    [JsonExtensionData]
    public IDictionary<string, JsonElement> Other { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>The name of the file of weights, without its ending.</summary>
    internal virtual string WeightsName => "diffusion_pytorch_model";

    /// <summary>A JSON object of options that must have the one value given here where they occur at all.</summary>
    internal virtual string Fixed => "{}";

    /// <summary>What is wrong with the options, in words; null when nothing is.</summary>
    internal abstract string? Fault();

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is broken, or asks for what is not supported.</exception>
    internal static T Read<T>(string path)
        where T : NetworkConfig
    {
        var config = SmallFile.ReadJson<T>(path, "the options of a network", Json);
        try
        {
            return config.AnyFault() is { } fault ? throw new InvalidDataException($"{path}: {fault}") : config;
        }
        catch (InvalidOperationException e)
        {
            // Of options not known here, text is only looked at when it is compared.
            throw new InvalidDataException($"{path}: expected the options of a network: {e.Message}", e);
        }
    }

    /// <summary>Writes a file atomically.</summary>
    internal void Write(string path) =>
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, this, GetType(), Json));

    /// <summary>Throws where the options make no network.</summary>
    /// <exception cref="ArgumentException">What is wrong.</exception>
    internal void Check()
    {
        if (AnyFault() is { } fault)
            throw new ArgumentException(fault);
    }

    private protected static string? OutOfRange(string option, int value, int least, int most) =>
        value < least || value > most ? $"'{option}' is {value}, expected {least} to {most}" : null;

    /// <summary>Faults of the channels of the levels, common to all networks of convolutions.</summary>
    private protected static string? ChannelFault(IReadOnlyList<int> channels, int groups)
    {
        if (channels.Count is < 1 or > 8)
            return $"'block_out_channels' has {channels.Count} levels, expected 1 to 8";
        return OutOfRange("norm_num_groups", groups, 1, 1024)
            ?? channels.Select(c => OutOfRange("block_out_channels", c, 1, 1 << 13)).FirstOrDefault(f => f is not null)
            ?? channels.Where(c => c % groups != 0)
                .Select(c => $"{c} 'block_out_channels' do not split into {groups} 'norm_num_groups'").FirstOrDefault();
    }

    private protected static string? NotSmall(string option, double value) =>
        value is > 0 and < 1 ? null : $"'{option}' is {value}, expected a small positive number";

    private string? AnyFault()
    {
        using var only = JsonDocument.Parse(Fixed);
        foreach (var option in only.RootElement.EnumerateObject())
        {
            if (Other.TryGetValue(option.Name, out var value) && !JsonElement.DeepEquals(value, option.Value))
                return $"option '{option.Name}' is {value.GetRawText()}, only {option.Value.GetRawText()} is supported";
        }
        return Fault();
    }
}

/// <summary>diffusers writes "the same for every level" as a number, and one number a level as a list.</summary>
internal sealed class NumberOrListConverter : JsonConverter<IReadOnlyList<int>>
{
    public override IReadOnlyList<int> Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        reader.TokenType switch
        {
            JsonTokenType.Number => [reader.GetInt32()],
            JsonTokenType.StartArray => JsonSerializer.Deserialize<int[]>(ref reader, options)!,
            _ => throw new JsonException("expected a number or a list of numbers"),
        };

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<int> value, JsonSerializerOptions options)
    {
        if (value is [var only])
            writer.WriteNumberValue(only);
        else
            JsonSerializer.Serialize(writer, value, options);
    }
}

/// <summary>Files of text that are read at once: configurations, vocabularies, indices.</summary>
internal static class SmallFile
{
    /// <summary>More than any of them has; the vocabulary of Stable Diffusion has 1 MB.</summary>
    private const int MaxBytes = 64 << 20;

    /// <exception cref="InvalidDataException">It is absent or far too large.</exception>
    public static byte[] Read(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new InvalidDataException($"{path}: expected a file, found none; is the model folder complete?");
        return file.Length <= MaxBytes
            ? File.ReadAllBytes(path)
            : throw new InvalidDataException($"{path}: {file.Length} bytes, expected at most {MaxBytes}");
    }

    /// <summary>Reads a value of JSON.</summary>
    /// <exception cref="InvalidDataException">It is absent, far too large, or holds something else.</exception>
    public static T ReadJson<T>(string path, string expected, JsonSerializerOptions? options = null)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(Read(path), options)
                ?? throw new InvalidDataException($"{path}: expected {expected}, found null");
        }
        // The latter for text that is no Unicode.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path}: expected {expected}: {e.Message}", e);
        }
    }
}

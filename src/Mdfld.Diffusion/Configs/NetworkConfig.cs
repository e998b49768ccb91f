using System.Text.Json;
using System.Text.Json.Serialization;
using Mdfld.Training.Weights;

namespace Mdfld.Diffusion;

/// <summary>
/// The <c>config.json</c> beside the weights of a part. Reading refuses options that would change what the network
/// computes and are not known here; all other unknown ones are kept and written again.
/// </summary>
public abstract record NetworkConfig
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        MaxDepth = 16,
        WriteIndented = true,
        Converters = { new NumberOrListConverter() },
    };

    /// <summary>Options that the record does not name.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement> Other { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>The options that must have the one value given here, as JSON, where they occur at all.</summary>
    internal abstract IReadOnlyDictionary<string, string> Fixed { get; }

    /// <summary>What is wrong with the options, in words; null when nothing is.</summary>
    internal abstract string? Fault();

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is broken, or asks for what is not supported.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    internal static T Read<T>(string path)
        where T : NetworkConfig
    {
        try
        {
            var config = JsonSerializer.Deserialize<T>(SmallFile.Read(path), Json)
                ?? throw new InvalidDataException($"{path}: expected the options of a network, found null");
            return config.AnyFault() is { } fault ? throw new InvalidDataException($"{path}: {fault}") : config;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: not the options of a network: {e.Message}", e);
        }
    }

    /// <summary>Writes a file, whole or not at all.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
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

    private string? AnyFault()
    {
        foreach (var (option, value) in Other)
        {
            if (Fixed.TryGetValue(option, out var only) && !Same(value, only))
                return $"option '{option}' is {value.GetRawText()}, only {only} is supported";
        }
        return Fault();
    }

    private static bool Same(JsonElement value, string json)
    {
        using var expected = JsonDocument.Parse(json);
        return value.ValueKind == JsonValueKind.Number && expected.RootElement.ValueKind == JsonValueKind.Number
            ? value.GetDouble() == expected.RootElement.GetDouble()
            : JsonElement.DeepEquals(value, expected.RootElement);
    }
}

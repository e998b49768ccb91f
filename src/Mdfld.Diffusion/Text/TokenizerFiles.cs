using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mdfld.Diffusion;

/// <summary>A tokenizer's folder, as transformers lays it out.</summary>
internal static class TokenizerFiles
{
    private const string Vocabulary = "vocab.json";
    private const string Merges = "merges.txt";
    private const string Config = "tokenizer_config.json";
    private const string Special = "special_tokens_map.json";
    private const string Version = "#version: 0.2";

    private static readonly JsonSerializerOptions Plain =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ClipTokenizer Read(string folder)
    {
        var (config, special) = (Optional(Path.Combine(folder, Config)), Optional(Path.Combine(folder, Special)));
        try
        {
            return new(
                ReadJson<int>(Path.Combine(folder, Vocabulary), "a JSON object of tokens and their ids"),
                ReadMerges(Path.Combine(folder, Merges)),
                config?.GetValueOrDefault("model_max_length") is { ValueKind: JsonValueKind.Number } length
                    && length.TryGetInt32(out var n)
                    ? n : 77,
                PaddingOf(special) ?? PaddingOf(config));
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"{folder}: {e.Message}", e);
        }
    }

    public static void Write(ClipTokenizer tokenizer, string folder)
    {
        Directory.CreateDirectory(folder);
        WriteJson(Path.Combine(folder, Vocabulary), tokenizer.Vocabulary.OrderBy(entry => entry.Value).ToDictionary());
        var merges = tokenizer.Merges.Select(pair => $"{pair.First} {pair.Second}\n").Prepend(Version + "\n");
        AtomicFile.Write(Path.Combine(folder, Merges), Encoding.UTF8.GetBytes(string.Concat(merges)));
        var special = new Dictionary<string, object>
        {
            ["bos_token"] = WordSplitter.Start,
            ["eos_token"] = WordSplitter.End,
            ["unk_token"] = WordSplitter.End,
            ["pad_token"] = tokenizer.PaddingToken,
        };
        WriteJson(Path.Combine(folder, Special), special);
        WriteJson(Path.Combine(folder, Config), new Dictionary<string, object>(special)
        {
            ["tokenizer_class"] = "CLIPTokenizer",
            ["do_lower_case"] = true,
            ["model_max_length"] = tokenizer.Length,
        });
    }

    private static List<(string, string)> ReadMerges(string path)
    {
        var lines = Encoding.UTF8.GetString(SmallFile.Read(path)).Split('\n');
        var merges = new List<(string, string)>(lines.Length);
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].TrimEnd('\r');
            if (line.Length == 0 || (i == 0 && line.StartsWith("#version", StringComparison.Ordinal)))
                continue;
            var blank = line.IndexOf(' ');
            if (blank <= 0 || blank == line.Length - 1 || line.IndexOf(' ', blank + 1) >= 0)
                throw new InvalidDataException(
                    $"{path}:{i + 1}: expected two symbols and a blank between, found '{line}'");
            merges.Add((line[..blank], line[(blank + 1)..]));
        }
        return merges;
    }

    private static Dictionary<string, JsonElement>? Optional(string path) =>
        File.Exists(path) ? ReadJson<JsonElement>(path, "a JSON object") : null;

    private static Dictionary<string, T> ReadJson<T>(string path, string expected)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, T>>(SmallFile.Read(path))
                ?? throw new InvalidDataException($"{path}: expected {expected}, found null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: expected {expected}: {e.Message}", e);
        }
    }

    /// <summary>The padding token: a text, or an object that holds it.</summary>
    private static string? PaddingOf(Dictionary<string, JsonElement>? options)
    {
        if (options?.GetValueOrDefault("pad_token") is not { } token)
            return null;
        if (token.ValueKind == JsonValueKind.Object && token.TryGetProperty("content", out var content))
            token = content;
        return token.ValueKind == JsonValueKind.String ? token.GetString() : null;
    }

    private static void WriteJson<T>(string path, T value) =>
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, value, Plain));
}

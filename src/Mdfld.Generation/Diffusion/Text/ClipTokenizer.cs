using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mdfld.Generation;

/// <summary>
/// CLIP's tokenizer: byte pair encoding from <c>vocab.json</c> and <c>merges.txt</c>, with the same ids as OpenAI's
/// code gives. Thread-safe.
/// </summary>
public sealed class ClipTokenizer
{
    private const int UsualLength = 77;
    private const int LongestLength = 1 << 13;
    private const int MostChunks = 32;

    private readonly BytePairs _pairs;
    private readonly ImmutableList<(string Word, ImmutableArray<int> Ids)> _added = [];
    private readonly int _start;
    private readonly int _end;

    /// <param name="vocabulary">Id of every token.</param>
    /// <param name="merges">Pairs to join, the most important first.</param>
    /// <param name="length">Ids of a prompt, start and end included.</param>
    /// <param name="padding">Token after the end; null is the end token itself (Stable Diffusion 2 has "!").</param>
    /// <exception cref="ArgumentException">The vocabulary lacks a byte, a joined pair, or a special token.</exception>
    internal ClipTokenizer(
        IReadOnlyDictionary<string, int> vocabulary, IReadOnlyList<(string First, string Second)> merges,
        int length = UsualLength, string? padding = null)
    {
        (Vocabulary, Merges, Length) = (vocabulary, merges, length);
        if (length is < 2 or > LongestLength)
            throw new ArgumentException($"prompts of {length} ids, expected 2 to {LongestLength}");
        var needed = BytePairs.Alphabet().Concat(merges.Select(pair => pair.First + pair.Second));
        if (needed.FirstOrDefault(token => !vocabulary.ContainsKey(token)) is { } missing)
            throw new ArgumentException(
                $"the vocabulary has no '{missing}'; do vocab.json and merges.txt belong together?");
        if (vocabulary.Values.Any(id => id < 0))
            throw new ArgumentException("the vocabulary has a negative id");
        _pairs = new BytePairs(merges);
        _start = Special(WordSplitter.Start);
        _end = Special(WordSplitter.End);
        PaddingToken = padding ?? WordSplitter.End;
        Padding = Special(PaddingToken);

        int Special(string token) => vocabulary.TryGetValue(token, out var id)
            ? id
            : throw new ArgumentException($"the vocabulary has no '{token}'");
    }

    private ClipTokenizer(ClipTokenizer other, ImmutableList<(string Word, ImmutableArray<int> Ids)> added)
    {
        (Vocabulary, Merges, Length, PaddingToken, Padding) =
            (other.Vocabulary, other.Merges, other.Length, other.PaddingToken, other.Padding);
        (_pairs, _start, _end, _added) = (other._pairs, other._start, other._end, added);
    }

    /// <summary>Ids that <see cref="Encode"/> gives, start and end included: 77.</summary>
    public int Length { get; }

    /// <summary>One more than the highest id.</summary>
    public int VocabularySize => Vocabulary.Values.Max() + 1;

    public int Padding { get; }
    internal string PaddingToken { get; }
    internal IReadOnlyDictionary<string, int> Vocabulary { get; }
    internal IReadOnlyList<(string First, string Second)> Merges { get; }

    /// <summary>Reads a folder with vocab.json, merges.txt and, if it has them, tokenizer_config.json and
    /// special_tokens_map.json.</summary>
    /// <exception cref="InvalidDataException">A file is missing or broken, or they do not fit together.</exception>
    public static ClipTokenizer Load(string folder) => TokenizerFiles.Read(folder);

    /// <summary>Writes the four files.</summary>
    public void Save(string folder) => TokenizerFiles.Write(this, folder);

    /// <summary>Start, the prompt's tokens, end, padding; what is too long is cut off.</summary>
    /// <returns><see cref="Length"/> ids.</returns>
    public int[] Encode(string prompt) => Framed(Tokens(prompt));

    /// <summary>
    /// As <see cref="Encode"/>, but what is too long goes on in further chunks, each with start and end: the text encoder
    /// reads them one by one, the UNet all of their states.
    /// </summary>
    /// <returns>One or more chunks of <see cref="Length"/> ids.</returns>
    /// <exception cref="ArgumentException">There would be more than 32 chunks.</exception>
    public IReadOnlyList<int[]> EncodeChunks(string prompt)
    {
        var tokens = Tokens(prompt);
        if (tokens.Count > MostChunks * (Length - 2))
            throw new ArgumentException(
                $"the prompt has {tokens.Count} tokens, at most {MostChunks * (Length - 2)} are read: "
                + $"shorten it (it begins \"{Beginning(prompt)}\")");
        return tokens.Count == 0 ? [Framed([])] : [.. tokens.Chunk(Length - 2).Select(Framed)];
    }

    /// <summary>A tokenizer that also knows a word, whatever its case, as these ids.</summary>
    /// <exception cref="ArgumentException">It is no word: empty, or with blanks.</exception>
    internal ClipTokenizer With(string word, IEnumerable<int> ids)
    {
        var clean = PromptText.Clean(word);
        return clean.Length > 0 && !clean.Any(char.IsWhiteSpace)
            ? new(this, _added.RemoveAll(a => a.Word == clean).Add((clean, [.. ids])))
            : throw new ArgumentException($"'{word}' is no word for a prompt");
    }

    /// <summary>The prompt's own tokens, without start and end, however many.</summary>
    public IReadOnlyList<int> Tokens(string prompt)
    {
        var ids = new List<int>();
        var text = PromptText.Clean(prompt);
        for (var at = 0; at < text.Length;)
        {
            var (start, word, added) = NextAdded(text, at);
            AddTokens(text[at..start]);
            ids.AddRange(added);
            at = start + word.Length;
        }
        return ids;

        void AddTokens(string part)
        {
            foreach (var word in WordSplitter.Split(part))
            {
                if (word is WordSplitter.Start or WordSplitter.End)
                    ids.Add(Vocabulary[word]);
                else
                    ids.AddRange(_pairs.Tokens(word).Select(token => Vocabulary[token]));
            }
        }
    }

    /// <summary>The first added word from a place on, the longest of several; at the end none.</summary>
    private (int Start, string Word, ImmutableArray<int> Ids) NextAdded(string text, int from)
    {
        for (var at = from; at < text.Length && _added.Count > 0; at++)
        {
            var found = _added.Where(a => IsAt(at, a.Word)).OrderByDescending(a => a.Word.Length).FirstOrDefault();
            if (found.Word is not null)
                return (at, found.Word, found.Ids);
        }
        return (text.Length, "", []);

        // "cat" is no word of "category".
        bool IsAt(int at, string word) => string.CompareOrdinal(text, at, word, 0, word.Length) == 0
            && !(IsLetter(at - 1) && IsLetter(at)) && !(IsLetter(at + word.Length - 1) && IsLetter(at + word.Length));

        bool IsLetter(int at) => at >= 0 && at < text.Length && char.IsLetterOrDigit(text[at]);
    }

    private int[] Framed(IEnumerable<int> tokens)
    {
        int[] ids = [_start, .. tokens.Take(Length - 2), _end];
        return [.. ids, .. Enumerable.Repeat(Padding, Length - ids.Length)];
    }

    private static string Beginning(string prompt) => prompt.Length <= 40 ? prompt : prompt[..40] + "...";
}

/// <summary>
/// Cuts a cleaned prompt into the words that byte pairs are joined within: runs of letters, single digits, English
/// endings after an apostrophe, runs of anything else but blanks, and the two special tokens.
/// </summary>
internal static class WordSplitter
{
    public const string Start = "<|startoftext|>";
    public const string End = "<|endoftext|>";

    private static readonly string[] FixedWords = [Start, End, "'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    private enum Kind
    {
        Blank,
        Letter,
        Digit,
        Other,
    }

    public static IEnumerable<string> Split(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var (kind, length) = KindAt(text, at);
            if (Array.Find(FixedWords, w => string.CompareOrdinal(text, at, w, 0, w.Length) == 0) is { } word)
                length = word.Length;
            else if (kind is Kind.Letter or Kind.Other)
            {
                while (at + length < text.Length && KindAt(text, at + length) is var next && next.Kind == kind)
                    length += next.Length;
            }
            if (kind != Kind.Blank)
                yield return text.Substring(at, length);
            at += length;
        }
    }

    private static (Kind Kind, int Length) KindAt(string text, int at)
    {
        if (!Rune.TryGetRuneAt(text, at, out var rune))
            rune = Rune.ReplacementChar;
        var kind = Rune.IsWhiteSpace(rune) ? Kind.Blank : Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => Kind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber =>
                Kind.Digit,
            _ => Kind.Other,
        };
        return (kind, rune.Utf16SequenceLength);
    }
}

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
                SmallFile.ReadJson<Dictionary<string, int>>(
                    Path.Combine(folder, Vocabulary), "a JSON object of tokens and their ids"),
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
            merges.Add(line.Split(' ') is [{ Length: > 0 } first, { Length: > 0 } second]
                ? (first, second)
                : throw new InvalidDataException(
                    $"{path}:{i + 1}: expected two symbols and a blank between, found '{line}'"));
        }
        return merges;
    }

    private static Dictionary<string, JsonElement>? Optional(string path) =>
        File.Exists(path) ? SmallFile.ReadJson<Dictionary<string, JsonElement>>(path, "a JSON object") : null;

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

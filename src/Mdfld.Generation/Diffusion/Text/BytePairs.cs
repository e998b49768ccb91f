using System.Text;

namespace Mdfld.Generation;

/// <summary>
/// Byte pair encoding (Sennrich et al. 2016) over bytes: a word is the characters that stand for its bytes, the last
/// with <c>&lt;/w&gt;</c>; then pairs are joined, those learned first before others.
/// </summary>
internal sealed class BytePairs
{
    private const string EndOfWord = "</w>";

    private static readonly char[] ByteCharacters = MakeByteCharacters();

    private readonly Dictionary<(string, string), int> _ranks = [];

    public BytePairs(IReadOnlyList<(string First, string Second)> merges)
    {
        for (var i = 0; i < merges.Count; i++)
            _ranks.TryAdd(merges[i], i);
    }

    /// <summary>The tokens every vocabulary begins with: all bytes, then all bytes that end a word.</summary>
    public static IEnumerable<string> Alphabet()
    {
        var letters = ByteCharacters.Order().Select(c => c.ToString()).ToArray();
        return letters.Concat(letters.Select(letter => letter + EndOfWord));
    }

    /// <summary>The bytes of a word, one symbol each.</summary>
    public static List<string> Symbols(string word)
    {
        var symbols = Encoding.UTF8.GetBytes(word).Select(b => ByteCharacters[b].ToString()).ToList();
        symbols[^1] += EndOfWord;
        return symbols;
    }

    public static void Join(List<string> symbols, (string First, string Second) pair)
    {
        var kept = 0;
        for (var i = 0; i < symbols.Count; i++)
        {
            var joins = i + 1 < symbols.Count && symbols[i] == pair.First && symbols[i + 1] == pair.Second;
            symbols[kept++] = joins ? pair.First + symbols[++i] : symbols[i];
        }
        symbols.RemoveRange(kept, symbols.Count - kept);
    }

    public List<string> Tokens(string word)
    {
        var symbols = Symbols(word);
        while (symbols.Count > 1)
        {
            var best = symbols.Zip(symbols.Skip(1)).MinBy(pair => _ranks.GetValueOrDefault(pair, int.MaxValue));
            if (!_ranks.ContainsKey(best))
                break;
            Join(symbols, best);
        }
        return symbols;
    }

    /// <summary>Printable Latin-1 bytes as themselves, the others from U+0100 on: none is white space.</summary>
    private static char[] MakeByteCharacters()
    {
        var characters = new char[256];
        var next = '\u0100';
        for (var b = 0; b < characters.Length; b++)
        {
            var printable = b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            characters[b] = printable ? (char)b : next++;
        }
        return characters;
    }
}

/// <summary>Learns a vocabulary from prompts: the most frequent byte pairs first (Sennrich et al. 2016).</summary>
public static class BpeTrainer
{
    private const int Specials = 2;

    /// <summary>Learns. The same prompts give the same vocabulary, whatever their order.</summary>
    /// <param name="prompts">What the vocabulary is for; cleaned and cut into words as the tokenizer does it.</param>
    /// <param name="size">
    /// Most tokens it may have. 514 are always there, bytes and specials, so that any text has tokens; it has fewer
    /// than asked for when every word is one token.
    /// </param>
    /// <param name="length">Ids of a prompt, start and end included.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is below 514.</exception>
    public static ClipTokenizer Train(IEnumerable<string> prompts, int size, int length = 77)
    {
        var tokens = BytePairs.Alphabet().ToList();
        ArgumentOutOfRangeException.ThrowIfLessThan(size, tokens.Count + Specials);
        var words = prompts.SelectMany(prompt => WordSplitter.Split(PromptText.Clean(prompt)))
            .Where(word => word is not (WordSplitter.Start or WordSplitter.End))
            .CountBy(word => word)
            .Select(entry => (Symbols: BytePairs.Symbols(entry.Key), Count: (long)entry.Value))
            .ToArray();
        var known = tokens.ToHashSet();
        var merges = new List<(string First, string Second)>();
        while (tokens.Count + Specials < size && MostFrequent(words) is { } pair)
        {
            merges.Add(pair);
            if (known.Add(pair.First + pair.Second))
                tokens.Add(pair.First + pair.Second);
            foreach (var (symbols, _) in words)
                BytePairs.Join(symbols, pair);
        }
        tokens.AddRange([WordSplitter.Start, WordSplitter.End]);
        return new(tokens.Index().ToDictionary(entry => entry.Item, entry => entry.Index), merges, length);
    }

    /// <summary>The pair that stands most often in all words; of several the first in ordinal order.</summary>
    private static (string First, string Second)? MostFrequent(IEnumerable<(List<string> Symbols, long Count)> words)
    {
        var counts = new Dictionary<(string First, string Second), long>();
        foreach (var (symbols, count) in words)
        {
            for (var i = 0; i + 1 < symbols.Count; i++)
            {
                var pair = (symbols[i], symbols[i + 1]);
                counts[pair] = counts.GetValueOrDefault(pair) + count;
            }
        }
        return counts.Count == 0 ? null : counts
            .OrderByDescending(entry => entry.Value)
            .ThenBy(entry => entry.Key.First, StringComparer.Ordinal)
            .ThenBy(entry => entry.Key.Second, StringComparer.Ordinal)
            .First().Key;
    }
}

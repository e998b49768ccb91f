namespace Mdfld.Diffusion;

/// <summary>
/// Learns a vocabulary from prompts: byte pairs are joined, the most frequent first (Sennrich et al. 2016).
/// </summary>
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

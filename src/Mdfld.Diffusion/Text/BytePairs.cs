using System.Text;

namespace Mdfld.Diffusion;

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

    /// <summary>Joins a pair wherever it stands.</summary>
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

    /// <summary>The tokens of a word.</summary>
    public List<string> Tokens(string word)
    {
        var symbols = Symbols(word);
        while (true)
        {
            var (best, bestRank) = (default((string, string)), int.MaxValue);
            for (var i = 0; i + 1 < symbols.Count; i++)
            {
                if (_ranks.TryGetValue((symbols[i], symbols[i + 1]), out var rank) && rank < bestRank)
                    (best, bestRank) = ((symbols[i], symbols[i + 1]), rank);
            }
            if (bestRank == int.MaxValue)
                return symbols;
            Join(symbols, best);
        }
    }

    /// <summary>
    /// Printable Latin-1 bytes as themselves, the others from U+0100 on, so that none is white space.
    /// </summary>
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

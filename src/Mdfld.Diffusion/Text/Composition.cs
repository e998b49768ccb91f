using System.Collections.Frozen;
using System.Text;

namespace Mdfld.Diffusion;

/// <summary>
/// Joins letters with the marks that follow them: Unicode's normal form C for text whose marks stand in canonical
/// order. Programs with invariant globalisation, as this one, have no other: there <see cref="string.Normalize()"/>
/// does nothing.
/// </summary>
internal static class Composition
{
    private const int HangulL = 0x1100, HangulV = 0x1161, HangulT = 0x11A7, HangulS = 0xAC00;
    private const int LCount = 19, VCount = 21, TCount = 28;

    private static readonly FrozenDictionary<(int Base, int Mark), int> Pairs = Read();

    public static string Compose(string text)
    {
        var runes = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (runes.Count > 0 && Join(runes[^1], rune.Value) is { } joined)
                runes[^1] = joined;
            else
                runes.Add(rune.Value);
        }
        return string.Concat(runes.Select(char.ConvertFromUtf32));
    }

    private static int? Join(int first, int second)
    {
        if (first is >= HangulL and < HangulL + LCount && second is >= HangulV and < HangulV + VCount)
            return HangulS + ((((first - HangulL) * VCount) + second - HangulV) * TCount);
        if (first is >= HangulS and < HangulS + (LCount * VCount * TCount) && (first - HangulS) % TCount == 0
            && second is > HangulT and < HangulT + TCount)
            return first + second - HangulT;
        return Pairs.TryGetValue((first, second), out var joined) ? joined : null;
    }

    /// <summary>A line for every mark: its number, then base letters, each with what it becomes.</summary>
    private static FrozenDictionary<(int, int), int> Read()
    {
        using var stream = typeof(Composition).Assembly
            .GetManifestResourceStream("Mdfld.Diffusion.Text.compositions.txt")!;
        using var reader = new StreamReader(stream);
        var pairs = new Dictionary<(int, int), int>();
        while (reader.ReadLine() is { } line)
        {
            var mark = Convert.ToInt32(line[..line.IndexOf(' ')], 16);
            var letters = line[(line.IndexOf(' ') + 1)..].EnumerateRunes().Select(rune => rune.Value).ToArray();
            for (var i = 0; i < letters.Length; i += 2)
                pairs[(letters[i], mark)] = letters[i + 1];
        }
        return pairs.ToFrozenDictionary();
    }
}

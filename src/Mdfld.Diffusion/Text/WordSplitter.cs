using System.Globalization;
using System.Text;

namespace Mdfld.Diffusion;

/// <summary>
/// Cuts a cleaned prompt into the words that byte pairs are joined within: runs of letters, single digits, English
/// endings after an apostrophe, runs of anything else but blanks, and the two special tokens.
/// </summary>
internal static class WordSplitter
{
    public const string Start = "<|startoftext|>";
    public const string End = "<|endoftext|>";

    private static readonly string[] Whole = [Start, End, "'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

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
            var length = LengthAt(text, at);
            if (KindAt(text, at, out _) != Kind.Blank)
                yield return text.Substring(at, length);
            at += length;
        }
    }

    private static int LengthAt(string text, int at)
    {
        foreach (var word in Whole)
        {
            if (string.CompareOrdinal(text, at, word, 0, word.Length) == 0)
                return word.Length;
        }
        var kind = KindAt(text, at, out var length);
        if (kind is Kind.Letter or Kind.Other)
        {
            while (at + length < text.Length && KindAt(text, at + length, out var next) == kind)
                length += next;
        }
        return length;
    }

    private static Kind KindAt(string text, int at, out int length)
    {
        if (!Rune.TryGetRuneAt(text, at, out var rune))
            rune = Rune.ReplacementChar;
        length = rune.Utf16SequenceLength;
        if (Rune.IsWhiteSpace(rune))
            return Kind.Blank;
        return Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => Kind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber =>
                Kind.Digit,
            _ => Kind.Other,
        };
    }
}

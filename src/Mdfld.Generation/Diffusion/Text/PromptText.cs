using System.Collections.Frozen;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Mdfld.Generation;

/// <summary>
/// Brings a prompt to the form CLIP was trained on: repaired as the Python library ftfy does it, entities as text,
/// white space as single blanks, lower case.
/// </summary>
/// <remarks>
/// Of ftfy's repairs one is simpler here: UTF-8 that was read as Windows-1252 is repaired when all of the text is, not
/// parts of it.
/// </remarks>
internal static partial class PromptText
{
    private const char FullWidthBang = '\uFF01', FullWidthTilde = '\uFF5E', HalfWidthDot = '\uFF61';
    private const int WidthShift = FullWidthBang - '!';

    /// <summary>U+FF61 to U+FF9F, half-width Japanese, in full width; the last two join the letter before.</summary>
    private const string FullWidthKana =
        "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン\u3099\u309A";

    /// <summary>What Windows-1252 has at 0x80 to 0x9F; where it has nothing, the control character.</summary>
    private const string Windows1252 =
        "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009Džÿ";

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    public static string Clean(string prompt)
    {
        var text = prompt;
        if (!text.Contains('<'))
            text = HtmlEntities.Unescape(text, strict: true);
        text = TerminalEscape().Replace(text, "");
        text = Composition.Compose(string.Concat(Remade(text).Select(Plain)));
        text = HtmlEntities.Unescape(HtmlEntities.Unescape(text, strict: false), strict: false);
        return Lower(WhiteSpace().Replace(text, " ").Trim());
    }

    /// <summary>Text whose UTF-8 was read as Windows-1252, read again; any other as it is.</summary>
    private static string Remade(string text)
    {
        var bytes = new byte[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            var high = Windows1252.IndexOf(text[i]);
            if (text[i] > '\u00FF' && high < 0)
                return text;
            bytes[i] = (byte)(high < 0 ? text[i] : 0x80 + high);
        }
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return text;
        }
    }

    /// <summary>A character without ornament: ligatures, wide forms, curled quotes, controls.</summary>
    private static string Plain(char c) => c switch
    {
        '\u0132' => "IJ",
        '\u0133' => "ij",
        '\uFB00' => "ff",
        '\uFB01' => "fi",
        '\uFB02' => "fl",
        '\uFB03' => "ffi",
        '\uFB04' => "ffl",
        '\uFB05' => "\u017Ft",
        '\uFB06' => "st",
        '\u3000' => " ",
        >= FullWidthBang and <= FullWidthTilde => ((char)(c - WidthShift)).ToString(),
        >= HalfWidthDot and <= '\uFF9F' => FullWidthKana[c - HalfWidthDot].ToString(),
        '\u02BC' or (>= '\u2018' and <= '\u201B') => "'",
        >= '\u201C' and <= '\u201F' => "\"",
        '\t' or '\n' or '\f' or '\r' => " ",
        < ' ' or '\u007F' or (>= '\u206A' and <= '\u206F') or '\uFEFF' or (>= '\uFFF9' and <= '\uFFFC') => "",
        _ => c.ToString(),
    };

    /// <summary>Lower case by Unicode's full mapping: final sigma, and the dotted capital I.</summary>
    private static string Lower(string text) =>
        FinalSigma().Replace(text, "ς").Replace("İ", "i\u0307", StringComparison.Ordinal).ToLowerInvariant();

    [GeneratedRegex(@"(?<=\p{L})Σ(?!\p{L})")]
    private static partial Regex FinalSigma();

    [GeneratedRegex(@"\x1B\[[0-9;]*[A-Za-z]")]
    private static partial Regex TerminalEscape();

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}

/// <summary>HTML entities as text, as browsers read them: old names also without their semicolon.</summary>
internal static partial class HtmlEntities
{
    /// <summary>Replaces entities once. Strict: only those that end with a semicolon.</summary>
    public static string Unescape(string text, bool strict) => text.Contains('&')
        ? Entity().Replace(text, match => Replacement(match.Value, strict) ?? match.Value)
        : text;

    private static string? Replacement(string entity, bool strict)
    {
        if (entity.EndsWith(';'))
            return Decode(entity) ?? (strict ? null : Prefix(entity[..^1]) is { } found ? found + ';' : null);
        if (strict)
            return null;
        return entity[1] == '#' ? Decode(entity + ';') : Prefix(entity);
    }

    /// <summary>The longest old name at the beginning: those of Latin-1, and no others, need no semicolon.</summary>
    private static string? Prefix(string entity)
    {
        for (var length = entity.Length; length > 2; length--)
        {
            if (Decode(entity[..length] + ';') is [<= '\u00FF'] letter)
                return letter + entity[length..];
        }
        return null;
    }

    private static string? Decode(string entity)
    {
        var known = entity switch
        {
            "&AMP;" => "&",
            "&LT;" => "<",
            "&GT;" => ">",
            "&QUOT;" => "\"",
            "&COPY;" => "©",
            "&REG;" => "®",
            _ => WebUtility.HtmlDecode(entity),
        };
        return known == entity ? null : known;
    }

    [GeneratedRegex("&(#[0-9]+|#[xX][0-9a-fA-F]+|[0-9A-Za-z]{1,32});?")]
    private static partial Regex Entity();
}

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
            .GetManifestResourceStream("Mdfld.Generation.compositions.txt")!;
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

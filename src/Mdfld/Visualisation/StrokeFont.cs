using System.Collections.Frozen;
using System.Text;
using SkiaSharp;

namespace Mdfld;

/// <summary>
/// Letters as lines: an SVG path each. Capitals stand from y = 0 to 6, small letters from 2 to 6, descenders end at 8.
/// </summary>
internal static class StrokeFont
{
    private const float CapitalHeight = 6;
    private const float Gap = 1.5f;
    private const float Space = 1.6f;
    private const char Ellipsis = '…';

    private static readonly FrozenDictionary<char, string> Letters = new Dictionary<char, string>
    {
        ['A'] = "M0 6L2 0L4 6M.7 4H3.3",
        ['B'] = "M0 2.8H2.1C3 2.8 3.5 2.2 3.5 1.4S3 0 2.1 0H0V6H2.2C3.2 6 3.8 5.3 3.8 4.4S3.2 2.8 2.1 2.8",
        ['C'] = "M4 1.1C3.5.4 2.9 0 2.1 0C.8 0 0 1.2 0 3S.8 6 2.1 6C2.9 6 3.5 5.6 4 4.9",
        ['D'] = "M0 0V6H1.6C3.1 6 4 4.8 4 3S3.1 0 1.6 0Z",
        ['E'] = "M3.4 0H0V6H3.4M0 3H2.8",
        ['F'] = "M3.4 0H0V6M0 3H2.8",
        ['G'] = "M4 1.1C3.5.4 2.9 0 2.1 0C.8 0 0 1.2 0 3S.8 6 2.1 6C3.2 6 4 5.4 4 4.4V3.3H2.5",
        ['H'] = "M0 0V6M4 0V6M0 3H4",
        ['I'] = "M0 0V6",
        ['J'] = "M2.6 0V4.2C2.6 5.4 2.1 6 1.3 6C.6 6 .1 5.6 0 4.8",
        ['K'] = "M0 0V6M3.8 0L0 3.8M1.3 2.6L4 6",
        ['L'] = "M0 0V6H3.2",
        ['M'] = "M0 6V0L2.4 4L4.8 0V6",
        ['N'] = "M0 6V0L4 6V0",
        ['O'] = "M2.1 0C.8 0 0 1.2 0 3S.8 6 2.1 6S4.2 4.8 4.2 3S3.4 0 2.1 0Z",
        ['P'] = "M0 6V0H2.1C3.1 0 3.7.7 3.7 1.6S3.1 3.2 2.1 3.2H0",
        ['Q'] = "M2.1 0C.8 0 0 1.2 0 3S.8 6 2.1 6S4.2 4.8 4.2 3S3.4 0 2.1 0ZM2.7 4.5L4.3 6.5",
        ['R'] = "M0 6V0H2.1C3.1 0 3.7.7 3.7 1.6S3.1 3.2 2.1 3.2H0M2 3.2L3.9 6",
        ['S'] = "M3.7 1.1C3.4.4 2.8 0 1.9 0C.9 0 .2.6.2 1.5C.2 3.6 3.9 2.4 3.9 4.5C3.9 5.4 3.1 6 2 6C1 6 .3 5.6 0 4.8",
        ['T'] = "M0 0H4M2 0V6",
        ['U'] = "M0 0V4C0 5.3.8 6 2 6S4 5.3 4 4V0",
        ['V'] = "M0 0L2 6L4 0",
        ['W'] = "M0 0L1.4 6L2.8 1L4.2 6L5.6 0",
        ['X'] = "M0 0L4 6M4 0L0 6",
        ['Y'] = "M0 0L2 3.1L4 0M2 3.1V6",
        ['Z'] = "M0 0H4L0 6H4",
        ['a'] = "M3 2V6M3 4C3 2.8 2.4 2 1.5 2S0 2.8 0 4S.6 6 1.5 6S3 5.2 3 4",
        ['b'] = "M0 0V6M0 4C0 2.8.6 2 1.5 2S3 2.8 3 4S2.4 6 1.5 6S0 5.2 0 4",
        ['c'] = "M2.9 2.8C2.6 2.3 2.2 2 1.6 2C.6 2 0 2.8 0 4S.6 6 1.6 6C2.2 6 2.6 5.7 2.9 5.2",
        ['d'] = "M3 0V6M3 4C3 2.8 2.4 2 1.5 2S0 2.8 0 4S.6 6 1.5 6S3 5.2 3 4",
        ['e'] = "M0 4H3.1C3.1 2.8 2.6 2 1.6 2S0 2.8 0 4S.6 6 1.6 6C2.3 6 2.7 5.7 3 5.1",
        ['f'] = "M2.2.1C1.2-.2.7.3.7 1.2V6M0 2.1H2",
        ['g'] = "M3 2V6.3C3 7.9 1 8.2.3 7.3M3 4C3 2.8 2.4 2 1.5 2S0 2.8 0 4S.6 6 1.5 6S3 5.2 3 4",
        ['h'] = "M0 0V6M0 3.8C0 2.6.7 2 1.5 2S2.8 2.5 2.8 3.6V6",
        ['i'] = "M0 2.2V6M0 .3V.6",
        ['j'] = "M1.2 2.2V6.6C1.2 7.6.7 7.9 0 7.7M1.2.3V.6",
        ['k'] = "M0 0V6M2.7 2.2L0 4.6M1 3.8L2.8 6",
        ['l'] = "M0 0V6",
        ['m'] = "M0 2V6M0 3.6C0 2.5.6 2 1.3 2S2.3 2.5 2.3 3.5V6M2.3 3.6C2.3 2.5 2.9 2 3.6 2S4.6 2.5 4.6 3.5V6",
        ['n'] = "M0 2V6M0 3.8C0 2.6.7 2 1.5 2S2.8 2.5 2.8 3.6V6",
        ['o'] = "M1.6 2C.6 2 0 2.8 0 4S.6 6 1.6 6S3.2 5.2 3.2 4S2.6 2 1.6 2Z",
        ['p'] = "M0 2V8M0 4C0 2.8.6 2 1.5 2S3 2.8 3 4S2.4 6 1.5 6S0 5.2 0 4",
        ['q'] = "M3 2V8M3 4C3 2.8 2.4 2 1.5 2S0 2.8 0 4S.6 6 1.5 6S3 5.2 3 4",
        ['r'] = "M0 2V6M0 3.8C0 2.6.7 1.9 1.8 2.1",
        ['s'] = "M2.6 2.8C2.4 2.3 1.9 2 1.3 2C.6 2 .1 2.4.1 3C.1 4.4 2.7 3.6 2.7 5C2.7 5.6 2.1 6 1.4 6"
            + "C.7 6 .2 5.7 0 5.2",
        ['t'] = "M.8.6V4.8C.8 5.9 1.4 6.1 2.2 5.9M0 2.2H2.1",
        ['u'] = "M0 2V4.4C0 5.5.5 6 1.3 6S2.8 5.4 2.8 4.2M2.8 2V6",
        ['v'] = "M0 2L1.5 6L3 2",
        ['w'] = "M0 2L1.1 6L2.3 2.6L3.5 6L4.6 2",
        ['x'] = "M0 2L2.8 6M2.8 2L0 6",
        ['y'] = "M0 2L1.6 6M3.1 2L1.3 6.8C1 7.7.6 7.9 0 7.8",
        ['z'] = "M0 2H2.8L0 6H2.8",
        ['0'] = "M2 0C.7 0 0 1.2 0 3S.7 6 2 6S4 4.8 4 3S3.3 0 2 0Z",
        ['1'] = "M0 1.2L1.6 0V6",
        ['2'] = "M.1 1.5C.2.6.9 0 1.9 0S3.7.6 3.7 1.6C3.7 2.9 1.8 4.2 0 6H3.8",
        ['3'] = "M.2 1.1C.5.4 1.1 0 1.9 0C2.9 0 3.6.6 3.6 1.4S2.8 2.8 1.5 2.8C3 2.8 3.8 3.4 3.8 4.4"
            + "S3 6 1.9 6C1 6 .3 5.6 0 4.8",
        ['4'] = "M3 6V0L0 4.2H4",
        ['5'] = "M3.5 0H.7L.4 2.8C.8 2.5 1.3 2.3 1.9 2.3C3 2.3 3.8 3 3.8 4.1S3 6 1.8 6C1 6 .3 5.7 0 5",
        ['6'] = "M3.4.6C3 .2 2.6 0 2.1 0C.8 0 0 1.4 0 3.6C0 5.2.8 6 2 6S3.9 5.2 3.9 4.1S3.1 2.3 2 2.3S0 3 0 4",
        ['7'] = "M0 0H3.8L1.4 6",
        ['8'] = "M2 2.8C1 2.8.4 2.2.4 1.4S1 0 2 0S3.6.6 3.6 1.4S3 2.8 2 2.8C.9 2.8 0 3.4 0 4.4S.9 6 2 6"
            + "S4 5.4 4 4.4S3.1 2.8 2 2.8Z",
        ['9'] = "M.5 5.4C.9 5.8 1.3 6 1.8 6C3.1 6 3.9 4.6 3.9 2.4C3.9.8 3.1 0 1.9 0S0 .8 0 1.9"
            + "S.8 3.7 1.9 3.7S3.9 3 3.9 2",
        ['-'] = "M0 3.6H2.2",
        ['_'] = "M0 6.8H3.6",
        ['.'] = "M0 5.7V6",
        [','] = "M.5 5.6L0 7",
        [':'] = "M0 2.6V2.9M0 5.7V6",
        [';'] = "M.5 2.6V2.9M.5 5.6L0 7",
        ['!'] = "M0 0V4.2M0 5.7V6",
        ['?'] = "M0 1.3C.2.4.8 0 1.6 0S3.1.6 3.1 1.5C3.1 2.9 1.5 2.8 1.5 4.3M1.5 5.7V6",
        ['\''] = "M0 0V1.4",
        ['"'] = "M0 0V1.4M1.2 0V1.4",
        ['/'] = "M0 6.8L2.4-.6",
        ['\\'] = "M0-.6L2.4 6.8",
        ['|'] = "M0-.6V6.8",
        ['('] = "M1.2-.6C-.3 1.6-.3 4.8 1.2 7",
        [')'] = "M0-.6C1.5 1.6 1.5 4.8 0 7",
        ['['] = "M1.2-.6H0V7H1.2",
        [']'] = "M0-.6H1.2V7H0",
        ['+'] = "M0 3.4H3M1.5 1.9V4.9",
        ['='] = "M0 2.6H3M0 4.4H3",
        ['<'] = "M2.8 1.4L0 3.4L2.8 5.4",
        ['>'] = "M0 1.4L2.8 3.4L0 5.4",
        ['*'] = "M1.3 0V2.8M0 .7L2.6 2.1M2.6.7L0 2.1",
        ['#'] = "M1.4 0L.7 6M3.4 0L2.7 6M.2 2H4M0 4H3.8",
        ['&'] = "M4.2 6L.9 1.9C.3 1.1.7 0 1.8 0S3.2 1.3 2.3 2L.9 3C-.4 4 0 6 1.7 6C3 6 3.8 5 4 3.4",
        ['%'] = "M1 0C.4 0 0 .5 0 1.3S.4 2.6 1 2.6S2 2.1 2 1.3S1.6 0 1 0ZM4.4 0L.8 6"
            + "M4.2 3.4C3.6 3.4 3.2 3.9 3.2 4.7S3.6 6 4.2 6S5.2 5.5 5.2 4.7S4.8 3.4 4.2 3.4Z",
        [Ellipsis] = "M0 5.7V6M1.5 5.7V6M3 5.7V6",
    }.ToFrozenDictionary();

    /// <summary>Lays a line of text; see <see cref="Overlay.Text"/>.</summary>
    public static SKPath Write(string text, Vector2 topLeft, float height, float width)
    {
        var scale = height / CapitalHeight;
        char[] letters = [.. text.EnumerateRunes().Select(Known)];
        if (!(Length(letters) * scale <= width))
        {
            var kept = letters.Length;
            while (kept >= 0 && Length([.. letters[..kept], Ellipsis]) * scale > width)
                kept--;
            letters = kept < 0 ? [] : [.. letters[..kept], Ellipsis];
        }
        using var line = new SKPathBuilder();
        var x = 0f;
        foreach (var letter in letters)
        {
            if (letter != ' ')
            {
                using var path = SKPath.ParseSvgPathData(Letters[letter]);
                var position = SKMatrix.CreateScaleTranslation(
                    scale, scale, topLeft.X + (scale * x), topLeft.Y);
                line.AddPath(path, in position);
            }
            x += Width(letter) + Gap;
        }
        return line.Detach();
    }

    private static char Known(Rune rune) =>
        rune.IsBmp && (rune.Value == ' ' || Letters.ContainsKey((char)rune.Value)) ? (char)rune.Value : '?';

    private static float Length(ReadOnlySpan<char> letters)
    {
        var sum = 0f;
        foreach (var letter in letters)
            sum += Width(letter) + Gap;
        return MathF.Max(0, sum - Gap);
    }

    /// <summary>Letters begin at x = 0.</summary>
    private static float Width(char letter)
    {
        if (letter == ' ')
            return Space;
        using var path = SKPath.ParseSvgPathData(Letters[letter]);
        return path.TightBounds.Right;
    }
}

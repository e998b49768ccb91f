using System.Net;
using System.Text.RegularExpressions;

namespace Mdfld.Diffusion;

/// <summary>HTML entities as text, as browsers read them: old names also without their semicolon.</summary>
internal static partial class HtmlEntities
{
    /// <summary>Replaces entities once.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="strict">Only those that end with a semicolon.</param>
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

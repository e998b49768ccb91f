using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Mdfld.Cli.Detecting;

/// <summary>Reads of an earlier run's results which picture they are of.</summary>
internal static class ResultHead
{
    /// <summary>Picture and model of an object that <see cref="ResultWriter"/> wrote; null where it is none.</summary>
    public static (string Path, string Model)? OfJson(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        string? path = null, model = null;
        try
        {
            while (reader.Read() && (path is null || model is null))
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                    continue;
                if (reader.ValueTextEquals("image") && reader.Read())
                    path = reader.GetString();
                else if (reader.ValueTextEquals("model") && reader.Read())
                    model = reader.GetString();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
        return path is null || model is null ? null : (path, model);
    }

    /// <summary>Picture and number of lines that a line of a table stands in; null where it is none.</summary>
    public static (string Path, int Lines)? OfCsv(ReadOnlySpan<byte> line)
    {
        var text = Encoding.UTF8.GetString(line);
        var end = 0;
        for (var inside = false; end < text.Length && (inside || text[end] != ','); end++)
            inside ^= text[end] == '"';
        var path = text[..end];
        if (path.StartsWith('"') && path.Length >= 2)
            path = path[1..^1].Replace("\"\"", "\"");
        var rest = text.AsSpan(Math.Min(end + 1, text.Length));
        return rest.IndexOf(',') is > 0 and var digits
            && int.TryParse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var faces)
            ? (path, Math.Max(faces, 1)) : null;
    }
}

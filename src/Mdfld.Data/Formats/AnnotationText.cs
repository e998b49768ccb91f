using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mdfld.Data;

/// <summary>What the formats share: numbers, points, errors that say where, and files written atomically.</summary>
internal static class AnnotationText
{
    /// <summary>No picture is as wide; more would overflow what is computed from the points.</summary>
    private const double Farthest = 1e9;

    private const int MostNumbers = 2000;

    private static readonly char[] Gaps = [' ', '\t', ';'];

    private static readonly JsonSerializerOptions Json =
        new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>A number, with a point or, where there is none, a comma as the decimal mark.</summary>
    public static double Coordinate(ReadOnlySpan<char> text) =>
        TryNumber(text) is { } value ? Coordinate(value)
        : throw new FormatException($"'{Short(text)}', expected a number");

    /// <summary>A coordinate that can be one.</summary>
    public static double Coordinate(double value) => Math.Abs(value) <= Farthest
        ? value
        : throw new FormatException(
            string.Create(CultureInfo.InvariantCulture, $"a coordinate of {value}, expected at most {Farthest}"));

    /// <summary>A number that may be absent: empty, null or NaN.</summary>
    public static double Optional(ReadOnlySpan<char> text) =>
        text.Trim() is "" or "null" or "None" or "NA" or "N/A" || TryNumber(text) is double.NaN
            ? double.NaN : Coordinate(text);

    /// <summary>A point, missing where both numbers are NaN.</summary>
    public static Vector2 Point(double x, double y) => double.IsNaN(x) && double.IsNaN(y)
        ? LabelledFace.Missing : new Vector2((float)Coordinate(x), (float)Coordinate(y));

    /// <summary>x and y one after another as points.</summary>
    public static Vector2[] Points(IReadOnlyList<double> numbers)
    {
        if (numbers.Count % 2 != 0)
            throw new FormatException($"{numbers.Count} numbers, expected pairs of x and y");
        var points = new Vector2[numbers.Count / 2];
        for (var i = 0; i < points.Length; i++)
            points[i] = Point(numbers[2 * i], numbers[(2 * i) + 1]);
        return points;
    }

    /// <summary>
    /// The points of a text of nothing but x and y, parted by spaces, semicolons, commas or lines; a comma may be the
    /// decimal mark, and the number of points may stand before them.
    /// </summary>
    /// <exception cref="InvalidDataException">Something is no number; the message names the line.</exception>
    public static Vector2[] ReadPoints(string file) => ReadPoints(Lines(file));

    /// <inheritdoc cref="ReadPoints(string)"/>
    public static Vector2[] ReadPoints(IEnumerable<(string Where, string Text)> lines)
    {
        var (parted, marks) = (new List<double>(), (List<double>?)[]);
        foreach (var (where, line) in lines)
        {
            // Read both ways, as far as both are possible: what comes to a face is meant.
            marks = marks is null || !line.Split(Gaps, StringSplitOptions.RemoveEmptyEntries).All(n => IsNumber(n))
                ? null : [.. marks, .. Numbers(line, Gaps)];
            parted.AddRange(At(where, () => Numbers(line, [.. Gaps, ',']).ToArray()));
            if (parted.Count > MostNumbers)
                throw new InvalidDataException($"{where}: more than {MostNumbers} numbers");
        }
        var chosen = marks is not null && !IsFace(parted) && IsFace(marks) ? marks : parted;
        var isCounted = chosen.Count % 2 == 1 && chosen[0] == (chosen.Count - 1) / 2;
        return Points(isCounted ? chosen[1..] : chosen);

        static IEnumerable<double> Numbers(string line, char[] gaps) =>
            line.Split(gaps, StringSplitOptions.RemoveEmptyEntries).Select(n => Optional(n));

        static bool IsFace(List<double> numbers) => LandmarkScheme.TryForCount(numbers.Count / 2) is not null;
    }

    /// <summary>Whether a text is a number, NaN included.</summary>
    public static bool IsNumber(ReadOnlySpan<char> text) => TryNumber(text) is not null;

    /// <summary>The lines of a file, each with its number for errors.</summary>
    public static IEnumerable<(string Where, string Text)> Lines(string file) =>
        FileNames.Lines(file).Select((line, i) => ($"{file}, line {i + 1}", line));

    /// <summary>Runs a part of a reader; what does not fit becomes an error that says where.</summary>
    /// <exception cref="InvalidDataException">Instead of what <paramref name="read"/> throws of bad data.</exception>
    public static T At<T>(string where, Func<T> read)
    {
        try
        {
            return read();
        }
        // JsonElement throws InvalidOperationException where a string is no Unicode.
        catch (Exception e) when (e is FormatException or InvalidOperationException or JsonException)
        {
            throw new InvalidDataException($"{where}: {e.Message}", e);
        }
    }

    /// <summary>As much of a text as fits into a message.</summary>
    public static string Short(ReadOnlySpan<char> text) => (text.Length > 40 ? text[..40] : text).ToString();

    /// <summary>A number as files have it, with a point whatever the machine's language.</summary>
    public static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc cref="Text(double)"/>
    public static string Text(float number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Faces picture by picture, in the order of their first ones.</summary>
    public static IEnumerable<IGrouping<string, LabelledFace>> ByPicture(this FaceSet set) =>
        set.Faces.GroupBy(f => PicturePath.Check(f.ImagePath), StringComparer.Ordinal);

    public static void Write(string path, Action<TextWriter> write) =>
        AtomicFile.Write(path, stream => Write(stream, write));

    /// <summary>Writes text to a stream, which stays open.</summary>
    public static void Write(Stream stream, Action<TextWriter> write)
    {
        using var text = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        write(text);
    }

    /// <summary>Writes a file of JSON without members that are null; sequences are enumerated as it goes.</summary>
    public static void WriteJson<T>(string path, T value) => AtomicFile.Write(path, stream => WriteJson(stream, value));

    /// <inheritdoc cref="WriteJson{T}(string, T)"/>
    public static void WriteJson<T>(Stream stream, T value) => JsonSerializer.Serialize(stream, value, Json);

    private static double? TryNumber(ReadOnlySpan<char> text)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            return value;
        var comma = text.IndexOf(',');
        if (comma < 0 || text.Contains('.') || text.Length > 40 || text[(comma + 1)..].Contains(','))
            return null;
        var pointed = string.Concat(text[..comma], ".", text[(comma + 1)..]);
        return double.TryParse(pointed, NumberStyles.Float, CultureInfo.InvariantCulture, out value) ? value : null;
    }
}

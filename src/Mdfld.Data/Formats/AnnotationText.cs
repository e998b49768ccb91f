using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mdfld.Data;

/// <summary>What the formats share: numbers, points, errors that say where, and files written atomically.</summary>
internal static class AnnotationText
{
    /// <summary>No picture is as wide; more would overflow what is computed from the points.</summary>
    private const double Farthest = 1e9;

    private const int MostNumbers = 1000;

    private static readonly char[] Gaps = [' ', '\t', ','];

    private static readonly JsonSerializerOptions Json =
        new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>A coordinate, written with a point whatever the machine's language.</summary>
    public static double Coordinate(ReadOnlySpan<char> text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? Coordinate(value)
            : throw new FormatException($"'{Short(text)}', expected a number");

    /// <summary>A coordinate that can be one.</summary>
    public static double Coordinate(double value) => Math.Abs(value) <= Farthest
        ? value
        : throw new FormatException(
            string.Create(CultureInfo.InvariantCulture, $"a coordinate of {value}, expected at most {Farthest}"));

    /// <summary>x and y one after another as points of a scheme.</summary>
    public static Vector2[] Points(IReadOnlyList<double> numbers)
    {
        if (numbers.Count % 2 != 0 || LandmarkScheme.TryForCount(numbers.Count / 2) is null)
            throw new FormatException($"{numbers.Count} numbers, expected x and y of 68, 98 or 29 points");
        var points = new Vector2[numbers.Count / 2];
        for (var i = 0; i < points.Length; i++)
            points[i] = new Vector2((float)numbers[2 * i], (float)numbers[(2 * i) + 1]);
        return points;
    }

    /// <summary>The numbers of a text of nothing but x and y, parted by spaces, tabs, commas or lines.</summary>
    /// <exception cref="InvalidDataException">Something is no number; the message names the line.</exception>
    public static IReadOnlyList<double> ReadNumbers(string file)
    {
        var numbers = new List<double>();
        foreach (var (where, line) in Lines(file))
        {
            numbers.AddRange(At(
                where,
                () => line.Split(Gaps, StringSplitOptions.RemoveEmptyEntries).Select(n => Coordinate(n)).ToArray()));
            if (numbers.Count > MostNumbers)
                throw new InvalidDataException($"{where}: more than {MostNumbers} numbers");
        }
        return numbers;
    }

    /// <summary>The lines of a file, each with its number for errors.</summary>
    public static IEnumerable<(string Where, string Text)> Lines(string file) =>
        File.ReadLines(file).Select((line, i) => ($"{file}, line {i + 1}", line));

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
    public static void WriteJson<T>(string path, T value) =>
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, value, Json));
}

using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Mdfld.Data;

/// <summary>What the readers of annotations share: numbers, points, and errors that name their place.</summary>
internal static class AnnotationText
{
    /// <summary>No picture is as wide; more would overflow what is computed from the points.</summary>
    private const double Farthest = 1e9;

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
}

using System.Numerics;
using System.Text.Json;

namespace Mdfld.Data;

/// <summary>Reading JSON that may not be what it should, and writing points.</summary>
public static class JsonValues
{
    /// <summary>A member that must be there.</summary>
    /// <exception cref="FormatException">It is not, or is of another kind.</exception>
    public static JsonElement Member(this JsonElement parent, string name, JsonValueKind kind) =>
        parent.OptionalMember(name, kind)
        ?? throw new FormatException(
            $"no \"{name}\", expected {(kind == JsonValueKind.Array ? "an" : "a")} {Word(kind)}");

    /// <summary>A member that may be absent or null.</summary>
    /// <exception cref="FormatException">It is of another kind.</exception>
    public static JsonElement? OptionalMember(this JsonElement parent, string name, JsonValueKind kind)
    {
        if (parent.ValueKind != JsonValueKind.Object)
            throw new FormatException($"{Word(parent.ValueKind)}, expected an object with \"{name}\"");
        if (!parent.TryGetProperty(name, out var member) || member.ValueKind == JsonValueKind.Null)
            return null;
        return member.ValueKind == kind ? member : throw new FormatException(
            $"\"{name}\" is {Word(member.ValueKind)}, expected {Word(kind)}");
    }

    /// <summary>Text that may be absent.</summary>
    public static string? Text(this JsonElement parent, string name) =>
        parent.OptionalMember(name, JsonValueKind.String)?.GetString();

    /// <summary>A coordinate.</summary>
    public static double Coordinate(this JsonElement value) => value.ValueKind == JsonValueKind.Number
        ? AnnotationText.Coordinate(value.GetDouble())
        : throw new FormatException($"{Word(value.ValueKind)} as a coordinate, expected a number");

    /// <summary>Two coordinates; further ones are left.</summary>
    public static (double First, double Second) Pair(this JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() >= 2
            ? (value[0].Coordinate(), value[1].Coordinate())
            : throw new FormatException($"{Word(value.ValueKind)} as a point, expected two numbers");

    /// <summary>A list of [x, y] as points of a scheme.</summary>
    public static Vector2[] Points(this JsonElement list)
    {
        var numbers = new List<double>();
        foreach (var pair in list.EnumerateArray())
        {
            var (x, y) = pair.Pair();
            numbers.Add(x);
            numbers.Add(y);
        }
        return AnnotationText.Points(numbers);
    }

    /// <summary>Writes [a, b].</summary>
    public static void WritePair(this Utf8JsonWriter json, float a, float b)
    {
        json.WriteStartArray();
        json.WriteNumberValue(a);
        json.WriteNumberValue(b);
        json.WriteEndArray();
    }

    private static string Word(JsonValueKind kind) => kind.ToString().ToLowerInvariant();
}

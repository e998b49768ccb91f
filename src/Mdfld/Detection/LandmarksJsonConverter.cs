using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mdfld;

/// <summary>
/// A face as JSON after docs/detection.schema.json (<c>$defs/face</c>): scheme, score, confidence, box, landmarks,
/// uncertainty. A face that was read has the square around its points as its crop.
/// </summary>
public sealed class LandmarksJsonConverter : JsonConverter<Landmarks>
{
    /// <inheritdoc/>
    public override Landmarks Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var json = document.RootElement;
        try
        {
            var points = Rows(json.GetProperty("landmarks"), 2, row => new Vector2(row[0], row[1]));
            var name = json.GetProperty("scheme").GetString() ?? "";
            var scheme = LandmarkScheme.TryByName(name) ?? new LandmarkScheme(name, points.Length);
            scheme.Check(points);
            return new Landmarks(scheme, [.. points], FaceBox.Around(points).ToCrop(1))
            {
                Score = json.GetProperty("score").GetSingle(),
                Confidence = json.GetProperty("confidence").GetSingle(),
                Uncertainty = json.TryGetProperty("uncertainty", out var uncertainty)
                    ? [.. Rows(uncertainty, 3, row => new PointCovariance(row[0], row[1], row[2]))] : [],
            };
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException
            or ArgumentException)
        {
            throw new JsonException($"expected a face as docs/detection.schema.json describes it: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Landmarks value, JsonSerializerOptions options) =>
        Write(writer, value);

    internal static void Write(Utf8JsonWriter json, Landmarks face)
    {
        json.WriteStartObject();
        json.WriteString("scheme", face.Scheme.Name);
        json.WriteNumber("score", Rounded(face.Score, 4));
        json.WriteNumber("confidence", Rounded(face.Confidence, 4));
        json.WriteStartObject("box");
        json.WriteNumber("x", Rounded(face.Box.Left));
        json.WriteNumber("y", Rounded(face.Box.Top));
        json.WriteNumber("width", Rounded(face.Box.Width));
        json.WriteNumber("height", Rounded(face.Box.Height));
        json.WriteEndObject();
        json.WriteStartArray("landmarks");
        foreach (var p in face.Points)
            WriteRow(json, p.X, p.Y);
        json.WriteEndArray();
        if (!face.Uncertainty.IsEmpty)
        {
            json.WriteStartArray("uncertainty");
            foreach (var u in face.Uncertainty)
                WriteRow(json, u.XX, u.XY, u.YY);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void WriteRow(Utf8JsonWriter json, params ReadOnlySpan<float> row)
    {
        json.WriteStartArray();
        foreach (var value in row)
            json.WriteNumberValue(Rounded(value));
        json.WriteEndArray();
    }

    private static T[] Rows<T>(JsonElement rows, int count, Func<float[], T> make) => [.. rows.EnumerateArray()
        .Select(row => row.EnumerateArray().Select(v => v.GetSingle()).ToArray())
        .Select(row => row.Length == count ? make(row)
            : throw new FormatException($"a row of {row.Length} numbers, expected {count}"))];

    // A thousandth of a pixel is far below any detector's error.
    private static double Rounded(float value, int digits = 3) => Math.Round(value, digits);
}

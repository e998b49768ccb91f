using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mdfld;

/// <summary>
/// A face as JSON after docs/detection.schema.json (<c>$defs/face</c>): scheme, score, confidence, box, landmarks,
/// uncertainty, irises, pose, expression. A face that was read has the square around its points as its crop; pose and
/// expression follow from its points and irises.
/// </summary>
internal sealed class LandmarksJsonConverter : JsonConverter<Landmarks>
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
            var irises = Irises(json);
            return new Landmarks(scheme, [.. points], FaceBox.Around(points).ToCrop(1))
            {
                Score = json.GetProperty("score").GetSingle(),
                Confidence = json.GetProperty("confidence").GetSingle(),
                Uncertainty = json.TryGetProperty("uncertainty", out var uncertainty)
                    ? [.. Rows(uncertainty, 3, row => new PointCovariance(row[0], row[1], row[2]))] : [],
                RightIris = irises[0],
                LeftIris = irises[1],
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
        if (face.RightIris is not null || face.LeftIris is not null)
        {
            json.WriteStartArray("irises");
            foreach (var iris in (Vector2?[])[face.RightIris, face.LeftIris])
            {
                if (iris is { } seen)
                    WriteRow(json, seen.X, seen.Y);
                else
                    json.WriteNullValue();
            }
            json.WriteEndArray();
        }
        var pose = face.Pose;
        Write(json, pose, pose is null ? null : face.ExpressionIn(pose));
        json.WriteEndObject();
    }

    /// <summary>The properties <c>pose</c> and <c>expression</c> of an object, where they are known.</summary>
    internal static void Write(Utf8JsonWriter json, HeadPose? pose, FaceExpression? expression)
    {
        if (pose is not null)
        {
            json.WriteStartObject("pose");
            json.WriteNumber("yaw", Rounded(pose.Yaw, 2));
            json.WriteNumber("pitch", Rounded(pose.Pitch, 2));
            json.WriteNumber("roll", Rounded(pose.Roll, 2));
            json.WritePropertyName("deviation");
            WriteRow(json, pose.Deviation.X, pose.Deviation.Y, pose.Deviation.Z);
            json.WritePropertyName("position");
            WriteRow(json, pose.Position.X, pose.Position.Y);
            json.WriteNumber("scale", Rounded(pose.Scale));
            if (pose.Translation is { } t)
            {
                json.WritePropertyName("translation");
                WriteRow(json, t.X, t.Y, t.Z);
            }
            json.WriteEndObject();
        }
        if (expression is null)
            return;
        json.WriteStartObject("expression");
        foreach (var (name, value) in expression.BlendShapes)
            json.WriteNumber(name, Rounded(value));
        json.WriteEndObject();
    }

    private static void WriteRow(Utf8JsonWriter json, params ReadOnlySpan<float> row)
    {
        json.WriteStartArray();
        foreach (var value in row)
            json.WriteNumberValue(Rounded(value));
        json.WriteEndArray();
    }

    /// <summary>The right and the left iris; null where it is not seen.</summary>
    private static Vector2?[] Irises(JsonElement face)
    {
        if (!face.TryGetProperty("irises", out var irises))
            return [null, null];
        Vector2?[] both = [.. irises.EnumerateArray().Select(iris => iris.ValueKind == JsonValueKind.Null ? (Vector2?)null
            : iris.GetArrayLength() == 2 ? new Vector2(iris[0].GetSingle(), iris[1].GetSingle())
            : throw new FormatException($"an iris of {iris.GetArrayLength()} numbers, expected 2"))];
        return both.Length == 2 ? both : throw new FormatException($"{both.Length} irises, expected 2");
    }

    private static T[] Rows<T>(JsonElement rows, int count, Func<float[], T> make) => [.. rows.EnumerateArray()
        .Select(row => row.EnumerateArray().Select(v => v.GetSingle()).ToArray())
        .Select(row => row.Length == count ? make(row)
            : throw new FormatException($"a row of {row.Length} numbers, expected {count}"))];

    // A thousandth of a pixel is far below any detector's error.
    private static double Rounded(float value, int digits = 3) => Math.Round(value, digits);
}

using System.Text;
using System.Text.Json;

namespace Mdfld.Data;

/// <summary>Writes an inspection as JSON.</summary>
public static class InspectionJson
{
    /// <summary>
    /// One JSON object: counts of faces, pictures and points, "styles", least, median and most of every size, "spread",
    /// "problem_counts" by kind and every problem.
    /// </summary>
    /// <param name="inspection">What was found.</param>
    public static string Write(DatasetInspection inspection)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            Write(json, inspection);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>The least, the median and the greatest of so many sorted values, by index; nothing of none.</summary>
    private static IEnumerable<(string Name, int Index)> Quantiles(int count) =>
        count == 0 ? [] : [("least", 0), ("median", count / 2), ("most", count - 1)];

    private static void Write(Utf8JsonWriter json, DatasetInspection found)
    {
        json.WriteStartObject();
        json.WriteNumber("faces", found.Set.Faces.Count);
        json.WriteNumber("pictures", found.Set.Faces.DistinctBy(f => f.ImagePath).Count());
        json.WriteNumber("points", found.Set.Faces[0].Landmarks.Count);
        json.WriteStartObject("styles");
        foreach (var (style, count) in found.Styles)
            json.WriteNumber(style, count);
        json.WriteEndObject();
        json.WriteStartObject("picture_sizes");
        foreach (var (name, at) in Quantiles(found.PictureSizes.Count))
        {
            json.WriteStartArray(name);
            json.WriteNumberValue(found.PictureSizes[at].Width);
            json.WriteNumberValue(found.PictureSizes[at].Height);
            json.WriteEndArray();
        }
        json.WriteEndObject();
        WriteRange(json, "face_sizes", [.. found.FaceSizes.Select(s => (double)s)]);
        WriteRange(json, "eye_distances", found.EyeDistances);
        json.WriteStartObject("spread");
        foreach (var (group, value) in found.Spread)
            json.WriteNumber(group, Math.Round(value, 6));
        json.WriteEndObject();
        json.WriteStartObject("problem_counts");
        foreach (var kind in DatasetInspection.Kinds)
            json.WriteNumber(kind, found.Problems.Count(p => p.Kind == kind));
        json.WriteEndObject();
        json.WriteStartArray("problems");
        foreach (var problem in found.Problems)
        {
            json.WriteStartObject();
            json.WriteString("kind", problem.Kind);
            json.WriteString("image", problem.ImagePath);
            json.WriteString("detail", problem.Detail);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRange(Utf8JsonWriter json, string name, IReadOnlyList<double> sorted)
    {
        json.WriteStartObject(name);
        foreach (var (quantile, at) in Quantiles(sorted.Count))
            json.WriteNumber(quantile, Math.Round(sorted[at], 3));
        json.WriteEndObject();
    }
}

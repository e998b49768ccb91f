using System.Globalization;
using System.Text;
using System.Text.Json;
using Spectre.Console;

namespace Mdfld.Cli.DataSets;

/// <summary>Tells what an inspection found.</summary>
internal static class InspectionReport
{
    private const int ShownOfAKind = 5;

    /// <summary>Tables, with the first problems of each kind.</summary>
    public static void Print(DataSetInspection found, string path, TextWriter output)
    {
        var console = Terminal.On(output);
        var faces = found.Set.Faces;
        var pictures = faces.DistinctBy(f => f.ImagePath).Count();
        console.MarkupLineInterpolated(
            $"[bold]{path}[/]: {faces.Count} faces of {faces[0].Landmarks.Count} points in {pictures} pictures");
        var table = new Table().Border(TableBorder.Simple).AddColumns("", "least", "median", "most");
        if (found.PictureSizes.Count > 0)
        {
            var sizes = found.PictureSizes;
            table.AddRow("picture, pixels", Size(sizes[0]), Size(sizes[sizes.Count / 2]), Size(sizes[^1]));
        }
        Row(table, "face, longest side", [.. found.FaceSizes.Select(s => (double)s)]);
        Row(table, "outer eye corners apart", found.EyeDistances);
        console.Write(table);
        if (found.Spread.Count > 0)
        {
            var spread = found.Spread.Select(g => string.Create(
                CultureInfo.InvariantCulture, $"{g.Key} {100 * g.Value:0.0}"));
            console.WriteLine(
                $"points round the mean face, % of the eye corners' distance: {string.Join(", ", spread)}");
        }
        if (found.Styles.Count > 0)
            console.WriteLine($"styles: {string.Join(", ", found.Styles.Select(s => $"{s.Key} {s.Value}"))}");
        foreach (var kind in found.Problems.GroupBy(p => p.Kind))
        {
            console.MarkupLineInterpolated($"[red]{kind.Key}[/]: {kind.Count()}");
            foreach (var problem in kind.Take(ShownOfAKind))
                console.WriteLine($"  {problem.Picture}: {problem.Detail}");
            if (kind.Count() > ShownOfAKind)
                console.WriteLine("  ...");
        }
        if (found.Problems.Count == 0)
            console.WriteLine("no problems");
    }

    /// <summary>One JSON object with everything.</summary>
    public static string Json(DataSetInspection found)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
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
            foreach (var (name, at) in Places(found.PictureSizes.Count))
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
            foreach (var kind in DataSetInspection.Kinds)
                json.WriteNumber(kind, found.Problems.Count(p => p.Kind == kind));
            json.WriteEndObject();
            json.WriteStartArray("problems");
            foreach (var problem in found.Problems)
            {
                json.WriteStartObject();
                json.WriteString("kind", problem.Kind);
                json.WriteString("image", problem.Picture);
                json.WriteString("detail", problem.Detail);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void WriteRange(Utf8JsonWriter json, string name, IReadOnlyList<double> sorted)
    {
        json.WriteStartObject(name);
        foreach (var (place, at) in Places(sorted.Count))
            json.WriteNumber(place, Math.Round(sorted[at], 3));
        json.WriteEndObject();
    }

    private static IEnumerable<(string Name, int Place)> Places(int count) =>
        count == 0 ? [] : [("least", 0), ("median", count / 2), ("most", count - 1)];

    private static void Row(Table table, string name, IReadOnlyList<double> sorted) => table.AddRow(
        name, Text(sorted[0]), Text(sorted[sorted.Count / 2]), Text(sorted[^1]));

    private static string Size((int Width, int Height) size) => $"{size.Width} x {size.Height}";

    private static string Text(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}

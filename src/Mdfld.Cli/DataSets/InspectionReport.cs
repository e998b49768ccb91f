using System.Globalization;
using Spectre.Console;

namespace Mdfld.Cli.DataSets;

/// <summary>Tells what an inspection found.</summary>
internal static class InspectionReport
{
    private const int ShownOfAKind = 5;

    /// <summary>Tables, with the first problems of each kind.</summary>
    public static void Print(DatasetInspection found, string path, TextWriter output)
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
                console.WriteLine($"  {problem.ImagePath}: {problem.Detail}");
            if (kind.Count() > ShownOfAKind)
                console.WriteLine("  ...");
        }
        if (found.Problems.Count == 0)
            console.WriteLine("no problems");
    }

    private static void Row(Table table, string name, IReadOnlyList<double> sorted) => table.AddRow(
        name, Text(sorted[0]), Text(sorted[sorted.Count / 2]), Text(sorted[^1]));

    private static string Size((int Width, int Height) size) => $"{size.Width} x {size.Height}";

    private static string Text(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}

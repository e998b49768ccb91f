using Spectre.Console;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld dataset inspect</c>: counts, sizes and faults of labelled faces.</summary>
internal static class DatasetInspectCommand
{
    private const int ShownOfAKind = 5;

    public static Command Create()
    {
        var source = new AnnotationSource();
        var smallest = SharedOptions.Value(
            "--min-face", "PIXELS", "Faces whose longest side is less are called tiny", 32f);
        var asJson = SharedOptions.Flag("--json", "Prints one JSON object with every problem");
        var quiet = SharedOptions.Quiet();
        return new Command("inspect", "Counts what there is and lists what is wrong; exit code 1 where anything is.")
        {
            source, smallest, asJson, quiet,
        }.Does((parsed, stop) =>
        {
            var found = DatasetInspection.Of(source.Read(parsed), parsed.GetValue(smallest), stop);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(asJson))
                output.WriteLine(found.ToJson());
            else
                Print(found, source.Path(parsed), output, parsed.GetValue(quiet));
            return found.Problems.Count > 0 ? ExitCode.Failed : 0;
        });
    }

    /// <summary>Tables, with the first problems of each kind.</summary>
    private static void Print(DatasetInspection found, string path, TextWriter output, bool quiet)
    {
        var console = Terminal.On(output);
        if (!quiet)
            PrintCounts(found, path, console);
        foreach (var kind in found.Problems.GroupBy(p => p.Kind))
        {
            console.MarkupLineInterpolated($"[red]{kind.Key}[/]: {kind.Count()}");
            foreach (var problem in kind.Take(ShownOfAKind))
                console.WriteLine($"  {problem.ImagePath}: {problem.Detail}");
            if (kind.Count() > ShownOfAKind)
                console.WriteLine("  ...");
        }
        if (found.Problems.Count == 0 && !quiet)
            console.WriteLine("no problems");
    }

    private static void PrintCounts(DatasetInspection found, string path, IAnsiConsole console)
    {
        var faces = found.Set.Faces;
        var pictures = faces.DistinctBy(f => f.ImagePath).Count();
        console.MarkupLineInterpolated(
            $"[bold]{path}[/]: {faces.Count} faces of {faces[0].Landmarks.Count} points in {pictures} pictures");
        var table = new Table().Border(TableBorder.Simple).AddColumns("", "least", "median", "most");
        Row("picture, pixels", found.PictureSizes, size => $"{size.Width} x {size.Height}");
        Row("face, longest side", found.FaceSizes, side => Text(side));
        Row("outer eye corners apart", found.EyeDistances, Text);
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
        void Row<T>(string name, IReadOnlyList<T> sorted, Func<T, string> text)
        {
            if (sorted.Count > 0)
                table.AddRow(name, text(sorted[0]), text(sorted[sorted.Count / 2]), text(sorted[^1]));
        }

        static string Text(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
    }
}

using System.Text.Json;
using Mdfld.Generation;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld dataset styles</c>: whether faces are in the styles that they are said to be in.</summary>
internal static class DatasetStylesCommand
{
    private const int ColumnWidth = 4;

    public static Command Create()
    {
        var reference = new Argument<string>("REFERENCE") { Description = "Faces whose styles a small network learns" };
        var folder = new Argument<string>("DIR") { Description = "Faces whose styles it then names" };
        var epochs = SharedOptions.Number("--epochs", "N", "How often each face is learnt from", 24, 1, 1000);
        var asJson = SharedOptions.Flag("--json", "Prints one JSON object with both matrices");
        var quiet = SharedOptions.Quiet();
        return new Command("styles", "Learns styles from one set and tells which of them it sees in another.")
        {
            reference, folder, epochs, asJson, quiet,
        }.Does((parsed, stop) =>
        {
            var configuration = parsed.InvocationConfiguration;
            var (from, at) = (parsed.GetRequiredValue(reference), parsed.GetRequiredValue(folder));
            var rounds = parsed.GetValue(epochs);
            TorchRuntime.Load();
            TorchSharp.torch.set_num_threads(Environment.ProcessorCount);
            var (own, other) = StyleConfusion.Measure(
                FaceFolder.Open(from), FaceFolder.Open(at), rounds, Report, stop);
            if (parsed.GetValue(asJson))
                configuration.Output.WriteLine(Json(own, other));
            else
                Print((from, own), (at, other), configuration.Output);
            return 0;

            void Report(int epoch, double loss)
            {
                var line = FormattableString.Invariant($"mdfld: epoch {epoch}/{rounds} loss {loss:0.000}");
                if (!parsed.GetValue(quiet))
                    configuration.Error.WriteLine(line);
            }
        });
    }

    /// <summary>The share that was named right in each set, then the matrix of the second.</summary>
    private static void Print(
        (string Path, StyleConfusion Seen) reference, (string Path, StyleConfusion Seen) other, TextWriter output)
    {
        output.WriteLine($"{reference.Path}: {Words(reference.Seen)} (faces not learnt from)");
        output.WriteLine($"{other.Path}: {Words(other.Seen)}");
        var (styles, matrix) = (other.Seen.Styles, other.Seen.Matrix);
        var names = styles.Select((style, i) => $"{i + 1,2} {style}").ToArray();
        var widest = names.Max(n => n.Length);
        output.WriteLine();
        output.WriteLine("said, below; seen, to the right");
        output.WriteLine(new string(' ', widest) + Row(styles.Select((_, i) => i + 1)));
        foreach (var (i, name) in names.Index())
            output.WriteLine(name.PadRight(widest) + Row(Enumerable.Range(0, styles.Count).Select(j => matrix[i, j])));

        static string Words(StyleConfusion seen) => string.Create(
            CultureInfo.InvariantCulture,
            $"{100 * seen.Accuracy:0.0} % of {seen.Count} faces in the style they are said to be in; "
            + $"blindly {100 * seen.Chance:0.0} %");

        static string Row(IEnumerable<int> numbers) => string.Concat(
            numbers.Select(n => (n == 0 ? "." : n.ToString(CultureInfo.InvariantCulture)).PadLeft(ColumnWidth)));
    }

    private static string Json(StyleConfusion reference, StyleConfusion other)
    {
        return JsonSerializer.Serialize(
            new { styles = other.Styles, reference = Of(reference), looked = Of(other) });

        static object Of(StyleConfusion seen) => new
        {
            faces = seen.Count,
            accuracy = Math.Round(seen.Accuracy, 4),
            chance = Math.Round(seen.Chance, 4),
            matrix = Enumerable.Range(0, seen.Styles.Count)
                .Select(i => Enumerable.Range(0, seen.Styles.Count).Select(j => seen.Matrix[i, j])),
        };
    }
}

using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Spectre.Console;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld evaluate</c>: how far a model is off on labelled faces.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data")
        {
            Description = "A folder with annotations.tsv and images/",
            HelpName = "DIR",
            Required = true,
        };
        var norm = new Option<string>("--norm")
        {
            Description = "Divides errors by the distance of the outer eye corners (ocular) or of the pupils (pupil)",
            DefaultValueFactory = _ => "ocular",
        };
        norm.AcceptOnlyFromAmong("ocular", "pupil");
        var asJson = new Option<bool>("--json")
        {
            Description = "Prints one JSON object; errors and rates in %, nme_inner51 only of faces with 68 points",
        };
        var model = SharedOptions.Model();
        var threads = SharedOptions.Threads();
        var command = new Command("evaluate", "Measures a model's error on a folder of labelled faces.")
        {
            data, model, norm, asJson, threads,
        };
        command.SetAction(parsed =>
        {
            var folder = Open(parsed.GetRequiredValue(data));
            // Faces run side by side, a thread each: that uses cores better than threads sharing one small network.
            using var detector = LandmarkDetector.Load(
                ModelFolder.Resolve(parsed.GetRequiredValue(model)), new LandmarkDetectorOptions { Threads = 1 });
            var workers = parsed.GetValue(threads) is > 0 and var n ? n : Environment.ProcessorCount;
            var normalisation = parsed.GetValue(norm) == "pupil" ? Normalisation.Pupil : Normalisation.Ocular;
            var result = WithProgress(
                folder.Faces.Count, tick => Evaluation.Run(detector, folder, normalisation, workers, tick));
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(asJson))
                output.WriteLine(Json(result));
            else
            {
                var (name, divisor) = (parsed.GetRequiredValue(data), parsed.GetRequiredValue(norm));
                Print(result, detector.Model, name, divisor, workers, output);
            }
            return 0;
        });
        return command;
    }

    private static FaceFolder Open(string path)
    {
        try
        {
            return FaceFolder.Open(path);
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException)
        {
            throw new UsageException($"--data {e.Message}");
        }
    }

    private static Evaluation WithProgress(int faces, Func<Action?, Evaluation> run)
    {
        if (Console.IsErrorRedirected)
            return run(null);
        var console = Terminal.On(Console.Error);
        return console.Progress().AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                var task = context.AddTask($"{faces} faces", maxValue: faces);
                return run(() => task.Increment(1));
            });
    }

    private static string Json(Evaluation result)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("faces", result.All.Errors.Count);
            json.WriteNumber("nme", Percent(result.All.Mean));
            json.WriteNumber("nme_median", Percent(result.All.Median));
            if (result.Inner is { } inner)
                json.WriteNumber("nme_inner51", Percent(inner));
            json.WriteNumber("fr10", Percent(result.All.FailureRate()));
            json.WriteNumber("auc10", Percent(result.All.Auc()));
            json.WriteNumber("seconds_per_face", Math.Round(result.SecondsPerFace, 6));
            json.WriteStartObject("groups");
            foreach (var (name, nme) in result.Groups)
                json.WriteNumber(name, Percent(nme));
            json.WriteEndObject();
            json.WriteStartObject("styles");
            foreach (var (name, style) in result.Styles)
            {
                json.WriteStartObject(name);
                json.WriteNumber("faces", style.Errors.Count);
                json.WriteNumber("nme", Percent(style.Mean));
                json.WriteNumber("fr10", Percent(style.FailureRate()));
                json.WriteNumber("auc10", Percent(style.Auc()));
                json.WriteEndObject();
            }
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Print(
        Evaluation result, LandmarkModel model, string data, string norm, int workers, TextWriter output)
    {
        var console = Terminal.On(output);
        var table = new Table().Border(TableBorder.Simple).AddColumns("", "faces", "NME %", "FR@10 %", "AUC@10 %");
        for (var i = 1; i < table.Columns.Count; i++)
            table.Columns[i].RightAligned();
        Row("all points", result.All);
        table.AddRow("median", "", Text(result.All.Median), "", "");
        if (result.Inner is { } inner)
            table.AddRow("without jaw", "", Text(inner), "", "");
        foreach (var (name, nme) in result.Groups)
            table.AddRow(name, "", Text(nme), "", "");
        foreach (var (name, style) in result.Styles)
            Row(name, style);
        console.MarkupLineInterpolated($"[bold]{model.Name}[/] on {data}, errors / {norm} distance");
        console.Write(table);
        console.MarkupLineInterpolated(
            CultureInfo.InvariantCulture, $"{result.SecondsPerFace * 1000:0.0} ms a face, {workers} at a time");

        void Row(string name, ErrorSummary errors) => table.AddRow(
            Markup.Escape(name),
            errors.Errors.Count.ToString(CultureInfo.InvariantCulture),
            Text(errors.Mean),
            Text(errors.FailureRate()),
            Text(errors.Auc()));
    }

    private static double Percent(double fraction) => Math.Round(100 * fraction, 4);

    private static string Text(double fraction) => (100 * fraction).ToString("0.00", CultureInfo.InvariantCulture);
}

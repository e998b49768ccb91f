using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld evaluate</c>: a model's error on labelled faces, and how well a finder finds faces.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var data = SharedOptions.Text("--data", "DIR", "Labelled faces: a folder with annotations.tsv and images/");
        var faces = SharedOptions.Text(
            "--faces", "DIR",
            "Or full pictures, to measure how faces are found: a folder with faces.tsv and images/");
        var boxes = SharedOptions.Choice(
            "--boxes", "With --data: faces are where they are annotated, or where the finder finds them",
            "annotated", "found");
        var against = SharedOptions.Text(
            "--against", "FILE", "With --faces: another finder beside it, at the size at which it finds most");
        var turns = SharedOptions.Text(
            "--turn", "LIST", "With --faces: also all pictures turned clockwise by so many degrees, such as 45,90,180");
        var search = new FinderOptions();
        var mirror = SharedOptions.Mirror();
        var norm = SharedOptions.Choice(
            "--norm", "Divides errors by the distance of the outer eye corners (ocular) or of the pupils (pupil)",
            "ocular", "pupil");
        var asJson = SharedOptions.Flag(
            "--json",
            "Prints one JSON object; errors, rates and shares in %, nme_inner51 only of faces with 68 points");
        var model = SharedOptions.Model();
        var trustCode = SharedOptions.TrustCode();
        var device = SharedOptions.Device();
        var threads = SharedOptions.Threads();
        return new Command("evaluate", "Measures a model's error on labelled faces, or a finder on pictures.")
        {
            data, faces, boxes, norm, model, trustCode, search, against, turns, mirror, asJson, device, threads,
        }.Does(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var workers = parsed.ThreadsOf(threads);
            // Pictures run side by side, a thread each: that uses cores better than threads sharing one small network.
            var options = search.Apply(parsed, new DetectorOptions
            {
                Threads = 1,
                Device = parsed.GetRequiredValue(device),
                Mirror = parsed.GetValue(mirror),
            });
            var peer = parsed.GetValue(against);
            var trust = new CodeTrust(parsed.GetValue(trustCode), parsed.InvocationConfiguration.Error);
            var file = ModelFolder.Resolve(parsed.GetRequiredValue(model));
            var degrees = TurnsOf(parsed.GetValue(turns));
            if (parsed.GetValue(faces) is null && (peer is not null || degrees.Length > 0))
                throw new UsageException("--against and --turn need --faces DIR");
            switch (parsed.GetValue(data), parsed.GetValue(faces))
            {
                case ({ } folder, null):
                    Faces(folder);
                    return 0;
                case (null, { } folder):
                    Pictures(folder);
                    return 0;
                default:
                    throw new UsageException("evaluate needs --data DIR or --faces DIR, one of them");
            }

            void Faces(string path)
            {
                var folder = UsageException.IfMissing("--data ", () => FaceFolder.Open(path));
                using var detector = ModelFolder.Load(file, options, trust);
                var divisor = parsed.GetRequiredValue(norm);
                var normalisation = divisor == "pupil" ? Normalisation.Pupil : Normalisation.Ocular;
                var from = parsed.GetValue(boxes) == "found" ? FaceBoxes.Found : FaceBoxes.Annotated;
                var result = Terminal.WithBar(
                    folder.Faces.Count, "faces",
                    tick => Evaluation.Run(detector, folder, normalisation, workers, tick, from));
                if (parsed.GetValue(asJson))
                    output.WriteLine(EvaluationReport.Json(result));
                else
                    EvaluationReport.Print(result, detector.Model, path, divisor, workers, output);
            }

            void Pictures(string path)
            {
                var pictures = UsageException.IfMissing("--faces ", () => FacePictures.Open(path));
                var report = new FindingReport(file, options, trust, pictures, workers);
                report.Run(degrees, peer is null ? null : ModelFolder.Resolve(peer));
                if (parsed.GetValue(asJson))
                    output.WriteLine(report.Json());
                else
                    report.Print(path, output);
            }
        });
    }

    private static float[] TurnsOf(string? list)
    {
        var turns = list?.Split(',').Select(t => float.TryParse(
            t, NumberStyles.Float, CultureInfo.InvariantCulture, out var turn) ? turn : float.NaN).ToArray() ?? [];
        return turns.All(t => t is > -360 and < 360 and not 0) ? turns : throw new UsageException(
            $"--turn '{list}': expected degrees between -360 and 360 but 0, parted by commas, such as 45,90,180");
    }
}

/// <summary>The results of <c>mdfld evaluate</c> as a table and as JSON.</summary>
internal static class EvaluationReport
{
    /// <summary>One JSON object on labelled faces.</summary>
    public static string Json(Evaluation result)
    {
        var json = new JsonObject
        {
            ["faces"] = result.All.Errors.Count,
            ["found"] = Percent(result.All.FoundShare),
            ["nme"] = Percent(result.All.Mean),
            ["nme_median"] = Percent(result.All.Median),
        };
        if (result.Inner is { } inner)
            json["nme_inner51"] = Percent(inner);
        json["fr10"] = Percent(result.All.FailureRate());
        json["auc10"] = Percent(result.All.Auc());
        json["seconds_per_face"] = Math.Round(result.SecondsPerFace, 6);
        json["groups"] = Object(result.Groups, Percent);
        if (result.Reliability is { } reliability)
        {
            json["confidence"] = new JsonObject
            {
                ["threshold"] = Math.Round(reliability.Threshold, 4),
                ["kept"] = Percent(reliability.Kept),
                ["fr10_kept"] = Percent(reliability.FailureRate),
                ["right_kept"] = Percent(reliability.RightKept),
                ["wrong_kept"] = Percent(reliability.WrongKept),
                ["calibration_error"] = Percent(reliability.CalibrationError),
            };
        }
        if (result.Ellipses is { } ellipses)
        {
            json["ellipses"] = new JsonObject
            {
                ["in50"] = Percent(ellipses.In50),
                ["in68"] = Percent(ellipses.In68),
                ["in95"] = Percent(ellipses.In95),
                ["rank_correlation"] = Math.Round(ellipses.RankCorrelation, 4),
            };
        }
        json["styles"] = Object(result.Styles, style => new JsonObject
        {
            ["faces"] = style.Errors.Count,
            ["found"] = Percent(style.FoundShare),
            ["nme"] = Percent(style.Mean),
            ["fr10"] = Percent(style.FailureRate()),
            ["auc10"] = Percent(style.Auc()),
        });
        return json.ToJsonString();

        static JsonObject Object<T>(IReadOnlyDictionary<string, T> members, Func<T, JsonNode?> value) =>
            new(members.Select(m => KeyValuePair.Create(m.Key, value(m.Value))));
    }

    public static void Print(
        Evaluation result, LandmarkModel model, string data, string norm, int workers, TextWriter output)
    {
        var console = Terminal.On(output);
        var table = NewTable("", "faces", "NME %", "FR@10 %", "AUC@10 %");
        Row("all points", result.All);
        if (result.All.FoundShare < 1)
            table.AddRow("found %", Text(result.All.FoundShare), "", "", "");
        table.AddRow("median", "", Text(result.All.Median), "", "");
        if (result.Inner is { } inner)
            table.AddRow("without jaw", "", Text(inner), "", "");
        foreach (var (name, nme) in result.Groups)
            table.AddRow(name, "", Text(nme), "", "");
        foreach (var (name, style) in result.Styles)
            Row(name, style);
        console.MarkupLineInterpolated($"[bold]{model.Name}[/] on {data}, errors / {norm} distance");
        console.Write(table);
        if (result.Reliability is { } r)
        {
            console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"confidence: {100 * r.Kept:0.0} % of the faces found have {r.Threshold:0.00} or more, "
                + $"{100 * r.FailureRate:0.0} % of those are off by over 10 %; "
                + $"calibration error {100 * r.CalibrationError:0.0} %"));
            console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"of the faces right to 10 % {Share(r.RightKept)} have it, of the others {Share(r.WrongKept)}"));
        }
        if (result.Ellipses is { } e)
        {
            console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"uncertainty: {100 * e.In50:0.0}, {100 * e.In68:0.0} and {100 * e.In95:0.0} % of the points lie in "
                + $"their ellipses of 50, 68 and 95 %; rank correlation with the error {e.RankCorrelation:0.00}"));
        }
        console.MarkupLineInterpolated(
            CultureInfo.InvariantCulture, $"{result.SecondsPerFace * 1000:0.0} ms a face, {workers} at a time");

        static string Share(double share) => double.IsNaN(share) ? "(there are none)"
            : string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0} %");

        void Row(string name, ErrorSummary errors) => table.AddRow(
            Markup.Escape(name),
            errors.Errors.Count.ToString(CultureInfo.InvariantCulture),
            Text(errors.Mean),
            Text(errors.FailureRate()),
            Text(errors.Auc()));
    }

    /// <summary>An empty table whose columns but the first are of numbers.</summary>
    public static Table NewTable(params string[] columns)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns(columns);
        foreach (var column in table.Columns.Skip(1))
            column.RightAligned();
        return table;
    }

    /// <summary>A fraction in %; JSON has no word for the mean of nothing but null.</summary>
    public static JsonNode? Percent(double fraction) =>
        double.IsFinite(fraction) ? Math.Round(100 * fraction, 4) : null;

    /// <summary>A fraction in %.</summary>
    public static string Text(double fraction) =>
        double.IsFinite(fraction) ? (100 * fraction).ToString("0.00", CultureInfo.InvariantCulture) : "-";
}

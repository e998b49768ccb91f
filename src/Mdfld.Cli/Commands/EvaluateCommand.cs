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
        var finder = SharedOptions.Finder();
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
            data, faces, boxes, norm, model, trustCode, finder, mirror, asJson, device, threads,
        }.Does(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var workers = parsed.ThreadsOf(threads);
            // Pictures run side by side, a thread each: that uses cores better than threads sharing one small network.
            var options = new DetectorOptions
            {
                Threads = 1,
                Device = parsed.GetRequiredValue(device),
                Mirror = parsed.GetValue(mirror),
                FinderFile = ModelFolder.ResolveFinder(parsed.GetValue(finder)),
            };
            var trust = new CodeTrust(parsed.GetValue(trustCode), parsed.InvocationConfiguration.Error);
            var file = ModelFolder.Resolve(parsed.GetRequiredValue(model));
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
                using var detector = ModelFolder.Load(
                    file, options with { ScoreThreshold = FindingEvaluation.LowestScore }, trust);
                var result = Terminal.WithBar(
                    pictures.Count, "pictures", tick => FindingEvaluation.Run(detector, pictures, workers, tick));
                if (parsed.GetValue(asJson))
                    output.WriteLine(EvaluationReport.Json(result));
                else
                    EvaluationReport.Print(result, detector, path, workers, output);
            }
        });
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

    /// <summary>One JSON object on found faces.</summary>
    public static string Json(FindingEvaluation result)
    {
        return new JsonObject
        {
            ["pictures"] = result.Pictures,
            ["faces"] = result.Faces,
            ["finder"] = Of(result.Finder),
            ["detector"] = Of(result.Detector),
            ["seconds_per_picture"] = Math.Round(result.SecondsPerPicture, 6),
        }.ToJsonString();

        static JsonObject Of(FindingQuality quality) => new()
        {
            ["threshold"] = Percent(quality.Threshold / 100),
            ["recall"] = Percent(quality.Recall),
            ["precision"] = Percent(quality.Precision),
            ["average_precision"] = Percent(quality.AveragePrecision),
            ["false_alarms"] = Percent(quality.FalseAlarms),
        };
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

    public static void Print(
        FindingEvaluation result, LandmarkDetector detector, string data, int workers, TextWriter output)
    {
        var console = Terminal.On(output);
        var table = NewTable("", "from", "recall %", "precision %", "AP %", "false alarms %");
        (string, FindingQuality)[] rows = [("finder", result.Finder), ("detector", result.Detector)];
        foreach (var (name, quality) in rows)
        {
            table.AddRow(
                name, quality.Threshold.ToString("0.00", CultureInfo.InvariantCulture), Text(quality.Recall),
                Text(quality.Precision), Text(quality.AveragePrecision), Text(quality.FalseAlarms));
        }
        var (finder, model) = (detector.Finder.Name, detector.Model.Name);
        console.MarkupLineInterpolated(
            $"[bold]{finder}[/] and {model} on {data}: {result.Faces} faces in {result.Pictures} pictures");
        console.Write(table);
        console.MarkupLineInterpolated(
            CultureInfo.InvariantCulture, $"{result.SecondsPerPicture * 1000:0.0} ms a picture, {workers} at a time");
    }

    private static Table NewTable(params string[] columns)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns(columns);
        foreach (var column in table.Columns.Skip(1))
            column.RightAligned();
        return table;
    }

    // JSON has no word for the mean of nothing but null.
    private static JsonNode? Percent(double fraction) =>
        double.IsFinite(fraction) ? Math.Round(100 * fraction, 4) : null;

    private static string Text(double fraction) =>
        double.IsFinite(fraction) ? (100 * fraction).ToString("0.00", CultureInfo.InvariantCulture) : "-";
}

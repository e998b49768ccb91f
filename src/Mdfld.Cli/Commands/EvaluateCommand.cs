using System.CommandLine;
using Spectre.Console;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld evaluate</c>: how far a model is off on labelled faces, and what a finder finds.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var data = new Option<string?>("--data")
        {
            Description = "Labelled faces: a folder with annotations.tsv and images/",
            HelpName = "DIR",
        };
        var faces = new Option<string?>("--faces")
        {
            Description = "Or whole pictures, to measure how faces are found: a folder with faces.tsv and images/",
            HelpName = "DIR",
        };
        var boxes = new Option<string>("--boxes")
        {
            Description = "With --data: faces are where they are annotated, or where the finder finds them",
            DefaultValueFactory = _ => "annotated",
        };
        boxes.AcceptOnlyFromAmong("annotated", "found");
        var finder = SharedOptions.Finder();
        var mirror = SharedOptions.Mirror();
        var norm = new Option<string>("--norm")
        {
            Description = "Divides errors by the distance of the outer eye corners (ocular) or of the pupils (pupil)",
            DefaultValueFactory = _ => "ocular",
        };
        norm.AcceptOnlyFromAmong("ocular", "pupil");
        var asJson = new Option<bool>("--json")
        {
            Description =
                "Prints one JSON object; errors, rates and shares in %, nme_inner51 only of faces with 68 points",
        };
        var model = SharedOptions.Model();
        var trustCode = SharedOptions.TrustCode();
        var device = SharedOptions.Device();
        var threads = SharedOptions.Threads();
        var command = new Command("evaluate", "Measures a model's error on labelled faces, or a finder on pictures.")
        {
            data, faces, boxes, norm, model, trustCode, finder, mirror, asJson, device, threads,
        };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var asJsonText = parsed.GetValue(asJson);
            var workers = parsed.GetValue(threads) is > 0 and var n ? n : Environment.ProcessorCount;
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
                    var divisor = parsed.GetRequiredValue(norm);
                    var places = parsed.GetValue(boxes) == "found" ? FaceBoxes.Found : FaceBoxes.Annotated;
                    Faces(folder, divisor, places);
                    return 0;
                case (null, { } folder):
                    Pictures(folder);
                    return 0;
                default:
                    throw new UsageException("evaluate needs --data DIR or --faces DIR, one of them");
            }

            void Faces(string path, string divisor, FaceBoxes places)
            {
                var folder = Open("--data", () => FaceFolder.Open(path));
                using var detector = ModelFolder.Load(file, options, trust);
                var normalisation = divisor == "pupil" ? Normalisation.Pupil : Normalisation.Ocular;
                var result = Terminal.WithBar(
                    folder.Faces.Count, "faces",
                    tick => Evaluation.Run(detector, folder, normalisation, workers, tick, places));
                if (asJsonText)
                    output.WriteLine(EvaluationReport.Json(result));
                else
                    EvaluationReport.Print(result, detector.Model, path, divisor, workers, output);
            }

            void Pictures(string path)
            {
                var pictures = Open("--faces", () => FacePictures.Open(path));
                using var detector = ModelFolder.Load(
                    file, options with { ScoreThreshold = FindingEvaluation.LowestScore }, trust);
                var result = Terminal.WithBar(
                    pictures.Count, "pictures", tick => FindingEvaluation.Run(detector, pictures, workers, tick));
                if (asJsonText)
                    output.WriteLine(FindingReport.Json(result));
                else
                    FindingReport.Print(result, detector, path, workers, output);
            }
        });
        return command;
    }

    private static T Open<T>(string option, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException)
        {
            throw new UsageException($"{option} {e.Message}");
        }
    }
}

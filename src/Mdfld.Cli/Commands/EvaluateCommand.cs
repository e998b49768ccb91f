using System.CommandLine;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld evaluate</c>: a model's error on labelled faces, and how well a finder finds faces.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var data = SharedOptions.Text("--data", "DIR", "Labelled faces: a folder with annotations.tsv and images/");
        var faces = SharedOptions.Text(
            "--faces", "DIR",
            "Or whole pictures, to measure how faces are found: a folder with faces.tsv and images/");
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

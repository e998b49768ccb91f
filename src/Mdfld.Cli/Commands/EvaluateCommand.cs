using System.CommandLine;
using System.Globalization;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld evaluate</c>: a model's error on labelled faces, and how well a finder finds faces.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var data = SharedOptions.Text(
            "--data", "DIR",
            "Labelled faces in any format: a file, or a folder such as one with annotations.tsv and images/");
        var source = new AnnotationSource(hasArgument: false);
        var faces = SharedOptions.Text(
            "--faces", "DIR",
            "Or full pictures, to measure how faces are found: a folder with faces.tsv and images/");
        var boxes = SharedOptions.Choice(
            "--boxes", "With --data: faces are where they are annotated, or where the finder finds them",
            "annotated", "found");
        var against = SharedOptions.Text(
            "--against", "NAME|FILE",
            "A second model on the same pictures: face by face with --data; with --faces another finder, at the size "
            + "at which it finds most");
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
        var quiet = SharedOptions.Quiet();
        var device = SharedOptions.Device();
        var threads = SharedOptions.Threads();
        return new Command("evaluate", "Measures a model's error on labelled faces, or a finder on pictures.")
        {
            data, source, faces, boxes, norm, model, trustCode, search, against, turns, mirror, asJson, quiet, device,
            threads,
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
            if (parsed.GetValue(faces) is null && degrees.Length > 0)
                throw new UsageException("--turn needs --faces DIR");
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
                var folder = Labelled(path);
                var divisor = parsed.GetRequiredValue(norm);
                var normalisation = divisor == "pupil" ? Normalisation.Pupil : Normalisation.Ocular;
                var from = parsed.GetValue(boxes) == "found" ? FaceBoxes.Found : FaceBoxes.Annotated;
                var other = peer is null ? null : ModelFolder.Resolve(peer);
                var (result, name) = Measure(file);
                var second = other is null ? default : Measure(other);
                var report = new EvaluationReport(result, name, second.Result, peer);
                if (parsed.GetValue(asJson))
                    output.WriteLine(report.Json());
                else
                    report.Print(path, divisor, workers, output);

                (Evaluation Result, string Name) Measure(string model)
                {
                    using var detector = ModelFolder.Load(model, options, trust);
                    var measured = Terminal.WithBar(
                        folder.Faces.Count, "faces",
                        tick => Evaluation.Run(detector, folder, normalisation, workers, tick, from),
                        parsed.GetValue(quiet));
                    return (measured, detector.Model.Name);
                }
            }

            FaceFolder Labelled(string path)
            {
                // What train reads: other files beside it may be anything.
                var own = Path.Combine(path, "annotations.tsv");
                if (Directory.Exists(path) && !Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
                    .Any(f => !Picture.Extensions.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase)))
                    throw new UsageException($"--data {path}: no annotations in it, such as annotations.tsv");
                var set = source.Read(parsed, FileNames.IsFile(own) ? own : path, "--data ");
                return FaceFolder.Of(path, set.Pictures, set.Faces, set.Inside);
            }

            void Pictures(string path)
            {
                var pictures = UsageException.IfMissing("--faces ", () => FacePictures.Open(path));
                var report = new FindingReport(file, options, trust, pictures, workers);
                report.Run(degrees, peer is null ? null : ModelFolder.Resolve(peer), parsed.GetValue(quiet));
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

using System.CommandLine;
using System.Globalization;
using Mdfld.Training;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld calibrate</c>: makes a model's confidence a probability.</summary>
internal static class CalibrateCommand
{
    public static Command Create()
    {
        var model =
            new Argument<string>("MODEL") { Description = "A landmark model of models/ by name, or an .onnx file" };
        var data = new Option<string[]>("--data")
        {
            Description =
                "Folders of labelled faces to vary, with annotations.tsv and images/; none that is measured on",
            HelpName = "DIR",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var pictures = SharedOptions.Text(
            "--faces", "DIR",
            "Full pictures with faces.tsv and images/: pieces between their faces are pictures without one");
        var output = SharedOptions.Text("--out", "FILE", "The model to write [default: MODEL itself]");
        var count = SharedOptions.Number("--count", "N", "Pictures to try", 3000, 100, 1_000_000);
        var seed = SharedOptions.Number("--seed", "N", "Decides on them", 1);
        var finder = SharedOptions.Finder();
        var device = SharedOptions.Device();
        var threads = SharedOptions.Threads();
        return new Command("calibrate", "Fits the confidence of a landmark model, and writes it into its file.")
        {
            model, data, pictures, output, count, seed, finder, device, threads,
        }.Does((parsed, stop) =>
        {
            var file = ModelFolder.Resolve(parsed.GetRequiredValue(model));
            // The fit is written into the file itself, which only a landmark model in ONNX can keep.
            if (ModelFile.Open(file) is { Kind: not ModelKind.Landmarks } other)
                throw other.Not("a landmark model (ONNX)");
            var options = new DetectorOptions
            {
                Threads = 1,
                Device = parsed.GetRequiredValue(device),
                FinderFile = ModelFolder.ResolveFinder(parsed.GetValue(finder)),
            };
            using var detector = LandmarkDetector.Create(LandmarkModel.Load(file, options), options);
            var folders = parsed.GetRequiredValue(data).Select(Open).ToArray();
            var photos = parsed.GetValue(pictures) is { } path
                ? UsageException.IfMissing("--faces ", () => FacePictures.Open(path)) : [];
            var (workers, trials) = (parsed.ThreadsOf(threads), parsed.GetValue(count));
            var report = Terminal.WithBar(trials, "pictures", tick => ConfidenceCalibration.Run(
                file, detector, folders, photos, parsed.GetValue(output), trials, parsed.GetValue(seed), workers,
                tick, stop));
            Print(report, parsed.InvocationConfiguration.Output);
            return 0;
        });
    }

    private static FaceFolder Open(string path) =>
        Path.TrimEndingDirectorySeparator(path).EndsWith("-val", StringComparison.OrdinalIgnoreCase)
            ? throw new UsageException($"--data {path}: a validation set; calibrate on training sets only")
            : UsageException.IfMissing("--data ", () => FaceFolder.Open(path));

    private static void Print(CalibrationReport report, TextWriter output)
    {
        var r = report.Reliability;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"kept back {report.Faces} faces, {100 * report.Right:0.0} % right; "
            + $"calibration error {100 * r.CalibrationError:0.0} %"));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"from {r.Threshold:0.00}: {100 * r.Kept:0.0} % kept, "
            + $"{100 * r.FailureRate:0.0} % of them off by over 10 %; "
            + $"a false face in {100 * report.FalseAlarms:0.0} % of the pictures without one"));
    }
}

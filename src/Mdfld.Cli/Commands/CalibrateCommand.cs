using System.CommandLine;
using System.Globalization;
using Mdfld.Training;

namespace Mdfld.Cli.Commands;

/// <summary>
/// <c>mdfld calibrate</c>: makes a model's uncertainty that of its errors, its confidence a probability.
/// </summary>
internal static class CalibrateCommand
{
    public static Command Create()
    {
        var model =
            new Argument<string>("MODEL") { Description = "A landmark model of models/ by name, or an .onnx file" };
        var data = TrainingData.Folders(
            "--data", "Folders of labelled faces to vary, with annotations.tsv and images/");
        var pictures = TrainingData.Folders(
            "--faces",
            "Folders of whole pictures, with faces.tsv and images/: pieces between faces are pictures without one");
        var output = SharedOptions.Out("FILE", "The model to write; never MODEL itself");
        var count = SharedOptions.Number("--count", "N", "Pictures to try", 3000, 100, 1_000_000);
        var seed = SharedOptions.Seed();
        var finder = SharedOptions.Finder();
        var device = SharedOptions.Device();
        var threads = SharedOptions.Threads();
        var quiet = SharedOptions.Quiet();
        return new Command(
            "calibrate", "Fits a landmark model's confidence and uncertainty to data.")
        {
            model, data, pictures, output, count, seed, finder, device, threads, quiet,
        }.Does((parsed, stop) =>
        {
            var file = ModelFolder.Resolve(parsed.GetRequiredValue(model));
            var target = TrainingData.NewFile(parsed.GetRequiredValue(output), file);
            // Both are written into the file itself, which only a landmark model in ONNX can keep.
            if (ModelFile.Open(file) is { Kind: not ModelKind.Landmarks } other)
                throw other.Not("a landmark model (ONNX)");
            var folders = TrainingData.Faces(parsed, data);
            var photos = parsed.GetRequiredValue(pictures).Length > 0 ? TrainingData.Pictures(parsed, pictures) : [];
            var options = new DetectorOptions
            {
                Threads = 1,
                Device = parsed.GetRequiredValue(device),
                FinderFile = ModelFolder.ResolveFinder(parsed.GetValue(finder)),
                // What is found is judged, not left out.
                Threshold = 0,
            };
            using var detector = LandmarkDetector.Create(ModelCalibration.Load(file, options), options);
            var (workers, trials) = (parsed.ThreadsOf(threads), parsed.GetValue(count));
            var report = Terminal.WithBar(
                trials, "pictures",
                tick => ModelCalibration.Run(
                    file, target, detector, folders, photos, trials, parsed.GetValue(seed), workers, tick, stop),
                parsed.GetValue(quiet));
            Print(report, parsed.InvocationConfiguration.Output);
            return 0;
        });
    }

    private static void Print(CalibrationReport report, TextWriter output)
    {
        output.WriteLine(
            "kept back    faces  right %  calibration error %  of those right kept %  of those wrong %  "
            + "in their 50 % ellipse  68 %  95 %  rank correlation");
        foreach (var (name, part) in report.Kinds.Append(KeyValuePair.Create("all", report.All)))
        {
            var (r, e) = (part.Reliability, part.Ellipses);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-10} {part.Faces,7} {100 * part.Right,8:0.0} {100 * r.CalibrationError,20:0.0} "
                + $"{Share(r.RightKept),22} {Share(r.WrongKept),17} "
                + $"{Share(e?.In50),21} {Share(e?.In68),5} {Share(e?.In95),5} {e?.RankCorrelation,17:0.00}"));
        }
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"from a confidence of {report.All.Reliability.Threshold:0.00}, the default, a false face is shown in "
            + $"{100 * report.FalseFaces:0.0} % of the pictures without one"));

        static string Share(double? share) =>
            share is { } s and not double.NaN ? (100 * s).ToString("0.0", CultureInfo.InvariantCulture) : "-";
    }
}

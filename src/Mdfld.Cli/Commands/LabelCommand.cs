using Mdfld.Cli.Detecting;

namespace Mdfld.Cli.Commands;

/// <summary>
/// <c>mdfld label</c>: pseudo-labels, a folder of faces that a model has labelled, for self-training.
/// </summary>
internal static class LabelCommand
{
    public static Command Create()
    {
        var defaults = new PseudoLabelOptions();
        var paths = new Argument<string[]>("PATH")
        {
            Description = "Pictures of one face each, folders of them, patterns such as 'anime/*.jpg', or folders of "
                + "labelled faces (annotations.tsv and images/), whose labels are corrected",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = SharedOptions.Required("--out", "DIR", "Folder to write annotations.tsv and images/ into");
        var tolerance = Percent(
            "--tolerance", "PERCENT",
            "Keeps faces whose points agree this well in turned, mirrored and warped variants, % of the face",
            defaults.Tolerance, 100);
        var crops = SharedOptions.Number("--crops", "N", "Crops whose points are averaged", defaults.Crops, 1, 9);
        var second = SharedOptions.Text(
            "--second", "FILE",
            "A second model (.onnx) for the mean of both: ours, or any that gives coordinates in units of the crop");
        var share = Percent(
            "--second-share", "SHARE", "The second model's share of the mean", defaults.SecondShare, 1);
        var agreement = Percent(
            "--agreement", "PERCENT", "Keeps faces on whose points both models agree this well, % of the face",
            defaults.Agreement, 100);
        var labels = SharedOptions.Value(
            "--label-share", "SHARE", "What stays of the labels of labelled faces", defaults.LabelShare);
        var style = SharedOptions.Text("--style", "NAME", "What the labels' last column says");
        var mirror = SharedOptions.Mirror();
        var quiet = SharedOptions.Quiet();
        var model = SharedOptions.Model();
        var trustCode = SharedOptions.TrustCode();
        var device = SharedOptions.Device();
        return new Command("label", "Labels pictures by what models find in them again and again.")
        {
            paths, output, tolerance, crops, second, share, agreement, labels, style, mirror, quiet, model, trustCode,
            device,
        }.Does((parsed, stop) =>
        {
            var folder = parsed.GetRequiredValue(output);
            SamplesCommand.CheckNoFaces(folder);
            var console = parsed.InvocationConfiguration;
            var sources = LabelSource.Find(parsed.GetRequiredValue(paths));
            // Every thread works on a picture of its own.
            var options = new DetectorOptions
            {
                Threads = 1,
                Mirror = parsed.GetValue(mirror),
                Device = parsed.GetRequiredValue(device),
            };
            using var detector = ModelFolder.Load(
                parsed.GetRequiredValue(model), options, new CodeTrust(parsed.GetValue(trustCode), console.Error));
            using var other = parsed.GetValue(second) is { } file ? Second(file, detector.Model.Scheme, options) : null;
            var labeller = new PseudoLabeller(detector, other, new PseudoLabelOptions
            {
                Tolerance = parsed.GetValue(tolerance),
                Crops = parsed.GetValue(crops),
                SecondShare = parsed.GetValue(share),
                Agreement = parsed.GetValue(agreement),
                LabelShare = parsed.GetValue(labels),
            });
            var progress = new LabelProgress(console.Error, sources.Count);
            var exitCode = progress.RunAsync(
                parsed.GetValue(quiet), bar: true,
                () => Task.FromResult(Run(sources, labeller, folder, parsed.GetValue(style), progress, stop)))
                .GetAwaiter().GetResult();
            if (exitCode != ExitCode.Interrupted)
                console.Output.WriteLine($"kept {progress.Kept} of {sources.Count} pictures in {folder}");
            return exitCode;
        });
    }

    /// <summary>A number above 0 and up to a limit.</summary>
    private static Option<float> Percent(string name, string help, string description, float byDefault, float high)
    {
        var option = SharedOptions.Value(name, help, description, byDefault);
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1
                && float.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var value)
                && !(value > 0 && value <= high))
                result.AddError($"{name} must lie above 0 and not above {high}.");
        });
        return option;
    }

    private static LandmarkDetector Second(string nameOrFile, LandmarkScheme scheme, DetectorOptions options)
    {
        var file = ModelFolder.Resolve(nameOrFile);
        var isOurs = ModelFile.Open(file).Kind == ModelKind.Landmarks;
        var detector = LandmarkDetector.Create(
            isOurs ? LandmarkModel.Load(file, options) : CoordinateModel.Open(file), options with { Mirror = isOurs });
        if (detector.Model.Scheme.Count == scheme.Count)
            return detector;
        detector.Dispose();
        throw new InvalidDataException(
            $"{file}: it finds {detector.Model.Scheme.Count} points, the first model {scheme.Count}");
    }

    private static int Run(
        IReadOnlyList<LabelSource> sources,
        PseudoLabeller labeller,
        string folder,
        string? style,
        LabelProgress progress,
        CancellationToken stop)
    {
        var images = Path.Combine(folder, "images");
        Directory.CreateDirectory(images);
        var kept = new LabelledFace?[sources.Count];
        try
        {
            ParallelMap.For(sources.Count, Label, stop: stop);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        MetadataFile.Write(Path.Combine(folder, "annotations.tsv"), [.. kept.OfType<LabelledFace>()]);
        return progress.Failed > 0 ? ExitCode.Failed : 0;

        void Label(int i)
        {
            try
            {
                var (file, label) = sources[i];
                var picture = Picture.Load(file);
                var landmarks = label is null
                    ? labeller.Label(picture, new Random(i)) : labeller.Correct(picture, label);
                if (landmarks is not null)
                {
                    var name = FormattableString.Invariant($"{i:000000}{Path.GetExtension(file)}");
                    File.Copy(file, Path.Combine(images, name), overwrite: true);
                    kept[i] = LabelledFace.FromLandmarks(name, landmarks, style ?? label?.Style);
                }
                progress.Add(landmarks is not null);
            }
            catch (Exception e) when (e is InvalidDataException or ArgumentException)
            {
                progress.Fail(e.Message);
            }
        }
    }

    /// <summary>A picture to label, and the label that it has.</summary>
    private sealed record LabelSource(string File, LabelledFace? Label)
    {
        public static IReadOnlyList<LabelSource> Find(IEnumerable<string> paths) => [.. paths.SelectMany(Of)];

        private static IEnumerable<LabelSource> Of(string path)
        {
            if (!System.IO.File.Exists(Path.Combine(path, "annotations.tsv")))
                return PictureFiles.Find([path]).Select(file => new LabelSource(file, null));
            var folder = FaceFolder.Open(path);
            return folder.Faces.Select(face => new LabelSource(folder.ImagePath(face), face));
        }
    }

    private sealed class LabelProgress(TextWriter error, int total) : RunProgress(error, "pictures", total)
    {
        private int _kept;

        public int Kept => _kept;

        protected override string Counts => string.Create(
            CultureInfo.InvariantCulture,
            $"{Seen}{OfTotal} pictures, {_kept} kept, {Seen / Elapsed.TotalSeconds:0.0} pictures/s");

        public void Add(bool isKept)
        {
            if (isKept)
                Interlocked.Increment(ref _kept);
            Add();
        }
    }
}

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
            Description = "Pictures of one face each, folders, patterns such as 'anime/*.jpg'; or folders of labelled "
                + "faces, whose labels are corrected",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = SharedOptions.Out("DIR", "Folder for annotations.tsv and images/");
        var resume = SharedOptions.Flag(
            "--resume", "Goes on where a run was stopped; does again what failed or differs");
        var force = SharedOptions.Force();
        var tolerance = SharedOptions.Number(
            "--tolerance", "PERCENT",
            "Keeps faces whose points agree in varied copies of the picture, to this % of the face",
            defaults.Tolerance, 0.001f, 100);
        var crops = SharedOptions.Number("--crops", "N", "Crops whose points are averaged", defaults.Crops, 1, 9);
        var second = SharedOptions.Text(
            "--second", "NAME|FILE",
            "A second model for the mean of both: ours, or any .onnx that gives coordinates in units of the crop");
        var share = SharedOptions.Number(
            "--second-share", "SHARE", "Weight of the second model in the mean", defaults.SecondShare, 0.001f, 1);
        var agreement = SharedOptions.Number(
            "--agreement", "PERCENT", "Keeps faces on which both models agree, to this % of the face",
            defaults.Agreement, 0.001f, 100);
        var labels = SharedOptions.Number(
            "--label-share", "SHARE", "Weight of the labels that are corrected", defaults.LabelShare, 0f, 1);
        var style = SharedOptions.Text("--style", "NAME", "Style to note with each label");
        var mirror = SharedOptions.Mirror();
        var quiet = SharedOptions.Quiet();
        var model = SharedOptions.Model();
        var trustCode = SharedOptions.TrustCode();
        var device = SharedOptions.Device();
        var threads = SharedOptions.Threads();
        return new Command("label", "Labels pictures to train on: pseudo-labels.")
        {
            paths, output, resume, force, tolerance, crops, second, share, agreement, labels, style, mirror, quiet,
            model, trustCode, device, threads,
        }.Does((parsed, stop) =>
        {
            var folder = parsed.GetRequiredValue(output);
            var console = parsed.InvocationConfiguration;
            var sources = LabelSource.Find(parsed.GetRequiredValue(paths));
            InputFiles.Keep(folder, sources.Select(s => s.File));
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
            var wanted = new PseudoLabelOptions
            {
                Tolerance = parsed.GetValue(tolerance),
                Crops = parsed.GetValue(crops),
                SecondShare = parsed.GetValue(share),
                Agreement = parsed.GetValue(agreement),
                LabelShare = parsed.GetValue(labels),
            };
            var settings = new Dictionary<string, string?>
            {
                ["program"] = ProgramVersion.Build,
                ["options"] = string.Create(CultureInfo.InvariantCulture, $"{wanted}"),
                ["--mirror"] = options.Mirror ? "yes" : null,
                ["--device"] = options.Device,
                ["--style"] = parsed.GetValue(style),
                ["--model"] = FileHash.Of(ModelFolder.Resolve(parsed.GetRequiredValue(model))),
                ["--second"] = parsed.GetValue(second) is { } peer ? FileHash.Of(ModelFolder.Resolve(peer)) : null,
            };
            using var target = LabelFolder.Open(
                folder, settings, parsed.GetValue(style), parsed.GetValue(resume), parsed.GetValue(force));
            var progress = new LabelProgress(console.Error, sources.Count);
            if (target.Difference is { } difference)
                progress.Say($"{folder}: the earlier run had another {difference}: all pictures are done again");
            var labeller = new PseudoLabeller(detector, other, wanted);
            var workers = parsed.ThreadsOf(threads);
            var exitCode = progress.RunAsync(
                parsed.GetValue(quiet), bar: true,
                () => Task.FromResult(Run(sources, labeller, target, workers, progress, stop)))
                .GetAwaiter().GetResult();
            if (exitCode == ExitCode.Interrupted)
                progress.Say($"stopped; {progress.Completed} pictures are done, --resume goes on");
            else
                console.Output.WriteLine(progress.Summary(folder));
            return exitCode;
        });
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
        LabelFolder target,
        int workers,
        LabelProgress progress,
        CancellationToken stop)
    {
        try
        {
            ParallelMap.For(sources.Count, Label, workers, stop);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        target.Complete();
        return progress.Failed > 0 ? ExitCode.Failed : 0;

        void Label(int i)
        {
            var source = sources[i];
            byte[] bytes;
            string hash;
            Vector2[]? found;
            try
            {
                using var file = new HashedPicture(source.File);
                bytes = file.ReadToEnd();
                hash = file.Hash;
                if (target.TakeEarlier(i, source, hash) is { } earlier)
                {
                    progress.AddEarlier(earlier);
                    return;
                }
                var picture = Picture.Load(bytes, source.File, Picture.DefaultMaxPixels);
                found = source.Label is null
                    ? labeller.Label(picture, new Random(i)) : labeller.Correct(picture, source.Label);
            }
            catch (Exception e) when (e is InvalidDataException or ArgumentException or IOException
                or UnauthorizedAccessException)
            {
                progress.Fail(ErrorText.Of(e));
                return;
            }
            // What the disk refuses is no fault of the picture: it ends the run.
            target.Add(i, source, bytes, hash, found);
            progress.Add(found is not null);
        }
    }

    private sealed class LabelProgress(TextWriter error, int total) : RunProgress(error, "pictures", total)
    {
        private int _kept;

        protected override string Counts => string.Create(
            CultureInfo.InvariantCulture,
            $"{Seen}{OfTotal} pictures, {_kept} kept, {Seen / Elapsed.TotalSeconds:0.0} pictures/s");

        public string Summary(string folder) =>
            $"kept {_kept} of {Seen} pictures in {folder}{(Failed > 0 ? $", {Failed} broken" : "")}";

        public void Add(bool isKept)
        {
            if (isKept)
                Interlocked.Increment(ref _kept);
            Add();
        }

        public void AddEarlier(bool isKept)
        {
            if (isKept)
                Interlocked.Increment(ref _kept);
            AddEarlier();
        }
    }
}

/// <summary>A picture to label, and the label that it has.</summary>
internal sealed record LabelSource(string File, LabelledFace? Label)
{
    public static IReadOnlyList<LabelSource> Find(IEnumerable<string> paths) => [.. paths.SelectMany(Of)];

    private static IEnumerable<LabelSource> Of(string path)
    {
        if (!FileNames.IsFile(Path.Combine(path, "annotations.tsv")))
            return PictureFiles.Find([path]).Paths.Select(file => new LabelSource(file, null));
        var folder = FaceFolder.Open(path);
        return folder.Faces.Select(face => new LabelSource(folder.ImagePath(face), face));
    }
}

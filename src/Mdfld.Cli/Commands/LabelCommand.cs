using System.CommandLine;
using System.Globalization;
using Mdfld.Cli.Detecting;
using Mdfld.Training;

namespace Mdfld.Cli.Commands;

/// <summary>
/// <c>mdfld label</c>: pseudo-labels, a folder of faces that a model has labelled, for self-training.
/// </summary>
internal static class LabelCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("PATH")
        {
            Description = "Pictures of one face each, folders of them, or patterns such as 'anime/*.jpg'",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = SharedOptions.Required("--out", "DIR", "Folder to write annotations.tsv and images/ into");
        var tolerance = SharedOptions.Value(
            "--tolerance", "PERCENT",
            "Keeps faces whose points agree this well in turned, mirrored and warped variants, % of the face",
            new SelfLabellingOptions().Tolerance);
        tolerance.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1
                && float.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var t)
                && t is not (> 0 and <= 100))
                result.AddError("--tolerance must lie above 0 and not above 100.");
        });
        var style = SharedOptions.Text("--style", "NAME", "What the labels' last column says");
        var mirror = SharedOptions.Mirror();
        var quiet = SharedOptions.Quiet();
        var model = SharedOptions.Model();
        var trustCode = SharedOptions.TrustCode();
        var device = SharedOptions.Device();
        return new Command("label", "Labels pictures by what a model finds in them again and again.")
        {
            paths, output, tolerance, style, mirror, quiet, model, trustCode, device,
        }.Does((parsed, stop) =>
        {
            var folder = parsed.GetRequiredValue(output);
            SamplesCommand.CheckNoFaces(folder);
            var console = parsed.InvocationConfiguration;
            var files = PictureFiles.Find(parsed.GetRequiredValue(paths));
            // Every thread works on a picture of its own.
            var options = new DetectorOptions
            {
                Threads = 1,
                Mirror = parsed.GetValue(mirror),
                Device = parsed.GetRequiredValue(device),
            };
            using var detector = ModelFolder.Load(
                parsed.GetRequiredValue(model), options, new CodeTrust(parsed.GetValue(trustCode), console.Error));
            var labeller = new SelfLabeller(
                detector, new SelfLabellingOptions { Tolerance = parsed.GetValue(tolerance) });
            var progress = new LabelProgress(console.Error, files.Count);
            var exitCode = progress.RunAsync(
                parsed.GetValue(quiet), bar: true,
                () => Task.FromResult(Run(files, labeller, folder, parsed.GetValue(style), progress, stop)))
                .GetAwaiter().GetResult();
            if (exitCode != ExitCode.Interrupted)
                console.Output.WriteLine($"kept {progress.Kept} of {files.Count} pictures in {folder}");
            return exitCode;
        });
    }

    private static int Run(
        IReadOnlyList<string> files,
        SelfLabeller labeller,
        string folder,
        string? style,
        LabelProgress progress,
        CancellationToken stop)
    {
        var images = Path.Combine(folder, "images");
        Directory.CreateDirectory(images);
        var kept = new LabelledFace?[files.Count];
        try
        {
            ParallelMap.For(files.Count, Label, stop: stop);
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
                var picture = Picture.Load(files[i]);
                var (landmarks, disagreement) = labeller.Label(picture, new Random(i));
                if (labeller.Trusts(disagreement))
                {
                    var name = FormattableString.Invariant($"{i:000000}{Path.GetExtension(files[i])}");
                    File.Copy(files[i], Path.Combine(images, name), overwrite: true);
                    kept[i] = LabelledFace.FromLandmarks(name, landmarks, style);
                }
                progress.Add(kept[i] is not null);
            }
            catch (InvalidDataException e)
            {
                progress.Fail(e.Message);
            }
        }
    }

    /// <summary>Counts pictures and those that are kept.</summary>
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

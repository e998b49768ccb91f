using System.CommandLine;
using System.Globalization;
using Mdfld.Training;

namespace Mdfld.Cli.Commands;

/// <summary>
/// <c>mdfld label</c>: makes a folder of labelled faces of pictures without labels, for self-training.
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
        var output = new Option<string>("--out")
        {
            Description = "Folder to write annotations.tsv and images/ into",
            HelpName = "DIR",
            Required = true,
        };
        var tolerance = new Option<float>("--tolerance")
        {
            Description = "Keeps faces whose points agree this well in turned, mirrored and warped variants, % of the face",
            HelpName = "PERCENT",
            DefaultValueFactory = _ => new SelfLabellingOptions().Tolerance,
        };
        tolerance.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1
                && float.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var t) && t is not (> 0 and <= 100))
                result.AddError("--tolerance must lie above 0 and not above 100.");
        });
        var style = new Option<string?>("--style") { Description = "What the labels' last column says", HelpName = "NAME" };
        var mirror = SharedOptions.Mirror();
        var model = SharedOptions.Model();
        var command = new Command("label", "Labels pictures by what a model finds in them again and again.")
        {
            paths, output, tolerance, style, mirror, model,
        };
        command.SetAction((parsed, stop) => Task.Run(
            () =>
            {
                var folder = parsed.GetRequiredValue(output);
                if (File.Exists(folder))
                    throw new UsageException($"--out {folder}: this is a file, expected a folder");
                if (File.Exists(Path.Combine(folder, "annotations.tsv")))
                    throw new UsageException($"--out {folder}: holds labelled faces already; choose another folder");
                var files = PictureFiles.Find(parsed.GetRequiredValue(paths));
                // Every thread works on a picture of its own.
                using var detector = ModelFolder.Load(
                    parsed.GetRequiredValue(model),
                    new LandmarkDetectorOptions { Threads = 1, Mirror = parsed.GetValue(mirror) });
                var labeller = new SelfLabeller(
                    detector, new SelfLabellingOptions { Tolerance = parsed.GetValue(tolerance) });
                return Run(files, labeller, folder, parsed.GetValue(style), parsed.InvocationConfiguration, stop);
            },
            CancellationToken.None));
        return command;
    }

    private static int Run(
        IReadOnlyList<string> files,
        SelfLabeller labeller,
        string folder,
        string? style,
        InvocationConfiguration configuration,
        CancellationToken stop)
    {
        var images = Path.Combine(folder, "images");
        Directory.CreateDirectory(images);
        var kept = new LabelledFace?[files.Count];
        var failed = 0;
        try
        {
            SideBySide.For(files.Count, Label, stop: stop);
        }
        catch (OperationCanceledException)
        {
            return CommandLine.Interrupted;
        }
        var faces = kept.OfType<LabelledFace>().ToArray();
        MetadataFile.Write(Path.Combine(folder, "annotations.tsv"), faces);
        configuration.Output.WriteLine($"kept {faces.Length} of {files.Count} pictures in {folder}");
        return failed > 0 ? CommandLine.Failed : 0;

        void Label(int i)
        {
            try
            {
                var picture = Image.Load(files[i]);
                var (landmarks, disagreement) = labeller.Label(picture, new Random(i));
                if (!labeller.Trusts(disagreement))
                    return;
                var name = FormattableString.Invariant($"{i:000000}{Path.GetExtension(files[i])}");
                File.Copy(files[i], Path.Combine(images, name), overwrite: true);
                kept[i] = LabelledFace.FromLandmarks(name, landmarks, style);
            }
            catch (InvalidDataException e)
            {
                Interlocked.Increment(ref failed);
                configuration.Error.WriteLine($"mdfld: {e.Message}");
            }
        }
    }
}

using System.CommandLine;
using Mdfld.Drawing;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld detect</c>: landmarks of the face in each picture.</summary>
internal static class DetectCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("PATH")
        {
            Description = "Pictures, folders of pictures, or patterns such as 'art/*.jpg'",
            Arity = ArgumentArity.OneOrMore,
        };
        var folder = new Option<string?>("--out")
        {
            Description = "Writes a file a picture (csv: one landmarks.csv) into this folder instead of printing",
            HelpName = "DIR",
        };
        var format = new Option<string>("--format")
        {
            Description = "json, pts (as iBUG's, pixels counted from 0; without --out of one picture) or csv",
            DefaultValueFactory = _ => "json",
        };
        format.AcceptOnlyFromAmong("json", "pts", "csv");
        var overlay = new Option<bool>("--overlay")
        {
            Description = "With --out: also the picture with its landmarks drawn",
        };
        var model = SharedOptions.Model();
        var finder = SharedOptions.Finder();
        var threads = SharedOptions.Threads();
        var command = new Command("detect", "Finds the landmarks of the face in each picture and prints them.")
        {
            paths, folder, format, overlay, model, finder, threads,
        };
        command.SetAction((parsed, stop) => Task.Run(
            () =>
            {
                var (to, form) = (parsed.GetValue(folder), parsed.GetRequiredValue(format));
                if (parsed.GetValue(overlay) && to is null)
                    throw new UsageException("--overlay needs --out DIR: nothing is written unasked");
                if (File.Exists(to))
                    throw new UsageException($"--out {to}: this is a file, expected a folder");
                var files = PictureFiles.Find(parsed.GetRequiredValue(paths));
                if (form == "pts" && to is null && files.Count > 1)
                    throw new UsageException($"--format pts of {files.Count} pictures needs --out DIR: a file each");
                var options = new LandmarkDetectorOptions
                {
                    Threads = parsed.GetValue(threads),
                    FinderFile = ModelFolder.ResolveFinder(parsed.GetValue(finder)),
                };
                using var detector = LandmarkDetector.Load(
                    ModelFolder.Resolve(parsed.GetRequiredValue(model)), options);
                var configuration = parsed.InvocationConfiguration;
                var sink = DetectionSink.Create(form, to, configuration.Output, detector.Model.Scheme);
                return Run(files, detector, sink, parsed.GetValue(overlay), configuration.Error, stop);
            },
            CancellationToken.None));
        return command;
    }

    private static int Run(
        IReadOnlyList<string> files,
        LandmarkDetector detector,
        DetectionSink sink,
        bool overlay,
        TextWriter error,
        CancellationToken stop)
    {
        var failed = 0;
        try
        {
            foreach (var file in files)
            {
                if (stop.IsCancellationRequested)
                    return CommandLine.Interrupted;
                try
                {
                    Detect(file, detector, sink, overlay);
                }
                catch (Exception e) when (IsOfOnePicture(e))
                {
                    failed++;
                    var message = CommandLine.Describe(e);
                    error.WriteLine($"mdfld: {(message.Contains(file) ? message : $"{file}: {message}")}");
                }
            }
        }
        finally
        {
            sink.Finish();
        }
        if (failed > 0 && files.Count > 1)
            error.WriteLine($"mdfld: {failed} of {files.Count} pictures failed");
        return failed > 0 ? CommandLine.Failed : 0;
    }

    private static void Detect(string file, LandmarkDetector detector, DetectionSink sink, bool overlay)
    {
        var image = Image.Load(file);
        var faces = detector.Detect(image);
        var name = sink.Add(new Detection(file, image.Width, image.Height, detector.Model.Name, faces));
        if (!overlay)
            return;
        foreach (var face in faces)
            Overlay.Draw(image, face);
        WholeFile.Write(name + ".overlay.png", image.EncodePng());
    }

    // A broken picture, or one of a format whose library is missing, wrong or too old: others may still be read.
    private static bool IsOfOnePicture(Exception e) => e
        is InvalidDataException or IOException or UnauthorizedAccessException or OutOfMemoryException
        or DllNotFoundException or EntryPointNotFoundException or BadImageFormatException;
}

using System.CommandLine;
using System.Text;
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
            Description = "json, pts (as iBUG's, pixels counted from 0) or csv",
            DefaultValueFactory = _ => "json",
        };
        format.AcceptOnlyFromAmong("json", "pts", "csv");
        var overlay = new Option<bool>("--overlay")
        {
            Description = "With --out: also the picture with its landmarks drawn",
        };
        var model = SharedOptions.Model();
        var threads = SharedOptions.Threads();
        var command = new Command("detect", "Finds the landmarks of the face in each picture and prints them.")
        {
            paths, folder, format, overlay, model, threads,
        };
        command.SetAction(parsed =>
        {
            var to = parsed.GetValue(folder);
            if (parsed.GetValue(overlay) && to is null)
                throw new UsageException("--overlay needs --out DIR: nothing is written unasked");
            if (File.Exists(to))
                throw new UsageException($"--out {to}: this is a file, expected a folder");
            var files = PictureFiles.Find(parsed.GetRequiredValue(paths));
            var options = new LandmarkDetectorOptions { Threads = parsed.GetValue(threads) };
            using var detector = LandmarkDetector.Load(ModelFolder.Resolve(parsed.GetRequiredValue(model)), options);
            var sink = Sink.Create(
                parsed.GetRequiredValue(format), to, parsed.InvocationConfiguration.Output, detector.Model.Scheme);
            return Run(files, detector, sink, parsed.GetValue(overlay), parsed.InvocationConfiguration.Error);
        });
        return command;
    }

    private static int Run(
        IReadOnlyList<string> files, LandmarkDetector detector, Sink sink, bool overlay, TextWriter error)
    {
        var failed = 0;
        foreach (var file in files)
        {
            try
            {
                var image = Image.Load(file);
                var face = detector.Detect(image);
                var name = sink.Add(new Detection(file, image.Width, image.Height, detector.Model.Name, [face]));
                if (overlay)
                    WriteOverlay(image, face, name);
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                failed++;
                var message = CommandLine.Describe(e);
                error.WriteLine($"mdfld: {(message.Contains(file) ? message : $"{file}: {message}")}");
            }
        }
        sink.Finish();
        if (failed > 0 && files.Count > 1)
            error.WriteLine($"mdfld: {failed} of {files.Count} pictures failed");
        return failed > 0 ? CommandLine.Failed : 0;
    }

    private static void WriteOverlay(Image image, Landmarks face, string name)
    {
        Overlay.Draw(image, face);
        WholeFile.Write(name + ".overlay.png", image.EncodePng());
    }

    /// <summary>Where detections go: text to a writer, or files to a folder.</summary>
    private abstract class Sink
    {
        public static Sink Create(string format, string? folder, TextWriter output, LandmarkScheme scheme) =>
            folder is null ? new Printer(format, output, scheme) : new Files(format, folder, scheme);

        /// <summary>Takes one picture's faces; returns the path, less extension, of files about it.</summary>
        public abstract string Add(Detection detection);

        public abstract void Finish();
    }

    private sealed class Printer(string format, TextWriter output, LandmarkScheme scheme) : Sink
    {
        private int _count;

        public override string Add(Detection detection)
        {
            var first = _count++ == 0;
            output.Write(format switch
            {
                "json" => (first ? "[\n" : ",\n") + detection.ToJson(),
                "pts" => detection.ToPts(),
                _ => (first ? Detection.CsvHeader(scheme.Count) : "") + detection.ToCsv(),
            });
            return "";
        }

        public override void Finish()
        {
            if (format == "json")
                output.Write(_count == 0 ? "[]\n" : "\n]\n");
        }
    }

    private sealed class Files(string format, string folder, LandmarkScheme scheme) : Sink
    {
        private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
        private readonly StringBuilder _table = new(Detection.CsvHeader(scheme.Count));

        public override string Add(Detection detection)
        {
            Directory.CreateDirectory(folder);
            var name = Path.Combine(folder, Unique(detection.Path));
            if (format == "csv")
            {
                _table.Append(detection.ToCsv());
                return name;
            }
            var text = format == "json" ? detection.ToJson() + "\n" : detection.ToPts();
            WholeFile.Write($"{name}.{format}", Encoding.UTF8.GetBytes(text));
            return name;
        }

        public override void Finish()
        {
            if (format == "csv" && _names.Count > 0)
                WholeFile.Write(Path.Combine(folder, "landmarks.csv"), Encoding.UTF8.GetBytes(_table.ToString()));
        }

        // face.png and face.jpg, or two folders' face.png, must not overwrite each other.
        private string Unique(string path)
        {
            if (_names.Add(Path.GetFileNameWithoutExtension(path)))
                return Path.GetFileNameWithoutExtension(path);
            var name = Path.GetFileName(path);
            for (var i = 2; !_names.Add(name); i++)
                name = $"{Path.GetFileName(path)}-{i}";
            return name;
        }
    }
}

using System.Text;

namespace Mdfld.Cli;

/// <summary>Where detections go: text to a writer, or files to a folder.</summary>
internal abstract class DetectionSink
{
    /// <param name="format">json, pts or csv.</param>
    /// <param name="folder">Where files go, made when the first is written; null prints.</param>
    /// <param name="output">Standard output.</param>
    /// <param name="scheme">Of the faces to come.</param>
    public static DetectionSink Create(string format, string? folder, TextWriter output, LandmarkScheme scheme) =>
        folder is null ? new Printer(format, output, scheme)
        : format == "csv" ? new Table(folder, scheme)
        : new Files(format, folder);

    /// <summary>Takes one picture's faces; returns the path, less extension, of files about it.</summary>
    public abstract string Add(Detection detection);

    /// <summary>Completes what was written; to be called in any case, once.</summary>
    public virtual void Finish()
    {
    }

    private sealed class Printer(string format, TextWriter output, LandmarkScheme scheme) : DetectionSink
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

    private sealed class Files(string format, string folder) : DetectionSink
    {
        private readonly Names _names = new(folder);

        public override string Add(Detection detection)
        {
            var name = _names.For(detection.Path);
            var text = format == "json" ? detection.ToJson() + "\n" : detection.ToPts();
            WholeFile.Write($"{name}.{format}", Encoding.UTF8.GetBytes(text));
            return name;
        }
    }

    /// <summary>Rows go to a temporary file at once, and survive even a kill; its name comes at the end.</summary>
    private sealed class Table(string folder, LandmarkScheme scheme) : DetectionSink
    {
        private readonly Names _names = new(folder);
        private readonly string _path = Path.Combine(folder, "landmarks.csv");
        private StreamWriter? _rows;

        private string Temporary => $"{_path}.{Environment.ProcessId}.tmp";

        public override string Add(Detection detection)
        {
            var name = _names.For(detection.Path);
            if (_rows is null)
            {
                _rows = new StreamWriter(Temporary) { AutoFlush = true };
                _rows.Write(Detection.CsvHeader(scheme.Count));
            }
            _rows.Write(detection.ToCsv());
            return name;
        }

        public override void Finish()
        {
            if (_rows is null)
                return;
            _rows.Dispose();
            File.Move(Temporary, _path, overwrite: true);
        }
    }

    /// <summary>A name for each picture: face.png and face.jpg, or two folders' face.png, share none.</summary>
    private sealed class Names(string folder)
    {
        private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

        public string For(string picture)
        {
            Directory.CreateDirectory(folder);
            var name = Path.GetFileNameWithoutExtension(picture);
            for (var i = 1; !_taken.Add(name); i++)
                name = i == 1 ? Path.GetFileName(picture) : $"{Path.GetFileName(picture)}-{i}";
            return Path.Combine(folder, name);
        }
    }
}

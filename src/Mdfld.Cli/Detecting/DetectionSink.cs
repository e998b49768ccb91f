using System.Text;

namespace Mdfld.Cli.Detecting;

/// <summary>
/// Where detections go: text to a writer, or files to a folder. Disposing it ends what is not complete.
/// </summary>
internal abstract class DetectionSink : IDisposable
{
    public static readonly string[] Formats = ["json", "jsonl", "pts", "csv"];

    /// <summary>Prints.</summary>
    public static DetectionSink To(TextWriter output, string format, LandmarkScheme scheme) =>
        new Printer(format, output, scheme.Count);

    /// <summary>Writes into a folder, which is made now: a file a picture, or one table.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="format">One of <see cref="Formats"/>.</param>
    /// <param name="model">Which makes the detections to come.</param>
    /// <param name="resume">Goes on from the results that lie there.</param>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public static DetectionSink In(string folder, string format, LandmarkModel model, bool resume)
    {
        Directory.CreateDirectory(folder);
        return format is "csv" or "jsonl"
            ? new Table(folder, format, model, resume) : new Files(folder, format, model.Name, resume);
    }

    /// <summary>Whether an earlier run left this picture's result. Any thread may ask.</summary>
    public virtual bool Has(Picture picture) => false;

    /// <summary>Takes the next picture's faces.</summary>
    public abstract void Add(Picture picture, Detection detection);

    /// <summary>Takes the result that an earlier run left, as the next picture's.</summary>
    public virtual void AddEarlier(Picture picture)
    {
    }

    /// <summary>There are no more pictures.</summary>
    public virtual void Complete()
    {
    }

    public virtual void Dispose()
    {
    }

    private sealed class Printer(string format, TextWriter output, int points) : DetectionSink
    {
        private bool _begun;

        public override void Add(Picture picture, Detection detection)
        {
            output.Write(format switch
            {
                "json" => (_begun ? ",\n" : "[\n") + detection.ToJson(),
                "jsonl" => detection.ToJson() + "\n",
                "pts" => detection.ToPts(),
                _ => (_begun ? "" : Detection.CsvHeader(points)) + detection.ToCsv(points),
            });
            output.Flush();
            _begun = true;
        }

        public override void Dispose()
        {
            if (format == "json")
                output.Write(_begun ? "\n]\n" : "[]\n");
        }
    }

    private sealed class Files(string folder, string format, string model, bool resume) : DetectionSink
    {
        public override bool Has(Picture picture)
        {
            var file = NameOf(picture);
            return resume && File.Exists(file)
                && (format != "json" || Detection.Head(File.ReadAllBytes(file)) == (picture.Path, model));
        }

        public override void Add(Picture picture, Detection detection)
        {
            var text = format == "json" ? detection.ToJson() + "\n" : detection.ToPts();
            WholeFile.Write(NameOf(picture), Encoding.UTF8.GetBytes(text));
        }

        private string NameOf(Picture picture) => Path.Combine(folder, $"{picture.Name}.{format}");
    }

    private sealed class Table(string folder, string format, LandmarkModel model, bool resume) : DetectionSink
    {
        private readonly RecordFile _file = format == "csv"
            ? new(
                Path.Combine(folder, "landmarks.csv"), Detection.CsvHeader(model.Scheme.Count), Detection.CsvHead,
                quotes: true, resume)
            : new(
                Path.Combine(folder, "landmarks.jsonl"), "", line => OfModel(line, model.Name), quotes: false, resume);

        public override bool Has(Picture picture) => _file.Has(picture.Path);

        public override void Add(Picture picture, Detection detection) =>
            _file.Add(format == "csv" ? detection.ToCsv(model.Scheme.Count) : detection.ToJson() + "\n");

        public override void AddEarlier(Picture picture) => _file.AddEarlier(picture.Path);

        public override void Complete() => _file.Complete();

        public override void Dispose() => _file.Dispose();

        private static (string Picture, int Lines)? OfModel(ReadOnlySpan<byte> line, string model) =>
            Detection.Head(line) is { } head && head.Model == model ? (head.Path, 1) : null;
    }
}

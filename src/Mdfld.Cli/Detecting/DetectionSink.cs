using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Mdfld.Cli.Detecting;

/// <summary>
/// Where detections go: text to a writer, or files to a folder. Disposing it ends what is not complete.
/// </summary>
internal abstract class DetectionSink : IDisposable
{
    /// <summary>The end of an overlay's file name, after the picture's.</summary>
    public const string OverlayEnding = ".overlay.png";

    /// <summary>Writes nothing.</summary>
    public static DetectionSink None { get; } = new Nothing();

    /// <summary>Prints.</summary>
    public static DetectionSink To(TextWriter output, string format, LandmarkModel model) =>
        new Printer(new ResultWriter(output, format, model.Name, model.Scheme));

    /// <summary>
    /// Writes into the folder of a record: a file a picture, or one table. What a run wrote that is not gone on with is
    /// removed: results of two runs do not mix.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public static DetectionSink In(RunRecord record, string format, LandmarkModel model, bool resume)
    {
        if (record.Replaced.Count > 0)
        {
            string[] endings = [".json", ".pts", ".svg", OverlayEnding];
            string[] tables = ["landmarks.csv", "landmarks.jsonl"];
            var stale = record.Replaced.SelectMany(name => endings.Select(ending => name + ending))
                .Concat(tables).Concat(tables.Select(t => t + ".partial"));
            foreach (var file in stale)
                File.Delete(Path.Combine(record.Folder, file));
        }
        if (format is not ("csv" or "jsonl"))
            return new Files(record, format, model.Name);
        record.CheckFree(Path.Combine(record.Folder, "landmarks." + format));
        return new Table(record, format, model, resume);
    }

    /// <summary>Full paths of the overlays that an earlier run drew.</summary>
    public static IReadOnlySet<string> OverlaysOf(RunRecord record) => record.Names
        .Select(name => Path.GetFullPath(Path.Combine(record.Folder, name + OverlayEnding)))
        .ToHashSet(StringComparer.Ordinal);

    /// <summary>True where an earlier run left the result of this picture, which is loaded. Safe on any thread.</summary>
    public virtual bool Has(PictureInput picture) => false;

    /// <summary>Takes the next picture's faces.</summary>
    public abstract void Add(DetectionResult<PictureInput> result);

    /// <summary>Takes the result that an earlier run left, as the next picture's.</summary>
    public virtual void AddEarlier(PictureInput picture)
    {
    }

    /// <summary>There are no more pictures.</summary>
    public virtual void Complete()
    {
    }

    public virtual void Dispose()
    {
    }

    private sealed class Nothing : DetectionSink
    {
        public override void Add(DetectionResult<PictureInput> result)
        {
        }
    }

    private sealed class Printer(ResultWriter writer) : DetectionSink
    {
        public override void Add(DetectionResult<PictureInput> result) => writer.Write(
            result.Source.Path, result.Picture!.Width, result.Picture.Height, result.Faces);

        public override void Dispose() => writer.Dispose();
    }

    /// <summary>A folder whose record says which picture each result is of.</summary>
    private abstract class Recorded(RunRecord record) : DetectionSink
    {
        public override bool Has(PictureInput picture) =>
            picture.Hash is { Length: > 0 } hash && record.Earlier(picture.Name) is [var path, var earlier]
                && path == picture.Path && earlier == hash;

        public sealed override void Add(DetectionResult<PictureInput> result)
        {
            Write(result);
            record.Add(result.Source.Name, result.Source.Path, result.Source.Hash);
        }

        public override void Dispose() => record.Dispose();

        protected abstract void Write(DetectionResult<PictureInput> result);

        protected void Save(string path, byte[] bytes) => record.Save(path, bytes);
    }

    private sealed class Files(RunRecord record, string format, string model) : Recorded(record)
    {
        private readonly string _folder = record.Folder;

        public override bool Has(PictureInput picture) => base.Has(picture) && File.Exists(NameOf(picture));

        protected override void Write(DetectionResult<PictureInput> result)
        {
            var text = format switch
            {
                "json" => Json(result, model),
                "svg" => ResultWriter.Svg(
                    result.Source.Path, result.Picture!.Width, result.Picture.Height, result.Faces),
                _ => ResultWriter.Pts(result.Faces),
            };
            Save(NameOf(result.Source), Encoding.UTF8.GetBytes(text));
        }

        private string NameOf(PictureInput picture) => Path.Combine(_folder, $"{picture.Name}.{format}");
    }

    private sealed class Table(RunRecord record, string format, LandmarkModel model, bool resume) : Recorded(record)
    {
        private readonly DetectionRecords _file = format == "csv"
            ? new(
                Path.Combine(record.Folder, "landmarks.csv"), ResultWriter.CsvHeader(model.Scheme.Count),
                ResultHead.OfCsv, quotes: true, resume)
            : new(Path.Combine(record.Folder, "landmarks.jsonl"), "", ResultHead.OfJson, quotes: false, resume);

        public override bool Has(PictureInput picture) => base.Has(picture) && _file.Has(picture.Path);

        public override void AddEarlier(PictureInput picture) => _file.AddEarlier(picture.Path);

        public override void Complete() => _file.Complete();

        public override void Dispose()
        {
            _file.Dispose();
            base.Dispose();
        }

        protected override void Write(DetectionResult<PictureInput> result) => _file.Add(format == "csv"
            ? ResultWriter.Csv(result.Source.Path, result.Faces, model.Scheme.Count) : Json(result, model.Name));
    }

    private static string Json(DetectionResult<PictureInput> result, string model) => ResultWriter.Json(
        result.Source.Path, result.Picture!.Width, result.Picture.Height, model, result.Faces) + "\n";
}

/// <summary>Reads of an earlier run's results which picture they are of.</summary>
internal static class ResultHead
{
    /// <summary>Picture of an object that <see cref="ResultWriter"/> wrote; null where it is none.</summary>
    public static (string Path, int Lines)? OfJson(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1
                    && reader.ValueTextEquals("image") && reader.Read())
                    return reader.GetString() is { } path ? (path, 1) : null;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
        return null;
    }

    /// <summary>Picture and number of lines that a line of a table stands in; null where it is none.</summary>
    public static (string Path, int Lines)? OfCsv(ReadOnlySpan<byte> line)
    {
        var text = Encoding.UTF8.GetString(line);
        var end = 0;
        for (var inside = false; end < text.Length && (inside || text[end] != ','); end++)
            inside ^= text[end] == '"';
        var path = text[..end];
        if (path.StartsWith('"') && path.Length >= 2)
            path = path[1..^1].Replace("\"\"", "\"");
        var rest = text.AsSpan(Math.Min(end + 1, text.Length));
        return rest.IndexOf(',') is > 0 and var digits
            && int.TryParse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var faces)
            ? (path, Math.Max(faces, 1)) : null;
    }
}

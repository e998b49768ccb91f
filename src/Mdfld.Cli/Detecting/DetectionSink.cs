using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Mdfld.Cli.Detecting;

/// <summary>
/// Where detections go: text to a writer, or files to a folder. Disposing it ends what is not complete.
/// </summary>
internal abstract class DetectionSink : IDisposable
{
    /// <summary>Prints.</summary>
    public static DetectionSink To(TextWriter output, string format, LandmarkModel model) =>
        new Printer(new ResultWriter(output, format, model.Name, model.Scheme));

    /// <summary>Writes into a folder, which is made now: a file a picture, or one table.</summary>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public static DetectionSink In(string folder, string format, LandmarkModel model, bool resume)
    {
        Directory.CreateDirectory(folder);
        return format is "csv" or "jsonl"
            ? new Table(folder, format, model, resume) : new Files(folder, format, model.Name, resume);
    }

    /// <summary>Whether an earlier run left this picture's result. Any thread may ask.</summary>
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

    private sealed class Printer(ResultWriter writer) : DetectionSink
    {
        public override void Add(DetectionResult<PictureInput> result) => writer.Write(
            result.Source.Path, result.Picture!.Width, result.Picture.Height, result.Faces);

        public override void Dispose() => writer.Dispose();
    }

    private sealed class Files(string folder, string format, string model, bool resume) : DetectionSink
    {
        public override bool Has(PictureInput picture)
        {
            var file = NameOf(picture);
            return resume && File.Exists(file)
                && (format != "json" || ResultHead.OfJson(File.ReadAllBytes(file)) == (picture.Path, model));
        }

        public override void Add(DetectionResult<PictureInput> result)
        {
            var text = format == "json" ? Json(result, model) : ResultWriter.Pts(result.Faces);
            AtomicFile.Write(NameOf(result.Source), Encoding.UTF8.GetBytes(text));
        }

        private string NameOf(PictureInput picture) => Path.Combine(folder, $"{picture.Name}.{format}");
    }

    private sealed class Table(string folder, string format, LandmarkModel model, bool resume) : DetectionSink
    {
        private readonly DetectionRecords _file = format == "csv"
            ? new(
                Path.Combine(folder, "landmarks.csv"), ResultWriter.CsvHeader(model.Scheme.Count), ResultHead.OfCsv,
                quotes: true, resume)
            : new(
                Path.Combine(folder, "landmarks.jsonl"), "", line => OfModel(line, model.Name), quotes: false, resume);

        public override bool Has(PictureInput picture) => _file.Has(picture.Path);

        public override void Add(DetectionResult<PictureInput> result) => _file.Add(format == "csv"
            ? ResultWriter.Csv(result.Source.Path, result.Faces, model.Scheme.Count) : Json(result, model.Name));

        public override void AddEarlier(PictureInput picture) => _file.AddEarlier(picture.Path);

        public override void Complete() => _file.Complete();

        public override void Dispose() => _file.Dispose();

        private static (string Picture, int Lines)? OfModel(ReadOnlySpan<byte> line, string model) =>
            ResultHead.OfJson(line) is { } head && head.Model == model ? (head.Path, 1) : null;
    }

    private static string Json(DetectionResult<PictureInput> result, string model) => ResultWriter.Json(
        result.Source.Path, result.Picture!.Width, result.Picture.Height, model, result.Faces) + "\n";
}

/// <summary>Reads of an earlier run's results which picture they are of.</summary>
internal static class ResultHead
{
    /// <summary>Picture and model of an object that <see cref="ResultWriter"/> wrote; null where it is none.</summary>
    public static (string Path, string Model)? OfJson(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        string? path = null, model = null;
        try
        {
            while (reader.Read() && (path is null || model is null))
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                    continue;
                if (reader.ValueTextEquals("image") && reader.Read())
                    path = reader.GetString();
                else if (reader.ValueTextEquals("model") && reader.Read())
                    model = reader.GetString();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
        return path is null || model is null ? null : (path, model);
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

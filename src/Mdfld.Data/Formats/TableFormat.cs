using System.Text;

namespace Mdfld.Data;

/// <summary>
/// A table with a header, a face a line, parted by commas, semicolons or tabs; fields may be quoted as RFC 4180 says.
/// The header tells where x and y of each point are, as <c>x0</c>, <c>x_0</c> (OpenFace), <c>original_0_x</c> (HRNet)
/// or by numbers alone (<c>training_frames_keypoints.csv</c>), where the picture's name, and where there is one,
/// <c>style</c>, in any order among other columns, which are left. An empty field is a missing point.
/// </summary>
internal class TableFormat : AnnotationFormat
{
    public TableFormat()
        : this(
            "csv",
            "table: image, x0, y0, x1, ..., style, as detect --format csv writes it; OpenFace; columns 0 to 135")
    {
    }

    protected TableFormat(string name, string summary)
        : base(name, summary) => KeepsStyles = KeepsMissing = true;

    public override bool Recognises(string file) =>
        IsTable(file) && !HrnetFormat.IsOne(Header(file)) && TableColumns.IsHeader(Header(file));

    internal override IEnumerable<ReadFace> Read(string file, Reading reading)
    {
        using var reader = new StreamReader(FileNames.Open(file));
        TableColumns? columns = null;
        string? frame = null;
        foreach (var (line, fields) in TableRows.Read(reader, file))
        {
            var where = $"{file}, line {line}";
            if (columns is null)
            {
                columns = AnnotationText.At(where, () => TableColumns.Of(fields));
                if (columns.HasHeader)
                    continue;
            }
            if (fields.Count == 1 && fields[0].Length == 0)
                continue;
            foreach (var face in reading.One(where, () => Face(where, fields)))
                yield return face;
        }

        ReadFace? Face(string where, IReadOnlyList<string> fields)
        {
            if (columns.Face(where, fields) is not { } face)
                return null;
            if (columns.Frame(fields) is { } number && (frame ??= number) != number)
                throw new FormatException($"frame {number} of a video: no column names its picture");
            return face with
            {
                Picture = face.Picture.Length > 0
                    ? reading.Picture(face.Picture) : reading.PictureOf(file, Path.GetExtension(file)),
            };
        }
    }

    internal override void Write(string folder, FaceSet set) =>
        AnnotationText.Write(Path.Combine(folder, "annotations.csv"), text =>
        {
            var points = set.Faces.Count > 0 ? set.Faces[0].Landmarks.Count : 0;
            var hasStyle = set.Faces.Any(f => f.Style is not null);
            text.Write("image,face");
            for (var i = 0; i < points; i++)
                text.Write(string.Create(CultureInfo.InvariantCulture, $",x{i},y{i}"));
            text.WriteLine(hasStyle ? ",style" : "");
            foreach (var picture in set.ByPicture())
            {
                var number = 0;
                foreach (var face in picture)
                {
                    text.Write($"{TableRows.Quoted(face.ImagePath)},{number++}");
                    WritePoints(text, face);
                    text.WriteLine(hasStyle ? $",{TableRows.Quoted(face.Style ?? "")}" : "");
                }
            }
        });

    protected static bool IsTable(string file) => Path.GetExtension(file).ToLowerInvariant() is ".csv" or ".tsv";

    /// <summary>The fields of the first line.</summary>
    protected static IReadOnlyList<string> Header(string file)
    {
        using var reader = new StreamReader(FileNames.Open(file));
        try
        {
            return TableRows.Read(reader, file).Select(r => r.Fields).FirstOrDefault([]);
        }
        catch (InvalidDataException)
        {
            return [];
        }
    }

    protected static void WritePoints(TextWriter text, LabelledFace face)
    {
        foreach (var p in face.Landmarks)
        {
            text.Write(LabelledFace.IsMissing(p)
                ? ",," : string.Create(CultureInfo.InvariantCulture, $",{p.X},{p.Y}"));
        }
    }
}

/// <summary>
/// The tables that HRNet's facial landmark code trains on: image_name, scale, center_w, center_h, original_0_x,
/// original_0_y, ... Scale and centre are those of the tight landmark box.
/// </summary>
internal sealed class HrnetFormat : TableFormat
{
    public HrnetFormat()
        : base("hrnet", "HRNet: table of image_name, scale, center_w, center_h, original_0_x, ...") =>
        KeepsStyles = KeepsMissing = false;

    public static bool IsOne(IReadOnlyList<string> header) => header.Contains("original_0_x");

    public override bool Recognises(string file) => IsTable(file) && IsOne(Header(file));

    internal override void Write(string folder, FaceSet set) =>
        AnnotationText.Write(Path.Combine(folder, "face_landmarks.csv"), text =>
        {
            text.Write("image_name,scale,center_w,center_h");
            for (var i = 0; i < set.Faces[0].Landmarks.Count; i++)
                text.Write(string.Create(CultureInfo.InvariantCulture, $",original_{i}_x,original_{i}_y"));
            text.WriteLine();
            foreach (var face in set.Faces)
            {
                text.Write(TableRows.Quoted(PicturePath.Check(face.ImagePath)));
                text.Write(string.Create(
                    CultureInfo.InvariantCulture, $",{face.Scale},{face.Centre.X},{face.Centre.Y}"));
                WritePoints(text, face);
                text.WriteLine();
            }
        });
}

/// <summary>The lines of a table.</summary>
internal static class TableRows
{
    private const int LongestField = 1 << 16;

    /// <summary>A field in quotes where it needs them.</summary>
    public static string Quoted(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") || text is [' ', ..] or [.., ' ']
            ? $"\"{text.Replace("\"", "\"\"")}\"" : text;

    /// <summary>
    /// Rows with the line each begins in. What parts fields is what parts most of them in the first line: a semicolon,
    /// tab or comma.
    /// </summary>
    /// <exception cref="InvalidDataException">A quote or a field does not end.</exception>
    public static IEnumerable<(int Line, IReadOnlyList<string> Fields)> Read(TextReader reader, string file)
    {
        var first = reader.ReadLine();
        if (first is null)
            yield break;
        var gap = new[] { ',', ';', '\t' }.MaxBy(c => first.Count(f => f == c));
        var (fields, field, wasQuoted) = (new List<string>(), new StringBuilder(), false);
        var (line, begin, isQuoted) = (1, 1, false);
        foreach (var c in (IEnumerable<char>)[.. first, '\n'])
        {
            if (Take(c))
                yield return Row();
        }
        for (int c; (c = reader.Read()) >= 0;)
        {
            if (Take((char)c))
                yield return Row();
        }
        if (isQuoted)
            throw new InvalidDataException($"{file}, line {begin}: a quote that does not end");
        if (field.Length == 0 && fields.Count == 0)
            yield break;
        Next();
        yield return Row();

        // A quote in quotes is two; the second of them is taken as the begin of a further part of the field.
        bool Take(char c)
        {
            if (c == '\n')
                line++;
            if (c == '"' && (isQuoted || field.Length == 0 || wasQuoted))
            {
                if (!isQuoted && wasQuoted)
                    field.Append('"');
                (isQuoted, wasQuoted) = (!isQuoted, true);
            }
            else if (isQuoted || (c != gap && c is not ('\r' or '\n')))
            {
                field.Append(c);
            }
            else if (c == gap)
            {
                Next();
            }
            else if (c == '\n')
            {
                Next();
                return true;
            }
            if (field.Length > LongestField || fields.Count > LongestField)
                throw new InvalidDataException($"{file}, line {begin}: a field or row that does not end");
            return false;
        }

        void Next()
        {
            fields.Add(wasQuoted ? field.ToString() : field.ToString().Trim(' ', '\uFEFF'));
            field.Clear();
            wasQuoted = false;
        }

        (int, IReadOnlyList<string>) Row()
        {
            var row = (begin, (IReadOnlyList<string>)fields);
            (fields, begin) = ([], line);
            return row;
        }
    }
}

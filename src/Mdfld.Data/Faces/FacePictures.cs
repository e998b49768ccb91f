using System.Globalization;

namespace Mdfld.Data;

/// <summary>A picture and the faces that it is known to hold.</summary>
/// <param name="Path">The file.</param>
/// <param name="Faces">Tight landmark boxes, pixels; none where the picture holds no face.</param>
public sealed record FacePicture(string Path, IReadOnlyList<FaceBox> Faces)
{
    /// <summary>Boxes of faces too small, cut off or doubtful: neither to be found nor to be missed.</summary>
    public IReadOnlyList<FaceBox> Ignored { get; init; } = [];

    /// <summary>What the picture is, such as <c>photo</c>, <c>painting</c>, <c>comic</c>; null where unknown.</summary>
    public string? Kind { get; init; }
}

/// <summary>
/// A folder of pictures to train and measure finders on: <c>images/</c>, and <c>faces.tsv</c> with a header line and
/// one face a line, parted by tabs: image, x, y, width, height of the tight landmark box. Two more columns may follow,
/// named in the header: <c>kind</c> of the picture, and <c>ignore</c>, 1 for a face to leave out. A picture that no
/// line names holds no face.
/// </summary>
public static class FacePictures
{
    private const int BoxColumns = 5;

    /// <summary>Reads the list; pictures are not opened yet.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="onBad">Told of each line that is left out, with the reason; null leaves none out.</param>
    /// <returns>The pictures by name; at least one.</returns>
    /// <exception cref="DirectoryNotFoundException">The folder, or its <c>images/</c>, is not there.</exception>
    /// <exception cref="FileNotFoundException">The folder holds no <c>faces.tsv</c>.</exception>
    /// <exception cref="InvalidDataException">
    /// There is no picture, or lines are malformed or name none that is there: all are listed.
    /// </exception>
    public static IReadOnlyList<FacePicture> Open(string folder, Action<string>? onBad = null)
    {
        var (list, images) = (Path.Combine(folder, "faces.tsv"), Path.Combine(folder, "images"));
        if (!FileNames.IsFolder(images))
            throw new DirectoryNotFoundException($"{folder}: no images/ in it; expected faces.tsv and images/");
        if (!FileNames.IsFile(list))
            throw new FileNotFoundException($"{folder}: no faces.tsv in it; expected that file and images/", list);
        var pictures = FileNames.Entries(images).Where(e => !e.IsFolder).Select(e => e.Name)
            .Where(f => Picture.Extensions.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase))
            .ToDictionary(f => f, _ => new List<Line>());
        var (number, columns) = (0, Array.Empty<string>());
        var problems = new ProblemList();
        onBad ??= problems.Add;
        foreach (var text in FileNames.Lines(list))
        {
            number++;
            if (number == 1)
                columns = text.Split('\t');
            if (number == 1 || string.IsNullOrWhiteSpace(text))
                continue;
            if (Line.Parse(text, columns) is not { } line)
            {
                onBad(
                    $"{list}, line {number}: expected image, x, y, width and height parted by tabs, and where the "
                    + $"header names 'ignore' 0 or 1 below it, found '{text}'");
            }
            else if (pictures.TryGetValue(line.Picture, out var faces))
            {
                faces.Add(line);
            }
            else
            {
                onBad($"{list}, line {number}: no picture {line.Picture} in {images}");
            }
        }
        if (problems.Count > 0)
            throw problems.Error(list);
        return pictures.Count == 0
            ? throw new InvalidDataException($"{images}: no picture ({string.Join(' ', Picture.Extensions)}) in it")
            : [.. pictures.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => new FacePicture(
                Path.Combine(images, f.Key), [.. f.Value.Where(l => !l.IsIgnored).Select(l => l.Box)])
            {
                Ignored = [.. f.Value.Where(l => l.IsIgnored).Select(l => l.Box)],
                Kind = f.Value.Select(l => l.Kind).FirstOrDefault(),
            })];
    }

    private sealed record Line(string Picture, FaceBox Box, string? Kind, bool IsIgnored)
    {
        /// <summary>Null where a number is missing or none.</summary>
        public static Line? Parse(string text, string[] columns)
        {
            var fields = text.Split('\t');
            if (fields.Length < BoxColumns)
                return null;
            Span<float> box = stackalloc float[BoxColumns - 1];
            for (var i = 0; i < box.Length; i++)
            {
                if (!float.TryParse(fields[i + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out box[i])
                    || !float.IsFinite(box[i]))
                    return null;
            }
            var ignore = Array.IndexOf(columns, "ignore") is var at && at < 0 ? "0" : fields.ElementAtOrDefault(at);
            return box[2] > 0 && box[3] > 0 && ignore is "0" or "1"
                ? new Line(
                    fields[0], new FaceBox(box[0], box[1], box[2], box[3]),
                    Array.IndexOf(columns, "kind") is var k && k < 0 ? null : fields.ElementAtOrDefault(k),
                    ignore == "1")
                : null;
        }
    }
}

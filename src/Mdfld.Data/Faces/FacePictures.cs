using System.Globalization;

namespace Mdfld.Data;

/// <summary>One whole picture and the faces that it is known to hold.</summary>
/// <param name="Path">The file.</param>
/// <param name="Faces">Tight landmark boxes, pixels; none where the picture holds no face.</param>
public sealed record FacePicture(string Path, IReadOnlyList<FaceBox> Faces);

/// <summary>
/// A folder of whole pictures to measure finders on: <c>images/</c>, and <c>faces.tsv</c> with a header line and one
/// face a line, parted by tabs: image, x, y, width, height of the tight landmark box. A picture that no line names
/// holds no face.
/// </summary>
public static class FacePictures
{
    /// <summary>Reads the list; pictures are not looked at yet.</summary>
    /// <returns>The pictures by name; at least one.</returns>
    /// <exception cref="DirectoryNotFoundException">The folder, or its <c>images/</c>, is not there.</exception>
    /// <exception cref="FileNotFoundException">
    /// The folder holds no <c>faces.tsv</c>, or a picture is missing.
    /// </exception>
    /// <exception cref="InvalidDataException">The list is malformed, or there is no picture.</exception>
    public static IReadOnlyList<FacePicture> Open(string folder)
    {
        var (list, images) = (Path.Combine(folder, "faces.tsv"), Path.Combine(folder, "images"));
        if (!Directory.Exists(images))
            throw new DirectoryNotFoundException($"{folder}: no images/ in it; expected faces.tsv and images/");
        if (!File.Exists(list))
            throw new FileNotFoundException($"{folder}: no faces.tsv in it; expected that file and images/", list);
        var faces = Directory.EnumerateFiles(images)
            .Where(f => Picture.Extensions.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase))
            .ToDictionary(f => Path.GetFileName(f), _ => new List<FaceBox>());
        var number = 1;
        foreach (var line in File.ReadLines(list).Skip(1))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            if (Parse(line) is not { } face)
            {
                throw new InvalidDataException(
                    $"{list}, line {number}: expected image, x, y, width and height parted by tabs, found '{line}'");
            }
            if (!faces.TryGetValue(face.Picture, out var boxes))
                throw new FileNotFoundException($"{list}, line {number}: no picture {face.Picture} in {images}");
            boxes.Add(face.Box);
        }
        return faces.Count == 0
            ? throw new InvalidDataException($"{images}: no picture ({string.Join(' ', Picture.Extensions)}) in it")
            : [.. faces.OrderBy(f => f.Key, StringComparer.Ordinal)
                .Select(f => new FacePicture(Path.Combine(images, f.Key), f.Value))];
    }

    private static (string Picture, FaceBox Box)? Parse(string line)
    {
        var fields = line.Split('\t');
        if (fields.Length < 5)
            return null;
        Span<float> numbers = stackalloc float[4];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (!float.TryParse(fields[i + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i])
                || !float.IsFinite(numbers[i]))
                return null;
        }
        return numbers[2] > 0 && numbers[3] > 0
            ? (fields[0], new FaceBox(numbers[0], numbers[1], numbers[2], numbers[3])) : null;
    }
}

namespace Mdfld.Data;

/// <summary>A folder of labelled faces: <c>annotations.tsv</c> and the pictures it names in <c>images/</c>.</summary>
public sealed class FaceFolder
{
    private readonly string _images;

    private FaceFolder(string path, string images, IReadOnlyList<LabelledFace> faces)
    {
        (Path, _images, Faces) = (path, images, faces);
        Scheme = LandmarkScheme.ForCount(faces[0].Landmarks.Count);
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The faces in the order of the file; at least one.</summary>
    public IReadOnlyList<LabelledFace> Faces { get; }

    /// <summary>What their landmarks mean.</summary>
    public LandmarkScheme Scheme { get; }

    /// <summary>Opens a folder. Pictures are not opened yet.</summary>
    /// <exception cref="DirectoryNotFoundException">The folder, or its <c>images/</c>, is not there.</exception>
    /// <exception cref="FileNotFoundException">The folder holds no <c>annotations.tsv</c>.</exception>
    /// <exception cref="InvalidDataException">The file is malformed or names no face.</exception>
    public static FaceFolder Open(string path)
    {
        var annotations = System.IO.Path.Combine(path, "annotations.tsv");
        if (!Directory.Exists(path))
            throw new DirectoryNotFoundException(
                $"{path}: no such folder; expected one with annotations.tsv and images/");
        if (!File.Exists(annotations))
            throw new FileNotFoundException(
                $"{path}: no annotations.tsv in it; expected that file and images/", annotations);
        if (!Directory.Exists(System.IO.Path.Combine(path, "images")))
            throw new DirectoryNotFoundException(
                $"{path}: no images/ in it; expected annotations.tsv and the pictures in images/");
        var faces = MetadataFile.Read(annotations);
        if (faces.Count == 0)
            throw new InvalidDataException($"{annotations}: no face in it");
        return new FaceFolder(path, System.IO.Path.Combine(path, "images"), faces);
    }

    /// <summary>Faces of another source: at least one, all of one scheme.</summary>
    /// <param name="path">What messages call it.</param>
    /// <param name="images">The folder of the pictures.</param>
    /// <param name="faces">The faces.</param>
    public static FaceFolder Of(string path, string images, IReadOnlyList<LabelledFace> faces) =>
        new(path, images, faces);

    /// <summary>Where the picture of a face is.</summary>
    public string ImagePath(LabelledFace face) => System.IO.Path.Combine(_images, face.ImagePath);
}

/// <summary>A picture and the faces that it is known to hold.</summary>
/// <param name="Path">The file.</param>
/// <param name="Faces">Tight landmark boxes, pixels; none where the picture holds no face.</param>
public sealed record FacePicture(string Path, IReadOnlyList<FaceBox> Faces);

/// <summary>
/// A folder of pictures to measure finders on: <c>images/</c>, and <c>faces.tsv</c> with a header line and one
/// face a line, parted by tabs: image, x, y, width, height of the tight landmark box. A picture that no line names
/// holds no face.
/// </summary>
public static class FacePictures
{
    /// <summary>Reads the list; pictures are not opened yet.</summary>
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

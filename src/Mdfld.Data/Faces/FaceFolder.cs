namespace Mdfld.Data;

/// <summary>A folder of labelled faces: <c>annotations.tsv</c> and the pictures it names in <c>images/</c>.</summary>
public sealed class FaceFolder
{
    private readonly string _images;
    private readonly Func<string, byte[]>? _inside;

    private FaceFolder(
        string path, string images, IReadOnlyList<LabelledFace> faces, Func<string, byte[]>? inside = null)
    {
        (Path, _images, Faces, _inside) = (path, images, faces, inside);
        Scheme = LandmarkScheme.ForCount(faces[0].Landmarks.Count);
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The faces in the order of the file; at least one.</summary>
    public IReadOnlyList<LabelledFace> Faces { get; }

    /// <summary>What their landmarks mean.</summary>
    public LandmarkScheme Scheme { get; }

    /// <summary>
    /// Opens a folder, and leaves out what is wrong in it: lines, and faces whose picture cannot be read.
    /// </summary>
    /// <param name="path">The folder.</param>
    /// <param name="onBad">Told of each, with file, line and reason.</param>
    /// <inheritdoc cref="Open(string)" path="/exception"/>
    public static FaceFolder Open(string path, Action<string> onBad)
    {
        ArgumentNullException.ThrowIfNull(onBad);
        return Open(path, onBad, IsReadable);

        bool IsReadable(string picture)
        {
            try
            {
                // What is sure to be cut off is refused as well.
                using var file = new PictureStream(picture);
                Picture.Open(file);
                return true;
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                onBad(e.Message);
                return false;
            }
        }
    }

    /// <summary>Opens a folder. Pictures are not opened yet.</summary>
    /// <exception cref="DirectoryNotFoundException">The folder, or its <c>images/</c>, is not there.</exception>
    /// <exception cref="FileNotFoundException">The folder holds no <c>annotations.tsv</c>.</exception>
    /// <exception cref="InvalidDataException">The file is malformed or names no face.</exception>
    public static FaceFolder Open(string path) => Open(path, onBad: null, isReadable: null);

    private static FaceFolder Open(string path, Action<string>? onBad, Func<string, bool>? isReadable)
    {
        var annotations = System.IO.Path.Combine(path, "annotations.tsv");
        if (!FileNames.IsFolder(path))
            throw new DirectoryNotFoundException(
                $"{path}: no such folder; expected one with annotations.tsv and images/");
        if (!FileNames.IsFile(annotations))
            throw new FileNotFoundException(
                $"{path}: no annotations.tsv in it; expected that file and images/", annotations);
        if (!FileNames.IsFolder(System.IO.Path.Combine(path, "images")))
            throw new DirectoryNotFoundException(
                $"{path}: no images/ in it; expected annotations.tsv and the pictures in images/");
        var images = System.IO.Path.Combine(path, "images");
        var problems = new ProblemList();
        var faces = MetadataFile.Read(annotations, onBad ?? problems.Add);
        if (problems.Count > 0)
            throw problems.Error(annotations);
        if (isReadable is not null)
        {
            var readable = faces.Select(f => f.ImagePath).Distinct()
                .Where(name => isReadable(System.IO.Path.Combine(images, name))).ToHashSet();
            faces = [.. faces.Where(f => readable.Contains(f.ImagePath))];
        }
        return faces.Count > 0
            ? new FaceFolder(path, images, faces) : throw new InvalidDataException($"{annotations}: no face in it");
    }

    /// <summary>Faces of another source: at least one, all of one scheme.</summary>
    /// <param name="path">What messages call it.</param>
    /// <param name="images">The folder of the pictures.</param>
    /// <param name="faces">The faces.</param>
    /// <param name="inside">The pictures by their path, where a file holds them.</param>
    public static FaceFolder Of(
        string path, string images, IReadOnlyList<LabelledFace> faces, Func<string, byte[]>? inside = null) =>
        new(path, images, faces, inside);

    /// <summary>Where the picture of a face is.</summary>
    public string ImagePath(LabelledFace face) => System.IO.Path.Combine(_images, face.ImagePath);

    /// <summary>Reads the picture of a face, wherever it is.</summary>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is broken.</exception>
    public Picture LoadPicture(LabelledFace face)
    {
        if (_inside is not null)
            return Picture.Load(_inside(face.ImagePath));
        return FileNames.LoadPicture(ImagePath(face));
    }
}

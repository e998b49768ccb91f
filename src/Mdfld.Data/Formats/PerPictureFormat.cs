namespace Mdfld.Data;

/// <summary>Formats that keep the points of a picture in a file of its own, called as the picture is.</summary>
/// <remarks>
/// A file lies beside its picture, or in another folder (landmarks/a.npy for images/a.jpg). Which picture it is, is
/// found by name: x, x.jpg, x.jpeg, x.png or x.webp; where there is none, x.jpg is named, and missed later. Where two
/// pictures differ in their endings only, the file is called after the full name: x.png.pts.
/// </remarks>
internal abstract class PerPictureFormat : AnnotationFormat
{
    // What follows the picture's name in a file that is written.
    private readonly string _suffix;

    protected PerPictureFormat(string name, string summary, string suffix)
        : base(name, summary) =>
        (_suffix, HasFilePerPicture) = (suffix, true);

    public override bool Recognises(string file) => file.EndsWith(_suffix, StringComparison.OrdinalIgnoreCase);

    public override IEnumerable<LabelledFace> Read(string file, string pictures)
    {
        var picture = AnnotationText.At(file, () => PictureOf(file, pictures));
        foreach (var points in AnnotationText.At(file, () => ReadFaces(file)))
            yield return LabelledFace.FromLandmarks(picture, points);
    }

    public override void Write(string folder, FaceSet set)
    {
        var images = Path.Combine(folder, "images");
        foreach (var (name, faces) in ByName(set))
        {
            var points = faces.Select(f => f.Landmarks).ToArray();
            CheckFaces(faces[0].ImagePath, points);
            var path = Path.Combine(images, name + _suffix);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            AtomicFile.Write(path, stream => WriteFaces(stream, points));
        }
    }

    /// <summary>Reads the points of each face.</summary>
    /// <exception cref="FormatException">Something in the file does not fit.</exception>
    protected abstract IReadOnlyList<Vector2[]> ReadFaces(string file);

    protected abstract void WriteFaces(Stream stream, IReadOnlyList<IReadOnlyList<Vector2>> faces);

    /// <exception cref="ArgumentException">The format cannot hold these faces.</exception>
    protected virtual void CheckFaces(string picture, IReadOnlyList<IReadOnlyList<Vector2>> faces)
    {
    }

    /// <summary>Complains where a format that holds one face of 68 points gets others.</summary>
    protected void CheckOneIbugFace(string picture, IReadOnlyList<IReadOnlyList<Vector2>> faces)
    {
        if (faces.Count > 1)
            throw new ArgumentException($"{picture} has {faces.Count} faces; {Name} holds one a picture");
        if (faces[0].Count != LandmarkScheme.Ibug68.Count)
            throw new ArgumentException($"{picture}: a face of {faces[0].Count} points; {Name} holds 68");
    }

    private string PictureOf(string file, string pictures)
    {
        var name = Path.GetFullPath(file);
        name = Path.GetRelativePath(Path.GetFullPath(pictures), name[..^_suffix.Length]);
        if (Path.IsPathFullyQualified(name))
            name = Path.GetFileName(name);
        var parts = name.Replace('\\', '/').Split('/');
        var up = parts.TakeWhile(p => p == "..").Count();
        parts = parts[Math.Min(up, parts.Length - 1)..];
        // From elsewhere, ../landmarks/a/b: the longest end of it that is a picture, by default what follows the
        // folder.
        for (var from = 0; from < (up == 0 ? 1 : parts.Length); from++)
        {
            if (Existing(string.Join('/', parts[from..]), pictures) is { } found)
                return PicturePath.Parse(found);
        }
        name = string.Join('/', parts[Math.Min(up == 0 ? 0 : 1, parts.Length - 1)..]);
        return PicturePath.Parse(IsPicture(name) ? name : name + ".jpg");
    }

    private static string? Existing(string name, string pictures) =>
        Picture.Extensions.SelectMany(e => (string[])[e, e.ToUpperInvariant()]).Prepend("")
            .Select(e => name + e).FirstOrDefault(p => File.Exists(Path.Combine(pictures, p)));

    private static bool IsPicture(string name) =>
        Picture.Extensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);

    private static IEnumerable<(string Name, LabelledFace[] Faces)> ByName(FaceSet set)
    {
        var pictures = set.ByPicture().ToArray();
        var stems = pictures.CountBy(p => Path.ChangeExtension(p.Key, null), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(StringComparer.OrdinalIgnoreCase);
        foreach (var picture in pictures)
        {
            var stem = Path.ChangeExtension(picture.Key, null);
            var isPlain = stems[stem] == 1 && IsPicture(picture.Key) && !IsPicture(stem)
                && Path.GetFileName(stem).Length > 0;
            yield return (isPlain ? stem : picture.Key, [.. picture]);
        }
    }
}

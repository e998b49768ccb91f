namespace Mdfld.Data;

/// <summary>Formats that keep the points of a picture in a file of its own, called as the picture is.</summary>
/// <remarks>
/// A file lies beside its picture, or in another folder (landmarks/a.npy for images/a.jpg). Which picture it is, is
/// found by name: x, x.jpg, x.jpeg, x.png or x.webp; where there is none, x.jpg is named, and missed later. Where two
/// pictures differ in their endings only, the file is called after the full name: x.png.pts.
/// </remarks>
internal abstract class PerPictureFormat : AnnotationFormat
{
    // The suffix is what follows the picture's name in a file that is written.
    protected PerPictureFormat(string name, string summary, string suffix)
        : base(name, summary) =>
        (Suffix, HasFilePerPicture) = (suffix, true);

    protected string Suffix { get; }

    /// <summary>The folder that files are written into.</summary>
    protected virtual string Folder => "images";

    public override bool Recognises(string file) => HasSuffix(file);

    internal override IEnumerable<ReadFace> Read(string file, Reading reading) => reading.Each(file, () =>
    {
        var picture = reading.PictureOf(file, SuffixOf(file));
        return ReadFaces(file, picture, reading);
    });

    internal override void Write(string folder, FaceSet set)
    {
        if (!IsWritten)
            throw new NotSupportedException($"{Name} is only read");
        var images = Path.Combine(folder, Folder);
        foreach (var (name, faces) in ByName(set))
        {
            CheckFaces(faces[0].ImagePath, [.. faces.Select(f => f.Landmarks)]);
            var path = Path.Combine(images, name + Suffix);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            AtomicFile.Write(path, stream => WriteFaces(stream, set, faces));
        }
    }

    /// <summary>What follows the picture's name in a file that is read.</summary>
    protected virtual string SuffixOf(string file) => HasSuffix(file) ? Suffix : Path.GetExtension(file);

    protected bool HasSuffix(string file) => file.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the faces of a file.</summary>
    /// <param name="file">The annotations.</param>
    /// <param name="picture">The picture that it is called after.</param>
    /// <param name="reading">What the readers of a set share.</param>
    /// <exception cref="FormatException">Something in the file does not fit.</exception>
    protected abstract IEnumerable<ReadFace> ReadFaces(string file, string picture, Reading reading);

    protected virtual void WriteFaces(Stream stream, FaceSet set, IReadOnlyList<LabelledFace> faces) =>
        throw new NotSupportedException($"{Name} is only read");

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

    private static IEnumerable<(string Name, LabelledFace[] Faces)> ByName(FaceSet set)
    {
        var pictures = set.ByPicture().ToArray();
        var stems = pictures.CountBy(p => Path.ChangeExtension(p.Key, null), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(StringComparer.OrdinalIgnoreCase);
        foreach (var picture in pictures)
        {
            var stem = Path.ChangeExtension(picture.Key, null);
            var isPlain = stems[stem] == 1 && PictureFinder.IsPicture(picture.Key) && !PictureFinder.IsPicture(stem)
                && Path.GetFileName(stem).Length > 0;
            yield return (isPlain ? stem : picture.Key, [.. picture]);
        }
    }
}

namespace Mdfld.Data;

/// <summary>Labelled faces of any format, and the folder of their pictures.</summary>
/// <param name="Pictures">The folder that the faces' image paths are relative to.</param>
/// <param name="Faces">The faces, all with the same number of landmarks.</param>
public sealed record FaceSet(string Pictures, IReadOnlyList<LabelledFace> Faces)
{
    private const int DeepestFolder = 32;

    /// <summary>
    /// The pictures, where the annotations' file holds them (<see cref="AnnotationFormat.PicturesIn"/>); null where
    /// they are files of <see cref="Pictures"/>.
    /// </summary>
    public Func<string, byte[]>? Inside { get; init; }

    /// <summary>Where the picture of a face is, if it is a file.</summary>
    public string ImagePath(LabelledFace face) => Path.Combine(Pictures, face.ImagePath);

    /// <summary>Whether a face's picture is there, not whether it is sound.</summary>
    public bool HasPicture(LabelledFace face) => Inside is not null || FileNames.IsFile(ImagePath(face));

    /// <summary>Opens the file of a face's picture, wherever it is.</summary>
    /// <exception cref="IOException">It is not there, or cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is empty, or inside a broken file.</exception>
    public Stream OpenPicture(LabelledFace face) => Inside is { } pictures
        ? new MemoryStream(pictures(face.ImagePath), writable: false) : new PictureStream(ImagePath(face));

    /// <summary>Columns and rows of a face's picture; null where the picture is missing.</summary>
    /// <exception cref="InvalidDataException">The picture is broken.</exception>
    public (int Width, int Height)? SizeOf(LabelledFace face)
    {
        if (!HasPicture(face))
            return null;
        using var file = OpenPicture(face);
        return PictureSize.Of(file)
            ?? throw new InvalidDataException($"{ImagePath(face)}: no picture that can be read");
    }

    /// <summary>The same faces with the landmarks of another scheme; see <see cref="LabelledFace.To"/>.</summary>
    /// <exception cref="ArgumentException">The points of that scheme do not follow from these.</exception>
    public FaceSet To(LandmarkScheme scheme) => this with { Faces = [.. Faces.Select(f => f.To(scheme))] };

    /// <summary>
    /// The same faces moved in their pictures: by (-1, -1) where annotations count pixels from 1, as MATLAB does.
    /// </summary>
    /// <param name="by">Pixels, to the right and down.</param>
    public FaceSet Moved(Vector2 by) =>
        by == Vector2.Zero ? this : this with { Faces = [.. Faces.Select(f => f.Moved(by))] };

    /// <summary>Entries that were left out because they could not be read.</summary>
    public int Bad { get; init; }

    /// <summary>The first of them, each with file, line or entry, and reason.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>
    /// Reads a set of faces. Pictures are not opened, but where points are shares of their sizes.
    /// </summary>
    /// <param name="path">
    /// A file of annotations, or a folder with such files somewhere in it. Links to folders are not followed.
    /// </param>
    /// <param name="format">Its format; null recognises it.</param>
    /// <param name="pictures">
    /// The folder that image paths are relative to; null takes <c>images/</c> beside the annotations where there is one
    /// (or <c>WFLW_images/</c>, beside or up to two folders up), else the annotations' own folder.
    /// </param>
    /// <param name="map">Where points belong that have names or an order of their own.</param>
    /// <param name="skipBad">
    /// Whether entries that cannot be read are left out and counted as <see cref="Bad"/>; else they are all listed.
    /// </param>
    /// <exception cref="FileNotFoundException">There is no such file or folder.</exception>
    /// <exception cref="InvalidDataException">
    /// No format or several fit, something is malformed, there is no face, or faces differ in their number of
    /// landmarks.
    /// </exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static FaceSet Read(
        string path, AnnotationFormat? format = null, string? pictures = null, PointMap? map = null,
        bool skipBad = false)
    {
        var isFile = FileNames.IsFile(path);
        if (!isFile && !FileNames.IsFolder(path))
            throw new FileNotFoundException($"{path}: no such file or folder", path);
        if (format is { IsRead: false })
            throw new InvalidDataException($"{path}: {format.Name} is only written");
        // A folder's own annotations.tsv counts, whatever copies in other formats lie beside and below it.
        var own = Path.Combine(path, "annotations.tsv");
        if (!isFile && format is null && FileNames.IsFile(own))
            format = AnnotationFormat.ByName("star");
        var files = isFile && format is not null ? [path]
            : format?.Name == "star" && FileNames.IsFile(own) ? [own] : Recognised(path, isFile, ref format);
        if (files.Length > 1 && !format.HasFilePerPicture)
        {
            throw new InvalidDataException(
                $"{path}: holds {files.Length} files of {format.Name}: name one, such as {files[0]}");
        }
        var folder = isFile ? Path.GetDirectoryName(Path.GetFullPath(path))! : path;
        pictures ??= FindPictures(folder);
        var reading = new Reading(pictures);
        var read = new List<ReadFace>();
        foreach (var file in files)
        {
            try
            {
                AnnotationText.At(file, () =>
                {
                    read.AddRange(format.Read(file, reading));
                    return file;
                });
            }
            catch (InvalidDataException e)
            {
                reading.Note(e.Message);
            }
        }
        var faces = Ordered(path, read, map, format.FirstNumber, reading);
        if (faces.Count == 0)
            throw new InvalidDataException(reading.Bad > 0 ? reading.First : $"{path}: no face in it");
        if (reading.Bad > 0 && !skipBad)
            throw reading.Error(path);
        return new FaceSet(pictures, faces)
        {
            Inside = files.Length == 1 ? format.PicturesIn(files[0]) : null,
            Bad = reading.Bad,
            Problems = reading.Problems,
        };
    }

    /// <summary>
    /// Writes the annotations in any format and, where asked for, copies the pictures: after <see cref="Read"/>, a
    /// conversion.
    /// </summary>
    /// <param name="format">One of <see cref="AnnotationFormat.All"/> that is written.</param>
    /// <param name="folder">Made if need be. Not atomic: see <see cref="AtomicFolder"/>.</param>
    /// <param name="copy">Whether pictures are copied into <c>images/</c> of the folder.</param>
    /// <param name="stop">Ends it between two pictures.</param>
    /// <returns>Faces left out: those with missing points, where the format has no way to say so.</returns>
    /// <exception cref="InvalidDataException">The format cannot hold the faces; the message says why.</exception>
    /// <exception cref="FileNotFoundException">A picture to copy is missing.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    public int Write(AnnotationFormat format, string folder, bool copy = false, CancellationToken stop = default)
    {
        var kept = format.KeepsMissing ? this : this with { Faces = [.. Faces.Where(f => f.IsComplete)] };
        if (kept.Faces.Count == 0)
        {
            throw new InvalidDataException(
                $"cannot be written as {format.Name}: all faces have missing points, and {format.Name} cannot say so");
        }
        Directory.CreateDirectory(folder);
        try
        {
            format.Write(folder, kept);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new InvalidDataException($"cannot be written as {format.Name}: {e.Message}", e);
        }
        foreach (var face in copy ? kept.Faces.DistinctBy(f => f.ImagePath) : [])
        {
            stop.ThrowIfCancellationRequested();
            var (from, to) = (ImagePath(face), Path.Combine(folder, "images", face.ImagePath));
            if (!HasPicture(face))
                throw new FileNotFoundException($"{from}: no such picture, so it cannot be copied", from);
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            using var source = OpenPicture(face);
            using var target = new FileStream(to, FileMode.CreateNew);
            source.CopyTo(target);
        }
        return Faces.Count - kept.Faces.Count;
    }

    /// <summary>The faces with their points in the order of a scheme, all of the same one.</summary>
    private static List<LabelledFace> Ordered(
        string path, List<ReadFace> read, PointMap? map, int? first, Reading reading)
    {
        PointOrder order;
        try
        {
            order = PointOrder.Of(read, map, first);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
        var faces = new List<LabelledFace>();
        foreach (var face in read)
        {
            if (face.Whole is not null && map is null)
                faces.Add(face.Whole);
            else
                faces.AddRange(reading.Each(face.Where, () => OfScheme(face)));
        }
        return faces;

        IEnumerable<LabelledFace> OfScheme(ReadFace face)
        {
            if (order.Apply(face) is not { } points)
                yield break;
            if (faces.Count > 0 && faces[0].Landmarks.Count != points.Length)
            {
                throw new FormatException(
                    $"the face of {face.Picture} has {points.Length} landmarks, "
                    + $"those before have {faces[0].Landmarks.Count}");
            }
            yield return LabelledFace.FromLandmarks(face.Picture, points, face.Style) with
            {
                AnnotatedBox = face.Box,
                Hidden = order.Hidden(face),
            };
        }
    }

    private static string[] Recognised(
        string path, bool isFile, [System.Diagnostics.CodeAnalysis.NotNull] ref AnnotationFormat? format)
    {
        var wanted = format is null ? [.. AnnotationFormat.All.Where(f => f.IsRead)] : (AnnotationFormat[])[format];
        IEnumerable<string> files = isFile ? [path] : FilesIn(path).Order(StringComparer.Ordinal);
        var found =
            (from file in files
             from candidate in wanted
             where candidate.Recognises(file)
             group file by candidate).ToArray();
        if (found.Length == 0)
        {
            var names = string.Join(", ", wanted.Select(f => f.Name));
            throw new InvalidDataException(
                isFile ? $"{path}: none of the formats {names}" : $"{path}: no annotations in it, expected {names}");
        }
        if (found.Length > 1)
        {
            var names = string.Join(" and ", found.Select(g => $"{g.Key.Name} ({g.First()})"));
            throw new InvalidDataException($"{path}: holds annotations in {names}: say which format to read");
        }
        format = found[0].Key;
        return [.. found[0]];
    }

    /// <summary>All files, hidden ones too: a picture's may be called after it. Links to folders are not followed.</summary>
    private static IEnumerable<string> FilesIn(string folder, int depth = DeepestFolder)
    {
        var entries = depth < 0 ? [] : FileNames.Entries(folder);
        return entries.Where(e => !e.IsFolder).Select(e => Path.Combine(folder, e.Name))
            .Concat(entries.Where(e => e.IsFolder && !e.IsLink)
                .SelectMany(e => FilesIn(Path.Combine(folder, e.Name), depth - 1)));
    }

    private static string FindPictures(string folder)
    {
        string[] candidates = ["images", "WFLW_images", "../WFLW_images", "../../WFLW_images"];
        var found = candidates.Select(c => Path.Combine(folder, c)).FirstOrDefault(FileNames.IsFolder);
        var beside = Path.Combine(folder, "../images");
        return found ?? (FileNames.IsFolder(beside) && !PictureFinder.HoldsPictures(folder) ? beside : folder);
    }
}

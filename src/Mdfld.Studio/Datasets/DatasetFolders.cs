namespace Mdfld.Studio;

/// <summary>The folders of labelled faces at and below a folder, by their path relative to it; <c>.</c> is itself.</summary>
internal sealed class DatasetFolders(PictureFolder root)
{
    private const int DeepestFolder = 3;
    private const float Surroundings = 1.5f;

    private readonly Dictionary<string, (DateTime Written, FaceFolder Folder)> _open = [];

    /// <summary>The names of the folders that hold <c>annotations.tsv</c>.</summary>
    public IReadOnlyList<string> Names()
    {
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = DeepestFolder,
            AttributesToSkip = FileAttributes.Hidden | FileAttributes.ReparsePoint,
        };
        return
        [
            .. Directory.EnumerateDirectories(root.Path, "*", options).Prepend(root.Path)
                .Where(folder => File.Exists(Annotations(folder)))
                .Select(folder => Path.GetRelativePath(root.Path, folder).Replace('\\', '/'))
                .Where(name => !name.Contains("/.") && !(name.Length > 1 && name[0] == '.'))
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>One of those folders.</summary>
    /// <exception cref="RequestException">It is none of them.</exception>
    /// <exception cref="InvalidDataException">Its annotations are malformed.</exception>
    public FaceFolder Open(string name)
    {
        if (!Names().Contains(name))
            throw new RequestException(404, $"'{name}': no folder of labelled faces here");
        var path = Path.GetFullPath(Path.Combine(root.Path, name));
        var written = File.GetLastWriteTimeUtc(Annotations(path));
        lock (_open)
        {
            if (_open.TryGetValue(name, out var known) && known.Written == written)
                return known.Folder;
        }
        var faces = MetadataFile.Read(Annotations(path));
        if (faces.Count == 0)
            throw new RequestException(404, $"'{name}': no face in its annotations");
        var folder = FaceFolder.Of(name, PictureFolder.Of(path).Path, faces);
        lock (_open)
            _open[name] = (written, folder);
        return folder;
    }

    /// <summary>A face cut out with its surroundings, its points drawn on it.</summary>
    public static Picture Cell(FaceFolder folder, LabelledFace face, int side)
    {
        var map = FaceCrop.FromScale(face.Scale, face.Centre, Surroundings).ToCrop(side);
        var crop = Load(folder, face).Warp(map, side, side, antialias: true);
        Vector2[] points = [.. face.Landmarks.Where(p => !LabelledFace.IsMissing(p)).Select(map.Apply)];
        return ContactSheet.Draw([new SheetCell(crop, points)], 1, side);
    }

    /// <summary>The error of a detector at a face, NME in %; null where it has other points.</summary>
    public static double? Error(LandmarkDetector detector, FaceFolder folder, LabelledFace face)
    {
        if (detector.Scheme.Count != face.Landmarks.Count)
            return null;
        var crop = FaceCrop.FromScale(face.Scale, face.Centre, detector.Model.CropFactor);
        if (!crop.IsUsable)
            return null;
        var found = detector.Detect(Load(folder, face), crop);
        var error = 100 * Metrics.Nme(found.Points.AsSpan(), [.. face.Landmarks], detector.Scheme);
        return double.IsFinite(error) ? Math.Round(error, 3) : null;
    }

    private static Picture Load(FaceFolder folder, LabelledFace face)
    {
        // As every picture of the studio: never through a link that leads out.
        var pictures = new PictureFolder(Path.GetDirectoryName(folder.ImagePath(face with { ImagePath = "x" }))!);
        return Picture.Load(pictures.File(face.ImagePath));
    }

    private static string Annotations(string folder) => Path.Combine(folder, "annotations.tsv");
}

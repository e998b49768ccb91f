namespace Mdfld.Cli.Original;

/// <summary>The faces of one of the original's .tsv files.</summary>
/// <param name="Folder">The faces, and where their pictures are.</param>
/// <param name="HasLostFace">Whether the file begins with a face, which the original takes for a header.</param>
internal sealed record OriginalFaces(FaceFolder Folder, bool HasLostFace)
{
    /// <summary>Reads a file of ANNOT_DIR/DATA_DEFINITION as the original does: its first line never counts.</summary>
    /// <exception cref="UsageException">The file, or the folder of pictures, is not there.</exception>
    /// <exception cref="InvalidDataException">
    /// A line is malformed, there is no face, or it has another number of points.
    /// </exception>
    public static OriginalFaces Read(OriginalJob job, string name)
    {
        var path = Path.Combine(job.Annotations, name);
        if (!File.Exists(path))
            throw new UsageException($"--annot_dir, --data_definition: {path}: no such file");
        if (!Directory.Exists(job.Images))
            throw new UsageException($"--image_dir: {job.Images}: no such folder");
        var faces = MetadataFile.Read(path);
        var lines = File.ReadLines(path).Count(line => !string.IsNullOrWhiteSpace(line));
        var lost = faces.Count > 0 && faces.Count == lines;
        if (lost)
            faces = [.. faces.Skip(1)];
        if (faces.Count == 0)
            throw new InvalidDataException($"{path}: no face in it; its first line counts as a header");
        if (faces[0].Landmarks.Count != job.Scheme.Count)
        {
            throw new InvalidDataException(
                $"{path}: {faces[0].Landmarks.Count} points a face, "
                + $"--data_definition {job.Data} has {job.Scheme.Count}");
        }
        return new OriginalFaces(FaceFolder.Of(path, job.Images, faces), lost);
    }

    /// <summary>Tells where they are from.</summary>
    public void Announce(OriginalLog log)
    {
        if (HasLostFace)
            log.Warn($"{Folder.Path} begins with a face instead of a header: left out, as the original leaves it out");
        log.Info($"Loaded data from {Folder.Path}");
    }
}

namespace Mdfld.Data;

/// <summary>Writes a dataset in any format: with <see cref="FaceSet.Read"/>, a conversion.</summary>
public static class DatasetWriter
{
    /// <summary>Writes the annotations and, where asked for, copies the pictures.</summary>
    /// <param name="set">The faces; see <see cref="FaceSet.To"/> and <see cref="FaceSet.Moved"/>.</param>
    /// <param name="format">One of <see cref="AnnotationFormats.All"/> that is written.</param>
    /// <param name="folder">Made if need be. Not atomic: see <see cref="AtomicFolder"/>.</param>
    /// <param name="copy">Whether pictures are copied into <c>images/</c> of the folder.</param>
    /// <param name="stop">Ends it between two pictures.</param>
    /// <exception cref="InvalidDataException">The format cannot hold the faces; the message says why.</exception>
    /// <exception cref="FileNotFoundException">A picture to copy is missing.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    public static void Write(
        FaceSet set, IAnnotationFormat format, string folder, bool copy = false, CancellationToken stop = default)
    {
        Directory.CreateDirectory(folder);
        try
        {
            format.Write(folder, set);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new InvalidDataException($"cannot be written as {format.Name}: {e.Message}", e);
        }
        if (!copy)
            return;
        foreach (var face in set.Faces.DistinctBy(f => f.ImagePath))
        {
            stop.ThrowIfCancellationRequested();
            var (from, to) = (set.ImagePath(face), Path.Combine(folder, "images", face.ImagePath));
            if (!set.HasPicture(face))
                throw new FileNotFoundException($"{from}: no such picture, so it cannot be copied", from);
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            if (set.Inside is { } pictures)
                File.WriteAllBytes(to, pictures(face.ImagePath));
            else
                File.Copy(from, to);
        }
    }
}

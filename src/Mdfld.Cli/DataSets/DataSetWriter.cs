namespace Mdfld.Cli.DataSets;

/// <summary>Writes a set of faces into a folder, with its pictures where they are wanted.</summary>
internal static class DataSetWriter
{
    /// <param name="set">What to write.</param>
    /// <param name="format">How.</param>
    /// <param name="folder">Made if need be.</param>
    /// <param name="copy">Whether pictures are copied into <c>images/</c> of the folder.</param>
    /// <param name="stop">Ends it between two pictures.</param>
    /// <exception cref="InvalidDataException">The format cannot hold the faces, or a picture is missing.</exception>
    public static void Write(FaceSet set, IAnnotationFormat format, string folder, bool copy, CancellationToken stop)
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

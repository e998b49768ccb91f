namespace Mdfld.Training;

/// <summary>
/// Faces that a model finds already, and is to find still: of folders where some are given, else drawn ones.
/// </summary>
internal sealed class ReplayFaces
{
    // Drawn faces are cheap and many-sided: a few beside real ones.
    private const double DrawnShare = 0.2;
    private const int Side = 192;

    /// <param name="folders">May be none.</param>
    /// <param name="count">Faces to learn in an epoch.</param>
    /// <param name="measured">The most faces to measure on.</param>
    public ReplayFaces(IReadOnlyList<FaceFolder> folders, int count, int measured, int seed)
    {
        if (folders.Count == 0)
        {
            (Drawn, Measured) = (count, Draw(measured, seed));
            return;
        }
        Drawn = (int)(count * DrawnShare);
        if (folders.FirstOrDefault(f => f.Scheme.Count != LandmarkScheme.Ibug68.Count) is { } other)
            throw new InvalidDataException($"{other.Path}: {other.Scheme.Count} points a face, expected 68");
        var (learnt, kept) = (new List<FaceFolder>(), new List<(FaceFolder, LabelledFace)>());
        foreach (var folder in folders)
        {
            LabelledFace[] faces = [.. folder.Faces];
            new Random(seed).Shuffle(faces);
            var aside = Math.Min(measured / folders.Count, faces.Length / 5);
            if (aside == 0)
                throw new InvalidDataException($"{folder.Path}: {faces.Length} faces to replay, at least 5 are needed");
            kept.AddRange(faces[..aside].Select(face => (folder, face)));
            learnt.Add(Of(folder.Path, [.. faces.Skip(aside).Take(count / folders.Count).Select(face => (folder, face))]));
        }
        (Learnt, Measured) = (learnt, Of("others", [.. kept]));
    }

    /// <summary>Faces to learn from, of each folder.</summary>
    public IReadOnlyList<FaceFolder> Learnt { get; } = [];

    /// <summary>Faces to draw in an epoch.</summary>
    public int Drawn { get; }

    /// <summary>Faces to measure on; nothing is learnt from them.</summary>
    public FaceFolder Measured { get; }

    private static FaceFolder Of(string name, (FaceFolder Folder, LabelledFace Face)[] faces) =>
        // A full path wins over the folder that it is combined with.
        FaceFolder.Of(name, "/", [.. faces.Select(
            f => f.Face with { ImagePath = Path.GetFullPath(f.Folder.ImagePath(f.Face)) })]);

    private static FaceFolder Draw(int count, int seed)
    {
        var random = new Random(seed);
        var pictures = new Dictionary<string, byte[]>();
        var faces = new LabelledFace[count];
        for (var i = 0; i < count; i++)
        {
            var drawn = DrawnFaces.Draw(random, Side);
            pictures[$"{i}.png"] = drawn.Picture.EncodePng();
            faces[i] = LabelledFace.FromLandmarks($"{i}.png", drawn.Landmarks);
        }
        return FaceFolder.Of("drawn faces", "", faces, name => pictures[name]);
    }
}

namespace Mdfld.Training;

/// <summary>The pictures and faces that scenes are composed of.</summary>
/// <param name="Faces">Faces with their 68 landmarks; one that shall come more often is there more often.</param>
/// <param name="Pictures">Full pictures; surroundings come from these, too.</param>
/// <param name="Boxed">Faces with their surroundings of which only the box is known.</param>
internal sealed record SceneMaterial(
    IReadOnlyList<StoredFace> Faces, IReadOnlyList<LabelledPicture> Pictures, IReadOnlyList<BoxedFace> Boxed)
{
    /// <summary>The crop that <see cref="FaceStore"/> keeps faces for: large enough for a portrait.</summary>
    public const int FaceSize = 144;

    /// <summary>Draws faces in all styles, their landmarks exactly known.</summary>
    public static IEnumerable<StoredFace> Drawn(int count, int seed)
    {
        const int Side = 256;
        return Enumerable.Range(0, count).AsParallel().AsOrdered().Select(i =>
        {
            var drawn = DrawnFaces.Draw(new Random(unchecked((1009 * seed) + (31 * i))), Side);
            return new StoredFace(drawn.Picture, drawn.Landmarks, FaceBox.Around(drawn.Landmarks).ToCrop(1));
        });
    }
}

/// <summary>A picture that one face fills, and its box: about as tight as one of landmarks.</summary>
internal sealed record BoxedFace(Picture Picture, FaceBox Box)
{
    /// <summary>Reads a folder of pictures with the face at one position, but for those held out.</summary>
    /// <param name="onBad">Told of each picture that is left out; null leaves none out.</param>
    /// <exception cref="InvalidDataException">Pictures are broken: all are listed.</exception>
    public static BoxedFace[] Load(
        string folder, BoxedRecipe recipe, int holdOut, Action<string>? onBad, CancellationToken stop)
    {
        string[] files =
        [
            .. FileNames.Entries(Path.Combine(folder, "images")).Where(e => !e.IsFolder)
                .Select(e => Path.Combine(folder, "images", e.Name)).Order(StringComparer.Ordinal)
                .Where((_, i) => i % holdOut != 0),
        ];
        return ParallelMap.SelectSound(files, Load, folder, onBad, stop);

        BoxedFace Load(string file)
        {
            var picture = FileNames.LoadPicture(file);
            var (width, height) = (picture.Width, picture.Height);
            return new BoxedFace(picture, new FaceBox(
                recipe.Left * width, recipe.Top * height, recipe.Width * width, recipe.Height * height));
        }
    }

    /// <summary>As it is, or mirrored.</summary>
    public (Picture Piece, SceneFace Face) Draw(bool mirrored)
    {
        var face = new SceneFace(Box, null);
        if (!mirrored)
            return (Picture.Clone(), face);
        var map = Homography.Mirror(Picture.Width);
        return (Picture.Warp(map, Picture.Width, Picture.Height), face.Mapped(map, isMirrored: true));
    }
}

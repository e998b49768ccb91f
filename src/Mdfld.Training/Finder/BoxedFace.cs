namespace Mdfld.Training.Finder;

/// <summary>
/// A picture that one face fills, and its box: as tight, as far as anyone knows, as one of landmarks.
/// </summary>
internal sealed record BoxedFace(Picture Picture, FaceBox Box)
{
    /// <summary>Reads a folder of pictures in which the face has the same place, but for those held out.</summary>
    /// <exception cref="InvalidDataException">A picture is broken.</exception>
    public static BoxedFace[] Load(string folder, BoxedRecipe recipe, int holdOut, CancellationToken stop)
    {
        string[] files =
        [
            .. Directory.GetFiles(Path.Combine(folder, "images")).Order(StringComparer.Ordinal)
                .Where((_, i) => i % holdOut != 0),
        ];
        return ParallelMap.Select(files, Load, stop: stop);

        BoxedFace Load(string file)
        {
            var picture = Picture.Load(file);
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
        return (Picture.Warp(map, Picture.Width, Picture.Height), face.Mirrored(Picture.Width));
    }
}

using System.Numerics;
using Mdfld.Training.Augmentation;

namespace Mdfld.Training.Finder;

/// <summary>
/// Shows a composed scene once more, mirrored, larger or smaller and elsewhere: far cheaper than a new one, and new to
/// the network's grid of cells.
/// </summary>
internal static class SceneVariation
{
    /// <summary>A variant of a square scene, as large as it.</summary>
    public static Scene Draw(Scene scene, Random random)
    {
        var size = scene.Picture.Width;
        var factor = MathF.Exp(random.Uniform(-0.25f, 0.35f));
        var slack = size - (factor * size);
        var offset = new Vector2(slack * random.NextSingle(), slack * random.NextSingle())
            + new Vector2((factor - 1) / 2);
        var map = Homography.Affine(factor, 0, offset.X, 0, factor, offset.Y);
        var mirrored = random.Chance(0.5f);
        if (mirrored)
            map = Homography.Mirror(size) * map;
        var picture = scene.Picture.Warp(map, size, size, antialias: true);
        return new Scene(picture, [.. scene.Faces.Select(Move).Where(f => f.Visible(size, size) > 0.1f)]);

        SceneFace Move(SceneFace face)
        {
            var moved = face.Moved(factor, offset);
            if (mirrored)
                moved = moved.Mirrored(size);
            return moved with { Unsure = face.Unsure || moved.IsHardlySeen(size, size) };
        }
    }
}

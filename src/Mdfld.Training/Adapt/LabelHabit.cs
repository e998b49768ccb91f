namespace Mdfld.Training;

/// <summary>
/// By how much a model places its points to the right of where it would place them in the mirror: a habit of the labels
/// that it has learnt from, which mirrored copies would take from it. See <see cref="DataRecipe.LabelShift"/>.
/// </summary>
internal static class LabelHabit
{
    private const int Measured = 40;

    /// <summary>The habit on the faces of a folder, as a share of the distance of the outer eye corners.</summary>
    /// <param name="detector">The model.</param>
    /// <param name="folder">Faces of its scheme; the first ones count.</param>
    public static float Of(LandmarkDetector detector, FaceFolder folder) =>
        ParallelMap.Select([.. folder.Faces.Take(Measured)], face => Of(detector, folder.LoadPicture(face), face)).Average();

    private static float Of(LandmarkDetector detector, Picture picture, LabelledFace face)
    {
        var scheme = detector.Scheme;
        var crop = FaceCrop.FromScale(face.Scale, face.Centre, detector.Model.CropFactor);
        var found = detector.Detect(picture, crop).Points;
        var last = picture.Width - 1;
        var mirror = picture.Warp(Homography.Affine(-1, 0, last, 0, 1, 0), picture.Width, picture.Height);
        var turned = detector.Detect(mirror, crop with { Centre = new(last - crop.Centre.X, crop.Centre.Y) }).Points;
        var back = scheme.Mirror(turned.AsSpan(), picture.Width);
        var eyes = scheme.OuterEyeCorners;
        var line = found[eyes[1].Indices[0]] - found[eyes[0].Indices[0]];
        var by = Enumerable.Range(0, found.Length).Select(i => found[i] - back[i]).Aggregate(Vector2.Add) / found.Length / 2;
        return Vector2.Dot(by, line) / MathF.Max(line.LengthSquared(), 1);
    }
}

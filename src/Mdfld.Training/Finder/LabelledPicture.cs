namespace Mdfld.Training.Finder;

/// <summary>A whole picture, reduced to what training needs, and the boxes of its known faces.</summary>
/// <param name="Name">File name.</param>
/// <param name="Picture">The picture.</param>
/// <param name="Faces">Tight landmark boxes, pixels of <paramref name="Picture"/>.</param>
/// <param name="Complete">Whether every large face is known.</param>
internal sealed record LabelledPicture(string Name, Picture Picture, FaceBox[] Faces, bool Complete)
{
    private const int LongestSide = 800;

    /// <summary>
    /// Reads a folder with <c>faces.tsv</c> and <c>images/</c>; pictures without a face are left out.
    /// </summary>
    /// <inheritdoc cref="FacePictures.Open" path="/exception"/>
    public static LabelledPicture[] Load(string folder, CancellationToken stop) =>
        ParallelMap.Select([.. FacePictures.Open(folder).Where(p => p.Faces.Count > 0)], Reduce, stop: stop);

    private static LabelledPicture Reduce(FacePicture labelled)
    {
        var picture = Picture.Load(labelled.Path);
        var name = Path.GetFileName(labelled.Path);
        var s = Math.Min(1, LongestSide / (double)Math.Max(picture.Width, picture.Height));
        var t = (s - 1) / 2;
        var (width, height) = ((int)Math.Ceiling(picture.Width * s), (int)Math.Ceiling(picture.Height * s));
        return new LabelledPicture(
            name,
            s == 1
                ? picture
                : picture.Warp(Homography.Affine(s, 0, t, 0, s, t), width, height, antialias: true),
            [.. labelled.Faces.Select(b => new FaceBox(
                (float)((s * b.Left) + t), (float)((s * b.Top) + t), (float)(s * b.Width), (float)(s * b.Height)))],
            // AFW labels every large face; HELEN one a picture.
            name.StartsWith("afw_", StringComparison.Ordinal));
    }
}

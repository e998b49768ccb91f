using System.Numerics;

namespace Mdfld;

/// <summary>
/// The sizes in which a finder looks at a picture: one fine enough for the smallest faces, and coarser ones until a
/// face that fills the picture is one it knows. Each lies in a black frame, so that faces cut by the border are whole
/// cells away from the edge.
/// </summary>
internal static class FinderPyramid
{
    // Of the largest face a finder knows: a picture of this size needs no coarser look.
    private const float Whole = 0.6f;

    // From one look to the next; a finder knows faces over a range of 30.
    private const float Step = 4;

    // A coarser look must be worth it.
    private const float LeastStep = 1.3f;

    // Around a picture, at least so many pixels and this share of its longest side, up to a limit.
    private const int SmallestFrame = 8;
    private const int LargestFrame = 32;
    private const float FrameShare = 0.12f;

    /// <summary>One look: pixel p of the picture is scale p + shift of the network's input.</summary>
    public readonly record struct Level(double Scale, Vector2 Shift, int Width, int Height)
    {
        public Homography FromPicture => Homography.Affine(Scale, 0, Shift.X, 0, Scale, Shift.Y);
    }

    /// <summary>The looks, the finest first.</summary>
    public static List<Level> Of(int width, int height, FinderModel model, DetectorOptions options)
    {
        var longest = (double)Math.Max(width, height);
        var scale = Math.Min(1, Math.Min(
            options.LongestSide / longest, Math.Max(1e-3, model.MinimumFace / options.MinimumFace)));
        var coarsest = Math.Min(scale, Whole * model.MaximumFace / longest);
        var levels = new List<Level> { At(scale, width, height, model) };
        while (scale > coarsest * LeastStep)
        {
            scale = Math.Max(scale / Step, coarsest);
            levels.Add(At(scale, width, height, model));
        }
        return levels;
    }

    private static Level At(double scale, int width, int height, FinderModel model)
    {
        var longest = Math.Max(width, height);
        var frame = Math.Clamp((int)(FrameShare * longest * scale), SmallestFrame, LargestFrame);
        // A network of one size has the picture reduced until it fits.
        if (model.Width is { } fixedWidth)
            scale = Math.Min(scale, (fixedWidth - (2.0 * frame)) / width);
        if (model.Height is { } fixedHeight)
            scale = Math.Min(scale, (fixedHeight - (2.0 * frame)) / height);
        var columns = model.Width ?? Whole32((width * scale) + (2 * frame));
        var rows = model.Height ?? Whole32((height * scale) + (2 * frame));
        var middle = new Vector2((columns - 1) / 2f, (rows - 1) / 2f);
        var shift = middle - ((float)scale * new Vector2((width - 1) / 2f, (height - 1) / 2f));
        // By whole pixels: a picture that is not reduced stays sharp.
        return new Level(scale, new Vector2(MathF.Floor(shift.X), MathF.Floor(shift.Y)), columns, rows);
    }

    private static int Whole32(double pixels) =>
        (int)Math.Ceiling(pixels / FinderLayout.LargestStride) * FinderLayout.LargestStride;
}

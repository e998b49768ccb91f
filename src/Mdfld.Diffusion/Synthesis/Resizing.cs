using System.Numerics;
using Mdfld.Training.Augmentation;

namespace Mdfld.Diffusion.Synthesis;

/// <summary>Square pictures of another size, borders repeated: a generator's own size to the data set's.</summary>
internal static class Resizing
{
    /// <summary>The picture with the side <paramref name="size"/>; the same one where it has it.</summary>
    public static Picture To(Picture square, int size)
    {
        if (square.Width == size)
            return square;
        var canvas = new Canvas(size);
        var factor = square.Width / (double)size;
        var map = Homography.Affine(factor, 0, Shift(factor), 0, factor, Shift(factor));
        var border = new BorderFill(BorderMode.Replicate);
        new PictureSampler(size).Sample(square, new AffineMap(size, map), border, false, canvas);
        var resized = new Picture(size, size);
        canvas.CopyTo(resized);
        return resized;
    }

    /// <summary>
    /// Points of a square of one side in that of another: pixel centres are half a pixel from the border.
    /// </summary>
    public static Vector2[] To(Vector2[] points, int from, int to) =>
        Array.ConvertAll(points, p => (p * ((float)to / from)) + new Vector2((float)Shift((double)to / from)));

    private static double Shift(double factor) => (factor - 1) / 2;

    private sealed class AffineMap : PictureMap
    {
        private readonly Homography _toSource;

        public AffineMap(int size, Homography toSource)
            : base(size) => (_toSource, PixelsPerPixel) = (toSource, LeastStretch(toSource));

        public override void SourceRow(int y, Span<Vector2> sources)
        {
            for (var x = 0; x < sources.Length; x++)
                sources[x] = new Vector2(x, y);
            Apply(_toSource, sources);
        }
    }
}

using System.Numerics;

namespace Mdfld.Training.Star;

/// <summary>
/// Point heat maps, a training target of STAR: a Gaussian (sigma 1.5) drawn on whole pixels of the crop, then reduced
/// four times without anti-aliasing.
/// </summary>
/// <remarks>
/// The reduction keeps the mean of the pixels 4i+1 and 4i+2 in both directions, so the peak is 0.37 to 0.81, depending
/// on the landmark's position modulo 4, never 1. The window starts at the <i>truncated</i> coordinate: within
/// 4.5 pixels of the left or upper border the peak is one pixel too far right or down. The published networks learnt
/// both.
/// </remarks>
public static class PointHeatmaps
{
    private const double Sigma = 1.5;
    private const double Radius = 3 * Sigma;

    /// <summary>Window pixel on which the Gaussian sits.</summary>
    private const int Middle = 5;

    /// <summary>Crop pixels for one cell of a map.</summary>
    internal const int Reduction = 4;

    /// <summary>Draws one map a landmark.</summary>
    /// <param name="landmarks">N points, pixels of the crop; those outside count as on its border.</param>
    /// <param name="size">Side of the crop in pixels, a multiple of 4.</param>
    /// <param name="maps">Receives N x (size/4) x (size/4) values in [0, 1].</param>
    /// <exception cref="ArgumentException"><paramref name="maps"/> has another length.</exception>
    public static void Draw(ReadOnlySpan<Vector2> landmarks, int size, Span<float> maps)
    {
        var cells = CellCount(size);
        if (maps.Length != landmarks.Length * cells * cells)
        {
            throw new ArgumentException(
                $"expected room for {landmarks.Length} maps of {cells} x {cells} values, found {maps.Length}",
                nameof(maps));
        }

        maps.Clear();
        Span<double> columns = stackalloc double[cells];
        Span<double> rows = stackalloc double[cells];
        for (var n = 0; n < landmarks.Length; n++)
        {
            Profile(landmarks[n].X, size, columns);
            Profile(landmarks[n].Y, size, rows);
            var map = maps.Slice(n * cells * cells, cells * cells);
            for (var y = 0; y < cells; y++)
            {
                if (rows[y] == 0)
                    continue;
                for (var x = 0; x < cells; x++)
                    map[(y * cells) + x] = (float)(rows[y] * columns[x]);
            }
        }
    }

    /// <summary>Cells along one side of a map.</summary>
    internal static int CellCount(int size)
    {
        if (size < Reduction || size > 4096 || size % Reduction != 0)
            throw new ArgumentOutOfRangeException(
                nameof(size), size, "the crop's side must be a multiple of 4, 4 to 4096");
        return size / Reduction;
    }

    /// <summary>The reduced values along one axis; the Gaussian is the product of two of these.</summary>
    private static void Profile(float coordinate, int size, Span<double> cells)
    {
        var p = Math.Clamp((double)coordinate, 0, size - 1);
        var start = (int)(p - Radius);
        var end = Math.Min((int)(p + Radius + 1), size);
        cells.Clear();
        for (var pixel = Math.Max(start, 0); pixel < end; pixel++)
        {
            if (pixel % Reduction is not (1 or 2))
                continue;
            double d = pixel - start - Middle;
            cells[pixel / Reduction] += Math.Exp(-d * d / (2 * Sigma * Sigma)) / 2;
        }
    }
}

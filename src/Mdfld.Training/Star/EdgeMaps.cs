using System.Numerics;

namespace Mdfld.Training.Star;

/// <summary>
/// Edge maps, a training target of STAR: the curve through an edge's landmarks, drawn 4 pixels thick at four times the
/// crop's resolution and reduced sixteen times.
/// </summary>
/// <remarks>
/// Of the 16 x 16 fine pixels of a cell the reduction looks at the 8 x 8 in the middle only (4 x 4 means, then the crop
/// pixels 4i+1 and 4i+2), each drawn or not. So a cell is 64 bits, and its value the number of set ones / 64. A fine
/// pixel counts as drawn within 2.5 pixels of the line; that differs from OpenCV's own thick lines by 1e-4 on average.
/// </remarks>
public static class EdgeMaps
{
    private const int Fine = 4;
    private const int FinePerCell = PointHeatmaps.Reduction * Fine;
    private const int FirstFine = 4;
    private const int FineInCell = 8;
    private const double LineRadius = 2.5;

    /// <summary>Draws one map an edge.</summary>
    /// <param name="landmarks">All points of the face, pixels of the crop; curves are cut to the crop.</param>
    /// <param name="scheme">Names the edges.</param>
    /// <param name="size">Side of the crop in pixels, a multiple of 4.</param>
    /// <param name="maps">Receives E x (size/4) x (size/4) values n/64.</param>
    /// <exception cref="ArgumentException">The number of points or of values does not fit the scheme.</exception>
    public static void Draw(ReadOnlySpan<Vector2> landmarks, LandmarkScheme scheme, int size, Span<float> maps)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        var cells = PointHeatmaps.CellCount(size);
        if (landmarks.Length != scheme.Count)
            throw new ArgumentException(
                $"{scheme.Name} has {scheme.Count} points, not {landmarks.Length}", nameof(landmarks));
        if (maps.Length != scheme.Contours.Length * cells * cells)
        {
            throw new ArgumentException(
                $"expected room for {scheme.Contours.Length} maps of {cells} x {cells} values, found {maps.Length}",
                nameof(maps));
        }

        var bits = new ulong[cells * cells];
        for (var e = 0; e < scheme.Contours.Length; e++)
        {
            var edge = scheme.Contours[e];
            var points = new Vector2[edge.Indices.Length];
            for (var i = 0; i < points.Length; i++)
                points[i] = landmarks[edge.Indices[i]];

            Array.Clear(bits);
            DrawCurve(EdgeCurve.Sample(points, edge.IsClosed), edge.IsClosed, size, bits);
            var map = maps.Slice(e * bits.Length, bits.Length);
            for (var i = 0; i < bits.Length; i++)
                map[i] = BitOperations.PopCount(bits[i]) / 64f;
        }
    }

    private static void DrawCurve((double X, double Y)[] curve, bool closed, int size, Span<ulong> bits)
    {
        var vertices = new (int X, int Y)[curve.Length];
        for (var i = 0; i < curve.Length; i++)
            vertices[i] = (ToFine(curve[i].X, size), ToFine(curve[i].Y, size));
        for (var i = 1; i < vertices.Length; i++)
            DrawLine(vertices[i - 1], vertices[i], size / PointHeatmaps.Reduction, bits);
        if (closed)
            DrawLine(vertices[^1], vertices[0], size / PointHeatmaps.Reduction, bits);
    }

    private static int ToFine(double coordinate, int size) => (int)((Math.Clamp(coordinate, 0, size - 1) * Fine) + 0.5);

    /// <summary>Sets the bits of the fine pixels near one segment.</summary>
    private static void DrawLine((int X, int Y) from, (int X, int Y) to, int cells, Span<ulong> bits)
    {
        const int Margin = 3;
        var (dx, dy) = (to.X - from.X, to.Y - from.Y);
        var squaredLength = (double)((dx * dx) + (dy * dy));
        var (left, right) = (Math.Max(Math.Min(from.X, to.X) - Margin, 0), Math.Max(from.X, to.X) + Margin);
        var (top, bottom) = (Math.Max(Math.Min(from.Y, to.Y) - Margin, 0), Math.Max(from.Y, to.Y) + Margin);
        right = Math.Min(right, (cells * FinePerCell) - 1);
        bottom = Math.Min(bottom, (cells * FinePerCell) - 1);

        for (var y = top; y <= bottom; y++)
        {
            var bitRow = (y % FinePerCell) - FirstFine;
            if (bitRow is < 0 or >= FineInCell)
                continue;
            for (var x = left; x <= right; x++)
            {
                var bitColumn = (x % FinePerCell) - FirstFine;
                if (bitColumn is < 0 or >= FineInCell)
                    continue;
                var (px, py) = (x - from.X, y - from.Y);
                var along = squaredLength > 0 ? Math.Clamp(((px * dx) + (py * dy)) / squaredLength, 0, 1) : 0;
                var (ex, ey) = (px - (along * dx), py - (along * dy));
                if ((ex * ex) + (ey * ey) <= LineRadius * LineRadius)
                    bits[(y / FinePerCell * cells) + (x / FinePerCell)] |= 1UL << ((bitRow * FineInCell) + bitColumn);
            }
        }
    }
}

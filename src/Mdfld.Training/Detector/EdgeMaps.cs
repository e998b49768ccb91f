using System.Numerics;

namespace Mdfld.Training;

/// <summary>
/// Edge maps, a training target of STAR: the curve through an edge's landmarks, drawn 4 pixels thick at four times the
/// crop's resolution and reduced sixteen times.
/// </summary>
/// <remarks>
/// Of the 16 x 16 fine pixels of a cell the reduction sees the 8 x 8 in the middle only (4 x 4 means, then the crop
/// pixels 4i+1 and 4i+2), each drawn or not. So a cell is 64 bits, and its value the number of set ones / 64. A fine
/// pixel counts as drawn within 2.5 pixels of the line; that differs from OpenCV's own thick lines by 1e-4 on average.
/// </remarks>
internal static class EdgeMaps
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
        var cells = PointHeatmaps.CellCount(size);
        if (landmarks.Length != scheme.Count)
            throw new ArgumentException(
                $"{scheme.Name} has {scheme.Count} points, not {landmarks.Length}", nameof(landmarks));
        PointHeatmaps.CheckLength(maps, scheme.Contours.Length, cells);

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
        var vertices = Array.ConvertAll(curve, p => (ToFine(p.X), ToFine(p.Y)));
        for (var i = closed ? 0 : 1; i < vertices.Length; i++)
            DrawLine(vertices[i > 0 ? i - 1 : ^1], vertices[i], size / PointHeatmaps.Reduction, bits);

        int ToFine(double coordinate) => (int)((Math.Clamp(coordinate, 0, size - 1) * Fine) + 0.5);
    }

    /// <summary>Sets the bits of the fine pixels near one segment.</summary>
    private static void DrawLine((int X, int Y) from, (int X, int Y) to, int cells, Span<ulong> bits)
    {
        const int Margin = 3;
        var (dx, dy) = (to.X - from.X, to.Y - from.Y);
        var squaredLength = (double)((dx * dx) + (dy * dy));
        var last = (cells * FinePerCell) - 1;
        var (left, top) = (Math.Max(Math.Min(from.X, to.X) - Margin, 0), Math.Max(Math.Min(from.Y, to.Y) - Margin, 0));
        var right = Math.Min(Math.Max(from.X, to.X) + Margin, last);
        var bottom = Math.Min(Math.Max(from.Y, to.Y) + Margin, last);

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

/// <summary>
/// The smooth curve through the landmarks of one edge: an interpolating cubic spline over the chord length, with
/// not-a-knot ends for an open edge and periodic for a closed one.
/// </summary>
internal static class EdgeCurve
{
    private const int StepsPerSegment = 5;

    /// <summary>Samples the curve, five equal parameter steps from each landmark to the next.</summary>
    /// <param name="points">Landmarks of the edge in order, any unit.</param>
    /// <param name="closed">Whether the last landmark joins the first.</param>
    /// <returns>
    /// Open: 5 (n - 1) + 1 samples; closed: 5 n, the first one not repeated. Where no such spline exists (neighbours
    /// that coincide, fewer than four knots) the landmarks themselves.
    /// </returns>
    public static (double X, double Y)[] Sample(ReadOnlySpan<Vector2> points, bool closed)
    {
        // A closed edge gets its first landmark again at the end: n segments instead of n - 1.
        var count = closed ? points.Length + 1 : points.Length;
        var (x, y) = (new double[count], new double[count]);
        for (var i = 0; i < count; i++)
            (x[i], y[i]) = (points[i % points.Length].X, points[i % points.Length].Y);

        var lengths = new double[Math.Max(count - 1, 0)];
        for (var i = 0; i < lengths.Length; i++)
            lengths[i] = Math.Sqrt(Math.Pow(x[i + 1] - x[i], 2) + Math.Pow(y[i + 1] - y[i], 2));
        if (count < 4 || !lengths.All(length => length > 0 && double.IsFinite(length)))
            return [.. x.Zip(y).Take(points.Length)];

        var slopesX = closed ? PeriodicSlopes(x, lengths) : NotAKnotSlopes(x, lengths);
        var slopesY = closed ? PeriodicSlopes(y, lengths) : NotAKnotSlopes(y, lengths);
        var samples = new (double X, double Y)[(lengths.Length * StepsPerSegment) + (closed ? 0 : 1)];
        for (var k = 0; k < samples.Length; k++)
        {
            var segment = Math.Min(k / StepsPerSegment, lengths.Length - 1);
            var t = (double)(k - (segment * StepsPerSegment)) / StepsPerSegment;
            samples[k] = (Hermite(x, slopesX, lengths, segment, t), Hermite(y, slopesY, lengths, segment, t));
        }
        return samples;
    }

    /// <summary>The cubic on one segment from its end values and end slopes; t runs from 0 to 1.</summary>
    private static double Hermite(double[] values, double[] slopes, double[] lengths, int segment, double t)
    {
        var (a, b, h) = (values[segment], values[segment + 1], lengths[segment]);
        var (da, db) = (slopes[segment] * h, slopes[(segment + 1) % slopes.Length] * h);
        var s = 1 - t;
        return (a * s * s * (1 + (2 * t))) + (b * t * t * (3 - (2 * t))) + (da * t * s * s) - (db * t * t * s);
    }

    /// <summary>Slopes at the n knots; the third derivative is continuous at the second and last but one.</summary>
    private static double[] NotAKnotSlopes(double[] values, double[] h)
    {
        var n = values.Length;
        var matrix = new double[n, n];
        var right = new double[n];
        for (var i = 1; i < n - 1; i++)
            ContinuousCurvature(matrix, right, values, h, i - 1, i, i + 1);
        NotAKnotEnd(0, 1, 2);
        NotAKnotEnd(n - 1, n - 2, n - 3);
        return LinearSystem.Solve(matrix, right);

        // The end condition after the third slope has been eliminated with the neighbouring curvature condition.
        void NotAKnotEnd(int end, int next, int third)
        {
            var (first, second) = (h[Math.Min(end, next)], h[Math.Min(next, third)]);
            var sum = first + second;
            matrix[end, end] = second;
            matrix[end, next] = sum;
            var chord = (values[next] - values[end]) / (next > end ? first : -first);
            var nextChord = (values[third] - values[next]) / (next > end ? second : -second);
            right[end] = (((first + (2 * sum)) * second * chord) + (first * first * nextChord)) / sum;
        }
    }

    /// <summary>Slopes at the n - 1 different knots of a closed curve (the last value repeats the first).</summary>
    private static double[] PeriodicSlopes(double[] values, double[] h)
    {
        var n = values.Length - 1;
        var matrix = new double[n, n];
        var right = new double[n];
        for (var i = 0; i < n; i++)
            ContinuousCurvature(matrix, right, values, h, (i + n - 1) % n, i, (i + 1) % n);
        return LinearSystem.Solve(matrix, right);
    }

    /// <summary>One row: the second derivatives of the cubics on both sides of a knot agree.</summary>
    private static void ContinuousCurvature(
        double[,] matrix, double[] right, double[] values, double[] h, int before, int i, int after)
    {
        var (left, next) = (h[before], h[i]);
        matrix[i, before] += next;
        matrix[i, i] += 2 * (left + next);
        matrix[i, after] += left;
        right[i] = 3 * ((next * (values[i] - values[before]) / left) + (left * (values[after] - values[i]) / next));
    }
}

/// <summary>Linear equations whose matrix lets Gaussian elimination do without exchanging rows.</summary>
internal static class LinearSystem
{
    /// <summary>Solves a positive definite or diagonally dominant system in place.</summary>
    public static double[] Solve(double[,] matrix, double[] right)
    {
        var n = right.Length;
        for (var pivot = 0; pivot < n; pivot++)
        {
            for (var row = pivot + 1; row < n; row++)
            {
                var factor = matrix[row, pivot] / matrix[pivot, pivot];
                if (factor == 0)
                    continue;
                for (var column = pivot; column < n; column++)
                    matrix[row, column] -= factor * matrix[pivot, column];
                right[row] -= factor * right[pivot];
            }
        }
        for (var row = n - 1; row >= 0; row--)
        {
            for (var column = row + 1; column < n; column++)
                right[row] -= matrix[row, column] * right[column];
            right[row] /= matrix[row, row];
        }
        return right;
    }
}

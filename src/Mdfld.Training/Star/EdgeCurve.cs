using System.Numerics;

namespace Mdfld.Training.Star;

/// <summary>
/// The smooth curve through the landmarks of one edge: an interpolating cubic spline over the chord length, with
/// not-a-knot ends for an open edge and periodic for a closed one.
/// </summary>
public static class EdgeCurve
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
        var x = new double[count];
        var y = new double[count];
        for (var i = 0; i < count; i++)
            (x[i], y[i]) = (points[i % points.Length].X, points[i % points.Length].Y);

        var lengths = ChordLengths(x, y);
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

    private static double[] ChordLengths(double[] x, double[] y)
    {
        var lengths = new double[Math.Max(x.Length - 1, 0)];
        for (var i = 0; i < lengths.Length; i++)
            lengths[i] = Math.Sqrt(Math.Pow(x[i + 1] - x[i], 2) + Math.Pow(y[i + 1] - y[i], 2));
        return lengths;
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
        return Solve(matrix, right);

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
        return Solve(matrix, right);
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

    /// <summary>Gaussian elimination; the matrices are such that no rows need to be exchanged.</summary>
    private static double[] Solve(double[,] matrix, double[] right)
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

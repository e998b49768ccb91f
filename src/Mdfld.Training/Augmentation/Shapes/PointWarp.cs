using System.Numerics;

namespace Mdfld.Training.Augmentation.Shapes;

/// <summary>
/// A smooth map of the plane that takes some places (nearly) to given ones and fades out far from them: kernel ridge
/// regression of the displacement with the rational quadratic kernel 1 / (1 + r^2 / scale^2). Keeps its buffers; one
/// thread at a time.
/// </summary>
public sealed class PointWarp
{
    /// <summary>
    /// How much an exact hit counts less than a smooth map: neighbours that contradict each other agree halfway.
    /// </summary>
    private const float Smoothing = 0.01f;

    private readonly int _count;
    private readonly int _padded;
    private readonly float[] _x;
    private readonly float[] _y;
    private readonly float[] _weightX;
    private readonly float[] _weightY;
    private readonly float[] _factor;
    private float _inverseSquare;

    public PointWarp(int count)
    {
        _count = count;
        // Rounded up to whole vectors; what is beyond weighs nothing.
        _padded = (count + Vector<float>.Count - 1) / Vector<float>.Count * Vector<float>.Count;
        (_x, _y, _weightX, _weightY) = (new float[_padded], new float[_padded], new float[_padded], new float[_padded]);
        _factor = new float[count * _padded];
    }

    /// <summary>Makes the map that takes each of <paramref name="from"/> to the one of <paramref name="to"/>.</summary>
    /// <remarks><c>scale</c>: how far a point carries others along, pixels.</remarks>
    public void Fit(ReadOnlySpan<Vector2> from, ReadOnlySpan<Vector2> to, float scale)
    {
        _inverseSquare = 1 / (scale * scale);
        for (var i = 0; i < _count; i++)
            (_x[i], _y[i]) = (from[i].X, from[i].Y);
        Factorise(from);
        for (var i = 0; i < _count; i++)
            (_weightX[i], _weightY[i]) = (to[i].X - from[i].X, to[i].Y - from[i].Y);
        Solve(_weightX);
        Solve(_weightY);
    }

    /// <summary>Where a place is taken.</summary>
    public Vector2 At(Vector2 p)
    {
        var (sumX, sumY) = (Vector<float>.Zero, Vector<float>.Zero);
        var (px, py, scale) = (new Vector<float>(p.X), new Vector<float>(p.Y), new Vector<float>(_inverseSquare));
        for (var i = 0; i < _x.Length; i += Vector<float>.Count)
        {
            var (dx, dy) = (new Vector<float>(_x, i) - px, new Vector<float>(_y, i) - py);
            var kernel = Vector<float>.One / (Vector<float>.One + (((dx * dx) + (dy * dy)) * scale));
            sumX += kernel * new Vector<float>(_weightX, i);
            sumY += kernel * new Vector<float>(_weightY, i);
        }
        return p + new Vector2(Vector.Sum(sumX), Vector.Sum(sumY));
    }

    /// <summary>
    /// Cholesky factor of the kernel matrix, row by row; the smoothing keeps it well within a float's reach.
    /// </summary>
    private void Factorise(ReadOnlySpan<Vector2> points)
    {
        for (var i = 0; i < _count; i++)
        {
            // Beyond the diagonal a row is zero, so that whole vectors can be multiplied.
            var row = _factor.AsSpan(i * _padded, _padded);
            row.Clear();
            for (var j = 0; j <= i; j++)
            {
                var kernel = 1 / (1 + (Vector2.DistanceSquared(points[i], points[j]) * _inverseSquare));
                if (j < i)
                    row[j] = (kernel - Dot(row, _factor.AsSpan(j * _padded, _padded), j)) / _factor[(j * _padded) + j];
                else
                    row[j] = MathF.Sqrt(MathF.Max(kernel + Smoothing - Dot(row, row, j), Smoothing / 10));
            }
        }
    }

    /// <summary>
    /// Sum of the products of the first <paramref name="count"/> values; the first row is 0 from there on.
    /// </summary>
    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b, int count)
    {
        var sum = Vector<float>.Zero;
        for (var k = 0; k < count; k += Vector<float>.Count)
            sum += new Vector<float>(a[k..]) * new Vector<float>(b[k..]);
        return Vector.Sum(sum);
    }

    private void Solve(Span<float> values)
    {
        for (var i = 0; i < _count; i++)
        {
            for (var k = 0; k < i; k++)
                values[i] -= _factor[(i * _padded) + k] * values[k];
            values[i] /= _factor[(i * _padded) + i];
        }
        for (var i = _count - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < _count; k++)
                values[i] -= _factor[(k * _padded) + i] * values[k];
            values[i] /= _factor[(i * _padded) + i];
        }
    }
}

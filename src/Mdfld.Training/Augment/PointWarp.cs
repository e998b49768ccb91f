using System.Numerics;

namespace Mdfld.Training.Augment;

/// <summary>
/// A smooth map of the plane that takes some points (nearly) to given ones and fades out far from them: kernel ridge
/// regression of the displacement with the rational quadratic kernel 1 / (1 + r^2 / scale^2).
/// </summary>
internal sealed class PointWarp
{
    /// <summary>
    /// How much an exact hit counts less than a smooth map: neighbours that contradict each other agree halfway.
    /// </summary>
    private const float Smoothing = 0.01f;

    private readonly Vector2[] _from;
    private readonly Vector2[] _weights;
    private readonly float _inverseSquare;

    /// <param name="from">Points to be moved.</param>
    /// <param name="to">Where they go.</param>
    /// <param name="scale">How far a point carries others along, pixels.</param>
    public PointWarp(ReadOnlySpan<Vector2> from, ReadOnlySpan<Vector2> to, float scale)
    {
        (_from, _weights, _inverseSquare) = ([.. from], new Vector2[from.Length], 1 / (scale * scale));
        for (var i = 0; i < _weights.Length; i++)
            _weights[i] = to[i] - from[i];
        Solve();
    }

    /// <summary>A random smooth displacement of a square: random vectors on a coarse grid, smoothed between.</summary>
    /// <param name="random">All draws come from it.</param>
    /// <param name="size">Side of the square, pixels.</param>
    /// <param name="amplitude">Typical length of the displacement, pixels.</param>
    public static PointWarp Random(Random random, int size, float amplitude)
    {
        var count = random.Next(3, 6);
        var step = size / (count - 1f);
        Vector2[] from = [.. Enumerable.Range(0, count * count).Select(i => step * new Vector2(i % count, i / count))];
        Vector2[] to =
            [.. from.Select(p => p + (0.6f * amplitude * new Vector2(random.Normal(), random.Normal())))];
        return new PointWarp(from, to, 0.7f * step);
    }

    /// <summary>Where a point is taken.</summary>
    public Vector2 At(Vector2 p)
    {
        var moved = p;
        for (var i = 0; i < _from.Length; i++)
            moved += Kernel(_from[i], p) * _weights[i];
        return moved;
    }

    private float Kernel(Vector2 a, Vector2 b) => 1 / (1 + (Vector2.DistanceSquared(a, b) * _inverseSquare));

    /// <summary>Weights of the displacements, by Cholesky's factor of the kernel matrix.</summary>
    private void Solve()
    {
        var count = _from.Length;
        var factor = new float[count][];
        for (var i = 0; i < count; i++)
        {
            var row = factor[i] = new float[i + 1];
            for (var j = 0; j <= i; j++)
            {
                var rest = Kernel(_from[i], _from[j]);
                for (var k = 0; k < j; k++)
                    rest -= row[k] * factor[j][k];
                row[j] = j < i ? rest / factor[j][j] : MathF.Sqrt(MathF.Max(rest + Smoothing, Smoothing / 10));
            }
        }
        for (var i = 0; i < count; i++)
        {
            for (var k = 0; k < i; k++)
                _weights[i] -= factor[i][k] * _weights[k];
            _weights[i] /= factor[i][i];
        }
        for (var i = count - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < count; k++)
                _weights[i] -= factor[k][i] * _weights[k];
            _weights[i] /= factor[i][i];
        }
    }
}

namespace Mdfld.Training.Augment;

/// <summary>
/// A smooth displacement of the crop on a mesh: the pixel shown at p is taken from p + d(p), d bilinear between nodes.
/// Picture and landmarks are moved by the same piecewise map, so labels stay exact. The mesh reaches a quarter of the
/// crop beyond each border; farther out the border's displacement holds.
/// </summary>
internal sealed class WarpMesh
{
    private const int Cells = 48;
    private const int Nodes = Cells + 1;

    /// <summary>Least area a cell keeps; below it the map nears a fold.</summary>
    private const float LeastDeterminant = 0.15f;

    private readonly Vector2[] _offsets = new Vector2[Nodes * Nodes];
    private readonly float _step;
    private readonly float _origin;

    public WarpMesh(int size, Func<Vector2, Vector2> source)
    {
        (_step, _origin) = (size / 32f, -size / 4f);
        for (var k = 0; k < _offsets.Length; k++)
        {
            var node = new Vector2(_origin + (k % Nodes * _step), _origin + (k / Nodes * _step));
            _offsets[k] = source(node) - node;
        }
        while (Folds())
        {
            foreach (ref var offset in _offsets.AsSpan())
                offset *= 0.8f;
        }
    }

    /// <summary>Where the pixel shown at a point comes from.</summary>
    public Vector2 Source(Vector2 p) => p + Displacement(p, out _, out _);

    /// <summary>The displacement at a point, with its derivatives along x and y.</summary>
    public Vector2 Displacement(Vector2 p, out Vector2 alongX, out Vector2 alongY)
    {
        var (i, u) = Locate(p.X);
        var (j, v) = Locate(p.Y);
        var k = (j * Nodes) + i;
        Vector2 a = _offsets[k], b = _offsets[k + 1], c = _offsets[k + Nodes], d = _offsets[k + Nodes + 1];
        alongX = Vector2.Lerp(b - a, d - c, v) / _step;
        alongY = Vector2.Lerp(c - a, d - b, u) / _step;
        return Vector2.Lerp(Vector2.Lerp(a, b, u), Vector2.Lerp(c, d, u), v);
    }

    /// <summary>Where the content of a point is shown: solves p + d(p) = source by Newton's rule.</summary>
    public Vector2 Target(Vector2 source)
    {
        var p = source;
        for (var round = 0; round < 60; round++)
        {
            var residual = p + Displacement(p, out var dx, out var dy) - source;
            if (residual.LengthSquared() < 1e-8f)
                break;
            var determinant = ((1 + dx.X) * (1 + dy.Y)) - (dy.X * dx.Y);
            var step = new Vector2(
                ((1 + dy.Y) * residual.X) - (dy.X * residual.Y),
                ((1 + dx.X) * residual.Y) - (dx.Y * residual.X)) / MathF.Max(determinant, LeastDeterminant);
            // A step across many cells would trust a derivative that does not hold there.
            var length = step.Length();
            var limit = round < 20 ? 2 * _step : 0.5f * _step;
            p -= length > limit ? step * (limit / length) : step;
        }
        return p;
    }

    private (int Cell, float Fraction) Locate(float position)
    {
        var t = (position - _origin) / _step;
        var cell = Math.Clamp((int)MathF.Floor(t), 0, Cells - 1);
        return (cell, Math.Clamp(t - cell, 0, 1));
    }

    private bool Folds()
    {
        var (along, down) = (new Vector2(_step, 0), new Vector2(0, _step));
        var least = LeastDeterminant * _step * _step;
        for (var k = 0; k < Nodes * Cells; k++)
        {
            if (k % Nodes == Cells)
                continue;
            Vector2 a = _offsets[k], b = _offsets[k + 1], c = _offsets[k + Nodes], d = _offsets[k + Nodes + 1];
            Vector2 top = along + b - a, bottom = along + d - c, left = down + c - a, right = down + d - b;
            if (Vector2.Cross(top, left) < least || Vector2.Cross(top, right) < least
                || Vector2.Cross(bottom, left) < least || Vector2.Cross(bottom, right) < least)
                return true;
        }
        return false;
    }
}

/// <summary>
/// A smooth map of the plane that takes some points (nearly) to given ones and fades out far from them: kernel ridge
/// regression of the displacement with the rational quadratic kernel 1 / (1 + r^2 / scale^2).
/// </summary>
internal sealed class PointWarp
{
    /// <summary>Ridge: neighbours that contradict each other agree halfway.</summary>
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

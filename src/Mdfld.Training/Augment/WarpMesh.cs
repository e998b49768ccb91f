using System.Numerics;

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

    /// <param name="size">Side of the crop, pixels.</param>
    /// <param name="source">
    /// Says where the pixel shown at a point comes from; it is weakened until no cell folds.
    /// </param>
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

    /// <summary>
    /// Where the content at <paramref name="source"/> is shown: solves p + d(p) = source by Newton's rule.
    /// </summary>
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

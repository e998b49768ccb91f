using System.Numerics;
using Mdfld.Training.Augmentation.Shapes;

namespace Mdfld.Training.Augmentation;

/// <summary>
/// A smooth displacement of the crop on a mesh: the pixel shown at p is taken from p + d(p), d bilinear between nodes.
/// Picture and landmarks are moved by the same piecewise map, so labels stay exact. The mesh reaches a quarter of the
/// crop beyond each border; farther out the border's displacement holds.
/// </summary>
public sealed class WarpMesh
{
    private const int Cells = 48;
    private const int Nodes = Cells + 1;

    /// <summary>Least area a cell keeps; below it the map nears a fold.</summary>
    private const float LeastDeterminant = 0.15f;

    private readonly Vector2[] _offsets = new Vector2[Nodes * Nodes];
    private readonly float _step;
    private readonly float _origin;

    public WarpMesh(int size) => (_step, _origin) = (size / 32f, -size / 4f);

    /// <summary>Fills the mesh and weakens it until no cell folds.</summary>
    public void Fill(SmoothField? field, FeatureWarp? features, Caricature? shape) => Fill(node =>
    {
        var p = field is null ? node : node + field.At(node);
        p = features?.Source(p) ?? p;
        return shape?.Source(p) ?? p;
    });

    /// <summary>Fills the mesh from a map that says where the pixel shown at a place comes from, as above.</summary>
    public void Fill(Func<Vector2, Vector2> source)
    {
        for (var j = 0; j < Nodes; j++)
        {
            for (var i = 0; i < Nodes; i++)
            {
                var node = new Vector2(_origin + (i * _step), _origin + (j * _step));
                _offsets[(j * Nodes) + i] = source(node) - node;
            }
        }
        while (Folds())
        {
            foreach (ref var offset in _offsets.AsSpan())
                offset *= 0.8f;
        }
    }

    /// <summary>The displacement at a place, with its derivatives along x and y.</summary>
    public Vector2 At(Vector2 p, out Vector2 alongX, out Vector2 alongY)
    {
        var (i, u) = Locate(p.X);
        var (j, v) = Locate(p.Y);
        var k = (j * Nodes) + i;
        Vector2 a = _offsets[k], b = _offsets[k + 1], c = _offsets[k + Nodes], d = _offsets[k + Nodes + 1];
        alongX = Vector2.Lerp(b - a, d - c, v) / _step;
        alongY = Vector2.Lerp(c - a, d - b, u) / _step;
        return Vector2.Lerp(Vector2.Lerp(a, b, u), Vector2.Lerp(c, d, u), v);
    }

    /// <summary>Row y of the map: for each x, where p + d(p) lies.</summary>
    public void Row(float firstX, float stepX, float y, Span<Vector2> sources)
    {
        Span<Vector2> line = stackalloc Vector2[Nodes];
        var (j, v) = Locate(y);
        for (var i = 0; i < Nodes; i++)
            line[i] = Vector2.Lerp(_offsets[(j * Nodes) + i], _offsets[((j + 1) * Nodes) + i], v);
        for (var n = 0; n < sources.Length; n++)
        {
            var x = firstX + (n * stepX);
            var (i, u) = Locate(x);
            sources[n] = new Vector2(x, y) + Vector2.Lerp(line[i], line[i + 1], u);
        }
    }

    /// <summary>
    /// Where the content at <paramref name="source"/> is shown: solves p + d(p) = source by Newton's rule.
    /// </summary>
    public Vector2 Target(Vector2 source)
    {
        var p = source;
        for (var round = 0; round < 60; round++)
        {
            var residual = p + At(p, out var dx, out var dy) - source;
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
        var whole = new Vector2(_step, 0);
        var down = new Vector2(0, _step);
        var least = LeastDeterminant * _step * _step;
        for (var j = 0; j < Cells; j++)
        {
            for (var i = 0; i < Cells; i++)
            {
                var k = (j * Nodes) + i;
                Vector2 a = _offsets[k], b = _offsets[k + 1], c = _offsets[k + Nodes], d = _offsets[k + Nodes + 1];
                Vector2 top = whole + b - a, bottom = whole + d - c, left = down + c - a, right = down + d - b;
                if (Cross(top, left) < least || Cross(top, right) < least
                    || Cross(bottom, left) < least || Cross(bottom, right) < least)
                    return true;
            }
        }
        return false;
    }

    private static float Cross(Vector2 a, Vector2 b) => (a.X * b.Y) - (a.Y * b.X);
}

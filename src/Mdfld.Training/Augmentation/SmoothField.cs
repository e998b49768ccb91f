using System.Numerics;

namespace Mdfld.Training.Augmentation;

/// <summary>
/// A random smooth displacement: a few random vectors on a coarse grid over the crop, Catmull-Rom between them.
/// </summary>
public sealed class SmoothField
{
    private readonly Vector2[] _control;
    private readonly int _count;
    private readonly float _scale;

    /// <remarks><c>amplitude</c>: Typical length of the displacement, pixels.</remarks>
    public SmoothField(Random random, int size, float amplitude)
    {
        _count = random.Next(3, 6);
        _scale = (_count - 1f) / size;
        _control = new Vector2[_count * _count];
        foreach (ref var vector in _control.AsSpan())
            vector = new Vector2(random.Normal(), random.Normal()) * (amplitude * 0.6f);
    }

    /// <summary>The displacement at a place of the crop; beyond the grid the border's control vectors repeat.</summary>
    public Vector2 At(Vector2 p)
    {
        Span<float> across = stackalloc float[4];
        Span<float> down = stackalloc float[4];
        var i = Weights(p.X * _scale, across);
        var j = Weights(p.Y * _scale, down);
        var sum = Vector2.Zero;
        for (var b = 0; b < 4; b++)
        {
            var row = Math.Clamp(j + b, 0, _count - 1) * _count;
            for (var a = 0; a < 4; a++)
                sum += _control[row + Math.Clamp(i + a, 0, _count - 1)] * (across[a] * down[b]);
        }
        return sum;
    }

    private static int Weights(float t, Span<float> weights)
    {
        var cell = (int)MathF.Floor(t);
        var f = t - cell;
        weights[0] = 0.5f * f * (-1 + (f * (2 - f)));
        weights[1] = 1 + (0.5f * f * f * ((3 * f) - 5));
        weights[2] = 0.5f * f * (1 + (f * (4 - (3 * f))));
        weights[3] = 0.5f * f * f * (f - 1);
        return cell - 1;
    }
}

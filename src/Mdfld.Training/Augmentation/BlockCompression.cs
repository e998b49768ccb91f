using System.Numerics;
using System.Runtime.Intrinsics;

namespace Mdfld.Training.Augmentation;

/// <summary>
/// Loses what a JPEG file of low quality loses: 8 x 8 cosine transforms, coarser steps for finer waves.
/// </summary>
internal sealed class BlockCompression
{
    private const int Side = 8;

    private readonly float[] _basis = new float[Side * Side];
    private readonly float[] _block = new float[Side * Side];
    private readonly float[] _half = new float[Side * Side];

    public BlockCompression()
    {
        for (var k = 0; k < Side; k++)
        {
            for (var n = 0; n < Side; n++)
            {
                var norm = k == 0 ? MathF.Sqrt(1f / Side) : MathF.Sqrt(2f / Side);
                _basis[(k * Side) + n] = norm * MathF.Cos((n + 0.5f) * k * MathF.PI / Side);
            }
        }
    }

    /// <summary>Compresses luma, and the two colour differences twice as coarsely.</summary>
    /// <remarks>
    /// <c>step</c>: quantisation step of the slowest waves, grey levels x 8; it grows sixfold to the finest.
    /// </remarks>
    public void Apply(Canvas canvas, float step)
    {
        Span<Vector<float>> red = Canvas.Lanes(canvas.Red), green = Canvas.Lanes(canvas.Green),
            blue = Canvas.Lanes(canvas.Blue);
        for (var i = 0; i < red.Length; i++)
        {
            var luma = (red[i] * 0.299f) + (green[i] * 0.587f) + (blue[i] * 0.114f);
            (red[i], green[i], blue[i]) = (red[i] - luma, luma, blue[i] - luma);
        }
        Compress(canvas.Red, canvas.Size, 2 * step);
        Compress(canvas.Green, canvas.Size, step);
        Compress(canvas.Blue, canvas.Size, 2 * step);
        for (var i = 0; i < red.Length; i++)
        {
            var (r, luma, b) = (red[i] + green[i], green[i], blue[i] + green[i]);
            (red[i], green[i], blue[i]) = (r, (luma - (r * 0.299f) - (b * 0.114f)) / 0.587f, b);
        }
    }

    private void Compress(Span<float> plane, int size, float step)
    {
        for (var top = 0; top < size; top += Side)
        {
            for (var left = 0; left < size; left += Side)
            {
                for (var y = 0; y < Side; y++)
                    plane.Slice(((top + y) * size) + left, Side).CopyTo(_block.AsSpan(y * Side));
                Transform(_block, _half, false);
                Transform(_half, _block, false);
                for (var k = 0; k < _block.Length; k++)
                {
                    var wave = (k / Side) + (k % Side);
                    var q = step * (1 + (wave * 5f / 14));
                    _block[k] = MathF.Round(_block[k] / q) * q;
                }
                Transform(_block, _half, true);
                Transform(_half, _block, true);
                for (var y = 0; y < Side; y++)
                    _block.AsSpan(y * Side, Side).CopyTo(plane[(((top + y) * size) + left)..]);
            }
        }
    }

    /// <summary>One-dimensional transform of the columns, written transposed: twice makes it two-dimensional.</summary>
    private void Transform(ReadOnlySpan<float> source, Span<float> target, bool back)
    {
        for (var k = 0; k < Side; k++)
        {
            var sum = Vector256<float>.Zero;
            for (var n = 0; n < Side; n++)
                sum += Vector256.Create(source.Slice(n * Side, Side)) * _basis[back ? (n * Side) + k : (k * Side) + n];
            for (var x = 0; x < Side; x++)
                target[(x * Side) + k] = sum[x];
        }
    }
}

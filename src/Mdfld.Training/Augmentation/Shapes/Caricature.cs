using System.Numerics;

namespace Mdfld.Training.Augmentation.Shapes;

/// <summary>
/// Draws another shape for a face of 68 points. What tells it from the mean face is multiplied (Brennan: Caricature
/// Generator, 1985), as a whole and by parts; then parts are changed at random as caricature and anime do, the jaw most
/// often and most strongly. The picture follows through a <see cref="PointWarp"/>.
/// </summary>
public sealed class Caricature
{
    /// <summary>Landmarks, and seven places along the hair line that let the skull change.</summary>
    private const int Count = 68 + Skull;
    private const int Skull = 7;

    private readonly Vector2[] _from = new Vector2[Count];
    private readonly Vector2[] _to = new Vector2[Count];
    private readonly Vector2[] _local = new Vector2[Count];
    private readonly PointWarp _warp = new(Count);

    /// <summary>The new landmarks.</summary>
    public ReadOnlySpan<Vector2> Landmarks => _to.AsSpan(0, 68);

    /// <summary>Draws a shape.</summary>
    /// <remarks>
    /// <c>landmarks</c>: Where they are now, pixels. <c>amount</c>: 0 nothing .. 1 monsters now and then.
    /// </remarks>
    public void Draw(Random random, ReadOnlySpan<Vector2> landmarks, float amount)
    {
        landmarks.CopyTo(_from);
        landmarks.CopyTo(_to);
        amount *= random.Uniform(0.35f, 1);
        if (random.Chance(0.7f))
            MultiplyDeviation(random, amount);

        var frame = UprightFrame.Of(_to);
        for (var i = 0; i < Skull; i++)
        {
            var (sin, cos) = MathF.SinCos(MathF.PI * i / (Skull - 1));
            _from[68 + i] = _to[68 + i] = frame.FromLocal(new Vector2(-1.25f * cos, -0.35f - (1.05f * sin)));
        }
        for (var i = 0; i < Count; i++)
            _local[i] = frame.ToLocal(_to[i]);
        new FaceParts(_local).Draw(random, amount);
        for (var i = 0; i < Count; i++)
            _to[i] = frame.FromLocal(_local[i]);
        _warp.Fit(_to, _from, 0.6f * frame.Unit);
    }

    /// <summary>Where the pixel shown at a place comes from.</summary>
    public Vector2 Source(Vector2 p) => _warp.At(p);

    private void MultiplyDeviation(Random random, float amount)
    {
        Span<Vector2> mean = stackalloc Vector2[68];
        var unit = MeanFace.AlignTo(_from, mean);
        var factor = Factor(random, amount);
        ReadOnlySpan<int> ends = [17, 27, 36, 48, 68];
        var (i, sum) = (0, 0f);
        foreach (var end in ends)
        {
            var part = random.Chance(0.4f) ? Factor(random, amount) : factor;
            for (; i < end; i++)
            {
                var extra = (_from[i] - mean[i]) * part;
                sum += extra.LengthSquared();
                _to[i] = _from[i] + extra;
            }
        }
        // A face seen from the side is far from the mean already: beyond the usual range it is not driven farther.
        var most = 1.3f * MeanFace.UsualDeviation * unit * MathF.Sqrt(68 / MathF.Max(sum, 1e-6f));
        if (most < 1)
        {
            for (i = 0; i < 68; i++)
                _to[i] = Vector2.Lerp(_from[i], _to[i], most);
        }
    }

    /// <summary>
    /// By how much of the deviation a face is changed: -0.5 (halfway to the mean) to 1.2 (2.2 times as odd).
    /// </summary>
    private static float Factor(Random random, float amount) => amount * random.Uniform(-0.5f, 1.2f);
}

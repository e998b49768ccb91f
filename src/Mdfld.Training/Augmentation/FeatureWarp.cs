using System.Numerics;

namespace Mdfld.Training.Augmentation;

/// <summary>
/// Exaggerates a face as caricature and anime do: large or small eyes, mouth, nose, a long or narrow jaw, a high skull,
/// features out of place. Every part is a one-to-one map of the plane, so the landmarks can follow.
/// </summary>
public sealed class FeatureWarp
{
    private readonly List<Bulge> _bulges = [];
    private readonly Vector2 _centre;
    private readonly Vector2 _right;
    private readonly float _eyeDistance;
    private readonly float _taper;
    private readonly float _stretchTop;
    private readonly float _stretchBottom;

    /// <remarks><c>landmarks</c>: Where the landmarks are before the warp, pixels of the crop.
    /// <c>amount</c>: 0 nothing .. 1 as far as features stay recognisable.</remarks>
    public FeatureWarp(Random random, ReadOnlySpan<Vector2> landmarks, FaceFeatures features, float amount)
    {
        var left = FaceFeatures.Centre(landmarks, features.LeftEye);
        var right = FaceFeatures.Centre(landmarks, features.RightEye);
        var nose = FaceFeatures.Centre(landmarks, features.Nose);
        var mouth = FaceFeatures.Centre(landmarks, features.Mouth);
        var chin = landmarks[features.Chin];
        var eyes = (left + right) / 2;
        _centre = nose;
        // Seen from the side the eyes nearly coincide; the height of the face is the better measure then.
        _eyeDistance = MathF.Max(Vector2.Distance(left, right), 0.45f * Vector2.Distance(eyes, chin));
        var down = chin - eyes;
        _right = down.LengthSquared() > 1e-6f ? Vector2.Normalize(new Vector2(down.Y, -down.X)) : Vector2.UnitX;

        if (random.Chance(0.5f))
            _taper = amount * random.Uniform(-0.24f, 0.24f);
        if (random.Chance(0.5f))
            (_stretchTop, _stretchBottom) = (
                amount * random.Uniform(-0.3f, 0.4f), amount * random.Uniform(-0.3f, 0.45f));
        if (random.Chance(0.55f))
            AddEyes(random, left, right, amount);
        if (random.Chance(0.35f))
            Add(random, mouth, random.Uniform(0.55f, 1f), 0.5f, 0.22f, amount);
        if (random.Chance(0.3f))
            Add(random, nose, random.Uniform(0.4f, 0.75f), 0.5f, 0.18f, amount);
        if (random.Chance(0.3f))
            Add(random, chin, random.Uniform(0.6f, 1.2f), 0.42f, 0.27f, amount);
        if (random.Chance(0.2f))
            Add(random, eyes - (down * 0.6f), random.Uniform(0.8f, 1.3f), 0.35f, 0.1f, amount);
    }

    /// <summary>Where the pixel shown at a place comes from.</summary>
    public Vector2 Source(Vector2 p)
    {
        foreach (var bulge in _bulges)
            p = bulge.Source(p, _right);
        if (_taper == 0 && _stretchTop == 0 && _stretchBottom == 0)
            return p;
        var offset = (p - _centre) / _eyeDistance;
        var u = Vector2.Dot(offset, _right);
        var v = Vector2.Dot(offset, Down(_right));
        var height = v / MathF.Sqrt(1 + (v * v));
        u *= 1 + (_taper * height);
        v *= 1 + ((v < 0 ? -_stretchTop : _stretchBottom) * height);
        return _centre + (((_right * u) + (Down(_right) * v)) * _eyeDistance);
    }

    private static Vector2 Down(Vector2 right) => new(-right.Y, right.X);

    private void AddEyes(Random random, Vector2 left, Vector2 right, float amount)
    {
        var radius = random.Uniform(0.4f, 0.62f) * _eyeDistance;
        var (wide, high) = (random.Uniform(-0.4f, 0.55f), random.Uniform(-0.4f, 0.65f));
        var (apart, lower) = (random.Uniform(-0.12f, 0.12f) * radius, random.Uniform(-0.15f, 0.15f) * radius);
        // Now and then the two eyes differ.
        var unequal = random.Chance(0.2f) ? random.Uniform(0.3f, 1) : 1;
        _bulges.Add(new Bulge(left, radius, new Vector2(wide, high) * amount, new Vector2(-apart, lower) * amount));
        _bulges.Add(new Bulge(
            right, radius, new Vector2(wide, high) * (amount * unequal), new Vector2(apart, lower * unequal) * amount));
    }

    private void Add(Random random, Vector2 centre, float radius, float magnify, float move, float amount)
    {
        radius *= _eyeDistance;
        _bulges.Add(new Bulge(
            centre,
            radius,
            new Vector2(random.Uniform(-magnify, magnify), random.Uniform(-magnify, magnify)) * amount,
            new Vector2(random.Uniform(-move, move), random.Uniform(-move, move)) * (amount * radius)));
    }

    /// <summary>
    /// A magnifying glass over a disc: scales about its centre and moves, fading out towards the rim.
    /// </summary>
    private readonly record struct Bulge(Vector2 Centre, float Radius, Vector2 Magnify, Vector2 Move)
    {
        public Vector2 Source(Vector2 p, Vector2 right)
        {
            var offset = p - Centre;
            var t = offset.LengthSquared() / (Radius * Radius);
            if (t >= 1)
                return p;
            var weight = (1 - t) * (1 - t);
            var down = Down(right);
            var local = new Vector2(Vector2.Dot(offset, right), Vector2.Dot(offset, down));
            var moved = ((local * Magnify) + Move) * weight;
            return p - (right * moved.X) - (down * moved.Y);
        }
    }
}

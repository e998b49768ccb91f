using System.Numerics;
using Mdfld.Training.Augmentation.Shapes;

namespace Mdfld.Training.Augmentation;

/// <summary>
/// Where every pixel of the crop comes from: crop -> (fit) -> mesh -> affine map back to the picture, all in one
/// resampling. Landmarks go the other way through the very same maps. Keeps its buffers; one thread at a time.
/// </summary>
internal sealed class GeometryPlan(AugmentationOptions options, LandmarkScheme scheme, int size) : PictureMap(size)
{
    private readonly WarpMesh _mesh = new(size);
    private readonly Caricature? _caricature = scheme.Count == 68 ? new() : null;
    private bool _meshUsed;
    private Homography _toPicture;
    private float _fitScale;
    private Vector2 _fitOffset;

    /// <summary>Draws a geometry and writes where the landmarks go, pixels of the crop.</summary>
    /// <remarks><c>plain</c>: No warp, no stretch: the photo as it is, turned and moved.</remarks>
    public void Draw(Random random, IReadOnlyList<Vector2> landmarks, FaceCrop crop, bool plain, Span<Vector2> targets)
    {
        var strength = options.Strength;
        var mirrored = strength > 0 && random.Chance(options.MirrorProbability);
        var forward = Affine(random, crop, mirrored, plain);
        _toPicture = forward.Invert();
        for (var i = 0; i < targets.Length; i++)
            targets[i] = forward.Apply(landmarks[mirrored ? scheme.MirrorPermutation[i] : i]);

        SmoothField? field = null;
        FeatureWarp? exaggeration = null;
        Caricature? shape = null;
        if (!plain && random.Chance(strength * options.WarpProbability))
        {
            var amplitude = random.Uniform(options.WarpMinimum, options.WarpMaximum) * strength * Size / 128f;
            field = new SmoothField(random, Size, amplitude);
        }
        if (!plain && _caricature is not null && random.Chance(strength * options.ShapeProbability))
        {
            shape = _caricature;
            shape.Draw(random, targets, strength * options.ShapeAmount);
        }
        if (!plain && FaceFeatures.For(scheme.Count) is { } features
            && random.Chance(strength * options.ExaggerationProbability))
        {
            var shaped = shape is null ? targets : shape.Landmarks;
            exaggeration = new FeatureWarp(random, shaped, features, strength * options.ExaggerationAmount);
        }
        (_fitScale, _fitOffset) = (1, Vector2.Zero);
        _meshUsed = field is not null || exaggeration is not null || shape is not null;
        if (_meshUsed)
        {
            _mesh.Fill(field, exaggeration, shape);
            Recrop(targets);
        }
        if (strength > 0)
            KeepInside(targets);
        PixelsPerPixel = LeastStretch(_toPicture) / _fitScale;
    }

    /// <inheritdoc/>
    public override void SourceRow(int y, Span<Vector2> sources)
    {
        var inverse = 1 / _fitScale;
        var firstX = -_fitOffset.X * inverse;
        var rowY = (y - _fitOffset.Y) * inverse;
        if (_meshUsed)
        {
            _mesh.Row(firstX, inverse, rowY, sources);
        }
        else
        {
            for (var x = 0; x < sources.Length; x++)
                sources[x] = new Vector2(firstX + (x * inverse), rowY);
        }
        Apply(_toPicture, sources);
    }

    private Homography Affine(Random random, FaceCrop crop, bool mirrored, bool plain)
    {
        var strength = options.Strength;
        var spread = plain ? 0 : strength;
        var factor = options.CropFactor * MathF.Exp(strength * options.CropFactorSpread * random.Normal());
        var angle = strength * options.RotationSpread * random.Normal() * MathF.PI / 180;
        var shift = new Vector2(random.Normal(), random.Normal()) * (strength * options.ShiftSpread * Size);
        var axis = random.Uniform(0, MathF.PI);
        var stretch = MathF.Exp(spread * options.AxisScaleSpread * random.Normal());
        var shear = spread * options.ShearSpread * random.Normal();

        var middle = (Size - 1) / 2f;
        var grown = crop with { Side = crop.Side * factor };
        var map = Homography.Translation(-middle, -middle) * grown.ToCrop(Size);
        if (mirrored)
            map = Homography.Scale(-1, 1) * map;
        map = Homography.Rotation(-axis, 1, Vector2.Zero) * map;
        map = Homography.Scale(stretch, 1 / stretch) * map;
        map = Homography.Rotation(axis, 1, Vector2.Zero) * map;
        map = Homography.Affine(1, shear, 0, 0, 1, 0) * map;
        map = Homography.Rotation(angle, 1, Vector2.Zero) * map;
        return Homography.Translation(middle + shift.X, middle + shift.Y) * map;
    }

    /// <summary>
    /// Moves the landmarks by the mesh, then the crop with them: the tight box of the warped face fills as much of it,
    /// at the same place, as that of the face before, for that is how a face is cropped when landmarks are looked for.
    /// </summary>
    private void Recrop(Span<Vector2> targets)
    {
        var (low, high) = Box(targets);
        var (centre, side) = ((low + high) / 2, Longest(high - low));
        foreach (ref var p in targets)
            p = _mesh.Target(p);
        (low, high) = Box(targets);
        _fitScale = side / Longest(high - low);
        _fitOffset = centre - ((low + high) / 2 * _fitScale);
        foreach (ref var p in targets)
            p = (p * _fitScale) + _fitOffset;
    }

    /// <summary>
    /// Moves and shrinks the result where landmarks would be lost: nothing can be learnt of points not seen.
    /// </summary>
    private void KeepInside(Span<Vector2> targets)
    {
        var (low, high) = Box(targets);
        var slack = options.OutsideTolerance * Size;
        var (first, last) = (-slack, Size - 1 + slack);
        var scale = MathF.Min(1, (last - first) / Longest(high - low));
        low *= scale;
        high *= scale;
        var offset = Vector2.Max(Vector2.Zero, new Vector2(first) - low)
            + Vector2.Min(Vector2.Zero, new Vector2(last) - high);
        (_fitScale, _fitOffset) = (_fitScale * scale, (_fitOffset * scale) + offset);
        foreach (ref var p in targets)
            p = (p * scale) + offset;
    }

    private static (Vector2 Low, Vector2 High) Box(ReadOnlySpan<Vector2> points)
    {
        var (low, high) = (new Vector2(float.MaxValue), new Vector2(float.MinValue));
        foreach (var p in points)
            (low, high) = (Vector2.Min(low, p), Vector2.Max(high, p));
        return (low, high);
    }

    private static float Longest(Vector2 extent) => MathF.Max(1, MathF.Max(extent.X, extent.Y));
}

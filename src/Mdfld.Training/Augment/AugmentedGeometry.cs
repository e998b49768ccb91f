namespace Mdfld.Training.Augment;

/// <summary>Draws where every pixel of an augmented crop comes from, and where the landmarks go.</summary>
internal sealed class AugmentedGeometry(
    AugmentationOptions options, LandmarkScheme scheme, Exaggeration? exaggeration, int size)
{
    /// <summary>
    /// Draws a geometry. A plain one has no warp and no stretch. <paramref name="targets"/> receives the landmarks,
    /// pixels of the crop.
    /// </summary>
    public FaceWarp Draw(
        Random random, IReadOnlyList<Vector2> landmarks, FaceCrop crop, bool isPlain, Span<Vector2> targets,
        out bool isMirrored)
    {
        var strength = options.Strength;
        isMirrored = strength > 0 && random.Chance(options.MirrorProbability);
        var forward = Affine(random, crop, isMirrored, isPlain);
        for (var i = 0; i < targets.Length; i++)
            targets[i] = forward.Apply(landmarks[isMirrored ? scheme.MirrorPermutation[i] : i]);

        PointWarp? smooth = null, shape = null;
        if (!isPlain && random.Chance(strength * options.WarpProbability))
        {
            var amplitude = random.Uniform(options.WarpMinimum, options.WarpMaximum) * strength * size / 128f;
            smooth = PointWarp.Random(random, size, amplitude);
        }
        if (!isPlain && exaggeration is not null && random.Chance(strength * options.ExaggerationProbability))
        {
            Span<Vector2> drawn = stackalloc Vector2[targets.Length];
            shape = exaggeration.Draw(random, targets, strength * options.ExaggerationAmount, drawn);
        }
        var warp = new FaceWarp(forward.Invert());
        if (smooth is not null || shape is not null)
        {
            var mesh = new WarpMesh(size, p =>
            {
                p = smooth?.At(p) ?? p;
                return shape?.At(p) ?? p;
            });
            warp = Recropped(warp with { Mesh = mesh }, targets);
        }
        return strength > 0 ? KeptInside(warp, targets) : warp;
    }

    private Homography Affine(Random random, FaceCrop crop, bool isMirrored, bool isPlain)
    {
        var strength = options.Strength;
        var spread = isPlain ? 0 : strength;
        var factor = options.CropFactor * MathF.Exp(strength * options.CropFactorSpread * random.Normal());
        var angle = strength * options.RotationSpread * random.Normal() * MathF.PI / 180;
        var shift = new Vector2(random.Normal(), random.Normal()) * (strength * options.ShiftSpread * size);
        var axis = random.Uniform(0, MathF.PI);
        var stretch = MathF.Exp(spread * options.AxisScaleSpread * random.Normal());
        var shear = spread * options.ShearSpread * random.Normal();

        var middle = (size - 1) / 2f;
        var grown = crop with { Side = crop.Side * factor };
        return Homography.Translation(middle + shift.X, middle + shift.Y)
            * Homography.Rotation(angle, 1, Vector2.Zero)
            * Homography.Affine(1, shear, 0, 0, 1, 0)
            * Homography.Rotation(axis, 1, Vector2.Zero)
            * Homography.Scale(stretch, 1 / stretch)
            * Homography.Rotation(-axis, 1, Vector2.Zero)
            * Homography.Scale(isMirrored ? -1 : 1, 1)
            * Homography.Translation(-middle, -middle)
            * grown.ToCrop(size);
    }

    /// <summary>
    /// Moves the landmarks by the mesh, then the crop with them: the tight box of the warped face fills as much of it,
    /// at the same position, as that of the face before: so a face is cropped when its landmarks are predicted.
    /// </summary>
    private static FaceWarp Recropped(FaceWarp warp, Span<Vector2> targets)
    {
        var before = FaceBox.Around(targets);
        foreach (ref var p in targets)
            p = warp.Target(p);
        var after = FaceBox.Around(targets);
        var scale = Longest(before) / Longest(after);
        return Fit(warp, targets, scale, before.Centre - (after.Centre * scale));
    }

    /// <summary>Moves and shrinks the result where landmarks would leave the crop.</summary>
    private FaceWarp KeptInside(FaceWarp warp, Span<Vector2> targets)
    {
        var box = FaceBox.Around(targets);
        var slack = options.OutsideTolerance * size;
        var (first, last) = (-slack, size - 1 + slack);
        var scale = MathF.Min(1, (last - first) / Longest(box));
        var low = scale * new Vector2(box.Left, box.Top);
        var high = low + (scale * new Vector2(box.Width, box.Height));
        var offset = Vector2.Max(Vector2.Zero, new Vector2(first) - low)
            + Vector2.Min(Vector2.Zero, new Vector2(last) - high);
        return Fit(warp, targets, scale, offset);
    }

    private static FaceWarp Fit(FaceWarp warp, Span<Vector2> targets, float scale, Vector2 offset)
    {
        foreach (ref var p in targets)
            p = (p * scale) + offset;
        return warp with { Scale = warp.Scale * scale, Offset = (warp.Offset * scale) + offset };
    }

    private static float Longest(FaceBox box) => MathF.Max(1, MathF.Max(box.Width, box.Height));
}

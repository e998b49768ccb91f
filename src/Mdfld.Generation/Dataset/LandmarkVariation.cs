namespace Mdfld.Generation.Dataset;

/// <summary>Landmarks of a face that does not exist, and the labelled face it is nearest to.</summary>
/// <param name="Landmarks">68 points, pixels of the picture to be made.</param>
internal sealed record VariedFace(Vector2[] Landmarks, PoolFace Source, bool IsMirrored);

/// <summary>
/// Draws landmarks of new faces: one face of the pool, mirrored or not, its shape and expression mixed with those of
/// two others (as deviations from the mean head, each in its own pose), exaggerated as the style wants, turned in space
/// and moved into the picture. What would cross itself or be no face is drawn again more mildly.
/// </summary>
internal sealed class LandmarkVariation(LandmarkPool pool, int size)
{
    /// <summary>No landmark is nearer to the border, as a share of the side.</summary>
    public const float Margin = 0.03f;

    private const int Tries = 12;

    /// <summary>Others are taken from faces seen from about the same side: of so many drawn ones the nearest.</summary>
    private const int Candidates = 8;

    /// <summary>Standard deviations of what a head is turned by, radians, and the most.</summary>
    private static readonly HeadView Turns = new(0.12f, 0.08f, 0.14f);

    private const float MostYaw = 0.8f;
    private const float MostPitch = 0.5f;

    private readonly Exaggeration _exaggeration = Exaggeration.For(LandmarkScheme.Ibug68)!;

    public VariedFace Draw(Style style, Random random)
    {
        var source = pool.Faces[random.Next(pool.Faces.Count)];
        var mirrored = random.Chance(0.5f);
        var face = new Vector2[68];
        var milder = new Random(random.Next());
        for (var t = 0; t < Tries; t++)
        {
            // The last try is the labelled face itself, moved into the picture.
            var amount = 1 - (t / (Tries - 1f));
            Shape(style, source, mirrored, milder, amount, face);
            MoveInside(milder, face);
            ContourCheck.Untangle(face);
            if (ContourCheck.Problem(face) is null)
                break;
        }
        return new VariedFace(face, source, mirrored);
    }

    private void Shape(Style style, PoolFace source, bool mirrored, Random random, float amount, Span<Vector2> face)
    {
        Span<Vector2> deviation = stackalloc Vector2[68];
        Span<Vector2> other = stackalloc Vector2[68];
        var pose = Take(source, mirrored, deviation);
        Span<float> weights = stackalloc float[68];
        var (shape, expression) = (Nearest(pose, random), Nearest(pose, random));

        weights.Fill(amount * random.Uniform(0, 0.45f));
        Mix(deviation, weights, shape, other);
        ExpressionWeights(weights, amount * random.Uniform(0, 0.8f), amount * random.Uniform(0, 0.6f));
        Mix(deviation, weights, expression, other);

        var by = amount * random.Uniform(style.Exaggeration[0], style.Exaggeration[1]);
        Exaggeration.Multiply(deviation, by, 0.4f * amount * by, random);
        var roll = ((1 - (0.5f * amount)) * pose.Roll) + (amount * Turns.Roll * random.Normal());
        var turned = new HeadView(Turn(pose.Yaw, Turns.Yaw, MostYaw), Turn(pose.Pitch, Turns.Pitch, MostPitch), roll);
        for (var i = 0; i < face.Length; i++)
            face[i] = turned.Upright(HeadPose.MeanHead[i]) + deviation[i];
        _exaggeration.Reshape(
            style.Shape, face, amount * random.Uniform(style.ShapeAmount[0], style.ShapeAmount[1]), random);
        for (var i = 0; i < face.Length; i++)
            face[i] = turned.Rolled(face[i]);

        // A head that is turned far already is not turned beyond what labelled faces show.
        float Turn(float angle, float spread, float most)
        {
            var to = angle + (amount * spread * random.Normal());
            return MathF.Abs(to) <= MathF.Max(most, MathF.Abs(angle)) ? to : angle;
        }
    }

    private static HeadView Take(PoolFace face, bool mirrored, Span<Vector2> deviation)
    {
        if (!mirrored)
        {
            face.Deviation.CopyTo(deviation);
            return face.Pose;
        }
        for (var i = 0; i < deviation.Length; i++)
        {
            var d = face.Deviation[LandmarkScheme.Ibug68.MirrorPermutation[i]];
            deviation[i] = new Vector2(-d.X, d.Y);
        }
        return face.Pose.Mirrored;
    }

    private (PoolFace Face, bool Mirrored) Nearest(HeadView pose, Random random)
    {
        var (best, mirrored, least) = (pool.Faces[0], false, float.MaxValue);
        for (var n = 0; n < Candidates; n++)
        {
            var face = pool.Faces[random.Next(pool.Faces.Count)];
            var flip = random.Chance(0.5f);
            var seen = flip ? face.Pose.Mirrored : face.Pose;
            var distance = MathF.Abs(seen.Yaw - pose.Yaw) + MathF.Abs(seen.Pitch - pose.Pitch);
            if (distance < least)
                (best, mirrored, least) = (face, flip, distance);
        }
        return (best, mirrored);
    }

    private static void Mix(
        Span<Vector2> deviation, ReadOnlySpan<float> weights, (PoolFace Face, bool Mirrored) with, Span<Vector2> other)
    {
        Take(with.Face, with.Mirrored, other);
        for (var i = 0; i < deviation.Length; i++)
            deviation[i] = Vector2.Lerp(deviation[i], other[i], weights[i]);
    }

    /// <summary>The mouth opens with the jaw, most at the chin; brows and eyes move together.</summary>
    private static void ExpressionWeights(Span<float> weights, float mouth, float eyes)
    {
        weights.Clear();
        for (var i = 0; i < 17; i++)
            weights[i] = mouth * MathF.Pow(MathF.Sin(MathF.PI * i / 16), 2);
        weights[17..27].Fill(eyes);
        weights[36..48].Fill(eyes);
        weights[48..68].Fill(mouth);
    }

    /// <summary>Scales and moves the face into the picture, clear of its border.</summary>
    private void MoveInside(Random random, Span<Vector2> face)
    {
        var box = FaceBox.Around(face);
        var side = size - 1;
        var scale = random.Uniform(0.55f, 0.75f) * side / MathF.Max(MathF.Max(box.Width, box.Height), 1e-6f);
        // There is more head above the brows than below the chin.
        var middle = new Vector2(0.5f + (0.04f * random.Normal()), 0.55f + (0.03f * random.Normal())) * side;
        var half = new Vector2(box.Width, box.Height) * (scale / 2);
        var rim = new Vector2((Margin * side) + 0.5f);
        middle = Vector2.Clamp(middle, half + rim, new Vector2(side) - half - rim);
        foreach (ref var p in face)
            p = ((p - box.Centre) * scale) + middle;
    }
}

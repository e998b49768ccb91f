namespace Mdfld.Generation;

/// <summary>How much each pixel of a latent counts: eyes, nose and mouth more than the rest, 1 in the mean.</summary>
internal static class FocusMap
{
    // A landmark reaches so far, as a share of the distance of the outer eye corners: eyelids, nostrils, lips.
    private const float Reach = 0.18f;

    /// <param name="landmarks">68 points, pixels of the picture.</param>
    /// <param name="size">Side of the picture.</param>
    /// <param name="side">Side of the latent.</param>
    /// <param name="focus">Weight of the features / weight of the rest.</param>
    /// <returns>(1, side, side).</returns>
    public static SamplePart Of(ReadOnlySpan<Vector2> landmarks, int size, int side, double focus)
    {
        var weights = new float[side * side];
        var (pixel, reach) = ((float)size / side, Reach * Vector2.Distance(landmarks[36], landmarks[45]));
        // Of a latent's pixel, half a side is enough to hold the landmark.
        reach = MathF.Max(reach, pixel / 2);
        for (var i = 0; i < weights.Length; i++)
        {
            var centre = (new Vector2((i % side) + 0.5f, (i / side) + 0.5f) * pixel) - new Vector2(0.5f);
            var isNear = false;
            foreach (var point in landmarks[27..])
                isNear |= Vector2.DistanceSquared(point, centre) <= reach * reach;
            weights[i] = isNear ? (float)focus : 1;
        }
        var mean = weights.Average();
        return new([.. weights.Select(w => w / mean)], [1, side, side]);
    }
}

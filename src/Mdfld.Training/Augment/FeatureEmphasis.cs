namespace Mdfld.Training.Augment;

/// <summary>
/// Makes eyes, brows, nose and mouth of a photo stronger before it is redrawn, so that they survive a filter of few
/// tones or coarse pieces.
/// </summary>
public static class FeatureEmphasis
{
    // Of the distance of the outer eye corners: how far round a contour, and what counts as detail.
    private const float Reach = 0.07f;
    private const float Detail = 0.12f;

    private const int LeftCorner = 36, RightCorner = 45;

    /// <summary>Strengthens the detail of the luma near the contours of the parts within the face, in place.</summary>
    /// <param name="picture">A square whose side is a multiple of 16 pixels.</param>
    /// <param name="landmarks">68 points, pixels.</param>
    /// <param name="amount">How many times it is added: 0 changes nothing.</param>
    public static void Apply(Picture picture, ReadOnlySpan<Vector2> landmarks, float amount)
    {
        if (amount == 0)
            return;
        var work = new FilterPicture(picture);
        var eyes = Vector2.Distance(landmarks[LeftCorner], landmarks[RightCorner]);
        var (near, grey) = (Near(landmarks, work.Size, Reach * eyes), work.Grey());
        var soft = work.Blurred(grey, Detail * eyes / work.Unit);
        work.Map((i, colour) => FilterPicture.Clamped(colour + new Vector3(amount * near[i] * (grey[i] - soft[i]))));
        work.CopyTo(picture);
    }

    /// <summary>1 on a contour, falling to 0 in a distance of three times the reach.</summary>
    private static float[] Near(ReadOnlySpan<Vector2> landmarks, int size, float reach)
    {
        var near = new float[size * size];
        foreach (var contour in LandmarkScheme.Ibug68.Contours.Where(c => c.Name != "jaw"))
        {
            var count = contour.Indices.Length - (contour.IsClosed ? 0 : 1);
            for (var k = 0; k < count; k++)
                Draw(landmarks[contour.Indices[k]], landmarks[contour.Indices[(k + 1) % contour.Indices.Length]]);
        }
        return near;

        void Draw(Vector2 a, Vector2 b)
        {
            var margin = new Vector2(3 * reach);
            var from = Vector2.Clamp(Vector2.Min(a, b) - margin, Vector2.Zero, new Vector2(size - 1));
            var to = Vector2.Clamp(Vector2.Max(a, b) + margin, Vector2.Zero, new Vector2(size - 1));
            for (var y = (int)from.Y; y <= (int)to.Y; y++)
            {
                for (var x = (int)from.X; x <= (int)to.X; x++)
                {
                    var (p, along) = (new Vector2(x, y) - a, b - a);
                    var at = Math.Clamp(Vector2.Dot(p, along) / MathF.Max(along.LengthSquared(), 1e-6f), 0, 1);
                    var share = Vector2.DistanceSquared(p, at * along) / (reach * reach);
                    near[(y * size) + x] = MathF.Max(near[(y * size) + x], MathF.Exp(-share / 2));
                }
            }
        }
    }
}

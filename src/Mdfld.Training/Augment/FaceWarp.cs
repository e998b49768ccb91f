namespace Mdfld.Training.Augment;

/// <summary>What is seen beyond the edge of a picture.</summary>
internal enum BorderMode
{
    Colour,
    Replicate,
    Reflect,
}

/// <summary>The surroundings of a picture: a rule and, for <see cref="BorderMode.Colour"/>, a colour.</summary>
internal readonly record struct Border(BorderMode Mode, Vector3 Colour = default)
{
    /// <summary>The share of a picture's side that its reflection shows: one in so many.</summary>
    private const int Reflected = 16;

    public static Border Draw(Random random) =>
        new((BorderMode)random.Next(3), new Vector3(random.Next(256), random.Next(256), random.Next(256)));

    /// <summary>The index that stands for one outside; -1 where the colour does.</summary>
    public int Index(int i, int count)
    {
        if ((uint)i < (uint)count)
            return i;
        if (Mode == BorderMode.Colour)
            return -1;
        // What is reflected ends before it shows a second face; what is deepest in it goes on from there.
        var deepest = Mode == BorderMode.Reflect ? Math.Min(count - 1, count / Reflected) : 0;
        return i < 0 ? Math.Min(-1 - i, deepest) : count - 1 - Math.Min(i - count, deepest);
    }
}

/// <summary>
/// The map from a square crop back to a picture, crop -> (fit) -> mesh -> affine map, all in one resampling. Landmarks
/// go the other way through the very same maps.
/// </summary>
/// <param name="ToPicture">The affine map, from the mesh to the picture.</param>
/// <param name="Mesh">A displacement; null for none.</param>
/// <param name="Scale">The fit: what comes out of the mesh is enlarged by this in the crop ..</param>
/// <param name="Offset">.. and then moved by this, pixels.</param>
internal sealed record FaceWarp(Homography ToPicture, WarpMesh? Mesh = null, float Scale = 1, Vector2 Offset = default)
{
    /// <summary>Fills a crop with what the map shows of a picture, anti-aliased when it shrinks.</summary>
    public void Sample(Picture picture, Border border, bool isNearest, FilterPicture target)
    {
        var (right, down) = (Column(ToPicture.M11, ToPicture.M21), Column(ToPicture.M12, ToPicture.M22));
        var (origin, box) = (Column(ToPicture.M13, ToPicture.M23), 1);
        // A picture that is shrunk by more than two is halved until it is not.
        var shrinkage = MathF.Min(right.Length(), down.Length()) / Scale;
        while (box * 2 <= shrinkage && Math.Min(picture.Width, picture.Height) >= 4 * box)
            box *= 2;
        if (box > 1)
        {
            var shift = ((1f / box) - 1) / 2;
            picture = picture.Warp(
                Homography.Affine(1.0 / box, 0, shift, 0, 1.0 / box, shift),
                picture.Width / box, picture.Height / box, antialias: true);
            (right, down, origin) = (right / box, down / box, (origin / box) + new Vector2(shift));
        }
        var data = picture.Data;
        for (var i = 0; i < target.Pixels.Length; i++)
        {
            var p = (new Vector2(i % target.Size, i / target.Size) - Offset) / Scale;
            p = Mesh?.Source(p) ?? p;
            p = origin + (right * p.X) + (down * p.Y);
            if (isNearest)
                p = new Vector2(MathF.Round(p.X), MathF.Round(p.Y));
            target.Pixels[i] = Bilinear(data, picture.Width, picture.Height, p, border);
        }
    }

    /// <summary>Where what the affine map shows at a point is shown in the crop.</summary>
    public Vector2 Target(Vector2 p) => ((Mesh?.Target(p) ?? p) * Scale) + Offset;

    private static Vector2 Column(double x, double y) => new((float)x, (float)y);

    private static Vector3 Bilinear(ReadOnlySpan<byte> data, int width, int height, Vector2 p, Border border)
    {
        // Far outside nothing changes any more, and integers must not overflow.
        p = Vector2.Clamp(p, new Vector2(-30000), new Vector2(30000));
        var (x, y) = ((int)MathF.Floor(p.X), (int)MathF.Floor(p.Y));
        var above = Vector3.Lerp(
            Pixel(data, width, height, x, y, border), Pixel(data, width, height, x + 1, y, border), p.X - x);
        var below = Vector3.Lerp(
            Pixel(data, width, height, x, y + 1, border), Pixel(data, width, height, x + 1, y + 1, border), p.X - x);
        return Vector3.Lerp(above, below, p.Y - y);
    }

    private static Vector3 Pixel(ReadOnlySpan<byte> data, int width, int height, int x, int y, Border border)
    {
        var (column, row) = (border.Index(x, width), border.Index(y, height));
        if (column < 0 || row < 0)
            return border.Colour;
        var pixel = data.Slice(((row * width) + column) * Picture.Channels, Picture.Channels);
        return new Vector3(pixel[0], pixel[1], pixel[2]);
    }
}

/// <summary>Warps photos of labelled faces until their landmarks are where they are wanted.</summary>
public static class LandmarkWarp
{
    /// <summary>
    /// Warps a photo by a similarity and a smooth map without folds, and mirrors its surroundings; the landmarks it
    /// gives back have gone through the very same map and are as near to the wanted ones as it gets.
    /// </summary>
    /// <param name="photo">The photo.</param>
    /// <param name="landmarks">68 points in it, pixels.</param>
    /// <param name="wanted">Where they are wanted, pixels of the target.</param>
    /// <param name="isMirrored">
    /// Whether the photo is shown as in a mirror; <paramref name="landmarks"/> are ordered as its mirror image's then.
    /// </param>
    /// <param name="target">Receives the picture: a square whose side is a multiple of 16.</param>
    /// <returns>Where the landmarks are in the target.</returns>
    public static Vector2[] Apply(
        Picture photo, ReadOnlySpan<Vector2> landmarks, ReadOnlySpan<Vector2> wanted, bool isMirrored, Picture target)
    {
        var flip = Homography.Scale(isMirrored ? -1 : 1, 1);
        Vector2[] points = Array.ConvertAll(landmarks.ToArray(), flip.Apply);
        var similarity = Similarity(points, wanted);
        points = Array.ConvertAll(points, similarity.Apply);
        var bend = new PointWarp(wanted, points, 0.6f * UprightFrame.Of(wanted).Unit);
        var warp = new FaceWarp((similarity * flip).Invert(), new WarpMesh(target.Width, bend.At));
        var canvas = new FilterPicture(target.Width);
        warp.Sample(photo, new Border(BorderMode.Reflect), isNearest: false, canvas);
        canvas.CopyTo(target);
        return Array.ConvertAll(points, warp.Target);
    }

    /// <summary>The least-squares similarity between points (Umeyama 1991, no reflection).</summary>
    private static Homography Similarity(ReadOnlySpan<Vector2> from, ReadOnlySpan<Vector2> to)
    {
        var (fromCentre, toCentre) = (UprightFrame.Centre(from), UprightFrame.Centre(to));
        var (dot, cross, square) = (0f, 0f, 0f);
        for (var i = 0; i < from.Length; i++)
        {
            var (p, q) = (from[i] - fromCentre, to[i] - toCentre);
            (dot, cross, square) = (dot + Vector2.Dot(p, q), cross + Vector2.Cross(p, q), square + p.LengthSquared());
        }
        var (a, b) = (dot / square, cross / square);
        return Homography.Affine(
            a, -b, toCentre.X - (a * fromCentre.X) + (b * fromCentre.Y),
            b, a, toCentre.Y - (b * fromCentre.X) - (a * fromCentre.Y));
    }
}

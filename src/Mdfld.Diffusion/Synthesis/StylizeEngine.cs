using System.Numerics;
using Mdfld.Training.Augmentation;
using Mdfld.Training.Augmentation.Shapes;

namespace Mdfld.Diffusion.Synthesis;

/// <summary>
/// Makes a styled face of a labelled photo, without any weights: the photo is warped until its landmarks are where they
/// are wanted, as near as a smooth map without folds gets, and redrawn in the style's looks. The landmarks it gives
/// back have gone through the very same map.
/// </summary>
/// <param name="size">Side of the pictures, pixels: a multiple of 16.</param>
public sealed class StylizeEngine(int size) : IFaceEngine
{
    /// <inheritdoc/>
    public EngineInfo Info { get; } = new("stylize");

    /// <inheritdoc/>
    public bool ReadsPrompts => false;

    /// <inheritdoc/>
    public int? Workers => null;

    /// <inheritdoc/>
    public StyledFace Make(FaceRequest request)
    {
        var random = new Random(request.Seed);
        var picture = new Picture(size, size);
        var landmarks = Warp(request.Face, picture);
        var looks = request.Style.Looks[random.Next(request.Style.Looks.Count)];
        foreach (var look in looks)
            Stylisation.Apply(picture, look, random, landmarks: landmarks);
        return new StyledFace(picture, landmarks);
    }

    /// <summary>The photo with its landmarks where the varied face has them; returns where they truly are.</summary>
    internal Vector2[] Warp(VariedFace face, Picture target)
    {
        var (photo, corner) = WithoutFrame(Picture.Load(face.Source.Picture));
        var points = new Vector2[68];
        for (var i = 0; i < points.Length; i++)
            points[i] = face.Source.Landmarks[face.IsMirrored ? LandmarkScheme.Ibug68.MirrorPermutation[i] : i] - corner;
        var toTarget = face.IsMirrored
            ? Similarity([.. points.Select(p => p with { X = -p.X })], face.Landmarks) * Homography.Scale(-1, 1)
            : Similarity(points, face.Landmarks);
        for (var i = 0; i < points.Length; i++)
            points[i] = toTarget.Apply(points[i]);

        var warp = new PointWarp(points.Length);
        warp.Fit(face.Landmarks, points, 0.6f * UprightFrame.Of(face.Landmarks).Unit);
        var map = new PhotoMap(size, toTarget.Invert(), warp);
        var canvas = new Canvas(size);
        new PictureSampler(size).Sample(photo, map, new BorderFill(BorderMode.Reflect), false, canvas);
        canvas.CopyTo(target);
        return [.. points.Select(map.Target)];
    }

    public void Dispose()
    {
    }

    /// <summary>
    /// A photo without the black that fills up what was cut beyond a picture's edge, and where it began; what is seen
    /// beyond is its reflection then.
    /// </summary>
    private static (Picture Photo, Vector2 Corner) WithoutFrame(Picture photo)
    {
        const int Black = 16, Rim = 3, Least = 16;
        var (left, top, right, bottom) = (0, 0, photo.Width, photo.Height);
        while (top < bottom / 2 && IsBlack(photo.Row(top)))
            top++;
        while (bottom > (top + photo.Height) / 2 && IsBlack(photo.Row(bottom - 1)))
            bottom--;
        while (left < right / 2 && IsBlackColumn(left))
            left++;
        while (right > (left + photo.Width) / 2 && IsBlackColumn(right - 1))
            right--;
        if ((left, top, right, bottom) == (0, 0, photo.Width, photo.Height))
            return (photo, Vector2.Zero);
        // The black shines through to the pixels beside it.
        (left, top) = (left > 0 ? left + Rim : 0, top > 0 ? top + Rim : 0);
        (right, bottom) = (right < photo.Width ? right - Rim : right, bottom < photo.Height ? bottom - Rim : bottom);
        if (right - left < Least || bottom - top < Least)
            return (photo, Vector2.Zero);
        var inner = new Picture(right - left, bottom - top);
        for (var y = 0; y < inner.Height; y++)
            photo.Row(top + y).Slice(left * Picture.Channels, inner.Width * Picture.Channels).CopyTo(inner.Row(y));
        return (inner, new Vector2(left, top));

        static bool IsBlack(ReadOnlySpan<byte> pixels) => !pixels.ContainsAnyExceptInRange((byte)0, (byte)Black);

        bool IsBlackColumn(int x)
        {
            for (var y = top; y < bottom; y++)
            {
                if (!IsBlack(photo.Row(y).Slice(x * Picture.Channels, Picture.Channels)))
                    return false;
            }
            return true;
        }
    }

    /// <summary>
    /// The similarity that takes points nearest to others (least squares, Umeyama 1991, no reflection).
    /// </summary>
    private static Homography Similarity(ReadOnlySpan<Vector2> from, ReadOnlySpan<Vector2> to)
    {
        var (fromCentre, toCentre) = (Vector2.Zero, Vector2.Zero);
        for (var i = 0; i < from.Length; i++)
            (fromCentre, toCentre) = (fromCentre + from[i], toCentre + to[i]);
        (fromCentre, toCentre) = (fromCentre / from.Length, toCentre / from.Length);
        var (dot, cross, square) = (0f, 0f, 0f);
        for (var i = 0; i < from.Length; i++)
        {
            var (p, q) = (from[i] - fromCentre, to[i] - toCentre);
            dot += Vector2.Dot(p, q);
            cross += (p.X * q.Y) - (p.Y * q.X);
            square += p.LengthSquared();
        }
        var (a, b) = (dot / square, cross / square);
        return Homography.Affine(
            a, -b, toCentre.X - (a * fromCentre.X) + (b * fromCentre.Y),
            b, a, toCentre.Y - (b * fromCentre.X) - (a * fromCentre.Y));
    }

    /// <summary>Picture -> mesh -> similarity back to the photo.</summary>
    private sealed class PhotoMap : PictureMap
    {
        private readonly Homography _toPhoto;
        private readonly WarpMesh _mesh;

        public PhotoMap(int size, Homography toPhoto, PointWarp warp)
            : base(size)
        {
            (_toPhoto, _mesh) = (toPhoto, new WarpMesh(size));
            _mesh.Fill(warp.At);
            PixelsPerPixel = LeastStretch(toPhoto);
        }

        public override void SourceRow(int y, Span<Vector2> sources)
        {
            _mesh.Row(0, 1, y, sources);
            Apply(_toPhoto, sources);
        }

        /// <summary>Where what the similarity took to a place is shown.</summary>
        public Vector2 Target(Vector2 p) => _mesh.Target(p);
    }
}

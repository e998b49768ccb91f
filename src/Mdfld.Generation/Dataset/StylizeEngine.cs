using SkiaSharp;

namespace Mdfld.Generation.Dataset;

/// <summary>
/// Makes a styled face of a labelled photo, without any weights: the photo is warped until its landmarks are where they
/// are wanted, as near as a smooth map without folds gets, and redrawn by the style's filters. The landmarks it
/// gives back have gone through the same map.
/// </summary>
/// <param name="size">Side of the pictures, pixels: a multiple of 16.</param>
public sealed class StylizeEngine(int size) : FaceEngine
{
    public override EngineInfo Info { get; } = new("stylize");

    public override bool ReadsPrompts => false;

    /// <inheritdoc/>
    internal override StyledFace Make(FaceRequest request)
    {
        var random = new Random(request.Seed);
        var picture = new Picture(size, size);
        var landmarks = Warp(request.Face, picture);
        FeatureEmphasis.Apply(picture, landmarks, request.Style.Features);
        StyleFilters.Apply(picture, random.Pick([.. request.Style.Filters]), random);
        return new StyledFace(picture, landmarks);
    }

    // Brows, right eye, lower lip, left eye.
    private static readonly int[] Features = [.. Enumerable.Range(17, 10), 45, .. Enumerable.Range(54, 6), 48, 36];

    /// <summary>The photo with its landmarks where the varied face has them; returns where they truly are.</summary>
    /// <param name="features">
    /// Gets, of the size of the target, what of it shows brows, eyes, nose and mouth, white on black: also those of a
    /// reflection. Null: not wanted.
    /// </param>
    internal static Vector2[] Warp(VariedFace face, Picture target, Picture? features = null)
    {
        var (photo, corner) = WithoutFrame(face.Source.LoadPicture());
        var points = new Vector2[68];
        var mirrored = LandmarkScheme.Ibug68.MirrorPermutation;
        for (var i = 0; i < points.Length; i++)
            points[i] = face.Source.Landmarks[face.IsMirrored ? mirrored[i] : i] - corner;
        if (features is not null)
        {
            var mask = new Picture(photo.Width, photo.Height);
            mask.Draw(canvas =>
            {
                using var path = Overlay.Contour([.. Features.Select(i => points[i])], closed: true);
                using var paint = new SKPaint { Color = SKColors.White };
                canvas.DrawPath(path, paint);
            });
            LandmarkWarp.Apply(mask, points, face.Landmarks, face.IsMirrored, features);
        }
        return LandmarkWarp.Apply(photo, points, face.Landmarks, face.IsMirrored, target);
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
}

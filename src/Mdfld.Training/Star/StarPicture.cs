using System.Numerics;

namespace Mdfld.Training.Star;

/// <summary>From a picture to the network's input, and from its answer back to the picture.</summary>
public static class StarPicture
{
    private const int Size = StarOptions.CropSize;

    /// <summary>
    /// The map from the picture to STAR's crop of 256 x 256, rounded to single precision as the original does it: only
    /// then are the crops the same to the byte.
    /// </summary>
    public static Homography CropMatrix(FaceCrop face) => face.ToCrop(Size).ToSinglePrecision();

    /// <summary>Cuts the square out, 256 x 256.</summary>
    public static Picture Crop(Picture image, FaceCrop face) => image.Warp(CropMatrix(face), Size, Size);

    /// <summary>3 x 256 x 256 values, planes B, G, R, byte / 255 * 2 - 1.</summary>
    /// <exception cref="ArgumentException">The crop has another size.</exception>
    public static float[] ToPlanes(Picture crop)
    {
        ArgumentNullException.ThrowIfNull(crop);
        if (crop.Width != Size || crop.Height != Size)
            throw new ArgumentException(
                $"STAR looks at {Size} x {Size} pixels, not {crop.Width} x {crop.Height}", nameof(crop));

        const int Plane = Size * Size;
        var planes = new float[Picture.Channels * Plane];
        var pixels = crop.Data;
        for (var i = 0; i < Plane; i++)
        {
            for (var c = 0; c < Picture.Channels; c++)
                planes[((Picture.Channels - 1 - c) * Plane) + i] = (pixels[(i * Picture.Channels) + c] - 127.5f) / 127.5f;
        }

        return planes;
    }

    /// <summary>Landmarks of the network, (x, y) after (x, y) in network units, as pixels of the picture.</summary>
    public static Vector2[] ToPicture(ReadOnlySpan<float> units, FaceCrop face)
    {
        var back = CropMatrix(face).Invert();
        var points = new Vector2[units.Length / 2];
        for (var i = 0; i < points.Length; i++)
            points[i] = back.Apply(StarCoordinates.ToPixel(new Vector2(units[2 * i], units[(2 * i) + 1]), Size));
        return points;
    }

    /// <summary>An affine map with its numbers rounded to single precision.</summary>
    internal static Homography ToSinglePrecision(this Homography m) =>
        Homography.Affine((float)m.M11, (float)m.M12, (float)m.M13, (float)m.M21, (float)m.M22, (float)m.M23);
}

using System.Numerics;

namespace Mdfld.Training;

/// <summary>One face as STAR trains on it: the network's input and what it should give, as plain arrays.</summary>
/// <param name="Picture">3 x 256 x 256, planes B, G, R, (byte - 127.5) / 127.5.</param>
/// <param name="Landmarks">P x 2, network units, clamped to [-1, 1].</param>
/// <param name="PointMaps">P x 64 x 64.</param>
/// <param name="EdgeMaps">E x 64 x 64.</param>
internal sealed record StarSample(float[] Picture, float[] Landmarks, float[] PointMaps, float[] EdgeMaps)
{
    /// <summary>Cells along one side of a map.</summary>
    public const int MapSize = Size / PointHeatmaps.Reduction;

    private const int Size = StarOptions.CropSize;

    /// <summary>Makes the targets of a crop that is already warped (and augmented). Safe on any thread.</summary>
    /// <param name="crop">256 x 256.</param>
    /// <param name="landmarks">Points in pixels of the crop; they may lie outside.</param>
    /// <exception cref="ArgumentException">The crop has another size, or the points do not fit the scheme.</exception>
    public static StarSample From(Picture crop, ReadOnlySpan<Vector2> landmarks, LandmarkScheme scheme)
    {
        var labels = new float[2 * landmarks.Length];
        for (var i = 0; i < landmarks.Length; i++)
            StarCoordinates.ToLabel(landmarks[i], Size).CopyTo(labels, 2 * i);

        // Both kinds of map are drawn from the points as they are and clip on their own.
        var pointMaps = new float[scheme.Count * MapSize * MapSize];
        PointHeatmaps.Draw(landmarks, Size, pointMaps);
        var edgeMaps = new float[scheme.Contours.Length * MapSize * MapSize];
        Training.EdgeMaps.Draw(landmarks, scheme, Size, edgeMaps);
        return new StarSample(StarPicture.ToPlanes(crop), labels, pointMaps, edgeMaps);
    }
}

/// <summary>
/// Point heat maps, a training target of STAR: a Gaussian (sigma 1.5) drawn on whole pixels of the crop, then reduced
/// four times without anti-aliasing.
/// </summary>
/// <remarks>
/// The reduction keeps the mean of the pixels 4i+1 and 4i+2 in both directions, so the peak is 0.37 to 0.81, depending
/// on the landmark's position modulo 4, never 1. The window starts at the <i>truncated</i> coordinate: within
/// 4.5 pixels of the left or upper border the peak is one pixel too far right or down. The published networks learnt
/// both.
/// </remarks>
internal static class PointHeatmaps
{
    /// <summary>Crop pixels for one cell of a map.</summary>
    public const int Reduction = 4;

    private const double Sigma = 1.5;
    private const double Radius = 3 * Sigma;

    // Window pixel on which the Gaussian sits.
    private const int Middle = 5;

    /// <summary>Draws one map a landmark.</summary>
    /// <param name="landmarks">N points, pixels of the crop; those outside count as on its border.</param>
    /// <param name="size">Side of the crop in pixels, a multiple of 4.</param>
    /// <param name="maps">Receives N x (size/4) x (size/4) values in [0, 1].</param>
    /// <exception cref="ArgumentException"><paramref name="maps"/> has another length.</exception>
    public static void Draw(ReadOnlySpan<Vector2> landmarks, int size, Span<float> maps)
    {
        var cells = CellCount(size);
        CheckLength(maps, landmarks.Length, cells);
        maps.Clear();
        Span<double> columns = stackalloc double[cells];
        Span<double> rows = stackalloc double[cells];
        for (var n = 0; n < landmarks.Length; n++)
        {
            Profile(landmarks[n].X, size, columns);
            Profile(landmarks[n].Y, size, rows);
            var map = maps.Slice(n * cells * cells, cells * cells);
            for (var y = 0; y < cells; y++)
            {
                if (rows[y] == 0)
                    continue;
                for (var x = 0; x < cells; x++)
                    map[(y * cells) + x] = (float)(rows[y] * columns[x]);
            }
        }
    }

    /// <summary>Cells along one side of a map.</summary>
    public static int CellCount(int size) => size is >= Reduction and <= 4096 && size % Reduction == 0
        ? size / Reduction
        : throw new ArgumentOutOfRangeException(
            nameof(size), size, "the crop's side must be a multiple of 4, 4 to 4096");

    /// <exception cref="ArgumentException">The maps have another length.</exception>
    public static void CheckLength(ReadOnlySpan<float> maps, int count, int cells)
    {
        if (maps.Length != count * cells * cells)
            throw new ArgumentException(
                $"expected room for {count} maps of {cells} x {cells} values, found {maps.Length}", nameof(maps));
    }

    /// <summary>The reduced values along one axis; the Gaussian is the product of two of these.</summary>
    private static void Profile(float coordinate, int size, Span<double> cells)
    {
        var p = Math.Clamp((double)coordinate, 0, size - 1);
        var start = (int)(p - Radius);
        var end = Math.Min((int)(p + Radius + 1), size);
        cells.Clear();
        for (var pixel = Math.Max(start, 0); pixel < end; pixel++)
        {
            if (pixel % Reduction is not (1 or 2))
                continue;
            double d = pixel - start - Middle;
            cells[pixel / Reduction] += Math.Exp(-d * d / (2 * Sigma * Sigma)) / 2;
        }
    }
}

/// <summary>
/// STAR's network units: [-1, 1] spans the crop from its left edge (-0.5 pixels) to its right edge (size - 0.5), that
/// is u = (2 p + 1) / size - 1.
/// </summary>
/// <remarks>
/// The network's soft-argmax puts -1 and 1 on the <i>centres</i> of the outer heat-map cells instead. Published
/// checkpoints were trained with the two rules as they are, so neither may be repaired.
/// </remarks>
public static class StarCoordinates
{
    /// <summary>The label of a pixel of a crop: network units, clamped to [-1, 1].</summary>
    public static Vector2 ToLabel(Vector2 pixel, int size) =>
        Vector2.Clamp((((2 * pixel) + Vector2.One) / size) - Vector2.One, -Vector2.One, Vector2.One);

    /// <summary>The pixel of a crop that network units mean: ((u + 1) size - 1) / 2.</summary>
    public static Vector2 ToPixel(Vector2 units, int size) => (((units + Vector2.One) * size) - Vector2.One) / 2;
}

/// <summary>From a picture to the network's input.</summary>
public static class StarPicture
{
    private const int Size = StarOptions.CropSize;

    /// <summary>
    /// The map from the picture to STAR's crop of 256 x 256, rounded to single precision as the original does it: only
    /// then are the crops the same to the byte.
    /// </summary>
    public static Homography CropMatrix(FaceCrop face)
    {
        var m = face.ToCrop(Size);
        return Homography.Affine(
            (float)m.M11, (float)m.M12, (float)m.M13, (float)m.M21, (float)m.M22, (float)m.M23);
    }

    /// <summary>Cuts the square out, 256 x 256.</summary>
    public static Picture Crop(Picture image, FaceCrop face) => image.Warp(CropMatrix(face), Size, Size);

    /// <summary>3 x 256 x 256 values, planes B, G, R, byte / 255 * 2 - 1.</summary>
    /// <exception cref="ArgumentException">The crop has another size.</exception>
    public static float[] ToPlanes(Picture crop)
    {
        if (crop.Width != Size || crop.Height != Size)
            throw new ArgumentException(
                $"STAR takes {Size} x {Size} pixels, not {crop.Width} x {crop.Height}", nameof(crop));
        return PicturePlanes.Of(crop, isBgr: true).Data;
    }
}

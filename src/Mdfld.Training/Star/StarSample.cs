using System.Numerics;

namespace Mdfld.Training.Star;

/// <summary>One face as STAR trains on it: the network's input and what it should say, as plain arrays.</summary>
/// <param name="Picture">3 x 256 x 256, planes B, G, R, (byte - 127.5) / 127.5.</param>
/// <param name="Landmarks">P x 2, network units, clamped to [-1, 1].</param>
/// <param name="PointMaps">P x 64 x 64.</param>
/// <param name="EdgeMaps">E x 64 x 64.</param>
public sealed record StarSample(float[] Picture, float[] Landmarks, float[] PointMaps, float[] EdgeMaps)
{
    private const int Size = StarOptions.CropSize;
    private const int MapSize = Size / PointHeatmaps.Reduction;

    /// <summary>Makes the targets of a crop that is already warped (and augmented). Safe on any thread.</summary>
    /// <param name="crop">256 x 256.</param>
    /// <param name="landmarks">Points in pixels of the crop; they may lie outside.</param>
    /// <param name="scheme">What the points mean.</param>
    /// <exception cref="ArgumentException">The crop has another size, or the points do not fit the scheme.</exception>
    public static StarSample From(Picture crop, ReadOnlySpan<Vector2> landmarks, LandmarkScheme scheme)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        var labels = new float[2 * landmarks.Length];
        for (var i = 0; i < landmarks.Length; i++)
        {
            var label = StarCoordinates.ToLabel(landmarks[i], Size);
            (labels[2 * i], labels[(2 * i) + 1]) = (label.X, label.Y);
        }

        // Both kinds of map are drawn from the points as they are and clip on their own.
        var pointMaps = new float[scheme.Count * MapSize * MapSize];
        PointHeatmaps.Draw(landmarks, Size, pointMaps);
        var edgeMaps = new float[scheme.Contours.Length * MapSize * MapSize];
        Star.EdgeMaps.Draw(landmarks, scheme, Size, edgeMaps);
        return new StarSample(StarPicture.ToPlanes(crop), labels, pointMaps, edgeMaps);
    }
}

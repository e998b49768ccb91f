using System.Numerics;
using Mdfld.Torch;

namespace Mdfld.Training.Star;

/// <summary>One face as STAR trains on it: the network's input and what it should say, as plain arrays.</summary>
/// <param name="Picture">3 x 256 x 256, planes B, G, R, (byte - 127.5) / 127.5.</param>
/// <param name="Landmarks">P x 2, network units, clamped to [-1, 1].</param>
/// <param name="PointMaps">P x 64 x 64.</param>
/// <param name="EdgeMaps">E x 64 x 64.</param>
public sealed record StarSample(float[] Picture, float[] Landmarks, float[] PointMaps, float[] EdgeMaps)
{
    private const int Size = StarOptions.CropSize;
    private const int MapSize = StarTargets.MapSize;

    /// <summary>Makes the targets of a crop that is already warped (and augmented). Safe on any thread.</summary>
    /// <param name="crop">256 x 256.</param>
    /// <param name="landmarks">Points in pixels of the crop; they may lie outside.</param>
    /// <param name="scheme">What the points mean.</param>
    /// <exception cref="ArgumentException">The crop has another size, or the number of points does not fit the scheme.</exception>
    public static StarSample From(Image crop, ReadOnlySpan<Vector2> landmarks, LandmarkScheme scheme)
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
        var edgeMaps = new float[scheme.Edges.Length * MapSize * MapSize];
        Star.EdgeMaps.Draw(landmarks, scheme, Size, edgeMaps);
        return new StarSample(StarPicture.ToPlanes(crop), labels, pointMaps, edgeMaps);
    }

    /// <summary>Puts samples together: the pictures (N, 3, 256, 256) and their targets, on a device.</summary>
    public static (Tensor Pictures, StarTargets Targets) Stack(IReadOnlyList<StarSample> samples, Device device = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return (
            Join(s => s.Picture, Image.Channels, Size, Size),
            new StarTargets(
                Join(s => s.Landmarks, -1, 2), Join(s => s.PointMaps, -1, MapSize, MapSize), Join(s => s.EdgeMaps, -1, MapSize, MapSize)));

        Tensor Join(Func<StarSample, float[]> part, params ReadOnlySpan<long> shape)
        {
            var each = part(samples[0]).Length;
            var all = new float[samples.Count * each];
            for (var i = 0; i < samples.Count; i++)
                part(samples[i]).CopyTo(all, i * each);
            return Tensor.From<float>(all, all.Length).Reshape([samples.Count, .. shape]).To(device);
        }
    }
}

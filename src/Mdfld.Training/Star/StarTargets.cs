using System.Numerics;
using System.Runtime.InteropServices;
using Mdfld.Torch;

namespace Mdfld.Training.Star;

/// <summary>What the network should say about a batch.</summary>
/// <param name="Landmarks">(N, P, 2), network units, clamped to [-1, 1].</param>
/// <param name="PointMaps">(N, P, 64, 64), see <see cref="PointHeatmaps"/>.</param>
/// <param name="EdgeMaps">(N, E, 64, 64), see <see cref="Star.EdgeMaps"/>.</param>
public sealed record StarTargets(Tensor Landmarks, Tensor PointMaps, Tensor EdgeMaps)
{
    private const int Size = StarOptions.CropSize;

    /// <summary>Cells along one side of a map.</summary>
    internal const int MapSize = Size / PointHeatmaps.Reduction;

    /// <summary>Draws the targets of a batch; about a millisecond a face.</summary>
    /// <param name="landmarks">(N, P, 2), network units, <i>not</i> clamped: the maps of points outside depend on where.</param>
    /// <param name="scheme">What the points mean.</param>
    /// <exception cref="ArgumentException">The number of points does not fit the scheme.</exception>
    public static StarTargets From(Tensor landmarks, LandmarkScheme scheme)
    {
        ArgumentNullException.ThrowIfNull(landmarks);
        ArgumentNullException.ThrowIfNull(scheme);
        if (landmarks.Shape is not [var faces, var points, 2] || points != scheme.Count)
            throw new ArgumentException($"expected landmarks (N, {scheme.Count}, 2), not {landmarks}", nameof(landmarks));

        var units = landmarks.Detach().To(Device.Cpu).To(ScalarType.Float32).ToArray<float>();
        var pixels = Array.ConvertAll(
            MemoryMarshal.Cast<float, Vector2>(units).ToArray(), u => StarCoordinates.ToPixel(u, Size));
        var pointMaps = new float[pixels.Length * MapSize * MapSize];
        PointHeatmaps.Draw(pixels, Size, pointMaps);
        var each = scheme.Edges.Length * MapSize * MapSize;
        var edgeMaps = new float[faces * each];
        for (var i = 0; i < faces; i++)
            Star.EdgeMaps.Draw(pixels.AsSpan(i * scheme.Count, scheme.Count), scheme, Size, edgeMaps.AsSpan(i * each, each));

        return new StarTargets(
            landmarks.Clamp(-1, 1),
            Tensor.From<float>(pointMaps, faces, points, MapSize, MapSize).To(landmarks.Device),
            Tensor.From<float>(edgeMaps, faces, scheme.Edges.Length, MapSize, MapSize).To(landmarks.Device));
    }
}

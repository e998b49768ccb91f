namespace Mdfld.Training.Star;

/// <summary>What the network should say about a batch.</summary>
/// <param name="Landmarks">(N, P, 2), network units, clamped to [-1, 1].</param>
/// <param name="PointMaps">(N, P, 64, 64), see <see cref="PointHeatmaps"/>.</param>
/// <param name="EdgeMaps">(N, E, 64, 64), see <see cref="Star.EdgeMaps"/>.</param>
public sealed record StarTargets(Tensor Landmarks, Tensor PointMaps, Tensor EdgeMaps);

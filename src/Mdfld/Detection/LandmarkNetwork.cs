using System.Numerics;

namespace Mdfld;

/// <summary>
/// The engine inside a <see cref="LandmarkDetector"/>: normalised crops go in, points come out. ONNX Runtime is one
/// (<see cref="OnnxNetwork"/>), libtorch another (in Mdfld.Training). Serves any number of threads at once.
/// </summary>
/// <param name="model">How the crops are cut and normalised.</param>
/// <param name="path">The file it came from, for messages.</param>
internal abstract class LandmarkNetwork(LandmarkModel model, string path) : IDisposable
{
    public LandmarkModel Model { get; } = model;

    public string Path { get; } = path;

    /// <summary>Runs several crops at once.</summary>
    /// <param name="planes">(count, 3, S, S), normalised.</param>
    /// <param name="count">Crops.</param>
    /// <param name="landmarks">Receives (count, P) points, network units.</param>
    /// <exception cref="InvalidDataException">The network fails, or gives another number of points.</exception>
    public abstract void Run(Memory<float> planes, int count, Span<Vector2> landmarks);

    /// <summary>As above, and says how unsure each point is, where <see cref="LandmarkModel.HasSpread"/>.</summary>
    /// <param name="planes">(count, 3, S, S), normalised.</param>
    /// <param name="count">Crops.</param>
    /// <param name="landmarks">Receives (count, P) points, network units.</param>
    /// <param name="spreads">Receives (count, P) covariances, network units squared; empty to do without.</param>
    public virtual void Run(
        Memory<float> planes, int count, Span<Vector2> landmarks, Span<PointCovariance> spreads) =>
        Run(planes, count, landmarks);

    public abstract void Dispose();

    /// <summary>Copies a network's answer over, if it is as long as it should be.</summary>
    protected void Copy<T>(ReadOnlySpan<T> answer, int count, Span<T> values)
    {
        if (answer.Length != values.Length)
        {
            throw new InvalidDataException(
                $"{Path}: the model gave {answer.Length} points for {count} faces, "
                + $"expected {Model.Scheme.Count} a face");
        }
        answer.CopyTo(values);
    }
}

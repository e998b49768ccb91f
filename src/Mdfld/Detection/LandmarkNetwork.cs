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

    public abstract void Dispose();

    /// <summary>Copies a network's answer over, if it is as long as it should be.</summary>
    protected void Copy(ReadOnlySpan<Vector2> answer, int count, Span<Vector2> landmarks)
    {
        if (answer.Length != landmarks.Length)
        {
            throw new InvalidDataException(
                $"{Path}: the model gave {answer.Length} points for {count} faces, expected {Model.Scheme.Count} a face");
        }
        answer.CopyTo(landmarks);
    }
}

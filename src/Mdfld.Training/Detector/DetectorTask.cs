using System.Numerics;

namespace Mdfld.Training;

/// <summary>
/// What the trainer needs to know of a detector: how a crop becomes numbers, what the network says of it, and how wrong
/// that is. <see cref="CompactTask"/> and <see cref="StarTask"/> are the two there are.
/// </summary>
public abstract class DetectorTask : TrainingTask
{
    /// <summary>What its landmarks mean.</summary>
    public abstract LandmarkScheme Scheme { get; }

    /// <summary>Order of the channels in the network's input: "rgb" or "bgr".</summary>
    public abstract string Channels { get; }

    /// <summary>Turns an augmented crop into the arrays of one sample; called on many threads at once.</summary>
    /// <param name="crop">size x size.</param>
    /// <param name="landmarks">Pixels of the crop.</param>
    /// <returns>The picture's planes first, the landmarks in network units second, then what else the loss wants; each
    /// with its shape without the batch.</returns>
    public abstract IReadOnlyList<SamplePart> Encode(Picture crop, ReadOnlySpan<Vector2> landmarks);

    /// <summary>Landmarks (N, P, 2) in network units of pictures (N, 3, S, S).</summary>
    public abstract Tensor Predict(Tensor images);
}

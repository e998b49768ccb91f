using Mdfld.Torch;

namespace Mdfld.Training.Star;

/// <summary>STAR as a trainer sees it: a network, the loss of a batch, the landmarks of a batch.</summary>
/// <param name="network">Not disposed here.</param>
/// <param name="criterion">Null for the original's: version 2, smooth L1, w = 1.</param>
public sealed class StarTask(StarNetwork network, StarCriterion? criterion = null)
{
    private readonly StarCriterion _criterion = criterion ?? new StarCriterion(new StarLoss());

    /// <summary>What is trained, saved and averaged.</summary>
    public StarNetwork Network => network;

    /// <summary>The loss of a batch whose targets were made beside the training (<see cref="StarSample"/>), a scalar.</summary>
    /// <param name="pictures">(N, 3, 256, 256), B, G, R, (byte - 127.5) / 127.5.</param>
    /// <param name="targets">What the network should say.</param>
    public Tensor Loss(Tensor pictures, StarTargets targets) => _criterion.Forward(network.Forward(pictures), targets);

    /// <summary>The loss of a batch, its targets drawn here, a scalar.</summary>
    /// <param name="pictures">(N, 3, 256, 256), B, G, R, (byte - 127.5) / 127.5.</param>
    /// <param name="landmarks">(N, P, 2), network units (<see cref="StarCoordinates"/>), not clamped.</param>
    public Tensor Loss(Tensor pictures, Tensor landmarks) =>
        Loss(pictures, StarTargets.From(landmarks, network.Options.Scheme));

    /// <summary>The landmarks of the last stack.</summary>
    /// <param name="pictures">(N, 3, 256, 256), B, G, R, (byte - 127.5) / 127.5.</param>
    /// <returns>(N, P, 2), network units.</returns>
    public Tensor Predict(Tensor pictures) => network.Forward(pictures)[^1].Landmarks;
}

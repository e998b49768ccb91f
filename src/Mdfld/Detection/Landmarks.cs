using System.Collections.Immutable;
using System.Numerics;

namespace Mdfld;

/// <summary>A face as a detector found it.</summary>
/// <param name="Scheme">What the points mean.</param>
/// <param name="Points">The scheme's points in order, pixels of the picture; they may lie outside it.</param>
/// <param name="Crop">The square the network looked at last.</param>
public sealed record Landmarks(LandmarkScheme Scheme, ImmutableArray<Vector2> Points, FaceCrop Crop)
{
    /// <summary>The tight box of the points.</summary>
    public FaceBox Box => FaceBox.Around(Points.AsSpan());

    /// <summary>How sure the face finder was that here is a face, 0 to 1; 1 where the caller gave the place.</summary>
    public float Score { get; init; } = 1;

    /// <summary>
    /// The probability that the points are to be trusted: that their mean error is under 10 % of the distance of the
    /// outer eye corners. Calibrated on the data sets that the model was trained on, varied; a model that was never
    /// calibrated (<c>mdfld calibrate</c>) has the <see cref="Score"/> here.
    /// </summary>
    public float Confidence { get; init; } = 1;

    /// <summary>How unsure each point is; empty where the model does not say.</summary>
    public ImmutableArray<PointCovariance> Uncertainty { get; init; } = [];
}

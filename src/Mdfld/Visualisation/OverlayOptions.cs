namespace Mdfld;

/// <summary>What <see cref="Overlay"/> draws besides contours and points.</summary>
public sealed record OverlayOptions
{
    /// <summary>The tight box of the landmarks, a little enlarged.</summary>
    public bool Box { get; init; }

    /// <summary>The confidence, in percent, at the top left of the face.</summary>
    public bool Score { get; init; }

    /// <summary>Each point's ellipse of two standard deviations, where the model says how unsure it is.</summary>
    public bool Uncertainty { get; init; }
}

namespace Mdfld.Training.Augment;

/// <summary>
/// How strongly a face is varied for training. Lengths are in pixels of a crop of 128 and grow with the crop; angles
/// are degrees; a "spread" is the standard deviation of a normal draw. A recipe sets any of them by name.
/// </summary>
public sealed record AugmentationOptions
{
    /// <summary>Multiplies all spreads, amplitudes and probabilities but the mirror's: 0 the plain crop.</summary>
    public float Strength { get; init; } = 1;

    /// <summary>Share of faces that stay close to the photo: rotation, shift, scale and mild colour only.</summary>
    public float PlainProbability { get; init; } = 0.2f;

    /// <summary>Side of the crop / side of the tight square (200 x scale).</summary>
    public float CropFactor { get; init; } = 1.25f;

    /// <summary>Spread of the logarithm of the crop factor.</summary>
    public float CropFactorSpread { get; init; } = 0.12f;

    /// <summary>Spread of the rotation in the plane, degrees.</summary>
    public float RotationSpread { get; init; } = 18;

    /// <summary>Spread of the shift along each axis, as a share of the crop's side.</summary>
    public float ShiftSpread { get; init; } = 0.05f;

    /// <summary>Chance of a mirrored face; independent of <see cref="Strength"/> unless that is 0.</summary>
    public float MirrorProbability { get; init; } = 0.5f;

    /// <summary>Spread of the logarithm of the stretch along a random axis.</summary>
    public float AxisScaleSpread { get; init; } = 0.12f;

    public float ShearSpread { get; init; } = 0.06f;

    /// <summary>How far landmarks may leave the crop / its side; beyond it the face is moved and shrunk.</summary>
    public float OutsideTolerance { get; init; } = 0.01f;

    /// <summary>Chance of a smooth random displacement.</summary>
    public float WarpProbability { get; init; } = 0.6f;

    /// <summary>Smallest amplitude of the displacement, pixels at 128.</summary>
    public float WarpMinimum { get; init; } = 1.5f;

    /// <summary>Largest amplitude of the displacement, pixels at 128.</summary>
    public float WarpMaximum { get; init; } = 7;

    /// <summary>
    /// Chance of an exaggerated face, another jaw, skull, nose, mouth, other eyes and brows as in caricature and anime;
    /// with 68 points also its deviation from the mean face multiplied.
    /// </summary>
    public float ExaggerationProbability { get; init; } = 0.7f;

    /// <summary>How far faces are exaggerated; times the strength, 0..1 or somewhat more.</summary>
    public float ExaggerationAmount { get; init; } = 1;

    /// <summary>
    /// Chance that the head of a photo is turned in space, farther to the side that it is turned to, up to the profile
    /// (68 points, <see cref="HeadTurn"/>); independent of <see cref="PlainProbability"/>.
    /// </summary>
    public float TurnProbability { get; init; }

    /// <summary>
    /// Chance that the outline of one cheek is painted over with the colour of the skin beside it, as in drawings whose
    /// jaw ends before the ear.
    /// </summary>
    public float UndrawnCheekProbability { get; init; }

    /// <summary>Chance that a picture's surroundings are repeated, reflected or coloured, not black.</summary>
    public float BorderProbability { get; init; } = 0.7f;

    /// <summary>Chance of a poor copy: nearest pixel, shrunk and enlarged, or heavily compressed.</summary>
    public float PoorCopyProbability { get; init; } = 0.15f;

    /// <summary>Chance that some lines and flat areas are drawn over the face where the landmarks say.</summary>
    public float DrawingProbability { get; init; } = 0.18f;

    /// <summary>Chance of a style filter: ink, pencil, paint, print, other colours.</summary>
    public float StyleFilterProbability { get; init; } = 0.6f;

    /// <summary>Chance that a medium (paint, line) is post-processed (colours, print, paper), too.</summary>
    public float PostProcessingProbability { get; init; } = 0.2f;

    /// <summary>Chance of changed brightness, contrast, gamma and colour cast.</summary>
    public float ToneProbability { get; init; } = 0.8f;

    /// <summary>Amplitude of the change of tone, 1 = brightness +-25 %, contrast 0.6..1.5, gamma 0.6..1.7.</summary>
    public float ToneAmount { get; init; } = 1;

    public float LightProbability { get; init; } = 0.25f;
    public float BlurProbability { get; init; } = 0.25f;

    /// <summary>Largest spread of the blur, pixels at 128.</summary>
    public float BlurMaximum { get; init; } = 2;

    /// <summary>Chance of noise, per pixel or in blocks.</summary>
    public float NoiseProbability { get; init; } = 0.3f;

    /// <summary>Largest spread of the noise, grey levels.</summary>
    public float NoiseMaximum { get; init; } = 28;

    /// <summary>Chance of an occluding shape; each further one (up to three) has half of the chance before.</summary>
    public float OcclusionProbability { get; init; } = 0.3f;

    /// <summary>Longest side of an occluding shape / side of the crop.</summary>
    public float OcclusionMaximum { get; init; } = 0.45f;
}

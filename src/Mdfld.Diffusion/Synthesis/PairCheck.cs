using System.Numerics;

namespace Mdfld.Diffusion.Synthesis;

/// <summary>
/// Whether an independent detector sees the face where the label says: it looks once at the square round the labelled
/// landmarks, and its points may differ from them by so much on average.
/// </summary>
/// <param name="detector">The detector; any number of threads may ask.</param>
/// <param name="threshold">Largest NME (outer eye corners) of a pair that is kept, a fraction.</param>
public sealed class PairCheck(LandmarkDetector detector, double threshold)
{
    /// <summary>The error of the labels seen by the detector, a fraction.</summary>
    public double Nme(StyledFace face)
    {
        var found = detector.Detect(face.Picture, FaceBox.Around(face.Landmarks));
        return Metrics.Nme([.. found.Points], face.Landmarks, LandmarkScheme.Ibug68);
    }

    /// <summary>Whether a pair of that error is kept.</summary>
    public bool Accepts(double nme) => nme <= threshold;
}

using System.Text.Json.Serialization;

namespace Mdfld.Generation.Dataset;

/// <summary>What a picture must pass to be kept.</summary>
public enum CheckLevel
{
    /// <summary>Nothing: every first attempt is kept.</summary>
    None,

    /// <summary>The landmark model's points are near the landmarks.</summary>
    Nme,

    /// <summary>They are, nearer than a blind guess, and a finder sees the face.</summary>
    Full,
}

/// <summary>How a picture was seen by those who check it.</summary>
/// <param name="Nme">Error of the landmark model's points against the label, % of the outer eye corners' distance.</param>
/// <param name="Limit">What it may be, %; null: anything.</param>
/// <param name="Found">Whether the finder sees the face; null: it was not asked.</param>
/// <param name="Edges">Edge energy: mean squared difference of neighbouring pixels, the range as 1.</param>
/// <param name="Colour">Mean |Cb| and |Cr| as a share of the range.</param>
public sealed record CheckResult(double Nme, double? Limit, bool? Found, double Edges, double Colour)
{
    [JsonIgnore]
    public bool IsPassed => !(Nme > Limit) && Found != false;
}

/// <summary>Looks whether a picture shows the face that its landmarks draw.</summary>
/// <param name="detector">Of 68 points; it is shown the square around the landmarks.</param>
/// <param name="finder">Searches the picture; for <see cref="CheckLevel.Full"/> only.</param>
/// <param name="threshold">Largest NME of a picture that passes, %.</param>
public sealed class FaceCheck(LandmarkDetector detector, FaceFinder? finder, CheckLevel level, double threshold)
{
    /// <summary>The most that an error may be of a blind guess's: one that sees no face has nearly all of it.</summary>
    public const double ShareOfBlind = 0.5;

    internal CheckResult Of(Picture picture, Vector2[] landmarks)
    {
        var box = FaceBox.Around(landmarks);
        double? limit = level switch
        {
            CheckLevel.None => null,
            CheckLevel.Nme => threshold,
            _ => Math.Round(Math.Min(threshold, ShareOfBlind * Nme(BlindGuess(box), landmarks)), 3),
        };
        return new CheckResult(
            Math.Round(Nme([.. detector.Detect(picture, box).Points], landmarks), 3),
            limit,
            level == CheckLevel.Full
                ? finder?.Find(picture).Any(f => f.Box.IntersectionOverUnion(box) >= Evaluation.LeastOverlap) : null,
            Math.Round(PictureFigures.EdgeEnergy(picture), 5),
            Math.Round(PictureFigures.Chroma(picture), 4));
    }

    /// <summary>The mean head from the front, as large as the box and in its middle.</summary>
    private static Vector2[] BlindGuess(FaceBox box)
    {
        Vector2[] mean = [.. HeadPose.MeanHead.ToArray().Select(p => new Vector2(p.X, p.Y))];
        var own = FaceBox.Around(mean);
        var scale = MathF.Max(box.Width, box.Height) / MathF.Max(own.Width, own.Height);
        return [.. mean.Select(p => box.Centre + (scale * (p - own.Centre)))];
    }

    private static double Nme(Vector2[] points, Vector2[] landmarks) =>
        100 * Metrics.Nme(points, landmarks, LandmarkScheme.Ibug68);
}

using System.Numerics;
using Mdfld.Training.Augment;

namespace Mdfld.Training;

/// <summary>How a detector's own landmarks become pseudo-labels.</summary>
public sealed record SelfLabellingOptions
{
    /// <summary>Variants of a picture (turned, mirrored, warped) in which the points must be found again.</summary>
    public int Views { get; init; } = 8;

    /// <summary>Largest mean distance between where points were found and where the variant moved them, % of the
    /// longest side of the tight landmark box.</summary>
    public float Tolerance { get; init; } = 3;

    /// <summary>How the variants differ; style filters and degradation are left out.</summary>
    public AugmentationOptions Variation { get; init; } = new()
    {
        PlainProbability = 0,
        RotationSpread = 12,
        WarpProbability = 0.7f,
        WarpMaximum = 4,
        ExaggerationAmount = 0.5f,
        OcclusionProbability = 0,
        DrawingProbability = 0,
        StyleFilterProbability = 0,
        BlurProbability = 0,
        NoiseProbability = 0,
        PoorCopyProbability = 0,
        LightProbability = 0,
        ToneAmount = 0.3f,
    };
}

/// <summary>
/// Makes pseudo-labels of pictures of one face each, for self-training: a face counts only if the points
/// found in turned, mirrored and warped variants of it are those of the picture, moved by the same map (consistency as
/// in Honari et al. 2018, used here to choose).
/// </summary>
/// <remarks>Any number of threads may share one labeller.</remarks>
public sealed class SelfLabeller(LandmarkDetector detector, SelfLabellingOptions options)
{
    // Crops round the first landmarks found whose landmarks are averaged: shifts as a share of the side, and sizes.
    private static readonly (float X, float Y, float Size)[] Crops =
        [(0, 0, 1), (0.04f, 0, 1), (-0.04f, 0, 1), (0, 0.04f, 1.06f), (0, -0.04f, 0.94f)];

    private readonly Augmenter _augmenter = new(options.Variation, detector.Model.Scheme, detector.Model.Size);

    /// <summary>Labels one picture.</summary>
    /// <param name="picture">One face that fills it more or less.</param>
    /// <returns>The points, pixels of the picture, and by how much the variants disagree, % of the tight box's longest
    /// side; infinite where no face could be followed.</returns>
    public (Vector2[] Landmarks, float Disagreement) Label(Picture picture, Random random)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(random);
        var landmarks = Average(picture);
        var box = FaceBox.Around(landmarks);
        var tight = box.ToCrop(1);
        if (tight.Side < 8 || !(box.Left > -tight.Side && box.Top > -tight.Side
            && box.Left + box.Width < picture.Width + tight.Side && box.Top + box.Height < picture.Height + tight.Side))
            return (landmarks, float.PositiveInfinity);

        var size = detector.Model.Size;
        var crop = new Picture(size, size);
        var full = new FaceCrop(new Vector2((size - 1) / 2f), size);
        var expected = new Vector2[landmarks.Length];
        var sum = 0f;
        for (var view = 0; view < options.Views; view++)
        {
            _augmenter.Apply(picture, landmarks, tight, random, crop, expected);
            var found = detector.Detect(crop, full).Points;
            var distance = 0f;
            for (var i = 0; i < expected.Length; i++)
                distance += Vector2.Distance(found[i], expected[i]);
            sum += 100 * distance / expected.Length / FaceBox.Around(expected).ToCrop(1).Side;
        }
        return (landmarks, sum / options.Views);
    }

    /// <summary>Whether the variants agree well enough.</summary>
    public bool Trusts(float disagreement) => disagreement <= options.Tolerance;

    private Vector2[] Average(Picture picture)
    {
        var first = detector.DetectSingle(picture);
        var square = first.Box.ToCrop(detector.Model.CropFactor);
        if (!(square.Side > 4) || square.Side > 1e5f)
            return [.. first.Points];
        var found = detector.Detect(
            picture,
            [.. Crops.Select(l => new FaceCrop(
                square.Centre + (new Vector2(l.X, l.Y) * square.Side), square.Side * l.Size))]);
        var mean = new Vector2[first.Points.Length];
        foreach (var face in found)
        {
            for (var i = 0; i < mean.Length; i++)
                mean[i] += face.Points[i] / found.Length;
        }
        return mean;
    }
}

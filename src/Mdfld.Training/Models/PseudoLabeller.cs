using System.Numerics;
using Mdfld.Training.Augment;

namespace Mdfld.Training;

/// <summary>How what models find becomes labels.</summary>
public sealed record PseudoLabelOptions
{
    /// <summary>
    /// Crops around the face whose landmarks are averaged, at most 9: the first is the face's own, the others are
    /// shifted, larger or smaller.
    /// </summary>
    public int Crops { get; init; } = 5;

    /// <summary>Variants of a picture (turned, mirrored, warped) in which the points must be found again.</summary>
    public int Views { get; init; } = 8;

    /// <summary>Largest mean distance between where points were found and where the variant moved them, % of the
    /// longest side of the tight landmark box.</summary>
    public float Tolerance { get; init; } = 3;

    /// <summary>The second model's share of the mean of both.</summary>
    public float SecondShare { get; init; } = 0.4f;

    /// <summary>Largest mean distance between the two models' points, % of the longest side of the tight box.</summary>
    public float Agreement { get; init; } = 3;

    /// <summary>
    /// Where a face is labelled already, the share of its label that stays; the rest comes from the models.
    /// </summary>
    public float LabelShare { get; init; } = 0.25f;

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
/// Labels faces with the mean of what one or two models find in several crops. A face without a label counts only if
/// the points found in turned, mirrored and warped variants of it are those of the picture, moved by the same map
/// (consistency as in Honari et al. 2018, used here to choose), and if the two models agree.
/// </summary>
/// <param name="detector">Finds the faces, too.</param>
/// <param name="second">
/// Another model, whose errors are others: their mean is better than either. Null for none.
/// </param>
/// <param name="options">How.</param>
/// <remarks>Any number of threads may share one labeller.</remarks>
public sealed class PseudoLabeller(LandmarkDetector detector, LandmarkDetector? second, PseudoLabelOptions options)
{
    // Shifts as a share of the crop's side, and sizes.
    private static readonly (float X, float Y, float Size)[] Crops =
    [
        (0, 0, 1), (0.04f, 0, 1), (-0.04f, 0, 1), (0, 0.04f, 1.06f), (0, -0.04f, 0.94f),
        (0.03f, 0.03f, 0.97f), (-0.03f, 0.03f, 1.03f), (0.03f, -0.03f, 1.03f), (-0.03f, -0.03f, 0.97f),
    ];

    // A label moves by at most this share of the longest side of the tight box: farther off, the models are wrong.
    private const float LargestMove = 0.03f;

    private readonly Augmenter _augmenter = new(options.Variation, detector.Model.Scheme, detector.Model.Size);

    /// <summary>Labels one picture.</summary>
    /// <param name="picture">One face that fills it more or less.</param>
    /// <param name="random">Draws the variants.</param>
    /// <returns>The points, pixels of the picture; null where no face could be followed.</returns>
    public Vector2[]? Label(Picture picture, Random random)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(random);
        Vector2[] first = [.. detector.DetectSingle(picture).Points];
        var tight = FaceBox.Around(first).ToCrop(1);
        var reach = new Vector2(1.5f * tight.Side);
        if (!(tight.Side is > 8 and < 1e5f)
            || Vector2.Clamp(tight.Centre, -reach, new Vector2(picture.Width, picture.Height) + reach) != tight.Centre)
            return null;
        return Mean(picture, tight) is var (landmarks, apart) && apart <= options.Agreement
            && Disagreement(picture, landmarks, random) <= options.Tolerance ? landmarks : null;
    }

    /// <summary>Moves the landmarks of a labelled face towards what the models find in it.</summary>
    /// <returns>68 points or as many as the model has, pixels of the picture.</returns>
    /// <exception cref="ArgumentException">The label has another number of points than the model.</exception>
    public Vector2[] Correct(Picture picture, LabelledFace face)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(face);
        if (face.Landmarks.Count != detector.Model.Scheme.Count)
        {
            throw new ArgumentException(
                $"{face.ImagePath}: {face.Landmarks.Count} points, the model finds {detector.Model.Scheme.Count}");
        }
        var tight = face.Box.ToCrop(1);
        var (found, _) = Mean(picture, tight);
        return
        [
            .. face.Landmarks.Zip(found, (label, other) =>
            {
                var move = (other - label) * (1 - options.LabelShare);
                return label + (move * MathF.Min(1, LargestMove * tight.Side / MathF.Max(move.Length(), 1e-6f)));
            }),
        ];
    }

    /// <summary>The mean of the models, and how far they are apart, % of the longest side of the tight box.</summary>
    private (Vector2[] Landmarks, float Apart) Mean(Picture picture, FaceCrop tight)
    {
        var mean = Mean(detector, picture, tight, options.Crops);
        if (second is null)
            return (mean, 0);
        tight = FaceBox.Around(mean).ToCrop(1);
        var other = Mean(second, picture, tight, 1);
        var apart = Distance(mean, other);
        return ([.. mean.Zip(other, (p, q) => Vector2.Lerp(p, q, options.SecondShare))], apart);
    }

    private static Vector2[] Mean(LandmarkDetector detector, Picture picture, FaceCrop tight, int crops)
    {
        var side = tight.Side * detector.Model.CropFactor;
        var found = detector.Detect(
            picture,
            [.. Crops.Take(crops).Select(l => new FaceCrop(
                tight.Centre + (new Vector2(l.X, l.Y) * side), side * l.Size))]);
        var mean = new Vector2[detector.Model.Scheme.Count];
        foreach (var face in found)
        {
            for (var i = 0; i < mean.Length; i++)
                mean[i] += face.Points[i] / found.Length;
        }
        return mean;
    }

    private float Disagreement(Picture picture, Vector2[] landmarks, Random random)
    {
        var (size, sum) = (detector.Model.Size, 0f);
        var (crop, expected) = (new Picture(size, size), new Vector2[landmarks.Length]);
        var full = new FaceCrop(new Vector2((size - 1) / 2f), size);
        var tight = FaceBox.Around(landmarks).ToCrop(1);
        for (var view = 0; view < options.Views; view++)
        {
            _augmenter.Apply(picture, landmarks, tight, random, crop, expected);
            sum += Distance(expected, detector.Detect(crop, full).Points.AsSpan());
        }
        return sum / Math.Max(1, options.Views);
    }

    private static float Distance(Vector2[] points, ReadOnlySpan<Vector2> others)
    {
        var sum = 0f;
        for (var i = 0; i < points.Length; i++)
            sum += Vector2.Distance(points[i], others[i]);
        return 100 * sum / points.Length / FaceBox.Around(points).ToCrop(1).Side;
    }
}

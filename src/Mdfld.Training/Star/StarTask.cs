using System.Numerics;
using Mdfld.Training.Star;

namespace Mdfld.Training;

/// <summary>Trains the original's <see cref="StarNetwork"/> with its whole loss, on crops of 256.</summary>
public sealed class StarTask(StarOptions options, StarLoss loss) : DetectorTask
{
    private readonly StarNetwork _network = new(options);
    private readonly StarCriterion _criterion = new(loss);

    /// <inheritdoc/>
    public override Module Network => _network;

    /// <inheritdoc/>
    public override LandmarkScheme Scheme => options.Scheme;

    /// <inheritdoc/>
    public override string Channels => "bgr";

    /// <inheritdoc/>
    public override void Initialise(Random random) => WeightInitialisation.Uniform(_network, random);

    /// <inheritdoc/>
    public override IReadOnlyList<SamplePart> Encode(Picture crop, ReadOnlySpan<Vector2> landmarks)
    {
        var sample = StarSample.From(crop, landmarks, Scheme);
        long maps = StarOptions.CropSize / PointHeatmaps.Reduction;
        return
        [
            new(sample.Picture, [Picture.Channels, StarOptions.CropSize, StarOptions.CropSize]),
            new(sample.Landmarks, [landmarks.Length, 2]),
            new(sample.PointMaps, [Scheme.Count, maps, maps]),
            new(sample.EdgeMaps, [Scheme.Contours.Length, maps, maps]),
        ];
    }

    /// <inheritdoc/>
    public override Tensor Loss(IReadOnlyList<Tensor> batch) =>
        _criterion.Forward(_network.Forward(batch[0]), new StarTargets(batch[1], batch[2], batch[3]));

    /// <inheritdoc/>
    public override Tensor Predict(Tensor images) => _network.Forward(images)[^1].Landmarks;
}

namespace Mdfld.Training.Finder;

/// <summary>Trains a <see cref="FinderNetwork"/> with <see cref="FinderLoss"/> on scenes.</summary>
internal sealed class FinderTask(FinderLoss loss) : TrainingTask
{
    private readonly FinderNetwork _network = new();

    /// <inheritdoc/>
    public override FinderNetwork Network => _network;

    /// <inheritdoc/>
    public override void Initialise(Random random) => _network.Initialise(random);

    /// <inheritdoc/>
    public override Tensor Loss(IReadOnlyList<Tensor> batch) =>
        loss.Forward(_network.Forward(batch[0]), [.. batch.Skip(1)]);

    /// <summary>The picture's planes, then the targets of each stride.</summary>
    public static IReadOnlyList<SamplePart> Encode(Scene scene)
    {
        var (width, height) = (scene.Picture.Width, scene.Picture.Height);
        var parts = new List<SamplePart> { PicturePlanes.Of(scene.Picture) };
        foreach (var stride in FinderNetwork.Strides)
            parts.Add(FinderTargets.Encode(scene.Faces, width, height, stride));
        return parts;
    }
}

using System.Numerics;

namespace Mdfld.Training;

/// <summary>Trains a <see cref="CompactNetwork"/> with <see cref="CompactLoss"/>.</summary>
/// <param name="scheme">What its landmarks mean.</param>
/// <param name="loss">How wrong it is.</param>
/// <param name="width">Multiplies its channels.</param>
/// <param name="stacks">Its hourglasses.</param>
/// <param name="teacher">
/// Has a say in the labels, or null. The batches are pairs then, see <see cref="MirrorPairs"/>.
/// </param>
public sealed class CompactTask(
    LandmarkScheme scheme, CompactLoss loss, double width = 1, int stacks = 1, TeacherRecipe? teacher = null)
    : DetectorTask
{
    // First, because its file may be broken: then nothing is left behind.
    private readonly CompactTeacher? _teacher = teacher is null ? null : new(teacher, scheme);
    private readonly CompactNetwork _network = new(scheme.Count, width, stacks);

    /// <inheritdoc/>
    public override Module Network => _network;

    /// <inheritdoc/>
    public override LandmarkScheme Scheme => scheme;

    /// <inheritdoc/>
    public override string Channels => "rgb";

    /// <inheritdoc/>
    public override void Initialise(Random random) => _network.Initialise(random);

    /// <inheritdoc/>
    public override bool MayBeAdded(string name) => name.StartsWith("hourglass.", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override IReadOnlyList<SamplePart> Encode(Picture crop, ReadOnlySpan<Vector2> landmarks)
    {
        var units = new float[2 * landmarks.Length];
        for (var i = 0; i < landmarks.Length; i++)
        {
            var u = (((2 * landmarks[i]) + Vector2.One) / crop.Width) - Vector2.One;
            (units[2 * i], units[(2 * i) + 1]) = (u.X, u.Y);
        }
        return [PicturePlanes.Of(crop), new(units, [landmarks.Length, 2])];
    }

    /// <inheritdoc/>
    public override Tensor Loss(IReadOnlyList<Tensor> batch)
    {
        var landmarks = _teacher?.Correct(batch[0], batch[1]) ?? batch[1];
        return loss.Forward(_network, _network.Logits(batch[0]), landmarks);
    }

    /// <inheritdoc/>
    public override void To(Device device)
    {
        base.To(device);
        _teacher?.To(device);
    }

    /// <inheritdoc/>
    public override Tensor Predict(Tensor images) => _network.Forward(images);

    /// <inheritdoc/>
    protected override void Release()
    {
        base.Release();
        _teacher?.Dispose();
    }
}

using System.Globalization;
using System.Numerics;
using Mdfld.Training.Weights;

namespace Mdfld.Training;

/// <summary>Trains a <see cref="CompactNetwork"/> with <see cref="CompactLoss"/>.</summary>
/// <param name="width">Multiplies its channels.</param>
/// <param name="stacks">Its hourglasses.</param>
/// <param name="teacher">Corrects the labels, or null. Batches are <see cref="MirrorPairs"/> then.</param>
internal sealed class CompactTask(
    LandmarkScheme scheme, CompactLoss loss, double width = 1, int stacks = 1, TeacherRecipe? teacher = null)
    : DetectorTask
{
    // First, because its file may be broken: then nothing is left behind.
    private readonly CompactTeacher? _teacher = teacher is null ? null : new(teacher, scheme);
    private readonly CompactNetwork _network = new(scheme.Count, width, stacks);

    public override Module Network => _network;

    public override LandmarkScheme Scheme => scheme;

    /// <summary>The task of a recipe.</summary>
    public static CompactTask Make(DetectorRecipe recipe, LandmarkScheme scheme) =>
        new(scheme, recipe.Loss, recipe.Width, recipe.Stacks, recipe.Teacher);

    public override void Initialise(Random random) => _network.Initialise(random);

    public override bool MayBeAdded(string name) => name.StartsWith("hourglass.", StringComparison.Ordinal);

    public override IReadOnlyList<SamplePart> Encode(Picture crop, ReadOnlySpan<Vector2> landmarks)
    {
        var units = new float[2 * landmarks.Length];
        for (var i = 0; i < landmarks.Length; i++)
            ((((2 * landmarks[i]) + Vector2.One) / crop.Width) - Vector2.One).CopyTo(units, 2 * i);
        return [PicturePlanes.Of(crop), new(units, [landmarks.Length, 2])];
    }

    public override Tensor Loss(IReadOnlyList<Tensor> batch)
    {
        var landmarks = _teacher?.Correct(batch[0], batch[1]) ?? batch[1];
        return loss.Forward(_network, _network.Logits(batch[0]), landmarks);
    }

    public override void To(Device device)
    {
        base.To(device);
        _teacher?.To(device);
    }

    public override Tensor Predict(Tensor images) => _network.Forward(images);

    protected override void Release()
    {
        base.Release();
        _teacher?.Dispose();
    }
}

/// <summary>Reads what <see cref="Trainer"/> wrote of a compact network.</summary>
internal static class CompactCheckpoint
{
    /// <summary>The network of a file, built as the file says.</summary>
    /// <param name="path">A checkpoint, or a model's <c>.safetensors</c>.</param>
    /// <exception cref="InvalidDataException">The file is no checkpoint of a compact network.</exception>
    public static CompactNetwork Load(string path, string entry = TrainingCheckpoint.Average)
    {
        using var checkpoint = Checkpoint.Load(path);
        return Load(checkpoint, entry);
    }

    /// <summary>A network and what its model file says of it.</summary>
    public static TrainedDetector Read(Checkpoint checkpoint, string? entry)
    {
        var size = (int)DetectorProperties.Number(checkpoint, DetectorProperties.Size, 64, 1024);
        var factor = DetectorProperties.Number(checkpoint, DetectorProperties.CropFactor, 0.1, 10);
        var network = Load(checkpoint, entry ?? TrainingCheckpoint.Average);
        return new TrainedDetector(network, network.Points, size, "rgb", factor.ToString(CultureInfo.InvariantCulture));
    }

    private static CompactNetwork Load(Checkpoint checkpoint, string entry)
    {
        if (checkpoint.Metadata.GetValueOrDefault(TrainingCheckpoint.NetworkKey) != NetworkKind.Compact.NameOf())
            throw new InvalidDataException(
                $"{checkpoint.Path}: expected a checkpoint of mdfld train with a compact network");
        var points = (int)DetectorProperties.Number(checkpoint, DetectorProperties.Points, 1, 1000);
        // Files from before there were several widths and stacks name none.
        var width = NumberOrOne(DetectorProperties.Width, 0.125, 4);
        var stacks = (int)NumberOrOne(DetectorProperties.Stacks, 1, 8);
        var network = new CompactNetwork(points, width, stacks);
        try
        {
            network.LoadStateDict(checkpoint, entry);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }

        double NumberOrOne(string key, double low, double high) =>
            checkpoint.Metadata.ContainsKey(key) ? DetectorProperties.Number(checkpoint, key, low, high) : 1;
    }
}

/// <summary>
/// A trained network that corrects the labels another one learns from: they are moved towards the mean of what it finds
/// in a face and in the face's mirror image, which is better than either. The other network learns to find it in one
/// pass (distillation on the augmented faces themselves, Hinton et al. 2015; Beyer et al. 2022).
/// </summary>
internal sealed class CompactTeacher : IDisposable
{
    // Where the teacher is farther off than this, network units, it is the one that is wrong.
    private const double Farthest = 0.06;

    private readonly CompactNetwork _network;
    private readonly LandmarkScheme _scheme;
    private readonly double _share;

    /// <param name="recipe">Which network, and how far it moves the labels.</param>
    /// <exception cref="InvalidDataException">The file is no compact network of this scheme.</exception>
    public CompactTeacher(TeacherRecipe recipe, LandmarkScheme scheme)
    {
        _network = CompactCheckpoint.Load(recipe.From);
        if (_network.Points != scheme.Count)
        {
            _network.Dispose();
            throw new InvalidDataException(
                $"{recipe.From}: finds {_network.Points} points; the faces to learn from have {scheme.Count}");
        }
        (_scheme, _share) = (scheme, recipe.Share);
        _network.Eval();
    }

    /// <summary>Moves labels towards what the teacher finds.</summary>
    /// <param name="images">(N, 3, S, S); N even, each odd face the mirror image of the one before.</param>
    /// <param name="landmarks">(N, P, 2), network units.</param>
    /// <returns>(N, P, 2), without gradient.</returns>
    public Tensor Correct(Tensor images, Tensor landmarks)
    {
        using var noGrad = no_grad();
        var found = MirrorPairs.Agreed(_network.Forward(images), _scheme);
        return landmarks + ((found - landmarks).clamp(-Farthest, Farthest) * _share);
    }

    public void To(Device device) => _network.To(device);

    public void Dispose() => _network.Dispose();
}

/// <summary>Batches in which every face is followed by its mirror image.</summary>
internal static class MirrorPairs
{
    /// <summary>
    /// Halfway between what is found in each picture of a pair and what is found in the other. What they differ by on
    /// average along x stays: photos are labelled a little to the right of the points, mirrored or not, see
    /// <see cref="DataRecipe.LabelShift"/>.
    /// </summary>
    /// <param name="found">(N, P, 2), network units; N even, each odd face the mirror image of the one before.</param>
    /// <param name="scheme">Which points change places.</param>
    /// <returns>(N, P, 2), network units.</returns>
    public static Tensor Agreed(Tensor found, LandmarkScheme scheme)
    {
        var pairs = found.reshape(-1, 2, scheme.Count, 2);
        var (first, second) = (pairs.slice(1, 0, 1, 1), pairs.slice(1, 1, 2, 1));
        var other = Permutation(scheme, found.device).matmul(cat([second, first], 1)) * Row(-1, 1, found.device);
        var difference = other - pairs;
        var shift = difference.mean([2], keepdim: true) * Row(1, 0, found.device);
        return (pairs + ((difference - shift) * 0.5)).reshape(found.shape);
    }

    /// <summary>(P, P): row i takes the point that is i in the mirror.</summary>
    private static Tensor Permutation(LandmarkScheme scheme, Device device)
    {
        var rows = new float[scheme.Count * scheme.Count];
        for (var i = 0; i < scheme.Count; i++)
            rows[(i * scheme.Count) + scheme.MirrorPermutation[i]] = 1;
        return Tensor.From<float>(rows, scheme.Count, scheme.Count).to(device);
    }

    private static Tensor Row(float x, float y, Device device) => Tensor.From<float>([x, y], 1, 1, 1, 2).to(device);
}

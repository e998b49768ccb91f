using Mdfld.Training;

namespace Mdfld.Generation;

/// <summary>Training the autoencoder of a generator: cut-out faces, measured by the mean error of a pixel.</summary>
/// <param name="recipe">The recipe of stage base.</param>
/// <param name="faces">What is learnt from.</param>
/// <param name="validation">What is measured on, a set each.</param>
internal sealed class AutoencoderJob(
    GeneratorRecipe recipe, GeneratorFace[] faces, IReadOnlyList<(string Name, GeneratorFace[] Faces)> validation)
    : TrainingJob
{
    private const int Columns = 8;

    private readonly AutoencoderConfig _config = recipe.Design!.AutoencoderConfig(recipe.Size);
    private Picture[] _pictures = [];
    private (string Name, SamplePart[] Pictures)[] _measured = [];

    /// <inheritdoc/>
    public override string Measure => "pixel_error";

    /// <inheritdoc/>
    public override int Samples => faces.Length;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Properties => new Dictionary<string, string>
    {
        [TrainingCheckpoint.NameKey] = recipe.Name,
        [TrainingCheckpoint.NetworkKey] = "autoencoder",
    };

    /// <inheritdoc/>
    public override AutoencoderTask MakeTask() => new(_config, recipe.Autoencoder!);

    /// <inheritdoc/>
    public override SampleSource Load(TrainingTask task, CancellationToken stop)
    {
        var distinct = faces.DistinctBy(f => (f.Picture, f.Index)).ToArray();
        _pictures = [.. Cut(distinct, recipe.Variants, stop).SelectMany(variants => variants.Select(v => v.Picture))];
        var first = distinct.Index().ToDictionary(f => (f.Item.Picture, f.Item.Index), f => f.Index * recipe.Variants);
        var order = new SampleOrder(faces.Length, recipe.Seed);
        var side = recipe.Size / _config.Reduction;
        long[] latent = [_config.LatentChannels, side, side];
        return (position, _) =>
        {
            var (face, random) = (faces[order[position]], order.RandomAt(position));
            return () =>
            {
                var picture = _pictures[first[(face.Picture, face.Index)] + random.Next(recipe.Variants)];
                return [Planes(picture, random), new(random.Normal((int)latent.Aggregate((a, b) => a * b)), latent)];
            };
        };
    }

    /// <inheritdoc/>
    public override Func<IReadOnlyList<(string Name, double Value)>>? Validator(
        TrainingTask task, Device device, CancellationToken stop)
    {
        if (validation.Count == 0)
            return null;
        _measured =
        [
            .. validation.Select(set => (
                set.Name, Cut(set.Faces, 1, stop).Select(v => PicturePlanes.Of(v[0].Picture)).ToArray())),
        ];
        var network = ((AutoencoderTask)task).Network;
        return () => [.. _measured.Select(m => (m.Name, Error(network, m.Pictures, device)))];
    }

    /// <inheritdoc/>
    public override Picture Preview(Phase phase, Random random) => Draw(
        [.. random.GetItems(_pictures, 4 * Columns)]);

    /// <summary>Pictures, and under each row what comes back.</summary>
    public override Picture? Sheet(TrainingTask task)
    {
        if (recipe.Samples == 0)
            return null;
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var network = ((AutoencoderTask)task).Network;
        var shown = (_measured.Length > 0
            ? _measured[0].Pictures
            : [.. _pictures.Take(Columns).Select(PicturePlanes.Of)])
            .Take(Columns).ToArray();
        var made = shown.Select(p => Decoded(network, p, network.Parameters().First().Tensor.device));
        return Draw(
            [.. shown.Concat(made).Select(p => PictureTensors.ToImage(Tensor.From<float>(p.Data, [1, .. p.Shape])))]);
    }

    private SamplePart Planes(Picture picture, Random random)
    {
        var planes = PicturePlanes.Of(picture);
        // Nothing is drawn without need: older recipes keep their noise.
        var share = recipe.Autoencoder!.Recolour;
        if (share <= 0 || random.NextDouble() >= share)
            return planes;
        int[] order = [0, 1, 2];
        random.Shuffle(order);
        var plane = planes.Data.Length / order.Length;
        return planes with { Data = [.. order.SelectMany(c => planes.Data.AsSpan(c * plane, plane).ToArray())] };
    }

    private static double Error(Autoencoder network, SamplePart[] pictures, Device device)
    {
        using var noGrad = no_grad();
        return pictures.Average(picture =>
        {
            using var scope = NewDisposeScope();
            var made = Decoded(network, picture, device);
            return picture.Data.Zip(made.Data, (a, b) => Math.Abs(a - b)).Average();
        });
    }

    private static SamplePart Decoded(Autoencoder network, SamplePart picture, Device device)
    {
        using var scope = NewDisposeScope();
        var moments = network.Encode(Tensor.From<float>(picture.Data, [1, .. picture.Shape]).to(device));
        return picture with { Data = network.Decode(network.Latent(moments)).to(CPU).ToArray<float>() };
    }

    private FaceVariant[][] Cut(GeneratorFace[] from, int variants, CancellationToken stop)
    {
        var framing = new FaceFraming(recipe.Size, recipe.CropFactor, recipe.CropJitter);
        return ParallelMap.Select(
            from, f => framing.CutAll(Picture.Load(f.Picture), f.Face, f.Index, variants), stop: stop);
    }

    private Picture Draw(IEnumerable<Picture> pictures) =>
        ContactSheet.Draw([.. pictures.Select(picture => new SheetCell(picture))], Columns, recipe.Size);
}

namespace Mdfld.Generation;

/// <summary>Training the autoencoder of a generator: cut-out faces, measured by the mean error of a pixel.</summary>
internal sealed class AutoencoderJob(
    GeneratorRecipe recipe, GeneratorFace[] faces, IReadOnlyList<(string Name, GeneratorFace[] Faces)> validation)
    : TrainingJob
{
    private const int Columns = 8;

    private readonly AutoencoderConfig _config = recipe.Design!.AutoencoderConfig(recipe.Size);
    private Picture[] _pictures = [];
    private (string Name, SamplePart[] Pictures)[] _measured = [];

    public override string Measure => "pixel_error";

    public override int Samples => faces.Length;

    public override IReadOnlyDictionary<string, string> Properties => new Dictionary<string, string>
    {
        [TrainingCheckpoint.NameKey] = recipe.Name,
        [TrainingCheckpoint.NetworkKey] = "autoencoder",
    };

    public override AutoencoderTask MakeTask() => new(_config, recipe.Autoencoder!);

    public override SampleSource Load(TrainingTask task, CancellationToken stop)
    {
        var distinct = faces.DistinctBy(f => (f.Picture, f.Index)).ToArray();
        _pictures = [.. Cut(distinct, recipe.Variants, stop).SelectMany(variants => variants.Select(v => v.Picture))];
        var first = distinct.Index().ToDictionary(f => (f.Item.Picture, f.Item.Index), f => f.Index * recipe.Variants);
        var order = new SampleOrder(faces.Length, recipe.Seed);
        var side = recipe.Size / _config.Reduction;
        var latents = _config.LatentChannels * side * side;
        return (position, _) =>
        {
            var (face, random) = (faces[order[position]], order.RandomAt(position));
            return () =>
            {
                var picture = _pictures[first[(face.Picture, face.Index)] + random.Next(recipe.Variants)];
                return [Planes(picture, random), new(random.Normal(latents), [_config.LatentChannels, side, side])];
            };
        };
    }

    public override Func<IReadOnlyList<(string Name, double Value)>>? Validator(
        TrainingTask task, Device device, CancellationToken stop)
    {
        if (validation.Count == 0)
            return null;
        _measured = [.. validation.Select(set => (
            set.Name, Cut(set.Faces, 1, stop).Select(v => PicturePlanes.Of(v[0].Picture)).ToArray()))];
        var network = ((AutoencoderTask)task).Network;
        return () => [.. _measured.Select(set => (set.Name, set.Pictures.Average(p => Error(network, p, device))))];
    }

    public override Picture Preview(Phase phase, Random random) => Draw(random.GetItems(_pictures, 4 * Columns));

    /// <summary>Pictures, and under each row what comes back.</summary>
    public override Picture? Sheet(TrainingTask task)
    {
        if (recipe.Samples == 0)
            return null;
        var network = ((AutoencoderTask)task).Network;
        var device = network.Parameters().First().Tensor.device;
        var shown = (_measured.Length > 0 ? _measured[0].Pictures : _pictures.Take(Columns).Select(PicturePlanes.Of))
            .Take(Columns).ToArray();
        using var scope = NewDisposeScope();
        return Draw(shown.Concat(shown.Select(p => Decoded(network, p, device)))
            .Select(p => PictureTensors.ToImage(PictureTensors.Stack([p]))));
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

    private static double Error(Autoencoder network, SamplePart picture, Device device) =>
        picture.Data.Zip(Decoded(network, picture, device).Data, (a, b) => Math.Abs(a - b)).Average();

    private static SamplePart Decoded(Autoencoder network, SamplePart picture, Device device)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var moments = network.Encode(PictureTensors.Stack([picture]).to(device));
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

/// <summary>Teaches an autoencoder to give pictures back.</summary>
internal sealed class AutoencoderTask(AutoencoderConfig config, AutoencoderRun run) : TrainingTask
{
    private readonly AutoencoderLoss _loss = new(run.Edges, run.Divergence);

    public override Autoencoder Network { get; } = new(config);

    public override void Initialise(Random random) => Network.Initialise(random);

    /// <inheritdoc/>
    /// <param name="batch">Pictures (N, 3, S, S) in [-1, 1], and noise of the latents' shape.</param>
    public override Tensor Loss(IReadOnlyList<Tensor> batch)
    {
        var moments = Network.Encode(batch[0]);
        var made = Network.Decode(Network.Latent(moments, batch[1]));
        return _loss.Forward(made.to(ScalarType.Float32), batch[0], moments);
    }
}

/// <summary>
/// An autoencoder's loss: colours (L1) and edges (L1 of the differences of neighbouring pixels, at full, half and
/// quarter size), which a mean of colours would blur; and latents that stay near a normal distribution.
/// </summary>
/// <param name="divergence">Weight of the Kullback-Leibler divergence per latent number.</param>
internal sealed class AutoencoderLoss(double edges, double divergence)
{
    private const int Scales = 3;

    /// <summary>The mean loss of a batch. Pictures (N, 3, H, W) in [-1, 1].</summary>
    public Tensor Forward(Tensor made, Tensor picture, Moments moments)
    {
        var error = made - picture;
        var loss = error.abs().mean();
        for (var scale = 0; scale < Scales; scale++)
        {
            if (scale > 0)
                error = avg_pool2d(error, 2, 2);
            loss += (error.diff(1, 3).abs().mean() + error.diff(1, 2).abs().mean()) * (edges / Scales);
        }
        return loss + (moments.Divergence().mean() * divergence);
    }
}

namespace Mdfld.Generation;

/// <summary>Training the autoencoder of a generator: cut-out faces, measured by the mean error of a pixel.</summary>
/// <param name="taught">A teacher's latents of the faces; null where there is none.</param>
internal sealed class AutoencoderJob(
    GeneratorRecipe recipe, GeneratorFace[] faces, IReadOnlyList<(string Name, GeneratorFace[] Faces)> validation,
    LatentStore? taught) : TrainingJob
{
    private const int Columns = 8;

    private Picture[] _pictures = [];
    private (string Name, SamplePart[] Pictures)[] _measured = [];

    public override string Measure => "pixel_error";

    public override int Samples => faces.Length;

    public override IReadOnlyDictionary<string, string> Properties => new Dictionary<string, string>
    {
        [TrainingCheckpoint.NameKey] = recipe.Name,
        [TrainingCheckpoint.NetworkKey] = "autoencoder",
    };

    public override AutoencoderTask MakeTask() =>
        new(recipe.Autoencoder!, Devices.Parse(recipe.Device).ComputeType(recipe.Precision), recipe.Model is not null);

    public override SampleSource Load(TrainingTask task, CancellationToken stop)
    {
        var distinct = faces.DistinctBy(f => (f.Picture, f.Index)).ToArray();
        _pictures = [.. Cut(distinct, recipe.Variants, stop).SelectMany(variants => variants.Select(v => v.Picture))];
        var first = distinct.Index().ToDictionary(f => (f.Item.Picture, f.Item.Index), f => f.Index * recipe.Variants);
        var order = new SampleOrder(faces.Length, recipe.Seed);
        return (position, _) =>
        {
            var (face, random) = (faces[order[position]], order.RandomAt(position));
            return () =>
            {
                var variant = random.Next(recipe.Variants);
                var picture = PicturePlanes.Of(_pictures[first[(face.Picture, face.Index)] + variant]);
                return taught is null ? [picture] : [picture, new(taught.Read(face, variant).Mean, taught.Shape)];
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
            from, f => framing.CutAll(FileNames.LoadPicture(f.Picture), f.Face, f.Index, variants), stop: stop);
    }

    private Picture Draw(IEnumerable<Picture> pictures) =>
        ContactSheet.Draw([.. pictures.Select(picture => new SheetCell(picture))], Columns, recipe.Size);
}

/// <summary>Teaches an autoencoder to give pictures back, and a teacher's latents on the way.</summary>
internal sealed class AutoencoderTask : TrainingTask
{
    private readonly AutoencoderRun _run;
    private readonly ScalarType? _computeType;
    private readonly PerceptualFeatures? _features;

    /// <param name="computeType">What its convolutions compute in while it learns; null: 32 bits.</param>
    /// <param name="decoderOnly">Whether the encoder stays as it is.</param>
    /// <exception cref="InvalidDataException">The file of the features is broken.</exception>
    public AutoencoderTask(AutoencoderRun run, ScalarType? computeType, bool decoderOnly)
    {
        (_run, _computeType, Network) = (run, computeType, new(run.Design.Config));
        if (decoderOnly)
            Network.Freeze([AutoencoderTiny.Encoder]);
        _features = run.Features is { } file ? PerceptualFeatures.Load(file) : null;
    }

    public override AutoencoderTiny Network { get; }

    public override void Initialise(Random random) => Network.Initialise(random);

    /// <inheritdoc/>
    /// <param name="batch">Pictures (N, 3, S, S) in [-1, 1], and the teacher's latents where there is one.</param>
    public override Tensor Loss(IReadOnlyList<Tensor> batch)
    {
        // Here alone: pictures of the sheets are made in 32 bits.
        Network.ComputeType = _computeType;
        var latent = Network.Encode(batch[0]).Mean.to(ScalarType.Float32);
        var made = Network.Decode(latent).to(ScalarType.Float32);
        var loss = PictureError(made, batch[0], _run.EdgeWeight);
        if (_run.TextureWeight > 0)
            loss += TextureError(made, batch[0]) * _run.TextureWeight;
        if (_features is not null)
            loss += _features.Distance(made, batch[0]) * _run.FeatureWeight;
        return batch.Count > 1 ? loss + ((latent - batch[1]).square().mean() * _run.LatentWeight) : loss;
    }

    public override void To(Device device)
    {
        base.To(device);
        _features?.To(device, _computeType);
    }

    /// <summary>
    /// Colours (L1) and edges (L1 of the differences of neighbouring pixels, at full, half and quarter size), which a mean
    /// of colours would blur. Pictures (N, 3, H, W) in [-1, 1].
    /// </summary>
    internal static Tensor PictureError(Tensor made, Tensor picture, double edges)
    {
        const int Scales = 3;
        var error = made - picture;
        var loss = error.abs().mean();
        for (var scale = 0; scale < Scales; scale++)
        {
            if (scale > 0)
                error = avg_pool2d(error, 2, 2);
            loss += (error.diff(1, 3).abs().mean() + error.diff(1, 2).abs().mean()) * (edges / Scales);
        }
        return loss;
    }

    /// <summary>
    /// How far the strength of texture is off, square by square, wherever in it the texture lies: the mean of what an edge or
    /// a dot may be is blurred and pale, and errors of colours and edges alone prefer it. First and second differences at
    /// full and half size tell a texture's directions and frequencies (those of neighbours alone are had for the least
    /// error by a grid of pixels); beside them chroma. Pictures (N, 3, H, W) in [-1, 1], of 16 pixels or more.
    /// </summary>
    internal static Tensor TextureError(Tensor made, Tensor picture)
    {
        const int Square = 8;
        const double Epsilon = 1e-4;
        using var chroma = Tensor.From<float>([-0.168736f, -0.331264f, 0.5f, 0.5f, -0.418688f, -0.081312f], 2, 3, 1, 1)
            .to(made.device);
        var error = Off(Square, x => conv2d(x, chroma));
        for (var square = Square; square >= Square / 2; square /= 2)
        {
            if (square < Square)
                (made, picture) = (avg_pool2d(made, 2, 2), avg_pool2d(picture, 2, 2));
            error += Off(square, x => x.diff(1, 2)) + Off(square, x => x.diff(1, 3)) + Off(square, x => x.diff(1, 2).diff(1, 2))
                + Off(square, x => x.diff(1, 3).diff(1, 3)) + Off(square, x => x.diff(1, 2).diff(1, 3));
        }
        return error;

        Tensor Off(int square, Func<Tensor, Tensor> part) =>
            (Strength(part(made), square) - Strength(part(picture), square)).abs().mean();

        static Tensor Strength(Tensor x, int square) => (avg_pool2d(x.square(), square, square / 2) + Epsilon).sqrt();
    }

    protected override void Release()
    {
        base.Release();
        _features?.Dispose();
    }
}

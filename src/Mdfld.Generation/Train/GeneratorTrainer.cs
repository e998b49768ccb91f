using Mdfld.Generation.Dataset;

namespace Mdfld.Generation;

/// <summary>
/// Trains a generator by the recipe of one stage. Stage autoencoder makes that; stage joint all the rest at once; stage
/// base a UNet with its text encoder; stage 1 a ControlNet on real faces while the UNet is frozen; stage 2 goes on with few
/// pairs of many styles (Li et al. 2024). The result is a diffusers model folder, or that of an autoencoder.
/// </summary>
/// <remarks>
/// In the run's folder: <c>autoencoder/</c> and <c>diffusion/</c> with checkpoints and logs, <c>start/</c> (stages base
/// and joint: the model before its UNet learns), <c>cache/</c>, <c>model/</c> when all is done, and <c>lora/</c> where one was
/// trained.
/// </remarks>
public sealed class GeneratorTrainer
{
    // Faces whose latents give the mean and deviation of each channel.
    private const int Scaled = 512;

    private readonly GeneratorRecipe _recipe;
    private readonly string _folder;
    private readonly StyleBook _book;
    private readonly IReadOnlyList<string> _roots;
    private GeneratorFace[] _faces;
    private readonly (string Name, GeneratorFace[] Faces)[] _validation;
    private readonly ContentCache _cache;

    /// <param name="dataRoots">Folders in which the recipe's data folders are looked for, in turn.</param>
    /// <param name="folder">Where everything goes; made if missing.</param>
    /// <param name="book">The styles; null is the library's own.</param>
    /// <param name="onBad">Told of each face that is left out because it is malformed; null leaves none out.</param>
    /// <exception cref="DirectoryNotFoundException">
    /// A data folder, or the model to start from, is not there.
    /// </exception>
    /// <exception cref="InvalidDataException">Annotations are malformed, or name an unknown style.</exception>
    public GeneratorTrainer(
        GeneratorRecipe recipe, IReadOnlyList<string> dataRoots, string folder, StyleBook? book = null,
        Action<string>? onBad = null)
    {
        (_recipe, _folder, _book, _roots) = (recipe, folder, book ?? StyleBook.Default(), dataRoots);
        if (recipe.Model is { } model && !Directory.Exists(model))
            throw new DirectoryNotFoundException($"{model}: no such model folder; the recipe starts from it ('model')");
        if (recipe.Joint is { Features: { } features, FeatureWeight: > 0 } && !File.Exists(features))
            throw new FileNotFoundException($"{features}: no such file; the recipe's 'features' are a detector's", features);
        // Drawn ones are added when it runs.
        _faces = GeneratorFaces.Open([.. recipe.Data.Where(d => d.Draw == 0)], dataRoots, _book, onBad);
        _validation = [.. recipe.Validation.Select(d => (
            Path.GetFileName(Path.TrimEndingDirectorySeparator(d.Name)),
            GeneratorFaces.Open([d], dataRoots, _book, onBad).Take(recipe.ValidationFaces).ToArray()))];
        _cache = new ContentCache(recipe.Cache ?? Path.Combine(folder, "cache"));
    }

    public string ModelFolder => Path.Combine(_folder, "model");

    public bool HasRun => Directory.Exists(ModelFolder) || (MakesStart && Directory.Exists(StartFolder))
        || File.Exists(Path.Combine(AutoencoderFolder, "last.safetensors"))
        || File.Exists(Path.Combine(DiffusionFolder, "last.safetensors"));

    private string AutoencoderFolder => Path.Combine(_folder, "autoencoder");

    private string DiffusionFolder => Path.Combine(_folder, "diffusion");

    private bool MakesStart => _recipe.Stage is "base" or GeneratorRecipe.JointStage;

    private string StartFolder => MakesStart ? Path.Combine(_folder, "start") : _recipe.Model!;

    private FaceFraming Framing => new(_recipe.Size, _recipe.CropFactor, _recipe.CropJitter);

    /// <summary>Runs to the end of the recipe.</summary>
    /// <param name="resume">Whether to go on from the last checkpoint.</param>
    /// <param name="show">Is told of each part before its first step, every few seconds, of every validation.</param>
    /// <param name="say">Is told what is done besides steps.</param>
    /// <param name="group">The processes that train together; null is this one alone.</param>
    /// <returns>Whether the recipe was done to its end.</returns>
    /// <exception cref="InvalidDataException">The model to start from is broken.</exception>
    /// <exception cref="InvalidOperationException">The loss is no longer finite.</exception>
    public bool Run(
        bool resume, ITrainingObserver show, Action<string> say, CancellationToken stop, ProcessGroup? group = null)
    {
        if (!resume && HasRun)
            throw new InvalidOperationException(
                $"{_folder} holds a run already: --resume goes on with it, --out takes another folder");
        var device = Devices.Parse(_recipe.Device);
        DiffusionJob diffusion;
        try
        {
            if (group is not { Rank: > 0 })
                DrawFaces(stop);
            group?.Barrier();
            OpenDrawnFaces();
            if (_recipe.Autoencoder is { } run)
            {
                var taught = run.Teacher is { } teacher ? Taught(teacher, run.Design.Config) : null;
                var finished = FinishedConfig(run);
                if (finished is not null)
                    run = run with { Start = Path.Combine(_recipe.Model!, finished.WeightsName + ".safetensors") };
                group?.Barrier();
                var job = new AutoencoderJob(_recipe, _faces, _validation, taught);
                if (!Train(run, "autoencoder", job, AutoencoderFolder))
                    return false;
                if (group is not { Rank: > 0 })
                    OnTrainingThread(() => FinishAutoencoder(finished, run, device, say, stop));
                group?.Barrier();
                return true;
            }
            if (MakesStart && !Directory.Exists(StartFolder) && group is not { Rank: > 0 })
                MakeStart(device);
            group?.Barrier();
            var latents = OnTrainingThread(() => Latents(Path.Combine(StartFolder, "vae")));
            group?.Barrier();
            diffusion = new DiffusionJob(
                _recipe, StartFolder, _book, WithoutSecondFaces(latents, say), _validation, latents, _cache);
            if (!Train(_recipe.Diffusion!, "diffusion", diffusion, DiffusionFolder))
                return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        if (group is not { Rank: > 0 })
            Finish(diffusion);
        group?.Barrier();
        return true;

        LatentStore Latents(string autoencoder) =>
            Encode(autoencoder, device, (group?.Rank ?? 0, group?.Size ?? 1), say, stop);

        LatentStore Taught(string teacher, AutoencoderTinyConfig config)
        {
            var latents = OnTrainingThread(() => Latents(teacher));
            var side = _recipe.Size / config.Reduction;
            return latents.Shape.SequenceEqual([config.LatentChannels, side, side]) ? latents
                : throw new InvalidDataException(
                    $"{teacher}: its latents are [{string.Join(", ", latents.Shape)}], those of the recipe's autoencoder "
                    + $"[{config.LatentChannels}, {side}, {side}]");
        }

        bool Train(GeneratorRun run, string part, TrainingJob job, string folder)
        {
            var trainer = new Trainer(run.ToSettings(_recipe, part, device.ToString()), job, folder, group);
            return trainer.Run(resume && File.Exists(trainer.LastCheckpoint), show, stop).Finished;
        }
    }

    /// <summary>Writes the trained autoencoder with the mean and deviation of its latents.</summary>
    /// <param name="finished">Where the decoder alone was trained: the options, whose mean and deviation stay true.</param>
    private bool FinishAutoencoder(
        AutoencoderTinyConfig? finished, AutoencoderRun run, Device device, Action<string> say, CancellationToken stop)
    {
        using var network = new AutoencoderTiny(run.Design.Config);
        using (var checkpoint = Checkpoint.Load(Path.Combine(AutoencoderFolder, "last.safetensors")))
            network.LoadStateDict(checkpoint, TrainingCheckpoint.Average);
        network.To(device);
        var config = finished;
        if (config is null)
        {
            var (means, deviations) = Statistics(network, device, say, stop);
            config = network.Config with { LatentsMean = means, LatentsStd = deviations };
        }
        using var target = new AtomicFolder(ModelFolder);
        ModelParts.Write(target.Path, network, config, ScalarType.Float16);
        target.Publish();
        return true;
    }

    /// <summary>The options of the autoencoder whose decoder learns on; null: a new one is trained.</summary>
    private AutoencoderTinyConfig? FinishedConfig(AutoencoderRun run)
    {
        if (_recipe.Model is not { } folder)
            return null;
        using var read = ModelParts.ReadAutoencoder(folder);
        using var designed = new AutoencoderTiny(run.Design.Config);
        return read is AutoencoderTiny finished && ShapesOf(finished).SequenceEqual(ShapesOf(designed)) ? finished.Config
            : throw new InvalidDataException($"{folder}: is not an autoencoder of the recipe's 'design'");
    }

    /// <summary>
    /// The model that the UNet's training starts from: an autoencoder, everything else drawn; or, in stage joint, a finished model.
    /// </summary>
    private void MakeStart(Device device)
    {
        var design = _recipe.Design!;
        if (_recipe.Stage == GeneratorRecipe.JointStage && DiffusionModel.IsFolder(_recipe.Model!))
        {
            using var finished = DiffusionModel.Load(_recipe.Model!, device);
            using var designed = new UNet(design.UNetConfig(finished.Autoencoder.Config, _recipe.Size));
            if (!ShapesOf(designed).SequenceEqual(ShapesOf(finished.UNet))
                || finished.Scheduler.Prediction != design.SchedulerConfig().Prediction)
                throw new InvalidDataException(
                    $"{_recipe.Model}: its UNet, or what that predicts, is not that of the recipe's 'design'");
            finished.Save(StartFolder, ScalarType.Float32);
            return;
        }
        var autoencoder = ModelParts.ReadAutoencoder(_recipe.Model!, device);
        // Rounded as the finished model holds it: the latents cached from here on serve the stages that start from it.
        autoencoder.To(device, ScalarType.Float16);
        autoencoder.To(device, ScalarType.Float32);
        var random = new Random(_recipe.Seed);
        var tokenizer = BpeTrainer.Train(_book.AllText(), design.Vocabulary, design.Text.Length);
        var text = new ClipTextEncoder(design.TextConfig(tokenizer.VocabularySize));
        text.Initialise(random);
        var unet = new UNet(design.UNetConfig(autoencoder.Config, _recipe.Size));
        unet.Initialise(random);
        using var model = new DiffusionModel(tokenizer, text, unet, autoencoder, design.SchedulerConfig());
        model.Save(StartFolder, ScalarType.Float32);
    }

    private static IEnumerable<string> ShapesOf(Module network) =>
        network.StateDict().Select(t => $"{t.Name} {string.Join(' ', t.Tensor.shape)}");

    /// <summary>As the loops compute, so that a resumed run has the bytes of an unbroken one.</summary>
    private T OnTrainingThread<T>(Func<T> work)
    {
        using var thread = new TrainingThread();
        return thread.Run(() =>
        {
            set_num_threads(_recipe.Threads ?? Environment.ProcessorCount);
            return work();
        }).GetAwaiter().GetResult();
    }

    /// <summary>Mean and standard deviation of each channel of the latents of the first faces.</summary>
    private (double[] Means, double[] Deviations) Statistics(
        Autoencoder autoencoder, Device device, Action<string> say, CancellationToken stop)
    {
        var store = new LatentStore(_cache, Framing, _recipe.Variants, autoencoder);
        var faces = _faces.DistinctBy(f => (f.Picture, f.Index)).Take(Scaled).ToArray();
        store.Fill(faces, autoencoder, device, (0, 1), Progress(say), stop);
        var (sums, squares, count) = (new double[store.Shape[0]], new double[store.Shape[0]], 0L);
        var each = (int)(store.Shape[1] * store.Shape[2]);
        foreach (var face in faces)
        {
            foreach (var (channel, values) in store.Read(face, 0).Mean.Chunk(each).Index())
            {
                sums[channel] += values.Sum(v => (double)v);
                squares[channel] += values.Sum(v => (double)v * v);
            }
            count += each;
        }
        double[] means = [.. sums.Select(s => s / count)];
        double[] deviations = [.. squares.Zip(means, (s, m) => Math.Sqrt(Math.Max(0, (s / count) - (m * m))))];
        return deviations.All(d => d > 0 && double.IsFinite(d)) ? (means, deviations)
            : throw new InvalidOperationException(
                "a channel of the autoencoder's latents is the same everywhere; train it longer");
    }

    /// <summary>The latents of all faces by an autoencoder.</summary>
    private LatentStore Encode(
        string folder, Device device, (int Rank, int Size) share, Action<string> say, CancellationToken stop)
    {
        using var autoencoder = ModelParts.ReadAutoencoder(folder, device);
        using var detector = _recipe.Joint is { Features: { } file, FeatureWeight: > 0 } ? CompactCheckpoint.Load(file) : null;
        detector?.Eval();
        var type = device.ComputeType(_recipe.Precision);
        autoencoder.To(device, type);
        detector?.To(device, type);
        var store = new LatentStore(
            _cache, Framing, _recipe.Variants, autoencoder, _recipe.Design?.Unet.Photo == true, detector);
        store.Fill(
            _recipe.Autoencoder is null ? [.. _faces, .. _validation.SelectMany(v => v.Faces)] : _faces,
            autoencoder, device, share, Progress(say), stop);
        return store;
    }

    /// <summary>Where an entry's drawn faces are; it is named after what they follow from.</summary>
    private string DrawnFolderOf(GeneratorData data, int number) => Path.Combine(_folder, "drawn", string.Create(
        CultureInfo.InvariantCulture, $"{data.Draw}-{_recipe.Size}-{_recipe.Seed + number}"));

    private void DrawFaces(CancellationToken stop)
    {
        foreach (var (number, data) in _recipe.Data.Index().Where(d => d.Item.Draw > 0))
            DrawnFolder.Make(
                DrawnFolderOf(data, number), data.Draw, _recipe.Seed + number, _recipe.Size * 3 / 2, _book, stop);
    }

    private void OpenDrawnFaces() => _faces =
    [
        .. _faces,
        .. GeneratorFaces.Open(
            [.. _recipe.Data.Index().Where(d => d.Item.Draw > 0)
                .Select(d => d.Item with { Name = Path.GetFullPath(DrawnFolderOf(d.Item, d.Index)) })], _roots, _book),
    ];

    /// <summary>
    /// The faces in whose picture no reflection of them is seen: a warped photo is mirrored beyond its edges, and what of
    /// brows, eyes, nose and mouth comes back there is known from their points.
    /// </summary>
    private GeneratorFace[] WithoutSecondFaces(LatentStore latents, Action<string> say)
    {
        if (_faces.All(f => f.Photo is not RedrawnPhoto))
            return _faces;
        var redrawn = _faces.Where(f => f.Photo is RedrawnPhoto).DistinctBy(f => (f.Picture, f.Index)).ToArray();
        var variants = redrawn.ToDictionary(
            f => (f.Picture, f.Index), f => Enumerable.Range(0, _recipe.Variants).Select(v => latents.Read(f, v)).ToArray());
        var doubled = variants.Where(v => v.Value.Any(l => l.HasSecondFace)).Select(v => v.Key).ToHashSet();
        if (doubled.Count > 0)
            say($"{doubled.Count} of {redrawn.Length} redrawn faces are left out: their picture shows a reflection of them");
        if (variants.Values.Count(v => v[0].Photo is null) is > 0 and var lost)
            say($"{lost} of {redrawn.Length} redrawn faces are learnt without their photo: it is not warped as it was");
        return [.. _faces.Where(f => !doubled.Contains((f.Picture, f.Index)))];
    }

    private void Finish(DiffusionJob job)
    {
        using var task = job.MakeTask();
        using (var checkpoint = Checkpoint.Load(Path.Combine(DiffusionFolder, "last.safetensors")))
            task.Network.LoadStateDict(checkpoint, TrainingCheckpoint.Average);
        task.Finish(Path.Combine(_folder, "lora", "pytorch_lora_weights.safetensors"));
        task.Model.Save(ModelFolder);
    }

    /// <summary>Tells now and then how far the latents are.</summary>
    private static Action<int, int> Progress(Action<string> say)
    {
        var last = System.Diagnostics.Stopwatch.StartNew();
        return (done, all) =>
        {
            if (last.Elapsed.TotalSeconds < 5 && done < all)
                return;
            last.Restart();
            say($"latents of {done} of {all} faces");
        };
    }
}

using Mdfld.Generation.Dataset;

namespace Mdfld.Generation;

/// <summary>
/// Trains a generator by the recipe of one stage. Stage base makes an autoencoder, then a UNet with its text encoder;
/// stage 1 a ControlNet on real faces while the UNet is frozen; stage 2 goes on with few pairs of many styles (Li et
/// al. 2024). The result is a diffusers model folder.
/// </summary>
/// <remarks>
/// In the run's folder: <c>autoencoder/</c> and <c>diffusion/</c> with checkpoints and logs, <c>start/</c> (stage base:
/// the model before its UNet learns), <c>cache/</c>, <c>model/</c> when all is done, and <c>lora/</c> where one was
/// trained.
/// </remarks>
public sealed class GeneratorTrainer
{
    // Faces whose latents decide on the scaling factor.
    private const int Scaled = 512;

    private readonly GeneratorRecipe _recipe;
    private readonly string _folder;
    private readonly StyleBook _book;
    private readonly GeneratorFace[] _faces;
    private readonly (string Name, GeneratorFace[] Faces)[] _validation;
    private readonly ContentCache _cache;

    /// <param name="dataRoots">Folders in which the recipe's data folders are looked for, in turn.</param>
    /// <param name="folder">Where everything goes; made if missing.</param>
    /// <param name="book">The styles; null is the library's own.</param>
    /// <exception cref="DirectoryNotFoundException">
    /// A data folder, or the model to start from, is not there.
    /// </exception>
    /// <exception cref="InvalidDataException">Annotations are malformed, or name an unknown style.</exception>
    public GeneratorTrainer(
        GeneratorRecipe recipe, IReadOnlyList<string> dataRoots, string folder, StyleBook? book = null)
    {
        (_recipe, _folder, _book) = (recipe, folder, book ?? StyleBook.Default());
        if (recipe.Model is { } model && !Directory.Exists(model))
            throw new DirectoryNotFoundException($"{model}: no such model folder; the recipe starts from it ('model')");
        _faces = GeneratorFaces.Open(recipe.Data, dataRoots, _book);
        _validation = [.. recipe.Validation.Select(d => (
            Path.GetFileName(Path.TrimEndingDirectorySeparator(d.Name)),
            GeneratorFaces.Open([d], dataRoots, _book).Take(recipe.ValidationFaces).ToArray()))];
        _cache = new ContentCache(recipe.Cache ?? Path.Combine(folder, "cache"));
    }

    public string ModelFolder => Path.Combine(_folder, "model");

    public bool HasRun => Directory.Exists(ModelFolder) || (_recipe.Stage == "base" && Directory.Exists(StartFolder))
        || File.Exists(Path.Combine(AutoencoderFolder, "last.safetensors"))
        || File.Exists(Path.Combine(DiffusionFolder, "last.safetensors"));

    private string AutoencoderFolder => Path.Combine(_folder, "autoencoder");

    private string DiffusionFolder => Path.Combine(_folder, "diffusion");

    private string StartFolder => _recipe.Stage == "base" ? Path.Combine(_folder, "start") : _recipe.Model!;

    private FaceFraming Framing => new(_recipe.Size, _recipe.CropFactor, _recipe.CropJitter);

    /// <summary>Runs to the end of the recipe.</summary>
    /// <param name="resume">Whether to go on from the last checkpoint.</param>
    /// <param name="autoencoderOnly">Stage base: whether to end with the autoencoder.</param>
    /// <param name="show">Is told of each part before its first step, every few seconds, of every validation.</param>
    /// <param name="say">Is told what is done besides steps.</param>
    /// <param name="group">The processes that train together; null is this one alone.</param>
    /// <returns>Whether the recipe was done to its end.</returns>
    /// <exception cref="InvalidDataException">The model to start from is broken.</exception>
    /// <exception cref="InvalidOperationException">The loss is no longer finite.</exception>
    public bool Run(
        bool resume, bool autoencoderOnly, ITrainingObserver show, Action<string> say, CancellationToken stop,
        ProcessGroup? group = null)
    {
        if (!resume && HasRun)
            throw new InvalidOperationException(
                $"{_folder} holds a run already: --resume goes on with it, --out takes another folder");
        var device = Devices.Parse(_recipe.Device);
        try
        {
            if (_recipe.Stage == "base" && !Directory.Exists(StartFolder))
            {
                var job = new AutoencoderJob(_recipe, _faces, _validation);
                if (!Train(_recipe.Autoencoder!, "autoencoder", job, AutoencoderFolder))
                    return false;
                if (group is not { Rank: > 0 })
                    OnTrainingThread(() => MakeStart(device, say, stop));
            }
            // All have seen whether the folder was there before it is made.
            group?.Barrier();
            if (autoencoderOnly)
                return true;
            var latents = OnTrainingThread(() => Latents(device, (group?.Rank ?? 0, group?.Size ?? 1), say, stop));
            group?.Barrier();
            var diffusion = new DiffusionJob(_recipe, StartFolder, _book, _faces, _validation, latents, _cache);
            if (!Train(_recipe.Diffusion, "diffusion", diffusion, DiffusionFolder))
                return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        if (group is not { Rank: > 0 })
            Finish();
        group?.Barrier();
        return true;

        bool Train(GeneratorRun run, string part, TrainingJob job, string folder)
        {
            var trainer = new Trainer(run.ToSettings(_recipe, part, device.ToString()), job, folder, group);
            return trainer.Run(resume && File.Exists(trainer.LastCheckpoint), show, stop).Finished;
        }
    }

    /// <summary>The model that the UNet's training starts from: a trained autoencoder, everything else drawn.</summary>
    private bool MakeStart(Device device, Action<string> say, CancellationToken stop)
    {
        var design = _recipe.Design!;
        using var trained = new Autoencoder(design.AutoencoderConfig(_recipe.Size));
        using (var checkpoint = Checkpoint.Load(Path.Combine(AutoencoderFolder, "last.safetensors")))
            trained.LoadStateDict(checkpoint, TrainingCheckpoint.Average);
        // Rounded as the finished model holds it: the latents cached from here on serve the stages that start from
        // that.
        trained.To(device, ScalarType.Float16);
        trained.To(device, ScalarType.Float32);
        var config = design.AutoencoderConfig(_recipe.Size, Scaling(trained, device, say, stop));
        var autoencoder = new Autoencoder(config);
        var weights = trained.StateDict().ToDictionary(t => t.Name, t => t.Tensor);
        autoencoder.LoadStateDict(name => weights[name].detach(), AutoencoderFolder);
        var random = new Random(_recipe.Seed);
        var tokenizer = BpeTrainer.Train(_book.AllText(), design.Vocabulary, design.Text.Length);
        var text = new ClipTextEncoder(design.TextConfig(tokenizer.VocabularySize));
        text.Initialise(random);
        var unet = new UNet(design.UNetConfig(_recipe.Size / config.Reduction));
        unet.Initialise(random);
        using var model = new DiffusionModel(tokenizer, text, unet, autoencoder, design.SchedulerConfig());
        model.Save(StartFolder, ScalarType.Float32);
        return true;
    }

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

    /// <summary>The factor that brings the latents of the first faces to a variance of 1.</summary>
    private double Scaling(Autoencoder autoencoder, Device device, Action<string> say, CancellationToken stop)
    {
        var store = new LatentStore(_cache, Framing, _recipe.Variants, autoencoder);
        var faces = _faces.DistinctBy(f => (f.Picture, f.Index)).Take(Scaled).ToArray();
        store.Fill(faces, autoencoder, device, (0, 1), Progress(say), stop);
        var (sum, squares, count) = (0.0, 0.0, 0L);
        foreach (var (_, means, logVariances) in faces.Select(face => store.Read(face, 0)))
        {
            foreach (var (mean, logVariance) in means.Zip(logVariances))
            {
                sum += mean;
                squares += (mean * mean) + Math.Exp(logVariance);
            }
            count += means.Length;
        }
        var variance = (squares / count) - (sum / count * (sum / count));
        return variance > 0 && double.IsFinite(variance) ? 1 / Math.Sqrt(variance)
            : throw new InvalidOperationException(
                $"the autoencoder's latents have the variance {variance}; train it longer");
    }

    private LatentStore Latents(Device device, (int Rank, int Size) share, Action<string> say, CancellationToken stop)
    {
        using var autoencoder = ModelParts.ReadAutoencoder(Path.Combine(StartFolder, "vae"), device);
        var store = new LatentStore(_cache, Framing, _recipe.Variants, autoencoder);
        store.Fill(
            [.. _faces, .. _validation.SelectMany(v => v.Faces)], autoencoder, device, share, Progress(say), stop);
        return store;
    }

    private void Finish()
    {
        using var task = new DiffusionTask(_recipe, DiffusionModel.Load(StartFolder));
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

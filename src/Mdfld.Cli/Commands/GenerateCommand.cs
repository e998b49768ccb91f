using Mdfld.Generation;
using Mdfld.Generation.Dataset;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld generate</c>: a data set of labelled faces in many styles.</summary>
internal sealed class GenerateCommand : Command
{
    private readonly Option<string> _styles = SharedOptions.Value(
        "--styles", "LIST", "Styles of those below, parted by commas; or all", "all");

    private readonly Option<int> _perStyle = SharedOptions.Number(
        "--per-style", "N", "Pictures of each style", 400, 1, 99_999);

    private readonly Option<string> _engine = SharedOptions.Choice(
        "--engine", "diffusion: a generator paints; stylize: labelled pictures are redrawn",
        "diffusion", "stylize");

    private readonly Option<string?> _model = SharedOptions.Text(
        "--generator", "DIR|FILE",
        "Generator: a folder of diffusers, or a Stable Diffusion in one file [default: generator-small]");

    private readonly Option<string?> _tokenizer = SharedOptions.Text(
        "--tokenizer", "DIR", "For a generator in one file: a folder with tokenizer/ and, if it has one, scheduler/");

    private readonly Option<string?> _vae = SharedOptions.Text(
        "--vae", "NAME|DIR", "Another autoencoder, such as taesd (mdfld model pull) [default: the generator's]");

    private readonly Option<string?> _controlNet = SharedOptions.Text(
        "--controlnet", "DIR|FILE", "Another ControlNet for the generator [default: its folder controlnet]");

    private readonly Option<string[]> _lora = new("--lora")
    {
        Description = "Low-rank changes of the generator, names of peft, diffusers or kohya; may be repeated",
        HelpName = "FILE",
    };

    private readonly Option<string[]> _words = new("--words")
    {
        Description = "Textual inversions: words for the prompts of --style-file; may be repeated",
        HelpName = "FILE",
    };

    private readonly Option<double> _loraScale = SharedOptions.Number(
        "--lora-scale", "N", "How much of them", 1.0, -10, 10);

    private readonly Option<string?> _sampler = SharedOptions.Text(
        "--sampler", "NAME", $"{string.Join(", ", Schedulers.Names)} [default: the model's]");

    private readonly Option<int> _steps = SharedOptions.Number(
        "--steps", "N", "Steps of the sampler", 20, 1, 1000);

    private readonly Option<string?> _start = SharedOptions.ChoiceOrNone(
        "--start",
        "What is painted over: noise, the labelled photo, or the photo stylized "
        + "[default: the last where the generator reads photos, else noise]",
        [.. Enum.GetNames<PipelineStart>().Select(name => name.ToLowerInvariant())]);

    private readonly Option<string[]> _landmarks = new("--landmarks")
    {
        Description = "Labelled faces to vary, in any format; may be repeated [default: drawings]",
        HelpName = "DIR|FILE",
    };

    private readonly Option<string> _out = SharedOptions.Out(
        "DIR", "Folder to write; several shards share it");

    private readonly Option<long> _seed = SharedOptions.Number(
        "--seed", "N", "Random seed", 1L, long.MinValue, long.MaxValue);

    private readonly Option<string> _shard = SharedOptions.Value(
        "--shard", "I/N", "Which of several processes this is", "1/1");

    private readonly Option<bool> _resume = SharedOptions.Flag(
        "--resume", "Goes on where a run was stopped; also with more styles or pictures");

    private readonly Option<bool> _force = SharedOptions.Force();

    private readonly Option<string?> _styleFile = SharedOptions.Text(
        "--style-file", "FILE", "Styles of your own [default: those below]");

    private readonly Option<string> _checkModel = SharedOptions.Value(
        "--check-model", "NAME|FILE", "Landmark model that checks every picture",
        SharedOptions.DefaultModel);

    private readonly Option<string> _check = SharedOptions.Choice(
        "--check",
        "full: makes a picture again where the finder sees no face, or the landmark model's error is over the threshold or "
        + "half of a blind guess's; nme: only the threshold; none: keeps all",
        [.. Enum.GetNames<CheckLevel>().Reverse().Select(name => name.ToLowerInvariant())]);

    private readonly Option<string?> _checkFinder = SharedOptions.Text(
        "--check-finder", "NAME|FILE", "Face finder of the full check [default: built in]");

    private readonly Option<double> _threshold = SharedOptions.Number(
        "--check-threshold", "NME", "Largest error, % of the outer eye corners' distance", 8, 0.001, 1000);

    private readonly Option<int> _attempts = SharedOptions.Number(
        "--attempts", "N", "Attempts before a picture is given up", 10, 1, 1000);

    private readonly Option<bool> _trustCode = SharedOptions.TrustCode();
    private readonly Option<bool> _quiet = SharedOptions.Quiet();
    private readonly Option<int> _threads = SharedOptions.Threads();

    private readonly Option<string?> _device = SharedOptions.TorchDevice("auto");

    public GenerateCommand()
        : base("generate", "Makes labelled faces in many styles, to train on.")
    {
        Option[] options =
        [
            _styles, _perStyle, _engine, _model, _tokenizer, _vae, _controlNet, _lora, _loraScale, _words, _sampler,
            _steps, _start, _landmarks, _out, _seed, _shard, _resume, _force, _styleFile, _check, _checkModel, _checkFinder,
            _trustCode, _threshold, _attempts,
            _quiet, _threads, _device,
        ];
        foreach (var option in options)
            Add(option);
        SetAction((parsed, stop) => Task.Run(() => RunAsync(parsed, stop), CancellationToken.None));
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var book = parsed.GetValue(_styleFile) is { } file ? ReadStyles(file) : StyleBook.Default();
        var samples = Shard(parsed, book);
        var pool = Landmarks(parsed);
        if (parsed.GetValue(_force))
            KeepInputs(parsed, pool);
        using var engine = Engine(parsed, pool);
        var checkModel = parsed.GetRequiredValue(_checkModel);
        using var detector = LoadCheck(
            checkModel, new CodeTrust(parsed.GetValue(_trustCode), parsed.InvocationConfiguration.Error));
        var level = Enum.Parse<CheckLevel>(parsed.GetRequiredValue(_check), ignoreCase: true);
        using var finder = level == CheckLevel.Full ? LoadFinder(parsed.GetValue(_checkFinder)) : null;
        var settings = new DatasetSettings
        {
            Engine = engine.Info.Engine,
            Model = engine.Info.Model,
            ModelSha256 = engine.Info.ModelHash,
            Sampler = engine.Info.Sampler,
            Steps = engine.Info.Steps,
            Start = engine.Info.Start,
            ComputeType = engine.Info.ComputeType,
            Seed = parsed.GetValue(_seed),
            StylesSha256 = book.Hash,
            Landmarks = pool.Count,
            LandmarksSha256 = pool.Hash,
            Check = parsed.GetRequiredValue(_check),
            CheckModel = detector.Model.Name,
            CheckFinder = finder?.Name,
            CheckThreshold = parsed.GetValue(_threshold),
            Attempts = parsed.GetValue(_attempts),
        };
        var check = new FaceCheck(detector, finder, level, settings.CheckThreshold);
        var generator = new SampleGenerator(book, pool, engine, check, settings);
        using var writer = UsageException.IfRefused("--out ", () => SampleWriter.Open(
            parsed.GetRequiredValue(_out), settings, samples, parsed.GetValue(_resume), parsed.GetValue(_force)));
        var threads = parsed.ThreadsOf(_threads);
        var run = new GenerationRun(generator, writer, samples)
        {
            Workers = Math.Min(threads, engine.Workers ?? threads),
            Folder = parsed.GetRequiredValue(_out),
        };
        var quiet = parsed.GetValue(_quiet);
        var error = parsed.InvocationConfiguration.Error;
        if (pool.LeftOut > 0 && !quiet)
        {
            error.WriteLine(
                $"mdfld: {pool.LeftOut} of {pool.LeftOut + pool.Count} labelled faces are left out: "
                + "their contours cross");
        }

        var progress = new GenerationProgress(error, samples.Samples().Count());
        return await progress.RunAsync(quiet, bar: true, () => run.RunAsync(settings, book, progress, stop));
    }

    private void KeepInputs(ParseResult parsed, LandmarkPool pool) => InputFiles.Keep(
        parsed.GetRequiredValue(_out),
        [
            .. parsed.GetValue(_landmarks) ?? [], .. pool.PictureFolders(), .. parsed.GetValue(_lora) ?? [],
            parsed.GetValue(_styleFile), parsed.GetValue(_model), parsed.GetValue(_vae), parsed.GetValue(_controlNet),
        ]);

    private FaceEngine Engine(ParseResult parsed, LandmarkPool pool)
    {
        var model = parsed.GetValue(_model);
        if (parsed.GetValue(_engine) == "stylize")
        {
            Option[] ofGenerators = [_model, _tokenizer, _vae, _controlNet, _lora, _words];
            return ofGenerators.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is not { } given
                ? new StylizeEngine(DatasetSettings.PictureSize)
                : throw new UsageException($"{given.Name} has no meaning with --engine stylize, which needs no model");
        }
        var folder = model ?? ModelFolder.Generator() ?? throw new UsageException(
            "no generator is installed: give one with --generator DIR; --engine stylize works without");
        var (controlNet, lora, tokenizer) =
            (parsed.GetValue(_controlNet), parsed.GetValue(_lora) ?? [], parsed.GetValue(_tokenizer));
        if (!Path.Exists(folder))
            throw new UsageException($"--generator {folder}: no such folder or file");
        if (File.Exists(folder) && tokenizer is null)
            throw new UsageException(
                $"--generator {folder}: one file has no tokenizer: give --tokenizer DIR, where DIR/tokenizer has the "
                + "vocab.json and merges.txt of CLIP");
        if (tokenizer is not null && !Directory.Exists(tokenizer))
            throw new UsageException($"--tokenizer {tokenizer}: no such folder");
        if (controlNet is not null && !Path.Exists(controlNet))
            throw new UsageException($"--controlnet {controlNet}: no such folder or file");
        var words = parsed.GetValue(_words) ?? [];
        foreach (var (option, file) in lora.Select(f => ("--lora", f)).Concat(words.Select(f => ("--words", f))))
        {
            if (!File.Exists(file))
                throw new UsageException($"{option} {file}: no such file");
        }
        var options = new PipelineOptions(parsed.GetValue(_sampler), parsed.GetValue(_steps), StartOf(parsed, pool))
        {
            Autoencoder = parsed.GetValue(_vae) is { } vae ? ModelFolder.ResolveAutoencoder("--vae", vae) : null,
            ControlNet = controlNet,
            Tokenizer = File.Exists(folder) ? tokenizer : null,
            Lora = lora,
            Words = words,
            LoraScale = parsed.GetValue(_loraScale),
        };
        return UsageException.IfRefused("--sampler, --steps: ", () => new DiffusionEngine(
            folder, options, DatasetSettings.PictureSize, parsed.GetValue(_device) ?? "auto"));
    }

    private static StyleBook ReadStyles(string file) =>
        File.Exists(file) ? UsageException.IfBroken(() => StyleBook.Read(file)) : throw new UsageException($"--style-file {file}: no such file");

    private static LandmarkDetector LoadCheck(string nameOrFile, CodeTrust trust)
    {
        // Pairs are checked side by side, a thread each.
        var options = new DetectorOptions { Threads = 1 };
        var detector = nameOrFile == SharedOptions.DefaultModel
            ? LandmarkDetector.Create(options) : ModelFolder.Load(nameOrFile, options, trust);
        if (detector.Model.Scheme.Count == LandmarkScheme.Ibug68.Count)
            return detector;
        var count = detector.Model.Scheme.Count;
        detector.Dispose();
        throw new UsageException($"--check-model {nameOrFile}: finds {count} points, expected a model of 68");
    }

    private static FaceFinder LoadFinder(string? nameOrFile)
    {
        var options = new DetectorOptions { Threads = 1 };
        return ModelFolder.ResolveFinder(nameOrFile, "--check-finder") is { } file
            ? FaceFinder.Load(file, options) : FaceFinder.Create(options);
    }

    private DatasetShard Shard(ParseResult parsed, StyleBook book)
    {
        var (number, count) = ParseShard(parsed.GetRequiredValue(_shard));
        var styles = UsageException.IfRefused("--styles: ", () => book.Select(parsed.GetRequiredValue(_styles)));
        return new DatasetShard(styles, parsed.GetValue(_perStyle), number, count);
    }

    private LandmarkPool Landmarks(ParseResult parsed)
    {
        var paths = parsed.GetValue(_landmarks) ?? [];
        if (paths.Length == 0)
            return LandmarkPool.Drawn();
        if (paths.FirstOrDefault(p => !FileNames.IsFile(p) && !FileNames.IsFolder(p)) is { } missing)
            throw new UsageException($"--landmarks {missing}: no such file or folder");
        var pool = LandmarkPool.Read(paths);
        var needsPhotos = parsed.GetValue(_engine) == "stylize" || Start(parsed) is PipelineStart.Photo or PipelineStart.Stylized;
        return needsPhotos && pool.MissingPicture() is { } picture
            ? throw new FileNotFoundException($"{picture}: no such picture, and it is to be redrawn", picture) : pool;
    }

    /// <summary>The start that --start names; without it noise where landmarks have no photos, else null: the model's.</summary>
    private PipelineStart? StartOf(ParseResult parsed, LandmarkPool pool) =>
        Start(parsed) ?? (pool.MissingPicture() is null ? null : PipelineStart.Noise);

    private PipelineStart? Start(ParseResult parsed) =>
        parsed.GetValue(_start) is { } start ? Enum.Parse<PipelineStart>(start, ignoreCase: true) : null;

    private static (int, int) ParseShard(string text)
    {
        var numbers = text.Split('/').Select(n => int.TryParse(
            n, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0).ToArray();
        return numbers is [var shard and >= 1, var shards and <= 10_000] && shard <= shards
            ? (shard - 1, shards)
            : throw new UsageException($"--shard '{text}': expected I/N with I from 1 to N, at most 10000");
    }
}

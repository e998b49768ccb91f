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
        "--engine", "diffusion: a generator paints; stylize: labelled photos are redrawn",
        "diffusion", "stylize");

    private readonly Option<string?> _model = SharedOptions.Text(
        "--generator", "DIR",
        "Generator: a folder of diffusers with a controlnet [default: generator-small]");

    private readonly Option<string?> _sampler = SharedOptions.Text(
        "--sampler", "NAME", $"{string.Join(", ", Schedulers.Names)} [default: the model's]");

    private readonly Option<int> _steps = SharedOptions.Number(
        "--steps", "N", "Steps of the sampler", 20, 1, 1000);

    private readonly Option<string> _start = SharedOptions.Choice(
        "--start", "What is painted over: noise, the labelled photo, or the photo stylized",
        [.. Enum.GetNames<PipelineStart>().Select(name => name.ToLowerInvariant())]);

    private readonly Option<string[]> _landmarks = new("--landmarks")
    {
        Description = "Labelled faces to vary, in any format; may be repeated [default: drawn ones]",
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

    private readonly Option<string?> _styleFile = SharedOptions.Text(
        "--style-file", "FILE", "Styles of your own [default: those below]");

    private readonly Option<string> _checkModel = SharedOptions.Value(
        "--check-model", "NAME|FILE", "Landmark model that checks every picture",
        SharedOptions.DefaultModel);

    private readonly Option<double> _threshold = SharedOptions.Number(
        "--check-threshold", "NME",
        "Makes a picture again from this error on, % of the outer eye corners' distance", 12, 0.001, 1000);

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
            _styles, _perStyle, _engine, _model, _sampler, _steps, _start, _landmarks, _out, _seed, _shard, _resume,
            _styleFile, _checkModel, _trustCode, _threshold, _attempts, _quiet, _threads, _device,
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
        using var engine = Engine(parsed);
        var checkModel = parsed.GetRequiredValue(_checkModel);
        using var detector = LoadCheck(
            checkModel, new CodeTrust(parsed.GetValue(_trustCode), parsed.InvocationConfiguration.Error));
        var settings = new DatasetSettings
        {
            Engine = engine.Info.Engine,
            Model = engine.Info.Model,
            ModelSha256 = engine.Info.ModelHash,
            Sampler = engine.Info.Sampler,
            Steps = engine.Info.Steps,
            Start = engine.Info.Start,
            Seed = parsed.GetValue(_seed),
            StylesSha256 = book.Hash,
            Landmarks = pool.Count,
            LandmarksSha256 = pool.Hash,
            CheckModel = detector.Model.Name,
            CheckThreshold = parsed.GetValue(_threshold),
            Attempts = parsed.GetValue(_attempts),
        };
        var generator = new SampleGenerator(book, pool, engine, detector, settings);
        using var writer = UsageException.IfRefused("--out ", () => SampleWriter.Open(
            parsed.GetRequiredValue(_out), settings, samples, parsed.GetValue(_resume)));
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

    private FaceEngine Engine(ParseResult parsed)
    {
        var model = parsed.GetValue(_model);
        if (parsed.GetValue(_engine) == "stylize")
        {
            return model is null
                ? new StylizeEngine(DatasetSettings.PictureSize)
                : throw new UsageException("--generator has no meaning with --engine stylize, which needs none");
        }
        var folder = model ?? ModelFolder.Generator() ?? throw new UsageException(
            "no generator is installed: give one with --generator DIR; --engine stylize works without");
        if (!Directory.Exists(folder))
            throw new UsageException($"--generator {folder}: no such folder");
        var options = new PipelineOptions(parsed.GetValue(_sampler), parsed.GetValue(_steps), Start(parsed));
        return UsageException.IfRefused("--sampler, --steps: ", () => new DiffusionEngine(
            folder, options, DatasetSettings.PictureSize, parsed.GetValue(_device) ?? "auto"));
    }

    private static StyleBook ReadStyles(string file) =>
        File.Exists(file) ? StyleBook.Read(file) : throw new UsageException($"--style-file {file}: no such file");

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

    private DatasetShard Shard(ParseResult parsed, StyleBook book)
    {
        var (number, count) = ParseShard(parsed.GetRequiredValue(_shard));
        var styles = UsageException.IfRefused("--styles: ", () => book.Select(parsed.GetRequiredValue(_styles)));
        return new DatasetShard(styles, parsed.GetValue(_perStyle), number, count);
    }

    private LandmarkPool Landmarks(ParseResult parsed)
    {
        var paths = parsed.GetValue(_landmarks) ?? [];
        var needsPhotos = parsed.GetValue(_engine) == "stylize" || Start(parsed) != PipelineStart.Noise;
        if (paths.Length == 0)
        {
            return !needsPhotos ? LandmarkPool.Drawn() : throw new UsageException(
                "--landmarks DIR is missing: --engine stylize and --start need labelled photos");
        }
        if (paths.FirstOrDefault(p => !Path.Exists(p)) is { } missing)
            throw new UsageException($"--landmarks {missing}: no such file or folder");
        var pool = LandmarkPool.Read(paths);
        return needsPhotos && pool.MissingPicture() is { } picture
            ? throw new FileNotFoundException($"{picture}: no such picture, and it is to be redrawn", picture) : pool;
    }

    private PipelineStart Start(ParseResult parsed) =>
        Enum.Parse<PipelineStart>(parsed.GetRequiredValue(_start), ignoreCase: true);

    private static (int, int) ParseShard(string text)
    {
        var numbers = text.Split('/').Select(n => int.TryParse(
            n, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0).ToArray();
        return numbers is [var shard and >= 1, var shards and <= 10_000] && shard <= shards
            ? (shard - 1, shards)
            : throw new UsageException($"--shard '{text}': expected I/N with I from 1 to N, at most 10000");
    }
}

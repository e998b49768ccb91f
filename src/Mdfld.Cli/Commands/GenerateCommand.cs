using System.CommandLine.Parsing;
using Mdfld.Generation;
using Mdfld.Generation.Dataset;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld generate</c>: a data set of labelled faces in many styles.</summary>
internal sealed class GenerateCommand : Command
{
    private readonly Option<string> _styles = SharedOptions.Value(
        "--styles", "LIST", "all, or styles parted by commas", "all");

    private readonly Option<int> _perStyle = SharedOptions.Number(
        "--per-style", "N", "Pairs of each style", 400, 1, 99_999);

    private readonly Option<string> _engine = SharedOptions.Choice(
        "--engine", "diffusion paints with a generator; stylize redraws labelled photos, without one",
        "diffusion", "stylize");

    private readonly Option<string?> _model = SharedOptions.Text(
        "--model", "DIR",
        "The generator: a diffusers folder with a controlnet [default: the one the program comes with]");

    private readonly Option<string?> _sampler = SharedOptions.Text(
        "--sampler", "NAME", $"{string.Join(", ", Schedulers.Names)} [default: the model's]");

    private readonly Option<int> _steps = SharedOptions.Number(
        "--steps", "N", "Steps of the sampler", 20, 1, 1000);

    private readonly Option<PipelineStart> _start = SharedOptions.Value(
        "--start", "noise|photo|stylized",
        "Paints from noise, or changes the labelled photo, or the photo already stylized", PipelineStart.Noise);

    private readonly Option<string[]> _landmarks = SharedOptions.Value<string[]>(
        "--landmarks", "DIR|FILE",
        "Labelled faces to vary: a folder or a file of any format; may be repeated "
        + "[default: faces the program draws]", []);

    private readonly Option<string> _out = SharedOptions.Required(
        "--out", "DIR", "Folder to write, new or of the other shards");

    private readonly Option<long> _seed = SharedOptions.Value("--seed", "N", "Decides on every picture", 1L);

    private readonly Option<(int Shard, int Shards)> _shard = new("--shard")
    {
        Description = "Which of several processes this is, such as 1/4: they share DIR",
        HelpName = "I/N",
        DefaultValueFactory = _ => (0, 1),
        CustomParser = ParseShard,
    };

    private readonly Option<bool> _resume = SharedOptions.Flag(
        "--resume", "Goes on where the same command was stopped; also with more styles or more pairs");

    private readonly Option<string?> _styleFile = SharedOptions.Text(
        "--style-file", "FILE", "Styles of your own [default: the 25 inside the program]");

    private readonly Option<string> _checkModel = SharedOptions.Value(
        "--check-model", "NAME|FILE", "The detector that checks every pair: a model by name or file",
        SharedOptions.DefaultModel);

    private readonly Option<double> _threshold = SharedOptions.Value(
        "--check-threshold", "NME",
        "Makes a pair again where its points are farther off, % of the outer eye corners' distance", 12d);

    private readonly Option<int> _attempts = SharedOptions.Number(
        "--attempts", "N", "Attempts before a sample is given up", 10, 1, 1000);

    private readonly Option<bool> _trustCode = SharedOptions.TrustCode();
    private readonly Option<bool> _quiet = SharedOptions.Quiet();
    private readonly Option<int> _threads = SharedOptions.Threads();

    private readonly Option<string> _device = SharedOptions.Value(
        "--device", "DEVICE", "Where the generator runs: cpu, cuda, cuda:N, or auto, a card if there is one", "auto");

    public GenerateCommand()
        : base("generate", "Makes labelled faces in many styles: a data set to train on.")
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
                : throw new UsageException("--model has no meaning with --engine stylize, which needs none");
        }
        var folder = model ?? ModelFolder.Generator() ?? throw new UsageException(
            "no generator is installed: give one with --model DIR; --engine stylize works without");
        if (!Directory.Exists(folder))
            throw new UsageException($"--model {folder}: no such folder");
        var options = new PipelineOptions(parsed.GetValue(_sampler), parsed.GetValue(_steps), parsed.GetValue(_start));
        return UsageException.IfRefused("--sampler, --steps: ", () => new DiffusionEngine(
            folder, options, DatasetSettings.PictureSize, parsed.GetRequiredValue(_device)));
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
        if (!(parsed.GetValue(_threshold) is > 0 and <= 1000))
            throw new UsageException("--check-threshold must be more than 0 and at most 1000 %");
        var (number, count) = parsed.GetValue(_shard);
        var styles = UsageException.IfRefused("--styles: ", () => book.Select(parsed.GetRequiredValue(_styles)));
        return new DatasetShard(styles, parsed.GetValue(_perStyle), number, count);
    }

    private LandmarkPool Landmarks(ParseResult parsed)
    {
        var paths = parsed.GetValue(_landmarks) ?? [];
        var needsPhotos = parsed.GetValue(_engine) == "stylize" || parsed.GetValue(_start) != PipelineStart.Noise;
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

    private static (int, int) ParseShard(ArgumentResult result)
    {
        var parts = result.Tokens[0].Value.Split('/');
        if (parts.Length == 2 && int.TryParse(parts[0], out var shard) && int.TryParse(parts[1], out var shards)
            && shard >= 1 && shard <= shards && shards <= 10_000)
            return (shard - 1, shards);
        result.AddError($"--shard: '{result.Tokens[0].Value}' is no I/N with I from 1 to N.");
        return default;
    }
}

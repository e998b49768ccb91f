using System.Security.Cryptography;
using System.Text;

namespace Mdfld.Generation.Dataset;

public enum PipelineStart
{
    Noise,

    /// <summary>
    /// The labelled photo, warped to the landmarks; the style's strength says how much is left. A UNet with a
    /// <see cref="UNetConfig.PhotoCondition"/> reads it, and starts from noise.
    /// </summary>
    Photo,

    /// <summary>The same photo redrawn by the style's filters; a UNet that reads photos also gets it as it was.</summary>
    Stylized,
}

/// <summary>How a generator is run.</summary>
/// <param name="Sampler">One of <see cref="Schedulers.Names"/>; null: the model's own.</param>
/// <param name="Start">Null: the stylized photo where the UNet reads one, else noise.</param>
public sealed record PipelineOptions(string? Sampler = null, int Steps = 20, PipelineStart? Start = null)
{
    /// <summary>Folder of another autoencoder for the same latents; null: the model's own.</summary>
    public string? Autoencoder { get; init; }

    /// <summary>Folder or file of another ControlNet; null: the model's own.</summary>
    public string? ControlNet { get; init; }

    /// <summary>For a model in one file, see <see cref="DiffusionModel.Load"/>.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>Files of low-rank changes that are added to the model, see <see cref="DiffusionModel.MergeLora"/>.</summary>
    public IReadOnlyList<string> Lora { get; init; } = [];

    /// <summary>Files of words for prompts, see <see cref="DiffusionModel.AddWords"/>.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>Weight of <see cref="Lora"/>; 1 is as it was trained.</summary>
    public double LoraScale { get; init; } = 1;
}

/// <summary>
/// Generates faces with a diffusion model and its ControlNet: landmarks become the control image, the style the prompt.
/// The model works at its own size; the picture is resized to the data set's.
/// </summary>
public sealed class DiffusionEngine : FaceEngine
{
    // A small model's operators are too short to share: several faces at a time, a thread each. Of a large one the
    // feature maps of one face are enough.
    private const long MostParametersOfASmallModel = 100_000_000;

    private readonly DiffusionModel _model;
    private readonly DiffusionPipeline _pipeline;
    private readonly PipelineOptions _options;
    private readonly PipelineStart _start;
    private readonly StylizeEngine _stylize;
    private readonly int _size;
    private readonly int _own;

    /// <summary>Loads a model, and sets libtorch's threads, which the process shares, to what suits it.</summary>
    /// <param name="folder">A diffusers folder, or a Stable Diffusion in one file, with a ControlNet.</param>
    /// <param name="device">cpu, in bfloat16 where it has that; cuda, cuda:N, in float16; or auto: a card where there is one.</param>
    /// <exception cref="InvalidDataException">
    /// It is no such folder, or has no ControlNet; or the device is not there.
    /// </exception>
    /// <exception cref="ArgumentException">The sampler or its steps are impossible.</exception>
    public DiffusionEngine(string folder, PipelineOptions options, int size, string device = "auto")
    {
        var where = Devices.Parse(device);
        var onCard = where.type != DeviceType.CPU;
        _model = DiffusionModel.Load(
            folder, where, onCard ? ScalarType.Float16 : ScalarType.Float32, options.ControlNet, options.Autoencoder,
            options.Tokenizer);
        try
        {
            foreach (var file in options.Lora)
                _model.MergeLora(file, options.LoraScale);
            foreach (var file in options.Words)
                _model.AddWords(file);
            if (_model.ControlNet is null)
                throw new InvalidDataException(
                    $"{folder}: has no controlnet; landmarks cannot lead it. "
                    + "Train one: mdfld train generator --stage 1");
            // What runs at every step. A picture's last bits are the autoencoder's, which stays as it is.
            var type = where.ComputeType(TrainingPrecision.Bfloat16);
            if (!onCard && type is not null)
            {
                _model.UNet.To(where, type);
                _model.ControlNet.To(where, type);
            }
            var sampler = options.Sampler ?? Schedulers.NameOf(_model.Scheduler);
            Schedulers.Create(sampler, _model.Scheduler, options.Steps);
            (_pipeline, _stylize) = (new DiffusionPipeline(_model), new StylizeEngine(size));
            (_options, _size) = (options, size);
            _start = options.Start ?? (TakesPhoto ? PipelineStart.Stylized : PipelineStart.Noise);
            var isSmall = !onCard && _model.UNet.ParameterCount() < MostParametersOfASmallModel;
            Workers = isSmall ? null : 1;
            set_num_threads(isSmall ? 1 : Environment.ProcessorCount);
            var reduction = _model.Autoencoder.Config.Reduction;
            _own = (_model.UNet.Config.SampleSize ?? (size / reduction)) * reduction;
            string[] parts =
            [
                folder, .. new[] { options.Autoencoder, options.ControlNet }.OfType<string>(), .. options.Lora,
                .. options.Words,
            ];
            string[] beside = options.Tokenizer is { } tokenizer ? [tokenizer] : [];
            var scale = options.Lora.Count == 0 || options.LoraScale == 1
                ? "" : string.Create(CultureInfo.InvariantCulture, $" x {options.LoraScale}");
            Info = new EngineInfo(
                "diffusion", string.Join(" + ", parts.Select(NameOf)) + scale, Hash([.. parts, .. beside]), sampler, options.Steps,
                !TakesPhoto || _start == PipelineStart.Noise ? NameOf(_start)
                    : $"{NameOf(_start == PipelineStart.Photo ? PipelineStart.Noise : _start)} + photo",
                _model.ControlNet.Config.Guidance, _model.UNet.ElementType.ToString().ToLowerInvariant());
        }
        catch
        {
            _model.Dispose();
            throw;
        }
    }

    public override EngineInfo Info { get; }

    public override bool ReadsPrompts => true;

    public override int? Workers { get; }

    private bool TakesPhoto => _model.UNet.Config.PhotoCondition;

    internal override StyledFace Make(FaceRequest request)
    {
        var (start, photo, landmarks) = (default(Picture), default(Picture), request.Face.Landmarks);
        if (_start == PipelineStart.Photo || (_start == PipelineStart.Stylized && TakesPhoto))
        {
            photo = new Picture(_size, _size);
            landmarks = StylizeEngine.Warp(request.Face, photo);
        }
        if (_start == PipelineStart.Stylized)
            (start, landmarks) = _stylize.Make(request);
        else if (!TakesPhoto)
            start = photo;
        try
        {
            var picture = _pipeline.Generate(new PipelineRequest
            {
                Prompt = request.Prompt,
                NegativePrompt = request.Style.Negative,
                Width = _own,
                Height = _own,
                Steps = _options.Steps,
                Sampler = _options.Sampler,
                GuidanceScale = Info.Guidance ?? request.Style.Guidance,
                ControlScale = request.Style.ControlScale,
                Control = ControlImage.Draw(Resizing.To(landmarks, _size, _own), _own, _own, _pipeline.Colours),
                Start = start is null ? null : Resizing.To(start, _own),
                Photo = photo is null || !TakesPhoto ? null : Resizing.To(photo, _own),
                Strength = request.Style.Strength,
                Seed = (ulong)request.Seed,
            });
            return new StyledFace(Resizing.To(picture, _size), landmarks);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"style {request.Style.Id}: {e.Message}", e);
        }
    }

    public override void Dispose() => _model.Dispose();

    private static string NameOf(PipelineStart start) => start.ToString().ToLowerInvariant();

    private static string NameOf(string folder) =>
        Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));

    /// <summary>SHA-256 over the names and contents of the files, and of the folders' files.</summary>
    private static string Hash(params ReadOnlySpan<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            var files = File.Exists(part)
                ? [(Path: part, Name: NameOf(part))]
                : Directory.EnumerateFiles(part, "*", SearchOption.AllDirectories)
                    .Select(f => (Path: f, Name: Path.GetRelativePath(part, f).Replace('\\', '/')));
            foreach (var (path, name) in files.OrderBy(f => f.Name, StringComparer.Ordinal))
            {
                hash.AppendData(Encoding.UTF8.GetBytes(name + "\n"));
                using var stream = File.OpenRead(path);
                hash.AppendData(SHA256.HashData(stream));
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

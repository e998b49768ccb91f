using System.Security.Cryptography;
using System.Text;

namespace Mdfld.Generation.Dataset;

public enum PipelineStart
{
    Noise,

    /// <summary>The labelled photo, warped to the landmarks; the style's strength says how much is left.</summary>
    Photo,

    /// <summary>As <see cref="Photo"/>, redrawn by the style's filters first.</summary>
    Stylized,
}

/// <summary>How a generator is run.</summary>
/// <param name="Sampler">One of <see cref="Schedulers.Names"/>; null: the model's own.</param>
public sealed record PipelineOptions(string? Sampler = null, int Steps = 20, PipelineStart Start = PipelineStart.Noise);

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
    private readonly StylizeEngine _stylize;
    private readonly int _size;
    private readonly int _own;

    /// <summary>Loads a model, and sets libtorch's threads, which the process shares, to what suits it.</summary>
    /// <param name="folder">A diffusers folder with a ControlNet.</param>
    /// <param name="device">cpu, cuda, cuda:N, or auto: a card where there is one, in float16.</param>
    /// <exception cref="InvalidDataException">
    /// It is no such folder, or has no ControlNet; or the device is not there.
    /// </exception>
    /// <exception cref="ArgumentException">The sampler or its steps are impossible.</exception>
    public DiffusionEngine(string folder, PipelineOptions options, int size, string device = "auto")
    {
        var where = Devices.Parse(device);
        var onCard = where.type != DeviceType.CPU;
        _model = DiffusionModel.Load(folder, where, onCard ? ScalarType.Float16 : ScalarType.Float32);
        try
        {
            if (_model.ControlNet is null)
                throw new InvalidDataException(
                    $"{folder}: has no controlnet; landmarks cannot lead it. "
                    + "Train one: mdfld train generator --stage 1");
            var sampler = options.Sampler ?? Schedulers.NameOf(_model.Scheduler);
            Schedulers.Create(sampler, _model.Scheduler, options.Steps);
            (_pipeline, _stylize) = (new DiffusionPipeline(_model), new StylizeEngine(size));
            (_options, _size) = (options, size);
            var isSmall = !onCard && _model.UNet.ParameterCount() < MostParametersOfASmallModel;
            Workers = isSmall ? null : 1;
            set_num_threads(isSmall ? 1 : Environment.ProcessorCount);
            var reduction = _model.Autoencoder.Config.Reduction;
            _own = (_model.UNet.Config.SampleSize ?? (size / reduction)) * reduction;
            Info = new EngineInfo(
                "diffusion", Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))),
                Hash(folder), sampler, options.Steps, options.Start.ToString().ToLowerInvariant(),
                _model.ControlNet.Config.Guidance);
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

    internal override StyledFace Make(FaceRequest request)
    {
        var (start, landmarks) = (default(Picture), request.Face.Landmarks);
        if (_options.Start != PipelineStart.Noise)
        {
            start = new Picture(_size, _size);
            if (_options.Start == PipelineStart.Photo)
                landmarks = StylizeEngine.Warp(request.Face, start);
            else
                (start, landmarks) = _stylize.Make(request);
            start = Resizing.To(start, _own);
        }
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
                Start = start,
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

    /// <summary>SHA-256 over the names and contents of the folder's files.</summary>
    private static string Hash(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(f => (Path: f, Name: Path.GetRelativePath(folder, f).Replace('\\', '/')));
        foreach (var (path, name) in files.OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name + "\n"));
            using var stream = File.OpenRead(path);
            hash.AppendData(SHA256.HashData(stream));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

using System.CommandLine;

namespace Mdfld.Cli;

/// <summary>Options of detection: the models, what they run on, the largest picture, the search for faces.</summary>
internal sealed class DetectionOptions : IOptionGroup
{
    private readonly Option<string> _model = SharedOptions.Model();
    private readonly Option<bool> _trustCode = SharedOptions.TrustCode();
    private readonly Option<string> _device = SharedOptions.Device();
    private readonly Option<int> _threads = SharedOptions.Threads();
    private readonly Option<long> _maxPixels = SharedOptions.MaxPixels();
    private readonly FinderOptions _finder = new();

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_model, _trustCode, _device, _threads, _maxPixels])
            command.Add(option);
        command.Add(_finder);
    }

    /// <summary>Threads to use, at least one.</summary>
    public int Threads(ParseResult parsed) => parsed.ThreadsOf(_threads);

    /// <summary>The largest width x height of a picture.</summary>
    public long MaxPixels(ParseResult parsed) => parsed.GetValue(_maxPixels);

    /// <inheritdoc cref="FinderOptions.IsThorough"/>
    public bool IsThorough(ParseResult parsed) => _finder.IsThorough(parsed);

    /// <summary>All on which results depend.</summary>
    /// <exception cref="UsageException">A model's file is not there.</exception>
    public IEnumerable<KeyValuePair<string, string?>> Settings(ParseResult parsed)
    {
        var finder = _finder.Settings(parsed);
        return new Dictionary<string, string?>
        {
            ["--model"] = FileHash.Of(ModelFolder.Resolve(parsed.GetRequiredValue(_model))),
            ["--device"] = parsed.GetRequiredValue(_device),
            ["--finder"] = finder.File is { } file ? FileHash.Of(file) : null,
            ["--search"] = finder.Search,
            ["--longest-side"] = finder.LongestSide,
        };
    }

    /// <summary>Loads the models.</summary>
    /// <param name="options">How they run, but for what these options say.</param>
    /// <inheritdoc cref="ModelFolder.Load" path="/exception"/>
    public LandmarkDetector Load(ParseResult parsed, DetectorOptions options) => ModelFolder.Load(
        parsed.GetRequiredValue(_model),
        _finder.Apply(parsed, options with { Device = parsed.GetRequiredValue(_device) }),
        new CodeTrust(parsed.GetValue(_trustCode), parsed.InvocationConfiguration.Error));
}

namespace Mdfld.Studio;

/// <summary>What the studio's endpoints share: the folder, its faces, the detectors, the training job.</summary>
internal sealed class StudioRoom : IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    public StudioRoom(StudioSettings settings)
    {
        Settings = settings;
        Root = new PictureFolder(settings.Folder);
        Pictures = PictureFolder.Of(settings.Folder);
        Detectors = new Detectors(settings.Load);
        Faces = new FaceBook(Root.Path, Pictures.Path, LandmarkScheme.Ibug68);
        Adapting = new AdaptJob(settings.Adapt, _stop.Token);
    }

    public StudioSettings Settings { get; }

    /// <summary>The folder that was opened.</summary>
    public PictureFolder Root { get; }

    /// <summary>Its pictures.</summary>
    public PictureFolder Pictures { get; }

    public FaceBook Faces { get; }

    public Detectors Detectors { get; }

    public Thumbnails Thumbnails { get; } = new();

    public AdaptJob Adapting { get; }

    /// <summary>Where adapted models are kept.</summary>
    public string ModelFolder => Path.Combine(Root.Path, ".mdfld", "models");

    /// <summary>The models to choose from: given ones, then those adapted here, the newest first.</summary>
    public IReadOnlyList<string> Models() =>
    [
        .. Settings.Models,
        .. Directory.Exists(ModelFolder)
            ? new DirectoryInfo(ModelFolder).EnumerateFiles("*.onnx").Where(f => f.LinkTarget is null)
                .OrderByDescending(f => f.LastWriteTimeUtc).Select(f => Path.GetFileNameWithoutExtension(f.Name))
            : [],
    ];

    /// <summary>The name or file that a choice of <see cref="Models"/> means.</summary>
    /// <exception cref="RequestException">It is none of them.</exception>
    public string ModelOf(string? choice)
    {
        if (string.IsNullOrEmpty(choice))
            return Settings.Models[0];
        if (!Models().Contains(choice))
            throw new RequestException(404, $"no model is called '{choice}'");
        return Settings.Models.Contains(choice) ? choice : Path.Combine(ModelFolder, choice + ".onnx");
    }

    /// <summary>Ends the training job.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Adapting.Ended;
    }

    public void Dispose()
    {
        Detectors.Dispose();
        Thumbnails.Dispose();
        Faces.Dispose();
        _stop.Dispose();
    }
}

using Microsoft.Extensions.FileProviders;

namespace Mdfld.Studio;

/// <summary>What a studio works on and with.</summary>
/// <param name="Folder">The folder of pictures, or of labelled faces.</param>
/// <param name="Page">The folder of the built page.</param>
/// <param name="Models">Names of the models to choose from; the first one is taken unless another is chosen.</param>
/// <param name="Load">Opens the model that a name or a file means.</param>
public sealed record StudioSettings(
    string Folder, string Page, IReadOnlyList<string> Models, Func<string, LandmarkDetector> Load)
{
    /// <summary>How an adapted model is trained; null where that is not offered, with <see cref="AdaptProblem"/>.</summary>
    public AdaptationSettings? Adapt { get; init; }

    /// <summary>Why no model can be adapted, and what to do.</summary>
    public string? AdaptProblem { get; init; }

    /// <summary>Decodes frames of a video file, evenly spread, at most so many; null where videos are not taken.</summary>
    public Func<string, int, IEnumerable<Picture>>? Frames { get; init; }

    /// <summary>The version that the page names.</summary>
    public string Version { get; init; } = "";

    /// <summary>Port and limits.</summary>
    public ServerSettings Server { get; init; } = new();
}

/// <summary>The browser studio: its page and what that asks for, on this machine only.</summary>
public sealed class StudioServer : IAsyncDisposable
{
    private readonly StudioRoom _room;
    private readonly LocalServer _server;

    private StudioServer(StudioRoom room, LocalServer server, string token) =>
        (_room, _server, Address) = (room, server, $"{server.Address}/{token}/");

    /// <summary>The address of the page, with its token.</summary>
    public string Address { get; }

    /// <summary>Opens the folder and starts to listen.</summary>
    /// <exception cref="InvalidDataException">The folder's annotations cannot be read.</exception>
    /// <exception cref="IOException">Another studio has the folder open, or the port is taken.</exception>
    public static async Task<StudioServer> StartAsync(StudioSettings settings, CancellationToken stop = default)
    {
        if (!Directory.Exists(settings.Folder))
            throw new DirectoryNotFoundException($"{settings.Folder}: no such folder");
        var room = new StudioRoom(settings);
        try
        {
            var token = Gate.NewToken();
            var server = await LocalServer.StartAsync(
                settings.Server,
                token,
                routes =>
                {
                    FolderEndpoints.Map(routes, room);
                    VideoEndpoints.Map(routes, room);
                    FaceEndpoints.Map(routes, room);
                    DatasetEndpoints.Map(routes, room);
                    AdaptEndpoints.Map(routes, room);
                    MapPage(routes, settings.Page);
                },
                stop);
            return new StudioServer(room, server, token);
        }
        catch
        {
            room.Dispose();
            throw;
        }
    }

    /// <summary>Answers what is being asked, saves, and lets go of the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        await _room.StopAsync();
        await _server.DisposeAsync();
        _room.Dispose();
    }

    private static void MapPage(IEndpointRouteBuilder routes, string page)
    {
        var files = new PhysicalFileProvider(Path.GetFullPath(page));
        routes.MapGet("/{**path}", (string? path, HttpContext context) =>
        {
            // Without the slash its own links would lead out of the token.
            if (path is null && !context.Request.Path.HasValue)
                return Results.Redirect($"{context.Request.PathBase}/");
            var file = files.GetFileInfo(string.IsNullOrEmpty(path) ? "index.html" : path);
            return file is { Exists: true, IsDirectory: false, PhysicalPath: { } physical }
                ? Results.File(physical, TypeOf(physical)) : Results.NotFound();
        });
    }

    private static string TypeOf(string file) => Path.GetExtension(file) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };
}

using System.Diagnostics;
using System.Reflection;

namespace Mdfld.Studio;

/// <summary>What a detection service takes.</summary>
public sealed record DetectionSettings
{
    /// <summary>Pictures worked on at a time.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Requests that may wait for their turn; more are refused with 503.</summary>
    public int Waiting { get; init; } = 64;

    /// <summary>The largest picture, pixels.</summary>
    public long LargestPicture { get; init; } = 50_000_000;

    /// <summary>What a request may take, waiting included.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Address, port and the limits of requests.</summary>
    public ServerSettings Server { get; init; } = new() { LargestRequest = 20_000_000 };

    /// <summary>A word that every path has to begin with; null: none.</summary>
    public string? Token { get; init; }
}

/// <summary>
/// Detection over HTTP: a picture is posted, what is found in it comes back as docs/detection.schema.json says.
/// </summary>
public sealed class DetectionServer : IAsyncDisposable
{
    private readonly LandmarkDetector _detector;
    private readonly DetectionSettings _settings;
    private readonly SemaphoreSlim _turns;
    private readonly ServerCounters _counters = new();
    private LocalServer? _server;
    private int _waiting;

    private DetectionServer(LandmarkDetector detector, DetectionSettings settings) =>
        (_detector, _settings, _turns) = (detector, settings, new SemaphoreSlim(settings.Workers));

    /// <summary>The address.</summary>
    public string Address => _server!.Address + (_settings.Token is { } token ? $"/{token}" : "");

    /// <summary>Starts to listen.</summary>
    /// <param name="detector">Finds faces; stays the caller's.</param>
    /// <exception cref="IOException">The port is taken, or the address is not this machine's.</exception>
    public static async Task<DetectionServer> StartAsync(
        LandmarkDetector detector, DetectionSettings settings, CancellationToken stop = default)
    {
        var service = new DetectionServer(detector, settings);
        service._server = await LocalServer.StartAsync(settings.Server, settings.Token, service.Map, stop);
        return service;
    }

    /// <summary>Answers what is being asked, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _turns.Dispose();
    }

    private void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/detect", Detect);
        routes.MapGet("/health", () => Results.Ok(new { status = "ok", model = _detector.Model.Name }));
        routes.MapGet("/metrics", () => Results.Text(_counters.ToText(), "text/plain; version=0.0.4"));
        routes.MapGet("/openapi.json", () => Document("openapi.json", "application/json"));
        routes.MapGet("/detection.schema.json", () => Document("detection.schema.json", "application/schema+json"));
    }

    /// <summary>The picture of the body; <c>name</c> is what the answer calls it.</summary>
    private async Task<IResult> Detect(HttpRequest request, string? name)
    {
        var clock = Stopwatch.StartNew();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(request.HttpContext.RequestAborted);
        limit.CancelAfter(_settings.Limit);
        try
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, limit.Token);
            var answer = await InTurn(() => Find(body.GetBuffer().AsSpan(0, (int)body.Length), name ?? "-", limit.Token), limit.Token);
            _counters.Answered(clock.Elapsed);
            return Results.Text(answer, "application/json");
        }
        catch (OperationCanceledException) when (!request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            _counters.Refused();
            throw new RequestException(503, $"not done within {_settings.Limit.TotalSeconds:0} s; try again later");
        }
        catch (Exception e) when (e is RequestException or InvalidDataException or BadHttpRequestException)
        {
            _counters.Refused();
            throw;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            _counters.Cut();
            throw new OperationCanceledException("the client is gone", e, request.HttpContext.RequestAborted);
        }
    }

    private async Task<string> InTurn(Func<string> work, CancellationToken stop)
    {
        if (Interlocked.Increment(ref _waiting) > _settings.Workers + _settings.Waiting)
        {
            Interlocked.Decrement(ref _waiting);
            throw new RequestException(503, "too many requests wait already; try again later");
        }
        try
        {
            await _turns.WaitAsync(stop);
            try
            {
                return await Task.Run(work, stop);
            }
            finally
            {
                _turns.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private string Find(ReadOnlySpan<byte> encoded, string name, CancellationToken stop)
    {
        var picture = Picture.Load(encoded, _settings.LargestPicture);
        var faces = _detector.Detect(picture, stop);
        return ResultWriter.Json(name, picture.Width, picture.Height, _detector.Model.Name, faces);
    }

    private static IResult Document(string name, string type) => Results.Stream(
        Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!, type);
}

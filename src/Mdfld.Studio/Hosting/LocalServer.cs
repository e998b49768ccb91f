using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Mdfld.Studio;

/// <summary>Where a server listens and how much it takes at a time.</summary>
public sealed record ServerSettings
{
    /// <summary>The address; loopback unless another is wanted.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>The largest request, bytes.</summary>
    public long LargestRequest { get; init; } = 100_000_000;

    /// <summary>Connections at a time; more are closed.</summary>
    public int Connections { get; init; } = 256;
}

/// <summary>
/// Kestrel as the studio and the detection service both use it: no configuration files, which would be read from the
/// folder that is looked at; limits; and one gate and one form of errors before every endpoint.
/// </summary>
internal sealed class LocalServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LocalServer(WebApplication app) => _app = app;

    /// <summary>Where it listens, such as <c>http://127.0.0.1:40123</c>.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Starts to listen.</summary>
    /// <param name="settings">Address, port and limits.</param>
    /// <param name="token">The first part of every path; null: none.</param>
    /// <param name="map">Adds the endpoints.</param>
    /// <exception cref="IOException">The port is taken, or the address is not this machine's.</exception>
    public static async Task<LocalServer> StartAsync(
        ServerSettings settings, string? token, Action<IEndpointRouteBuilder> map, CancellationToken stop = default)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = settings.LargestRequest;
            kestrel.Limits.MaxConcurrentConnections = settings.Connections;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Listen(settings.Address, settings.Port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddRoutingCore();
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(
            options => options.ShutdownTimeout = TimeSpan.FromSeconds(5));
        var app = builder.Build();
        app.Use(Failures.Answer);
        app.Use(new Gate(settings.Address, token).Pass);
        app.UseRouting();
        map(app);
        try
        {
            await app.StartAsync(stop);
        }
        catch (IOException e)
        {
            await app.DisposeAsync();
            throw new IOException(
                $"{settings.Address}:{settings.Port} cannot be listened on ({e.Message}); give another --port", e);
        }
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        return new LocalServer(app) { Address = addresses.Addresses.First() };
    }

    /// <summary>Takes no more requests and waits, some seconds, for those that are being answered.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Mdfld.Tests.Models;

/// <summary>An HTTP server on this machine whose every answer is scripted to the byte.</summary>
internal sealed partial class UnreliableServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<int, long?, NetworkStream, Task> _answer;
    private readonly List<long?> _ranges = [];

    /// <param name="answer">
    /// Answers one request: its number from 0, the byte its range begins at if it has one, and where to write. The
    /// connection ends when it is done.
    /// </param>
    public UnreliableServer(Func<int, long?, NetworkStream, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = ServeAsync();
    }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/file.bin");

    /// <summary>Where the range of each request began; null for one without.</summary>
    public IReadOnlyList<long?> Ranges
    {
        get
        {
            lock (_ranges)
                return [.. _ranges];
        }
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>A header, and as much of the body as one likes.</summary>
    public static async Task Send(
        NetworkStream to, string status, ReadOnlyMemory<byte> body, long? length = null, string? range = null)
    {
        var header = $"HTTP/1.1 {status}\r\nContent-Length: {length ?? body.Length}\r\n"
            + (range is null ? "" : $"Content-Range: {range}\r\n") + "Connection: close\r\n\r\n";
        await to.WriteAsync(Encoding.ASCII.GetBytes(header));
        await to.WriteAsync(body);
    }

    /// <summary>What an honest server answers.</summary>
    public static Task Serve(NetworkStream to, byte[] content, long? from, int? most = null)
    {
        var rest = content.AsMemory((int)(from ?? 0));
        var sent = most is { } n && n < rest.Length ? rest[..n] : rest;
        return from is null
            ? Send(to, "200 OK", sent, rest.Length)
            : Send(to, "206 Partial Content", sent, rest.Length, $"bytes {from}-{content.Length - 1}/{content.Length}");
    }

    private async Task ServeAsync()
    {
        try
        {
            for (var number = 0; ; number++)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await using var stream = client.GetStream();
                var match = Range().Match(await ReadRequest(stream));
                long? from = match.Success ? long.Parse(match.Groups[1].Value) : null;
                lock (_ranges)
                    _ranges.Add(from);
                await _answer(number, from, stream);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // The test is over, or the client has gone.
        }
    }

    private static async Task<string> ReadRequest(NetworkStream stream)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            var count = await stream.ReadAsync(buffer);
            if (count == 0)
                break;
            text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }
        return text.ToString();
    }

    [GeneratedRegex(@"(?i)^Range: bytes=(\d+)-", RegexOptions.Multiline)]
    private static partial Regex Range();
}

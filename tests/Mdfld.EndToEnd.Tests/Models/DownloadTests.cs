using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using FsCheck.Xunit;
using Mdfld.Cli;

namespace Mdfld.Tests.Models;

public sealed class DownloadTests : IDisposable
{
    private static readonly byte[] Content = RandomNumberGenerator.GetBytes(300_000);

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new();

    private string Target => _folder["weights", "file.bin"];

    private string Partial => Target + ".partial";

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task AFileArrivesWholeAndProgressRises()
    {
        using var server = new UnreliableServer((_, from, to) => UnreliableServer.Serve(to, Content, from));
        var told = new List<long>();
        await Fetch(server.Url, told.Add);
        AssertArrived();
        Assert.Equal(told.Order(), told);
        Assert.Equal((0, Content.Length), (told[0], told[^1]));
    }

    [Fact]
    public async Task ADroppedConnectionGoesOnWhereItEnded()
    {
        using var server = new UnreliableServer(
            (number, from, to) => UnreliableServer.Serve(to, Content, from, most: number < 3 ? 70_000 : null));
        await Fetch(server.Url);
        AssertArrived();
        Assert.Equal([null, 70_000L, 140_000L, 210_000L], server.Ranges);
    }

    [Fact]
    public async Task AServerThatIgnoresRangesBeginsAnew()
    {
        using var server = new UnreliableServer(
            (number, _, to) => UnreliableServer.Serve(to, Content, null, most: number == 0 ? 100_000 : null));
        await Fetch(server.Url);
        AssertArrived();
        Assert.Equal([null, 100_000L], server.Ranges);
    }

    [Fact]
    public async Task AnInterruptedFetchGoesOnLater()
    {
        using var stop = new CancellationTokenSource();
        using var server = new UnreliableServer(async (number, from, to) =>
        {
            if (number > 0)
            {
                await UnreliableServer.Serve(to, Content, from);
                return;
            }
            await UnreliableServer.Serve(to, Content, from, most: 50_000);
            await Task.Delay(Timeout.Infinite, stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Fetch(server.Url, bytes => { if (bytes == 50_000) stop.Cancel(); }, stop.Token));
        Assert.Equal(50_000, new FileInfo(Partial).Length);
        Assert.False(File.Exists(Target));
        await Fetch(server.Url);
        AssertArrived();
        Assert.Equal([null, 50_000L], server.Ranges);
    }

    [Fact]
    public async Task WhatLayWholeBesideItIsCheckedAndTaken()
    {
        Directory.CreateDirectory(_folder["weights"]);
        File.WriteAllBytes(Partial, Content);
        await Fetch(new Uri("http://127.0.0.1:9/never-asked"));
        AssertArrived();
    }

    [Fact]
    public async Task WrongBytesAreThrownAway()
    {
        var wrong = (byte[])Content.Clone();
        wrong[200_000] ^= 1;
        using var server = new UnreliableServer((_, from, to) => UnreliableServer.Serve(to, wrong, from));
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => Fetch(server.Url));
        Assert.Contains("SHA-256", error.Message);
        AssertNothingKept();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AnotherLengthIsAnotherFile(bool longer)
    {
        var other = longer ? [.. Content, 0] : Content[..^1];
        using var server = new UnreliableServer((_, from, to) => UnreliableServer.Serve(to, other, from));
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => Fetch(server.Url));
        Assert.Contains($"{other.Length} bytes, expected {Content.Length}", error.Message);
        AssertNothingKept();
    }

    [Fact]
    public async Task TooManyBytesOfNoStatedLengthAreThrownAway()
    {
        using var server = new UnreliableServer(async (_, _, to) =>
        {
            await to.WriteAsync("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"u8.ToArray());
            for (var i = 0; i < 3; i++)
                await to.WriteAsync(Content);
        });
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => Fetch(server.Url));
        Assert.Contains("more than the expected", error.Message);
        AssertNothingKept();
    }

    [Fact]
    public async Task AMissingFileIsNotAskedForAgain()
    {
        using var server = new UnreliableServer(
            (_, _, to) => UnreliableServer.Send(to, "404 Not Found", "no"u8.ToArray()));
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => Fetch(server.Url));
        Assert.Contains("404 Not Found", error.Message);
        Assert.Single(server.Ranges);
    }

    [Fact]
    public async Task AnOverloadedServerIsAskedAgain()
    {
        using var server = new UnreliableServer((number, from, to) => number < 2
            ? UnreliableServer.Send(to, "503 Service Unavailable", default)
            : UnreliableServer.Serve(to, Content, from));
        await Fetch(server.Url);
        AssertArrived();
    }

    [Fact]
    public async Task AServerThatNeverSendsAnythingIsGivenUp()
    {
        using var server = new UnreliableServer((_, _, _) => Task.CompletedTask);
        var error = await Assert.ThrowsAsync<IOException>(() => Fetch(server.Url));
        Assert.Contains("cannot fetch", error.Message);
        Assert.Contains(Target, error.Message);
        Assert.InRange(server.Ranges.Count, 5, 50);
    }

    [Fact]
    public async Task ASilentConnectionCountsAsBroken()
    {
        using var over = new CancellationTokenSource();
        using var server = new UnreliableServer(async (number, from, to) =>
        {
            await UnreliableServer.Serve(to, Content, from, most: number == 0 ? 10_000 : null);
            if (number == 0)
                await Task.Delay(TimeSpan.FromSeconds(2), over.Token);
        });
        await Fetch(server.Url, stall: TimeSpan.FromMilliseconds(500));
        AssertArrived();
        Assert.Equal([null, 10_000L], server.Ranges);
    }

    [Fact]
    public async Task WithoutAServerTheMessageSaysWhatToDo()
    {
        int port;
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }
        var error = await Assert.ThrowsAsync<IOException>(() => Fetch(new Uri($"http://127.0.0.1:{port}/file.bin")));
        Assert.Contains("fetch the file elsewhere and put it at", error.Message);
        Assert.Contains("--from URL", error.Message);
        Assert.Contains(Wanted.Sha256, error.Message);
    }

    [Fact]
    public async Task ADiskWithoutSpaceIsFoundOutBefore()
    {
        using var server = new UnreliableServer((_, from, to) => UnreliableServer.Serve(to, Content, from));
        var error = await Assert.ThrowsAsync<IOException>(() => New().RunAsync(
            Wanted with { Bytes = long.MaxValue / 2 }, server.Url, Target, _ => { }, CancellationToken.None));
        Assert.Contains("MB left", error.Message);
        Assert.Empty(server.Ranges);
    }

    [Fact]
    public async Task TwoAtATimeDoNotMix()
    {
        Directory.CreateDirectory(_folder["weights"]);
        using var other = new FileStream(Partial, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        var error = await Assert.ThrowsAsync<IOException>(() => Fetch(new Uri("http://127.0.0.1:9/never-asked")));
        Assert.Contains("another mdfld is fetching it", error.Message);
    }

    /// <summary>
    /// However often the connection breaks, and whether ranges are honoured or not: the file is right.
    /// </summary>
    [Property(MaxTest = 25)]
    public void AnyBreaksEndInTheSameFile(ushort[] lengths, bool[] honoured)
    {
        using var server = new UnreliableServer((number, from, to) => UnreliableServer.Serve(
            to, Content,
            // Five in a row that bring nothing further are given up.
            number < Math.Min(4, honoured.Length) && !honoured[number] ? null : from,
            number < lengths.Length ? 1 + (lengths[number] * 4) : null));
        Fetch(server.Url).GetAwaiter().GetResult();
        AssertArrived();
        File.Delete(Target);
    }

    private void AssertArrived()
    {
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.False(File.Exists(Partial));
    }

    private void AssertNothingKept()
    {
        Assert.False(File.Exists(Target));
        Assert.False(File.Exists(Partial));
    }

    private Task Fetch(
        Uri url, Action<long>? progress = null, CancellationToken stop = default, TimeSpan? stall = null) =>
        New(stall).RunAsync(Wanted, url, Target, progress ?? (_ => { }), stop);

    private Download New(TimeSpan? stall = null) =>
        new(_client, TimeSpan.FromMilliseconds(1), stall ?? TimeSpan.FromSeconds(30));

    private static RemoteFile Wanted =>
        new("test", Content.Length, Convert.ToHexStringLower(SHA256.HashData(Content)));
}

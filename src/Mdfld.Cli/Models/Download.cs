using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Spectre.Console;

namespace Mdfld.Cli;

/// <summary>A file to fetch.</summary>
/// <param name="Sha256">Its SHA-256, lower case.</param>
internal readonly record struct RemoteFile(string Name, long Bytes, string Sha256);

/// <summary>
/// Fetches a file whose length and SHA-256 are known. What has arrived lies in <c>FILE.partial</c> and is never lost: a
/// connection that breaks, or a later start, goes on from there. The file itself appears when all of it is right.
/// </summary>
/// <param name="client">Makes the requests; its timeout counts until the header is there.</param>
/// <param name="pause">Before the second attempt; twice as long before each further one.</param>
/// <param name="stall">A connection that is silent for so long counts as broken.</param>
internal sealed class Download(HttpClient client, TimeSpan pause, TimeSpan stall)
{
    // Attempts, one after the other, that bring no byte.
    private const int Attempts = 5;

    // A disk is not filled to the brim.
    private const long Spare = 16 << 20;

    private static readonly TimeSpan Connect = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(60);

    /// <summary>A client with the timeouts of a command.</summary>
    public static HttpClient Client() =>
        new(new SocketsHttpHandler { ConnectTimeout = Connect }, disposeHandler: true) { Timeout = Stall };

    /// <summary>Fetches a file with a bar on the terminal.</summary>
    public static async Task ShowAsync(
        HttpClient client, RemoteFile wanted, Uri from, string path, CancellationToken stop)
    {
        var download = new Download(client, TimeSpan.FromSeconds(1), Stall);
        if (Console.IsErrorRedirected)
        {
            await download.RunAsync(wanted, from, path, _ => { }, stop);
            return;
        }
        await Terminal.On(Console.Error).Progress().AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(),
                new DownloadedColumn { Culture = CultureInfo.InvariantCulture },
                new TransferSpeedColumn { Culture = CultureInfo.InvariantCulture }, new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var task = context.AddTask(wanted.Name, maxValue: wanted.Bytes);
                await download.RunAsync(wanted, from, path, bytes => task.Value = bytes, stop);
            });
    }

    /// <summary>Fetches the file, unless it is there.</summary>
    /// <exception cref="IOException">No connection, no space, no rights, another process fetches it.</exception>
    /// <exception cref="InvalidDataException">The server has another file.</exception>
    public async Task RunAsync(
        RemoteFile wanted, Uri from, string path, Action<long> progress, CancellationToken stop)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var partial = path + ".partial";
        var arrived = 0L;
        var file = Open(partial);
        try
        {
            await using (file)
            {
                try
                {
                    await FetchAsync(file, wanted, from, path, progress, stop);
                }
                finally
                {
                    arrived = file.Length;
                }
            }
        }
        finally
        {
            if (arrived == 0)
                File.Delete(partial);
        }
        File.Move(partial, path, overwrite: true);
    }

    private async Task FetchAsync(
        FileStream file, RemoteFile wanted, Uri from, string path, Action<long> progress, CancellationToken stop)
    {
        if (file.Length > wanted.Bytes)
            file.SetLength(0);
        CheckSpace(path, wanted.Bytes - file.Length);
        await FillAsync(file, wanted, from, path, progress, stop);
        file.Position = 0;
        var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, stop));
        if (hash != wanted.Sha256)
        {
            file.SetLength(0);
            throw new InvalidDataException(
                $"{from}: its SHA-256 is {hash}, expected {wanted.Sha256}: another file, or damaged on the way; "
                + "nothing of it was kept");
        }
        file.Flush(flushToDisk: true);
    }

    private static FileStream Open(string partial)
    {
        // Never written through a link.
        if (new FileInfo(partial).LinkTarget is not null)
            File.Delete(partial);
        try
        {
            return new FileStream(partial, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(partial))
        {
            throw new IOException($"{partial}: another mdfld is fetching it, or it cannot be opened: {e.Message}", e);
        }
    }

    private static void CheckSpace(string path, long needed)
    {
        var free = new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(path))!).AvailableFreeSpace;
        if (free < needed + Spare)
        {
            throw new IOException(string.Create(
                CultureInfo.InvariantCulture,
                $"{path}: {needed / 1e6:0} MB are still to come, and its disk has {free / 1e6:0} MB left"));
        }
    }

    /// <summary>Asks again and again for what is missing, as long as something comes.</summary>
    private async Task FillAsync(
        FileStream file, RemoteFile wanted, Uri from, string path, Action<long> progress, CancellationToken stop)
    {
        var (failures, began) = (0, file.Length);
        while (file.Length < wanted.Bytes)
        {
            var before = file.Length;
            try
            {
                progress(before);
                await AppendAsync(file, wanted, from, progress, stop);
            }
            catch (Exception e) when (IsOfConnection(e) && !stop.IsCancellationRequested)
            {
                failures = file.Length > before ? 0 : failures + 1;
                if (failures >= Attempts || (IsOffline(e) && file.Length == began))
                    throw Unreachable(e, wanted, from, path, file.Length);
                await Task.Delay(pause * Math.Pow(2, failures), stop);
            }
        }
        progress(file.Length);
    }

    private async Task AppendAsync(
        FileStream file, RemoteFile wanted, Uri from, Action<long> progress, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, from);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("mdfld", null));
        if (file.Length > 0)
            request.Headers.Range = new RangeHeaderValue(file.Length, null);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            file.SetLength(0);
            throw new HttpIOException(HttpRequestError.InvalidResponse, "the server does not have the rest of it");
        }
        if (!response.IsSuccessStatusCode)
            throw Refusal(response, from);
        var start = response.StatusCode == HttpStatusCode.PartialContent
            ? response.Content.Headers.ContentRange?.From ?? file.Length : 0;
        var total = response.Content.Headers.ContentRange?.Length ?? start + response.Content.Headers.ContentLength;
        if (total is { } length && length != wanted.Bytes)
            throw new InvalidDataException($"{from}: {length} bytes, expected {wanted.Bytes}: another file");
        if (start > file.Length)
            throw new HttpIOException(HttpRequestError.InvalidResponse, $"the server goes on at byte {start} unasked");
        // A server that knows no ranges begins anew.
        file.SetLength(start);
        file.Position = start;

        await using var body = await response.Content.ReadAsStreamAsync(stop);
        var buffer = new byte[1 << 16];
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(stop);
        while (true)
        {
            silence.CancelAfter(stall);
            var count = await body.ReadAsync(buffer, silence.Token);
            if (count == 0)
                break;
            if (file.Length + count > wanted.Bytes)
            {
                file.SetLength(0);
                throw new InvalidDataException($"{from}: more than the expected {wanted.Bytes} bytes: another file");
            }
            await file.WriteAsync(buffer.AsMemory(0, count), stop);
            progress(file.Length);
        }
        if (file.Length < wanted.Bytes)
            throw new HttpIOException(HttpRequestError.ResponseEnded, "the connection ended early");
    }

    private static Exception Refusal(HttpResponseMessage response, Uri from)
    {
        var status = $"{(int)response.StatusCode} {response.ReasonPhrase}";
        var mayPass = (int)response.StatusCode >= 500
            || response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests;
        return mayPass
            ? new HttpRequestException($"the server answers {status}")
            : new InvalidDataException($"{from}: the server answers {status}; --from URL takes another place");
    }

    // A silent connection ends in a cancellation that was not asked for. What the disk refuses is not among these.
    private static bool IsOfConnection(Exception e) =>
        e is HttpRequestException or HttpIOException or OperationCanceledException
        || (e is IOException && e.InnerException is System.Net.Sockets.SocketException);

    private static bool IsOffline(Exception e) => e is HttpRequestException
    {
        HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError
            or HttpRequestError.ProxyTunnelError or HttpRequestError.SecureConnectionError,
    };

    private static IOException Unreachable(Exception e, RemoteFile wanted, Uri from, string path, long there)
    {
        var kept = there > 0 ? $" {there} of {wanted.Bytes} bytes are kept: the next start goes on from there." : "";
        var reason = e is OperationCanceledException ? "it is silent" : e.Message.TrimEnd('.');
        return new IOException(
            $"cannot fetch {from}: {reason}.{kept} Without a way to {from.Host}, fetch the file elsewhere and put it "
            + $"at {path}, or name a copy with --from URL; its SHA-256 must be {wanted.Sha256}", e);
    }
}

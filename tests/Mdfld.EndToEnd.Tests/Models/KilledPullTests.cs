using System.Diagnostics;
using Mdfld.Cli;

namespace Mdfld.Tests.Models;

/// <summary><c>mdfld model pull</c>, killed at any moment: the next start goes on where it ended.</summary>
[Collection(nameof(Alone))]
public sealed class KilledPullTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// The server has other bytes than those that are wanted, as many of them: all are fetched once, then refused.
    /// </summary>
    [Fact]
    public async Task NothingIsFetchedTwice()
    {
        var weights = PublishedWeights.All[0];
        var file = weights.Files[0];
        var content = new byte[file.Bytes];
        new Random(1).NextBytes(content);
        // Each time a piece more, then nothing until the reader is dead.
        var (limit, sent, dead) = (0, new TaskCompletionSource(), new TaskCompletionSource());
        using var server = new UnreliableServer(async (_, from, to) =>
        {
            var (end, whenSent, untilDead) = (limit, sent, dead);
            try
            {
                await UnreliableServer.Serve(to, content, from, most: 0);
                for (var at = (int)(from ?? 0); at < end; at += 1 << 19)
                    await to.WriteAsync(content.AsMemory(at, Math.Min(1 << 19, end - at)));
            }
            catch (IOException)
            {
                // Killed.
            }
            whenSent.TrySetResult();
            await untilDead.Task;
        });
        var partial = _folder["mdfld", "weights", file.Name + ".partial"];
        const int Kills = 4;
        var arrived = 0L;
        for (var kill = 1; kill <= Kills; kill++)
        {
            (limit, sent, dead) = (content.Length / (Kills + 1) * kill, new(), new());
            using var run = Start();
            await Task.WhenAny(sent.Task, run.WaitForExitAsync());
            run.Kill();
            await run.WaitForExitAsync();
            dead.SetResult();
            var length = File.Exists(partial) ? new FileInfo(partial).Length : 0;
            Assert.InRange(length, arrived, content.Length);
            arrived = length;
            if (arrived > 0)
                Assert.Equal(content[..(int)arrived], await File.ReadAllBytesAsync(partial));
        }
        limit = content.Length;
        using var last = Start();
        var error = await last.StandardError.ReadToEndAsync();
        await last.WaitForExitAsync();
        Assert.Equal(1, last.ExitCode);
        Assert.Contains($"expected {file.Sha256}: another file", error);
        Assert.Equal(arrived == 0 ? null : arrived, server.Ranges[^1]);
        Assert.Empty(Directory.GetFiles(_folder["mdfld", "weights"]));

        Process Start() => Process.Start(new ProcessStartInfo(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "Mdfld.Cli.dll"), "model", "pull", weights.Name,
                "--accept-licence", "--from", server.Url.ToString(),
            ])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            Environment = { ["XDG_DATA_HOME"] = _folder.Path },
        })!;
    }
}

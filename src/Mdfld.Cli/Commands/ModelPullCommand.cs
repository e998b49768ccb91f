using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Spectre.Console;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld model pull</c>: fetches weights that others published.</summary>
internal static class ModelPullCommand
{
    private static readonly TimeSpan Connect = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(60);

    public static Command Create()
    {
        var name = new Argument<string>("NAME")
        {
            Description = $"One of: {string.Join(", ", PublishedWeights.All.Select(w => w.Name))}",
        };
        var accept = new Option<bool>("--accept-licence")
        {
            Description = "Accepts the licence, which is shown, without asking",
        };
        var from = new Option<string?>("--from")
        {
            Description = "Fetches a copy from elsewhere; it must be the same to the byte",
            HelpName = "URL",
        };
        var command = new Command("pull", "Fetches weights that others published; goes on where it was interrupted.")
        {
            name, accept, from,
        };
        command.SetAction(async (parsed, stop) =>
        {
            var asked = parsed.GetRequiredValue(name);
            var weights = PublishedWeights.Find(asked) ?? throw new UsageException(
                $"no published weights are called '{asked}'; known: "
                + string.Join(", ", PublishedWeights.All.Select(w => w.Name)));
            var url = parsed.GetValue(from) is { } other ? Parse(other) : weights.Url;
            var output = parsed.InvocationConfiguration.Output;
            if (weights.IsInstalled)
            {
                Check(weights);
                output.WriteLine($"{weights.Path} is there already");
                return 0;
            }
            output.WriteLine(weights.Licence);
            if (!parsed.GetValue(accept))
                Ask(weights, output);
            await PullAsync(weights, url, stop);
            output.WriteLine($"{weights.Path}: use it with --model {weights.Name}");
            return 0;
        });
        return command;
    }

    private static Uri Parse(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri : throw new UsageException($"--from {url}: expected http://... or https://...");

    /// <summary>A file that somebody put there by hand must be the published one too.</summary>
    private static void Check(PublishedWeights weights)
    {
        using var file = File.OpenRead(weights.Path);
        var hash = Convert.ToHexStringLower(SHA256.HashData(file));
        if (hash != weights.Sha256)
        {
            throw new InvalidDataException(
                $"{weights.Path}: its SHA-256 is {hash}, expected {weights.Sha256}: delete it and fetch it again");
        }
    }

    private static void Ask(PublishedWeights weights, TextWriter output)
    {
        if (Console.IsInputRedirected)
            throw new UsageException($"fetching {weights.Name} needs --accept-licence: read what stands above first");
        output.Write("Fetch it on these terms? [y/N] ");
        if (Console.ReadLine()?.Trim() is not ("y" or "Y" or "yes"))
            throw new OperationCanceledException();
    }

    private static async Task PullAsync(PublishedWeights weights, Uri url, CancellationToken stop)
    {
        using var handler = new SocketsHttpHandler { ConnectTimeout = Connect };
        using var client = new HttpClient(handler) { Timeout = Stall };
        var download = new Download(client, TimeSpan.FromSeconds(1), Stall);
        if (Console.IsErrorRedirected)
        {
            await download.RunAsync(weights, url, weights.Path, _ => { }, stop);
            return;
        }
        await Terminal.On(Console.Error).Progress().AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(),
                new DownloadedColumn { Culture = CultureInfo.InvariantCulture },
                new TransferSpeedColumn { Culture = CultureInfo.InvariantCulture }, new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var task = context.AddTask(weights.Name, maxValue: weights.Bytes);
                await download.RunAsync(weights, url, weights.Path, bytes => task.Value = bytes, stop);
            });
    }
}

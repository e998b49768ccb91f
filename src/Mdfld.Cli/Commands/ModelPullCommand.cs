using System.CommandLine;
using System.Security.Cryptography;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld model pull</c>: fetches weights that others published.</summary>
internal static class ModelPullCommand
{
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
            using var client = Download.Client();
            await Download.ShowAsync(client, weights.Remote, url, weights.Path, stop);
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
}

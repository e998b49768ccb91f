using System.Text.Json;
using Spectre.Console;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld model</c>: lists, describes and fetches models.</summary>
internal static class ModelCommand
{
    public static Command Create() => new("model", "Lists, describes and fetches models.")
    {
        new Command("list", "Lists models, and those that pull can fetch.")
            .Does(parsed => List(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error)),
        Info(),
        Pull(),
    };

    private static int List(TextWriter output, TextWriter error)
    {
        var files = ModelFolder.Files();
        if (files.Count == 0)
        {
            error.WriteLine(
                "mdfld: no models/ with .onnx files beside the program; MDFLD_MODELS can name another folder");
            return ExitCode.Failed;
        }
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("name", "points", "size", "crop", "MiB", "SHA-256", "card");
        var failed = 0;
        foreach (var file in files)
        {
            try
            {
                var facts = ModelFile.Open(file).Describe();
                // A model without points shows its kind.
                var kind = facts.ContainsKey("finds") ? "finds faces" : facts.GetValueOrDefault("kind") ?? "-";
                table.AddRow(
                    Cell(Path.GetFileNameWithoutExtension(file)),
                    Cell(facts.GetValueOrDefault("points") ?? kind),
                    Cell(facts.GetValueOrDefault("size") ?? "any"),
                    Cell(facts.GetValueOrDefault("crop")?.Split(' ')[0] ?? "-"),
                    MiB(new FileInfo(file).Length),
                    FileHash.Of(file)[..12],
                    Card(file) is { } card ? Cell(Path.GetFileName(card)) : "-");
            }
            catch (InvalidDataException e)
            {
                failed++;
                error.WriteLine($"mdfld: {ErrorText.Of(e)}");
            }
        }
        var published = new Table().Border(TableBorder.Simple).AddColumns("published", "MiB", "SHA-256", "installed");
        foreach (var weights in PublishedWeights.All)
        {
            published.AddRow(
                weights.Name, MiB(weights.Files.Sum(f => f.Bytes)), weights.Files[0].Sha256[..12],
                weights.IsInstalled ? "yes" : $"no: mdfld model pull {weights.Name}");
        }
        var console = Terminal.On(output);
        console.Write(table);
        console.Write(published);
        return failed > 0 ? ExitCode.Failed : 0;

        static string Cell(string text) => Markup.Escape(Terminal.Clean(text));

        static string MiB(long bytes) => (bytes / 1048576.0).ToString("0.0", CultureInfo.InvariantCulture);
    }

    private static Command Info()
    {
        var name = new Argument<string>("MODEL") { Description = "A model by name, or a file" };
        var asJson = SharedOptions.Json();
        return new Command("info", "Describes a model's file, and shows its card.")
        {
            name, asJson,
        }.Does(parsed =>
        {
            var (file, output) =
                (ModelFolder.Resolve(parsed.GetRequiredValue(name)), parsed.InvocationConfiguration.Output);
            var facts = ModelFile.Open(file).Describe();
            facts.Insert(1, "file", Path.GetFullPath(file));
            facts.Insert(2, "bytes", new FileInfo(file).Length.ToString(CultureInfo.InvariantCulture));
            facts.Insert(3, "sha256", FileHash.Of(file));
            if (parsed.GetValue(asJson))
            {
                output.WriteLine(JsonSerializer.Serialize(facts));
                return 0;
            }
            foreach (var (fact, value) in facts)
                output.WriteLine($"{fact,-9} {Terminal.Clean(value)}");
            if (Card(file) is { } card)
            {
                output.WriteLine();
                output.Write(Terminal.Clean(File.ReadAllText(card), lines: true));
            }
            return 0;
        });
    }

    private static string? Card(string file) =>
        Path.ChangeExtension(file, ".md") is var card && File.Exists(card) ? card : null;

    private static Command Pull()
    {
        var known = string.Join(", ", PublishedWeights.All.Select(w => w.Name));
        var name = new Argument<string>("NAME") { Description = $"One of: {known}" };
        var accept = SharedOptions.Flag("--accept-licence", "Accepts the licence without asking");
        var from = SharedOptions.Text(
            "--from", "URL", "Fetches the same file from elsewhere; several files: from this folder");
        var command = new Command("pull", "Fetches weights that others published, from where it was stopped.")
        {
            name, accept, from,
        };
        command.SetAction(async (parsed, stop) =>
        {
            var asked = parsed.GetRequiredValue(name);
            var weights = PublishedWeights.Find(asked)
                ?? throw new UsageException($"no published weights are called '{asked}'; known: {known}");
            var url = parsed.GetValue(from) is { } other ? Parse(other) : null;
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
            foreach (var file in weights.Files.Where(f => !File.Exists(weights.PathOf(f))))
            {
                var source = url is null ? file.Url
                    : weights.Files.Count == 1 ? url : new Uri($"{url.ToString().TrimEnd('/')}/{file.Name}");
                await Download.ShowAsync(client, file.Remote, source, weights.PathOf(file), stop);
            }
            output.WriteLine($"{weights.Path}: use it with {weights.Option} {weights.Name}");
            return 0;
        });
        return command;
    }

    private static Uri Parse(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri : throw new UsageException($"--from {url}: expected http://... or https://...");

    /// <summary>A file that was put there by hand must be the published one too.</summary>
    private static void Check(PublishedWeights weights)
    {
        if (weights.Altered() is { } file)
        {
            throw new InvalidDataException(
                $"{file.Path}: its SHA-256 is {file.Sha256}, expected {file.Published.Sha256}: delete it and fetch it "
                + "again");
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

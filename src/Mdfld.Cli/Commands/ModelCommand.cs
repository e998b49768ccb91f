using System.CommandLine;
using System.Globalization;
using Mdfld.Training.Weights;
using Spectre.Console;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld model</c>: what lies in models/.</summary>
internal static class ModelCommand
{
    public static Command Create()
    {
        var list = new Command("list", "Lists the models that --model NAME can name, and those that pull can fetch.");
        list.SetAction(parsed => List(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));

        var name = new Argument<string>("MODEL") { Description = "A model by name, or a file" };
        var info = new Command("info", "Tells what a model's file says about itself, and its card.") { name };
        info.SetAction(
            parsed => Info(ModelFolder.Resolve(parsed.GetRequiredValue(name)), parsed.InvocationConfiguration.Output));

        return new Command("model", "Lists, describes and fetches models.") { list, info, ModelPullCommand.Create() };
    }

    private static int List(TextWriter output, TextWriter error)
    {
        var files = ModelFolder.Files();
        if (files.Count == 0)
        {
            error.WriteLine(
                "mdfld: no models/ with .onnx files beside the program; MDFLD_MODELS can name another folder");
            return CommandLine.Failed;
        }
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("name", "points", "size", "crop", "MiB", "SHA-256", "card");
        var failed = 0;
        foreach (var file in files)
        {
            try
            {
                var facts = ModelFile.Open(file).Describe();
                table.AddRow(
                    Cell(Path.GetFileNameWithoutExtension(file)),
                    Cell(facts.GetValueOrDefault("points") ?? FirstWords(facts)),
                    Cell(facts.GetValueOrDefault("size") ?? "any"),
                    Cell(facts.GetValueOrDefault("crop")?.Split(' ')[0] ?? "-"),
                    (new FileInfo(file).Length / 1048576.0).ToString("0.0", CultureInfo.InvariantCulture),
                    PublishedWeights.HashOf(file)[..12],
                    Card(file) is { } card ? Cell(Path.GetFileName(card)) : "-");
            }
            catch (InvalidDataException e)
            {
                failed++;
                error.WriteLine($"mdfld: {CommandLine.Describe(e)}");
            }
        }
        var console = Terminal.On(output);
        console.Write(table);
        console.Write(Published());
        return failed > 0 ? CommandLine.Failed : 0;
    }

    private static Table Published()
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("published", "MiB", "SHA-256", "installed");
        foreach (var weights in PublishedWeights.All)
        {
            table.AddRow(
                weights.Name,
                (weights.Bytes / 1048576.0).ToString("0.0", CultureInfo.InvariantCulture),
                weights.Sha256[..12],
                weights.IsInstalled ? "yes" : $"no: mdfld model pull {weights.Name}");
        }
        return table;
    }

    private static int Info(string file, TextWriter output)
    {
        var opened = ModelFile.Open(file);
        var facts = opened.Describe();
        facts.Insert(1, "file", Path.GetFullPath(file));
        facts.Insert(2, "bytes", new FileInfo(file).Length.ToString(CultureInfo.InvariantCulture));
        facts.Insert(3, "sha256", PublishedWeights.HashOf(file));
        foreach (var (name, value) in facts)
            output.WriteLine($"{name,-9} {Terminal.Clean(value)}");
        if (Card(file) is { } card)
        {
            output.WriteLine();
            output.Write(Terminal.Clean(File.ReadAllText(card), lines: true));
        }
        return 0;
    }

    private static string Cell(string text) => Markup.Escape(Terminal.Clean(text));

    /// <summary>The column of points of a model that finds none: its kind.</summary>
    private static string FirstWords(OrderedDictionary<string, string> facts) =>
        facts.ContainsKey("finds") ? "finds faces" : facts.GetValueOrDefault("kind") ?? "-";

    private static string? Card(string file) =>
        Path.ChangeExtension(file, ".md") is var card && File.Exists(card) ? card : null;
}

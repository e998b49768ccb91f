using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
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
                var (points, size, crop) = Columns(file);
                table.AddRow(
                    Markup.Escape(Path.GetFileNameWithoutExtension(file)),
                    points,
                    size,
                    crop,
                    (new FileInfo(file).Length / 1048576.0).ToString("0.0", CultureInfo.InvariantCulture),
                    Hash(file)[..12],
                    Card(file) is { } card ? Markup.Escape(Path.GetFileName(card)) : "-");
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
        using var finder = TryFinder(file);
        var model = finder is null ? Describe(file) : null;
        output.WriteLine($"name      {finder?.Name ?? model!.Name}");
        output.WriteLine($"file      {Path.GetFullPath(file)}");
        output.WriteLine($"bytes     {new FileInfo(file).Length}");
        output.WriteLine($"sha256    {Hash(file)}");
        if (finder is not null)
            output.WriteLine($"finds     faces, from a score of {Text(finder.Threshold)}");
        if (model is not null)
        {
            output.WriteLine($"points    {model.Scheme.Count} ({model.Scheme.Name})");
            output.WriteLine($"size      {model.Size} x {model.Size}");
            output.WriteLine(
                $"channels  {(model.IsBgr ? "bgr" : "rgb")}, (byte - {Text(model.Mean)}) / {Text(model.Std)}");
            output.WriteLine($"crop      {Text(model.CropFactor)} x the landmark box");
            output.WriteLine(model.Threshold is { } threshold
                ? $"trusted   from a confidence of {Text(threshold)}"
                : "trusted   always: its confidence was never calibrated");
        }
        if (Card(file) is { } card)
        {
            output.WriteLine();
            output.Write(File.ReadAllText(card));
        }
        return 0;
    }

    private static (string Points, string Size, string Crop) Columns(string file)
    {
        using var finder = TryFinder(file);
        if (finder is not null)
            return ("finds faces", "any", "-");
        var model = Describe(file);
        return (Text(model.Scheme.Count), Text(model.Size), Text(model.CropFactor));
    }

    /// <summary>The model as a face finder; null where it is none.</summary>
    private static FaceFinder? TryFinder(string file)
    {
        try
        {
            return FaceFinder.Load(file, new DetectorOptions { Threads = 1 });
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static LandmarkModel Describe(string file)
    {
        using var detector = ModelFolder.Load(file, new DetectorOptions { Threads = 1 });
        return detector.Model;
    }

    private static string? Card(string file) =>
        Path.ChangeExtension(file, ".md") is var card && File.Exists(card) ? card : null;

    private static string Hash(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static string Text(float value) => value.ToString(CultureInfo.InvariantCulture);
}

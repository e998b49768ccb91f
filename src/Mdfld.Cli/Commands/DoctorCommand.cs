using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Microsoft.ML.OnnxRuntime;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld doctor</c>: what is installed, what is missing, and what to do.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var asJson = SharedOptions.Json();
        return new Command("doctor", "Shows versions, devices, models, caches, and what is missing or wrong.")
        {
            asJson,
        }.Does(parsed =>
        {
            var findings = Examine();
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(asJson))
            {
                output.WriteLine(new JsonArray([.. findings.Select(f => new JsonObject
                {
                    ["name"] = f.Name,
                    ["value"] = f.Value,
                    ["wrong"] = f.IsWrong,
                    ["todo"] = f.ToDo,
                })]).ToJsonString());
            }
            else
            {
                foreach (var finding in findings)
                {
                    output.WriteLine(Terminal.Clean($"{finding.Name,-14} {finding.Value}"));
                    if (finding.ToDo is { } todo)
                        output.WriteLine(Terminal.Clean($"{"",-14} {(finding.IsWrong ? "wrong: " : "")}{todo}"));
                }
            }
            return findings.Any(f => f.IsWrong) ? ExitCode.Failed : 0;
        });
    }

    private static List<Finding> Examine() =>
    [
        new("mdfld", $"{ProgramVersion.Text}, in {AppContext.BaseDirectory}"),
        new(".NET", RuntimeInformation.FrameworkDescription),
        new("system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, "
            + $"{Environment.ProcessorCount} processors, "
            + $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20} MiB of memory"),
        // First: the library sets up ONNX Runtime, which would report home if it were asked before.
        Try("default model", Detects),
        Try("ONNX Runtime", Devices),
        .. Models(),
        .. PublishedWeights.All.Select(Published),
        Libtorch(),
        Try("cache", () => Folder(UserFolders.Cache)),
        Try("data", () => Folder(UserFolders.Data)),
    ];

    private static Finding Devices()
    {
        var providers = OrtEnv.Instance().GetAvailableProviders();
        var devices = ((string, string)[])[
            ("CPU", "cpu"), ("CUDA", "cuda"), ("Dml", "directml"), ("CoreML", "coreml")];
        var names = devices.Where(d => providers.Contains(d.Item1 + "ExecutionProvider")).Select(d => d.Item2);
        return new Finding("", $"{OrtEnv.Instance().GetVersionString()}, --device {string.Join(", ", names)}");
    }

    private static IEnumerable<Finding> Models()
    {
        foreach (var file in ModelFolder.Files())
        {
            yield return Try("model", () =>
            {
                var (name, kind) = (Path.GetFileNameWithoutExtension(file), ModelFile.Open(file).KindName);
                return new Finding("", $"{name}: {kind}, SHA-256 {FileHash.Of(file)[..12]}, {file}");
            });
        }
    }

    private static Finding Published(PublishedWeights weights) => Try("weights", () =>
    {
        if (!weights.IsInstalled)
            return new Finding("", $"{weights.Name}: not there", $"mdfld model pull {weights.Name} fetches it");
        return weights.Altered() is null
            ? new Finding("", $"{weights.Name}: {weights.Path}")
            : new Finding("", $"{weights.Name}: {weights.Path}", "another file: delete it and fetch it again", true);
    });

    private static Finding Libtorch() => TorchRuntime.Find() is { } folder
        ? new Finding("libtorch", $"{TorchRuntime.Version}, in {folder}")
        : new Finding(
            "libtorch", "not there",
            "mdfld setup torch fetches it: train, export, generate, label --second and original need it");

    private static Finding Folder(string path)
    {
        if (!Directory.Exists(path))
            return new Finding("", $"{path}: not there yet");
        var bytes = new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length);
        return new Finding("", string.Create(CultureInfo.InvariantCulture, $"{path}: {bytes / 1048576.0:0.0} MiB"));
    }

    /// <summary>The whole road once, from pixels to points.</summary>
    private static Finding Detects()
    {
        using var detector = LandmarkDetector.Create();
        var drawn = DrawnFaces.Draw(new Random(1), 256, DrawingStyle.Comic);
        var found = detector.Detect(drawn.Picture);
        return found.Length > 0
            ? new Finding("", "finds a face in a drawn picture")
            : new Finding("", "finds no face in a drawn picture", "the models are not the ones they should be", true);
    }

    private static Finding Try(string name, Func<Finding> examine)
    {
        try
        {
            return examine() with { Name = name };
        }
        catch (Exception e)
        {
            return new Finding(name, "does not work", ErrorText.Of(e), true);
        }
    }

    /// <param name="ToDo">What to do, or why it is wrong.</param>
    private sealed record Finding(string Name, string Value, string? ToDo = null, bool IsWrong = false);
}

using System.Diagnostics;
using Mdfld.Cli.Tracking;
using Mdfld.Studio;

namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld studio</c>: the pictures of a folder in the browser, to look at and correct.</summary>
internal static class StudioCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR")
        {
            Description = "Folder of pictures, or of labelled faces (annotations.tsv, images/)",
            DefaultValueFactory = _ => ".",
        };
        var model = SharedOptions.Model();
        var replay = AdaptCommand.Replay();
        var port = SharedOptions.Number("--port", "N", "Port to listen on; 0: a free one", 0, 0, 65535);
        var quiet = SharedOptions.Flag("--no-browser", "Only prints the address");
        var command = new Command("studio", "Shows and corrects faces in the browser, and adapts a model to them.")
        {
            folder, model, replay, port, quiet,
        };
        command.SetAction(async (parsed, stop) =>
        {
            var path = parsed.GetRequiredValue(folder);
            if (!Directory.Exists(path))
                throw new UsageException($"{path}: no such folder");
            var first = parsed.GetRequiredValue(model);
            ModelFolder.Resolve(first);
            var console = parsed.InvocationConfiguration;
            var (adapt, problem) = AdaptSettings(AdaptCommand.Folders(parsed, replay));
            await using var studio = await StudioServer.StartAsync(
                new StudioSettings(path, Page(), Models(first), name => Load(name, console.Error))
                {
                    Adapt = adapt,
                    AdaptProblem = problem,
                    Frames = VideoReader.Sample,
                    Version = ProgramVersion.Build,
                    Server = new ServerSettings { Port = parsed.GetValue(port) },
                },
                stop);
            console.Output.WriteLine(studio.Address);
            if (!parsed.GetValue(quiet))
                Browse(studio.Address, console.Error);
            if (Terminal.Is(console.Error))
                console.Error.WriteLine("mdfld: Ctrl-C ends the studio; what was corrected is saved");
            await Task.Delay(Timeout.Infinite, stop).ContinueWith(_ => { }, CancellationToken.None);
            return 0;
        });
        return command;
    }

    private static LandmarkDetector Load(string name, TextWriter error) =>
        ModelFolder.Load(name, new DetectorOptions(), new CodeTrust(false, error));

    private static string[] Models(string first) =>
    [
        first,
        .. ModelFolder.Files().Where(f => ModelFile.Open(f).Kind == ModelKind.Landmarks)
            .Select(f => Path.GetFileNameWithoutExtension(f)).Where(name => name != first),
    ];

    private static (AdaptationSettings? Settings, string? Problem) AdaptSettings(IReadOnlyList<FaceFolder> replay)
    {
        if (TorchRuntime.Find() is null)
            return (null, "adapting needs libtorch, which is not on this machine: run mdfld setup torch, then start the studio again");
        return AdaptCommand.DefaultStart() is { } start && AdaptCommand.DefaultRecipe() is { } recipe
            ? (AdaptCommand.Settings(recipe, start, replay), null)
            : (null, "adapting needs models/compact.safetensors and recipes/adapt.yaml, which are not with this program");
    }

    /// <summary>The built page: in <c>page/</c> beside or above the program.</summary>
    private static string Page() => ProgramFiles.Find(Path.Combine("page", "index.html")) is { } index
        ? Path.GetDirectoryName(index)!
        : throw new IOException(
            "the studio's page is not built: in a clone start ./mdfld studio, which builds it with Node.js (20.19 or later)");

    private static void Browse(string address, TextWriter error)
    {
        try
        {
            var start = OperatingSystem.IsWindows() ? new ProcessStartInfo(address) { UseShellExecute = true }
                : new ProcessStartInfo(OperatingSystem.IsMacOS() ? "open" : "xdg-open", [address])
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                };
            Process.Start(start)?.Dispose();
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or IOException)
        {
            error.WriteLine("mdfld: no browser could be started: open the address in one");
        }
    }
}

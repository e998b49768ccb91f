using System.Diagnostics;
using System.Text.Json;

namespace Mdfld.Tests.Training;

/// <summary>A folder with tiny data and a recipe for each kind of run, and the program that trains on them.</summary>
internal sealed class TinyRuns : IDisposable
{
    public const string FinderRecipe = """
        name: tiny-finder
        network: finder
        seed: 3
        batch: 2
        replicas: 1
        threads: 1
        phases: [{ steps: 4, size: 64 }]
        data: [{ name: faces }]
        validation: [faces]
        validate_every: 2
        checkpoint_minutes: 0
        augmentation: { crop_factor: 1.6 }
        scenes: { pictures: [pictures], drawn_faces: 7, validation_scenes: 4, shows: 2 }
        """;

    private readonly TemporaryFolder _folder = new();

    public TinyRuns()
    {
        TinyFaces.Write(At("faces"), 6);
        WritePictures();
        File.WriteAllText(At("detector.yaml"), TinyFaces.Recipe());
        File.WriteAllText(At("finder.yaml"), FinderRecipe);
    }

    public string Root => _folder.Path;

    public string At(string name) => Path.Combine(_folder.Path, name);

    /// <summary>The file from which a kind of run goes on last.</summary>
    public string Checkpoint(string kind, string run) =>
        At(kind == "generator" ? $"{run}/diffusion/last.safetensors" : $"{run}/last.safetensors");

    /// <summary>The losses that a run has logged, step by step where it validates after each.</summary>
    public double[] Losses(string run) =>
    [
        .. File.ReadLines(At($"{run}/log.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("loss").GetDouble()),
    ];

    /// <summary>Starts <c>mdfld train</c>, by a launcher such as mpiexec or by itself.</summary>
    public Process Start(string kind, string run, IEnumerable<string> more, params string[] launcher)
    {
        string[] arguments =
        [
            .. launcher, "dotnet", Path.Combine(AppContext.BaseDirectory, "Mdfld.Cli.dll"), "train", kind,
            .. kind == "generator" ? (string[])["--stage", "base"] : [],
            "--recipe", At($"{kind}.yaml"), "--data", Root, "--out", At(run), .. more,
        ];
        return Process.Start(new ProcessStartInfo(arguments[0], arguments[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }

    /// <summary>Waits for a process; what it said.</summary>
    public static async Task<string> EndOf(Process process)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return await output + await errors;
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    public void Dispose() => _folder.Dispose();

    private void WritePictures()
    {
        Directory.CreateDirectory(At("pictures/images"));
        var lines = new List<string> { "image\tx\ty\twidth\theight" };
        for (var n = 0; n < 3; n++)
        {
            var picture = new Picture(120, 90);
            new Random(n).NextBytes(picture.Data);
            picture.Save(At($"pictures/images/afw_{n}.png"));
            lines.Add($"afw_{n}.png\t30\t20\t40.5\t44");
        }
        File.WriteAllLines(At("pictures/faces.tsv"), lines);
    }
}

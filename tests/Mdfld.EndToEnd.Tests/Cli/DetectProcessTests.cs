using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Mdfld.Tests.Detection;
using Mdfld.Tests.Images;
using Mdfld.Tests.Launchers;

namespace Mdfld.Tests.Cli;

/// <summary>The program itself in pipes, killed, on a full disk, and with many pictures.</summary>
public sealed class DetectProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public DetectProcessTests()
    {
        File.WriteAllBytes(_folder["tiny.onnx"], TinyModels.Brightest(new Vector2[68]));
        Directory.CreateDirectory(_folder["in"]);
        for (var i = 0; i < 4; i++)
            Picture(i).Save(_folder["in", $"{i}.png"]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void OnePictureComesFromStandardInput()
    {
        var run = Run("cat in/2.png | detect - --format jsonl");
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        using var json = JsonDocument.Parse(run.Output);
        Assert.Equal("-", json.RootElement.GetProperty("image").GetString());
        Assert.Equal(Places()[2], Place(json.RootElement));
        Assert.Contains("standard input", Run("echo nothing | detect -").Errors);
    }

    /// <summary>Whoever writes a path gets its answer before he writes the next.</summary>
    [Fact]
    public void AListOnStandardInputIsAnsweredLineByLine()
    {
        var run = Run(
            """
            coproc M { detect --files-from - --format jsonl; }
            for i in 0 1 2 3; do
                echo "in/$i.png" >&${M[1]}
                read -r -u ${M[0]} line
                echo "$line"
            done
            exec {M[1]}>&-
            wait
            """);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Equal(Places(), run.Output.Split('\n').Select(Place));
    }

    [Fact]
    public void ItEndsWhenNobodyReadsOn()
    {
        var run = Run(
            "yes in/1.png 2>/dev/null | detect --files-from - --format jsonl | head -n 2; echo ${PIPESTATUS[1]}");
        Assert.Equal("", run.Errors);
        Assert.Equal("141", run.Output.Split('\n')[2]);
    }

    [Fact]
    public void OutputIsAppendedToAFile()
    {
        var run = Run("{ detect in/0.png --format jsonl; detect in/1.png --format jsonl; } >both; cat both");
        Assert.Equal(Places()[..2], run.Output.Split('\n').Select(Place));
    }

    /// <summary>A limit on files' size stands in for a full disk: the write fails in the same way.</summary>
    [Theory]
    [InlineData("jsonl")]
    [InlineData("csv")]
    public void AFullDiskIsOneErrorAndNothingIsHalfWritten(string format)
    {
        var many = $"--files-from <(for i in {{1..50}}; do echo in/0.png; done) --out out --format {format}";
        var run = Run($"trap '' XFSZ; ulimit -f 20; detect {many}; echo $?; ulimit -f unlimited 2>/dev/null");
        Assert.Equal("1", run.Output);
        Assert.Single(run.Errors.Split('\n'));
        Assert.StartsWith("mdfld: ", run.Errors);
        Assert.Equal([".mdfld-detect", $"landmarks.{format}.partial"], Names("out"));
        var partial = File.ReadAllText(_folder["out", $"landmarks.{format}.partial"]);
        Assert.EndsWith("\n", partial);
        Assert.InRange(partial.Length, 10_000, 20 * 1024);

        Assert.Equal(0, Run($"detect {many} --resume").ExitCode);
        Assert.Equal(0, Run($"detect {many.Replace("--out out", "--out whole")}").ExitCode);
        Assert.Equal(
            File.ReadAllBytes(_folder["whole", $"landmarks.{format}"]),
            File.ReadAllBytes(_folder["out", $"landmarks.{format}"]));
    }

    [Fact]
    public void AnUnwritableFolderIsOneError()
    {
        var run = Run("detect in --out tiny.onnx/out --format csv");
        Assert.Equal(1, run.ExitCode);
        Assert.Single(run.Errors.Split('\n'));
        Assert.Equal("", Run("detect in >/dev/full 2>said; [[ $(wc -l <said) == 1 ]] || cat said").Output);
    }

    /// <summary>Memory stays flat; what was killed ends as the unbroken run, a broken picture among them.</summary>
    [Theory]
    [InlineData("jsonl", 5000)]
    [InlineData("csv", 2000)]
    [InlineData("json", 1000)]
    public async Task ManyPicturesKilledAndResumed(string format, int count)
    {
        for (var i = 0; i < count; i++)
            File.CreateSymbolicLink(_folder["in", $"link{i:0000}.png"], $"{i % 4}.png");
        File.Delete(_folder["in", "link0500.png"]);
        File.WriteAllText(_folder["in", "link0500.png"], "no picture");

        var memory = new List<long>();
        using (var unbroken = Start(format, "unbroken"))
        {
            while (!unbroken.WaitForExit(20))
                memory.Add(WorkingSet(unbroken));
            Assert.Equal(1, unbroken.ExitCode);
            var said = await unbroken.StandardError.ReadToEndAsync();
            Assert.Contains("link0500.png", said);
            Assert.Contains(
                $"mdfld: {count + 4} files: {count + 3} with {count + 3} faces, 1 broken; results in", said);
        }
        // After the first third everything is loaded and compiled; thousands of pictures kept would cost 0.3 MB each.
        var early = memory[..((memory.Count / 3) + 1)].Max();
        Assert.InRange(memory.Max(), 1, early + (150L << 20));

        using (var killed = Start(format, "killed"))
        {
            // On this thread: the pool may be busy with other tests for longer than the run lasts.
            while (!IsUnderWay("killed", format) && !killed.HasExited)
                Thread.Sleep(1);
            killed.Kill();
            await killed.WaitForExitAsync();
            Assert.Equal(137, killed.ExitCode);
        }
        Assert.NotEqual(Contents("unbroken"), Contents("killed"));
        using (var resumed = Start(format, "killed", "--resume"))
        {
            await resumed.WaitForExitAsync();
            Assert.Equal(1, resumed.ExitCode);
        }
        Assert.Equal(Contents("unbroken"), Contents("killed"));
    }

    /// <summary>What cannot be whole is refused by its header; what is whole is decoded one after the other.</summary>
    [Theory]
    [InlineData("cut.jpg", 1)]
    [InlineData("progressive.jpg", 0)]
    [InlineData("grey.png", 0)]
    [InlineData("bomb.webp", 0)]
    [InlineData("long.png", 0)]
    public async Task EightPicturesOf100MegapixelsTakeLessThanAGigabyte(string name, int exitCode)
    {
        File.WriteAllBytes(_folder[name], name switch
        {
            "cut.jpg" => Pictures.Golden("progressive-65500x1526-16scans.jpg"),
            "bomb.webp" => File.ReadAllBytes(TestFiles.Case("pictures", "bomb-10000x10000.webp")),
            "progressive.jpg" => JpegBuilder.Flat(65500, 1526, [128, 128, 128], isProgressive: true),
            _ => PngBuilder.Start(10_000, 10_000, 1, PngBuilder.Grey)
                .Pixels([.. Enumerable.Repeat(new byte[1250], 10_000)]),
        });
        // As long as a GIF of so many pixels may be; what follows a PNG's end is not read.
        if (name == "long.png")
        {
            using var file = File.OpenWrite(_folder[name]);
            file.SetLength(112_000_000);
        }
        for (var i = 0; i < 8; i++)
            File.CreateSymbolicLink(_folder[$"{i}-{name}"], name);
        using var process = Process.Start(new ProcessStartInfo("bash",
        [
            "-c",
            $"exec dotnet '{Path.Combine(AppContext.BaseDirectory, "Mdfld.Cli.dll")}' detect ?-{name} --format jsonl "
                + "--model ./tiny.onnx --boxes whole --threads 8 --quiet >out.jsonl 2>errors",
        ])
        {
            WorkingDirectory = _folder.Path,
        })!;
        var peak = 0L;
        while (!process.WaitForExit(20))
            peak = Math.Max(peak, Memory(process, "VmHWM:"));
        await process.WaitForExitAsync();

        Assert.Equal(exitCode, process.ExitCode);
        Assert.Equal(8 * (1 - exitCode), File.ReadLines(_folder["out.jsonl"]).Count());
        Assert.Equal(9 * exitCode, File.ReadLines(_folder["errors"]).Count());
        Assert.InRange(peak, 1, 1_000_000_000);
    }

    /// <summary>
    /// Without a standard error, or with a full one, a run does what it does, with the same exit code.
    /// </summary>
    [Theory]
    [InlineData("2>&-")]
    [InlineData("2>/dev/full")]
    [InlineData("2> >(true)")]
    public void AStandardErrorThatTakesNothingChangesNothing(string redirection)
    {
        File.WriteAllText(_folder["in", "broken.png"], "no picture");
        var run = Run($"detect in --format jsonl {redirection}; echo $?; detect absent.png {redirection}; echo $?");
        var lines = run.Output.Split('\n');
        Assert.Equal(6, lines.Length);
        Assert.Equal(("1", "2"), (lines[4], lines[5]));
    }

    [Fact]
    public void AFolderThatIsRemovedEndsTheRunInOneLine()
    {
        var run = Run(
            """
            { echo in/0.png; sleep 4; rm -r out; for i in {1..50}; do echo in/1.png; done; } |
                detect --files-from - --out out 2>&1
            echo $?
            """);
        Assert.Equal(2, run.Output.Split('\n').Length);
    }

    [Fact]
    public void TheLargestPictureIsTheCallers()
    {
        var run = Run("detect in/0.png --max-pixels 1000");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("the file claims 320 x 320 pixels, expected at most 1000", run.Errors);
        Assert.Equal(2, Run("detect in/0.png --max-pixels 0").ExitCode);
    }

    private static Picture Picture(int i)
    {
        var image = new Picture(320, 320);
        for (var row = 100; row < 120; row++)
            image.Row(row + (20 * i)).Slice(300 + (60 * i), 60).Fill(255);
        return image;
    }

    /// <summary>Where the faces of the four pictures are.</summary>
    private string[] Places() =>
        [.. Run("detect in --format jsonl").Output.Split('\n').Select(Place)];

    private static string Place(string line)
    {
        using var json = JsonDocument.Parse(line);
        return Place(json.RootElement);
    }

    private static string Place(JsonElement picture) => picture.GetProperty("faces")[0].GetProperty("box").ToString();

    private static long WorkingSet(Process process) => Memory(process, "VmRSS:");

    private static long Memory(Process process, string entry)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process.Id}/status").FirstOrDefault(l => l.StartsWith(entry));
            return line is null ? 0 : 1024 * long.Parse(line.Split(' ')[^2], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>Whether a run has some hundred pictures, and is far from its end.</summary>
    private bool IsUnderWay(string folder, string format)
    {
        if (!Directory.Exists(_folder[folder]))
            return false;
        var partial = new FileInfo(_folder[folder, $"landmarks.{format}.partial"]);
        return partial.Exists
            ? partial.Length > 50_000 : Directory.GetFiles(_folder[folder], "*.json").Length > 200;
    }

    private string[] Names(string folder) =>
        [.. Directory.GetFiles(_folder[folder]).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    private Dictionary<string, string> Contents(string folder) =>
        Names(folder).ToDictionary(n => n, n => File.ReadAllText(_folder[folder, n]));

    private ShellResult Run(string script) => Shell.Run(
        $"detect() {{ {Command} detect \"$@\" --model ./tiny.onnx --boxes whole --quiet; }}\n{script}", _folder.Path);

    private static string Command =>
        $"DOTNET_EnableWriteXorExecute=0 dotnet '{Path.Combine(AppContext.BaseDirectory, "Mdfld.Cli.dll")}'";

    private Process Start(string format, string folder, params string[] more)
    {
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "Mdfld.Cli.dll"), "detect", "in", "--out", folder,
            "--format", format, "--model", "./tiny.onnx", "--boxes", "whole", .. more,
        ];
        return Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardError = true,
        })!;
    }
}

using System.Numerics;
using System.Text.Json;
using Mdfld.Tests.Detection;
using Mdfld.Tests.Launchers;

namespace Mdfld.Tests.Cli;

/// <summary>What a run says of each picture and of all, on a terminal and elsewhere; what it does again.</summary>
public sealed class DetectReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public DetectReportTests()
    {
        File.WriteAllBytes(_folder["tiny.onnx"], TinyModels.Brightest(new Vector2[68]));
        File.WriteAllBytes(_folder["finder.onnx"], TinyFinders.Bright());
        Directory.CreateDirectory(_folder["in", "deep"]);
        Spot(20, 30).Save(_folder["in", "a.png"]);
        Spot(40, 10).Save(_folder["in", "deep", "b.png"]);
        new Picture(60, 48).Save(_folder["in", "black.png"]);
        File.WriteAllText(_folder["in", "notes.txt"], "");
        File.WriteAllText(_folder["in", "deep", "clip.mp4"], "");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TheLastLineAccountsForEveryFile()
    {
        File.WriteAllText(_folder["in", "broken.jpg"], "no picture");
        var run = await Detect("in", "--format", "csv");
        Assert.Equal(1, run.ExitCode);
        Assert.EndsWith(
            "mdfld: 6 files: 2 with 2 faces, 1 without a face (--search thorough finds smaller and turned ones), "
            + "1 broken, 2 of other kinds passed over\n",
            run.Error);
    }

    [Fact]
    public async Task WhatIsHiddenIsCounted()
    {
        string[] call = ["detect", TestFiles.Sample("chibi.png"), "--format", "csv", "--threshold"];
        Assert.DoesNotContain("hidden", (await CliRun.Of([.. call, "0"])).Error);
        var run = await CliRun.Of([.. call, "1"]);
        Assert.StartsWith("mdfld: 1 file: 0 with 0 faces, 1 without a face (--search", run.Error);
        Assert.EndsWith("; 1 face below 1.00 hidden (--threshold 0 shows all)\n", run.Error);
        Assert.Contains(",0,,,", run.Output.Split('\n')[1]);
        var two = await CliRun.Of([.. call[..^1], "--max-faces", "1", TestFiles.Sample("comic.png")]);
        Assert.DoesNotContain("left out", two.Error);
    }

    [Fact]
    public void ATerminalGetsALineAPicture()
    {
        var lines = OnTerminal("mdfld detect in");
        Assert.Equal(4, lines.Length);
        Assert.Matches(@"^in/a\.png: 60 x 48, 1 face \(\d\.\d\d\)$", lines[0]);
        Assert.Equal("in/black.png: 60 x 48, no face", lines[1]);
        Assert.Matches(@"^in/deep/b\.png: 60 x 48, 1 face \(\d\.\d\d\)$", lines[2]);
        Assert.StartsWith("mdfld: 5 files: 2 with 2 faces, 1 without a face", lines[3]);
        Assert.EndsWith("2 of other kinds passed over", lines[3]);
    }

    /// <summary>The next program of a pipe writes on the same terminal: nothing may be drawn over its lines.</summary>
    [Fact]
    public void APipeOnATerminalKeepsAllLines()
    {
        var lines = OnTerminal("mdfld detect in --format csv | cut -d, -f1-3");
        Assert.Equal(
            ["image,faces,face", "in/a.png,1,0", "in/black.png,0,", "in/deep/b.png,1,0"],
            lines.Where(l => !l.StartsWith("mdfld: ", StringComparison.Ordinal)));
        Assert.DoesNotContain(lines, l => l.Contains('\e'));
    }

    /// <summary>A name that would command the terminal; a pipe gets it as it is.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("--format csv")]
    public void NamesCannotCommandATerminal(string format)
    {
        var name = _folder["in", "\e[31mred.png"];
        File.Copy(_folder["in", "a.png"], name);
        var lines = OnTerminal($"mdfld detect in {format}");
        Assert.Contains(lines, l => l.StartsWith("in/\uFFFD[31mred.png", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.Contains('\e'));
        Assert.Contains(OnTerminal("mdfld detect in --format csv | cat -v"), l => l.StartsWith("in/^[[31mred.png,1"));
    }

    [Fact]
    public void DrawnPicturesGoSomewhereAndItSaysWhere()
    {
        Assert.EndsWith("; drawn in detected", OnTerminal("mdfld detect in/a.png --overlay")[^1]);
        Assert.EndsWith("; drawn in detected-2", OnTerminal("mdfld detect in/a.png --save")[^1]);
        Assert.Equal(["a.overlay.png"], Names("detected"));
        Assert.Equal(["a.overlay.png"], Names("detected-2"));
    }

    [Fact]
    public async Task AFolderOfResultsIsNotReplacedUnasked()
    {
        Assert.Equal(0, (await Detect("in", "--out", _folder["out"])).ExitCode);
        (await Detect("in", "--out", _folder["out"])).AssertBadCall("--resume goes on with it, --force replaces it");
        Assert.Equal(0, (await Detect("in", "--out", _folder["out"], "--force")).ExitCode);
    }

    /// <summary>Labels beside the pictures stay, unless the user says otherwise.</summary>
    [Theory]
    [InlineData("pts", "a.pts")]
    [InlineData("csv", "landmarks.csv")]
    public async Task FilesThatNoRunWroteStay(string format, string name)
    {
        File.WriteAllText(_folder["in", name], "mine");
        string[] call = ["in", "--format", format, "--out", _folder["in"]];
        var run = await Detect(call);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"{_folder["in", name]}: is there already", run.Error);
        Assert.Equal("mine", File.ReadAllText(_folder["in", name]));
        Assert.Equal(0, (await Detect([.. call, "--force"])).ExitCode);
        Assert.NotEqual("mine", File.ReadAllText(_folder["in", name]));
    }

    /// <summary>A picture that is called as an overlay or a crop will be, and one that only lies there.</summary>
    [Theory]
    [InlineData("--overlay", "a.overlay.png")]
    [InlineData("--crops", "a.0.png")]
    public async Task DrawnPicturesReplaceNoOthers(string option, string name)
    {
        // Points apart: a crop needs a width.
        File.WriteAllBytes(
            _folder["tiny.onnx"], TinyModels.Brightest([.. Enumerable.Range(0, 68).Select(i => new Vector2(i % 8, i / 8))]));
        string[] more = option == "--crops" ? [option, _folder["in"]] : [option, "--out", _folder["in"]];
        Spot(20, 30).Save(_folder["in", name]);
        var before = File.ReadAllBytes(_folder["in", name]);
        foreach (var force in (string[][])[[], ["--force"]])
        {
            var run = await Detect(["in", "--format", "json", .. force, .. more]);
            Assert.Equal(1, run.ExitCode);
            Assert.Contains(": is a picture that is read", run.Error);
            Assert.Equal(before, File.ReadAllBytes(_folder["in", name]));
        }
        var alone = await Detect([_folder["in", "a.png"], "--force", .. more]);
        Assert.Equal(0, alone.ExitCode);
        Assert.NotEqual(before, File.ReadAllBytes(_folder["in", name]));

        if (option == "--overlay")
            Assert.Contains("2 files: 0 with 0 faces, 1 done before, 1 of", (await Detect([_folder["in", "a*g"], "--resume", .. more])).Error);

        File.WriteAllBytes(_folder["in", name], before);
        var kept = await Detect([_folder["in", "a.png"], "--crops", _folder["in"]]);
        Assert.Equal(option == "--crops" ? 1 : 0, kept.ExitCode);
        Assert.Equal(before, File.ReadAllBytes(_folder["in", name]));
    }

    /// <summary>Of an earlier run's crops none stays: of a face that is gone, of a picture that is.</summary>
    [Fact]
    public async Task CropsOfTwoRunsDoNotMix()
    {
        File.WriteAllBytes(
            _folder["tiny.onnx"], TinyModels.Brightest([.. Enumerable.Range(0, 68).Select(i => new Vector2(i % 8, i / 8))]));
        string[] call = ["in", "--crops", _folder["crops"], "--out", _folder["out"]];
        Assert.Equal(0, (await Detect(call)).ExitCode);
        Assert.Equal(["a.0.png", "b.0.png"], Names("crops"));
        // As if there had been more; the last is not one of a run's.
        File.Copy(_folder["crops", "a.0.png"], _folder["crops", "a.1.png"]);
        File.Copy(_folder["crops", "a.0.png"], _folder["crops", "black.0.png"]);
        Spot(20, 30).Save(_folder["crops", "a.2.png"]);
        File.Delete(_folder["in", "deep", "b.png"]);
        Assert.Equal(0, (await Detect([.. call, "--force"])).ExitCode);
        Assert.Equal(["a.0.png", "a.2.png"], Names("crops"));
    }

    /// <summary>Each option that changes results, another model, another picture: what differs is done again.</summary>
    [Theory]
    [InlineData("json")]
    [InlineData("csv")]
    public async Task ResumingDoesAgainWhatDiffers(string format)
    {
        string[] call = ["in", "--format", format, "--out", _folder["out"], "--resume"];
        Assert.Equal(0, (await Detect(call)).ExitCode);
        Assert.Contains("3 done before", (await Detect(call)).Error);

        Spot(30, 20).Save(_folder["in", "a.png"]);
        Assert.Contains(": 1 with 1 face, 2 done before", (await Detect(call)).Error);
        var resumed = Contents("out");
        Assert.Equal(0, (await Detect([.. call[..^1], "--force"])).ExitCode);
        Assert.Equal(Contents("out"), resumed);

        var other = await Detect([.. call, "--threshold", "1"]);
        Assert.Contains("the earlier run had another --threshold: all pictures are done again", other.Error);
        Assert.DoesNotContain("done before", other.Error);

        File.WriteAllBytes(_folder["tiny.onnx"], TinyModels.Brightest([.. new Vector2[67], Vector2.One]));
        Assert.Contains("another --model", (await Detect([.. call, "--threshold", "1"])).Error);
        Assert.Contains("3 done before", (await Detect([.. call, "--threshold", "1"])).Error);
    }

    [Fact]
    public async Task TwoProcessesDoNotShareAFolder()
    {
        Directory.CreateDirectory(_folder["out"]);
        using (File.Open(_folder["out", ".mdfld-detect"], FileMode.Create, FileAccess.Write, FileShare.None))
        {
            var run = await Detect("in", "--out", _folder["out"]);
            Assert.Equal((1, ""), (run.ExitCode, run.Output));
            Assert.Contains("another mdfld is writing into this folder", run.Error);
        }
        Assert.Equal(0, (await Detect("in", "--out", _folder["out"])).ExitCode);
    }

    [Fact]
    public async Task LongNamesAreCutAndStayApart()
    {
        foreach (var last in "xy")
            Spot(20, 30).Save(_folder["in", new string('\u00e4', 120) + last + ".png"]);
        var run = await Detect("in", "--out", _folder["out"], "--overlay");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(5, Names("out").Count(n => n.EndsWith(".json", StringComparison.Ordinal)));
        Assert.Contains(
            "5 done before", (await Detect("in", "--out", _folder["out"], "--overlay", "--resume")).Error);
    }

    /// <summary>Bytes that are no UTF-8, a line break, a dash in front, a percent sign; folders of such names, too.</summary>
    [Fact]
    public async Task NamesMayBeAnyBytes()
    {
        Directory.CreateDirectory(_folder["any"]);
        Shell.Run(
            """
            mkdir any/$'d\xff%' any/$'d\xff%/caf\xe9'
            for f in $'p\xff.png' $'%41\xff.png' '%41%FF.png' $'line\nbreak.png' -dash.png 'p%FF.txt' $'d\xff%/x.png' \
                $'d\xff%/caf\xe9/x.png'
            do cp in/a.png "any/$f"; done
            """,
            _folder.Path);
        try
        {
            string[] names =
            [
                "%2541%FF.png", "%41%FF.png", "-dash.png", "d%FF%25/caf%E9/x.png", "d%FF%25/x.png", "line\nbreak.png",
                "p%FF.png",
            ];
            var run = await Detect(_folder["any"], "--out", _folder["out"], "--overlay");
            Assert.Equal(0, run.ExitCode);
            Assert.Contains("7 with 7 faces, 1 of other kinds passed over", run.Error);
            var results = Names("out").Where(n => n.EndsWith(".json", StringComparison.Ordinal)).Select(n =>
                JsonDocument.Parse(File.ReadAllText(_folder["out", n])).RootElement.GetProperty("image").GetString()![
                    (_folder["any"].Length + 1)..]);
            Assert.Equal(names, results.Order(StringComparer.Ordinal));
            Assert.Contains(
                "7 done before", (await Detect(_folder["any"], "--out", _folder["out"], "--overlay", "--resume")).Error);
            // The names that are written are names.
            var again = await Detect([.. names.Select(n => _folder["any", n]), "--format", "csv"]);
            Assert.Contains("7 with 7 faces", again.Error);
            Assert.Contains("2 with 2 faces", (await Detect(_folder["any", "p*.png"], _folder["any", "d%FF%25", "x.*"])).Error);
        }
        finally
        {
            // .NET cannot remove them.
            Shell.Run("rm -r any", _folder.Path);
        }
    }

    /// <summary>Pictures, annotations and their folder.</summary>
    [Theory]
    [InlineData("evaluate", "--data", "IN")]
    [InlineData("evaluate", "--faces", "IN")]
    [InlineData("dataset", "convert", "IN", "OUT", "--to", "cvat", "--copy")]
    [InlineData("dataset", "preview", "IN", "--out", "OUT")]
    [InlineData("label", "IN", "--out", "OUT")]
    [InlineData("track", "IN/images")]
    [InlineData("generate", "--engine", "stylize", "--landmarks", "IN", "--styles", "pencil", "--per-style", "1", "--out", "OUT")]
    public async Task OtherCommandsReadAnyBytes(params string[] call)
    {
        Shell.Run(
            $$"""
            cp -r '{{Path.Combine(TestFiles.RepositoryRoot, "samples")}}' any
            mv any/images/comic.png any/images/$'caf\xe9.png'
            sed -i 's/comic\.png/caf%E9.png/' any/annotations.tsv
            printf 'image\tx\ty\twidth\theight\ncaf%%E9.png\t170\t190\t200\t210\n' >any/faces.tsv
            mv any $'any\xff'
            """,
            _folder.Path);
        try
        {
            var run = await CliRun.Of(
                [.. call.Select(a => a.Replace("IN", _folder["any%FF"]).Replace("OUT", _folder["out"])), "--quiet"]);
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
        }
        finally
        {
            Shell.Run("rm -r any*", _folder.Path);
        }
    }

    /// <summary>As a shell's own patterns and <c>find -print0</c> give them.</summary>
    [Theory]
    [InlineData("mdfld detect -- any/*.png")]
    [InlineData("cd any; mdfld detect -- *.png")]
    [InlineData("find any -name '*.png' -print0 | mdfld detect --files-from - --null")]
    public void AShellMayNameAnyBytes(string command)
    {
        var program = $"dotnet '{Path.Combine(AppContext.BaseDirectory, "Mdfld.Cli.dll")}'";
        var run = Shell.Run(
            $$"""
            at="$PWD"
            mdfld() { {{program}} "$@"; }
            export LC_ALL=C
            mkdir any
            for f in $'p\xff.png' $'q\nr.png' ./-s.png; do cp in/a.png "any/$f"; done
            {{command.Replace("detect", "detect --model $at/tiny.onnx --finder $at/finder.onnx --format csv")}}
            cd "$at"; rm -r any
            """,
            _folder.Path);
        Assert.EndsWith("3 files: 3 with 3 faces", run.Errors);
        Assert.Contains("p%FF.png,1,0,", run.Output);
    }

    private string[] Names(string folder) =>
        [.. Directory.GetFiles(_folder[folder]).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    private string[] Contents(string folder) =>
        [.. Names(folder).Where(n => !n.StartsWith('.')).Select(n => File.ReadAllText(_folder[folder, n]))];

    private static Picture Spot(int x, int y)
    {
        var image = new Picture(60, 48);
        for (var row = y - 2; row <= y + 2; row++)
            image.Row(row).Slice((x - 2) * 3, 15).Fill(255);
        return image;
    }

    private Task<CliRun> Detect(params string[] args) => CliRun.Of(
        ["detect", .. args.Select(a => a == "in" ? _folder["in"] : a),
            "--model", _folder["tiny.onnx"], "--finder", _folder["finder.onnx"]]);

    /// <summary>The lines that a terminal shows; mdfld is the program, with the models of the test.</summary>
    private string[] OnTerminal(string command)
    {
        var program = $"dotnet '{Path.Combine(AppContext.BaseDirectory, "Mdfld.Cli.dll")}'";
        File.WriteAllText(
            _folder["run.sh"],
            $"mdfld() {{ {program} \"$@\" --model ./tiny.onnx --finder ./finder.onnx; }}\n{command}\n");
        var run = Shell.Run("TERM=xterm script -qec 'bash run.sh' /dev/null", _folder.Path);
        Assert.Equal(0, run.ExitCode);
        // By these .NET asks a terminal for the keys that it is not going to read.
        return run.Output.Replace("\e[?1h\e=", "").ReplaceLineEndings("\n").Split('\n');
    }
}

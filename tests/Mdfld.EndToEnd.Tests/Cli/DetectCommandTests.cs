using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Mdfld.Tests.Detection;

namespace Mdfld.Tests.Cli;

public sealed class DetectCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;
    private readonly string _finder;

    public DetectCommandTests()
    {
        _model = _folder["tiny.onnx"];
        File.WriteAllBytes(_model, TinyModels.Brightest(new Vector2[68]));
        _finder = _folder["finder.onnx"];
        File.WriteAllBytes(_finder, TinyFinders.Bright());
        Directory.CreateDirectory(_folder["in", "deep"]);
        Spot(20, 30).Save(_folder["in", "a.png"]);
        Spot(40, 10).Save(_folder["in", "b.jpg"]);
        Spot(10, 10).Save(_folder["in", "deep", "a.png"]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task PrintsJsonAndWritesNothing()
    {
        var before = Everything();
        var run = await Detect(_folder["in", "a.png"], _folder["in", "b.jpg"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var json = JsonDocument.Parse(run.Output);
        Assert.Equal(2, json.RootElement.GetArrayLength());
        var first = json.RootElement[0];
        Assert.Equal(_folder["in", "a.png"], first.GetProperty("image").GetString());
        Assert.Equal((60, 48), (first.GetProperty("width").GetInt32(), first.GetProperty("height").GetInt32()));
        var points = first.GetProperty("faces")[0].GetProperty("landmarks");
        Assert.Equal(68, points.GetArrayLength());
        Assert.Equal(20, points[5][0].GetDouble(), 1.0);
        Assert.Equal(30, points[5][1].GetDouble(), 1.0);
        Assert.Equal(before, Everything());
    }

    [Fact]
    public async Task WritesEachFaceUpright()
    {
        File.Copy(
            Path.Combine(TestFiles.RepositoryRoot, "samples", "images", "comic.png"), _folder["comic.png"]);
        var run = await CliRun.Of("detect", _folder["comic.png"], "--crops", _folder["crops"], "--format", "csv");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal($"mdfld: 1 file: 1 with 1 face; faces in {_folder["crops"]}\n", run.Error);
        var crop = Picture.Load(Assert.Single(Directory.GetFiles(_folder["crops"])));
        Assert.Equal("comic.0.png", Path.GetFileName(Directory.GetFiles(_folder["crops"])[0]));
        Assert.Equal((256, 256), (crop.Width, crop.Height));
        using var detector = LandmarkDetector.Create();
        var face = detector.DetectSingle(crop);
        // ArcFace's template with a quarter of it around.
        var five = face.Scheme.FivePoints(face.Points.AsSpan());
        Assert.InRange(Vector2.Distance(five[0], Place(38.3f, 51.7f)), 0, 6);
        Assert.InRange(Vector2.Distance(five[1], Place(73.5f, 51.5f)), 0, 6);
        Assert.InRange(Vector2.Distance(five[4], Place(70.7f, 92.2f)), 0, 6);

        // An interrupted run goes on: what has its result and its crop is not done again.
        string[] resumed =
            ["detect", _folder["comic.png"], "--crops", _folder["crops"], "--out", _folder["out"], "--resume"];
        Assert.Equal(0, (await CliRun.Of(resumed)).ExitCode);
        File.WriteAllText(_folder["crops", "comic.0.png"], "kept");
        Assert.Equal(0, (await CliRun.Of(resumed)).ExitCode);
        Assert.Equal("kept", File.ReadAllText(_folder["crops", "comic.0.png"]));
        File.Delete(_folder["crops", "comic.0.png"]);
        Assert.Equal(0, (await CliRun.Of(resumed)).ExitCode);
        Assert.True(File.Exists(_folder["crops", "comic.0.png"]));

        Assert.Contains(
            "expected a folder",
            (await CliRun.Of("detect", _folder["comic.png"], "--crops", _folder["comic.png"])).Error);

        static Vector2 Place(float x, float y) => new Vector2(x + 28, y + 28) * (256 / 168f);
    }

    [Fact]
    public async Task PrintsPtsAndCsv()
    {
        var pts = (await Detect(_folder["in", "a.png"], "--format", "pts")).Output.Split('\n');
        Assert.Equal(["version: 1", "n_points: 68", "{"], pts[..3]);
        Assert.Equal("}", pts[71]);
        Assert.Equal(20, double.Parse(pts[3].Split(' ')[0], CultureInfo.InvariantCulture), 1.0);

        var csv = (await Detect(_folder["in"], "--format", "csv")).Output.TrimEnd('\n').Split('\n');
        Assert.Equal(4, csv.Length);
        Assert.StartsWith("image,faces,face,score,confidence,x0,y0,x1,y1,", csv[0]);
        Assert.All(csv, line => Assert.Equal(141, line.Split(',').Length));
    }

    [Fact]
    public async Task WholePicturesNeedNoFinderAndKeepOneFace()
    {
        string[] call = ["detect", _folder["in"], "--model", _model, "--boxes", "whole", "--quiet", "--format", "csv"];
        var rows = (await CliRun.Of(call)).Output.Split('\n')[1..^1];
        Assert.Equal(["1,0", "1,0", "1,0"], rows.Select(row => string.Join(',', row.Split(',')[1..3])));
    }

    [Fact]
    public async Task ATableSaysWhereThereIsNoFace()
    {
        new Picture(60, 48).Save(_folder["in", "black.png"]);
        var run = await Detect(_folder["in", "black.png"], "--format", "csv");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal($"{_folder["in", "black.png"]},0,{new string(',', 138)}", run.Output.Split('\n')[1]);
    }

    [Fact]
    public async Task PrintsAnObjectALine()
    {
        var lines = (await Detect(_folder["in"], "--format", "jsonl")).Output.Split('\n');
        Assert.Equal(4, lines.Length);
        Assert.Equal("", lines[^1]);
        Assert.All(lines[..3], line => JsonDocument.Parse(line).Dispose());
    }

    [Theory]
    [InlineData("a.png\nb.jpg\r\n\ndeep/a.png", "--format", "csv")]
    [InlineData("a.png\0b.jpg\0deep/a.png\0", "--format", "csv", "-0")]
    public async Task PicturesComeFromAList(string list, params string[] options)
    {
        File.WriteAllText(_folder["list"], Regex.Replace(list, "[^\n\r\0]+", m => _folder["in", m.Value]));
        var run = await Detect(["--files-from", _folder["list"], .. options]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var pictures = run.Output.Split('\n')[1..^1].Select(row => row.Split(',')[0]);
        Assert.Equal([_folder["in", "a.png"], _folder["in", "b.jpg"], _folder["in", "deep", "a.png"]], pictures);
    }

    [Fact]
    public async Task AListMayNameWhatIsNotThere()
    {
        File.WriteAllLines(_folder["list"], [_folder["absent.png"], _folder["in", "a.png"]]);
        var run = await Detect("--files-from", _folder["list"], "--format", "jsonl");
        Assert.Equal(1, run.ExitCode);
        Assert.Single(run.Output.TrimEnd('\n').Split('\n'));
        Assert.Contains("absent.png", run.Error);
        Assert.EndsWith("mdfld: 2 files: 1 with 1 face, 1 broken\n", run.Error);
    }

    [Fact]
    public async Task ABrokenPictureIsNamedAndTheRestIsDone()
    {
        File.WriteAllText(_folder["in", "broken.jpg"], "no picture");
        var run = await Detect(_folder["in"]);
        Assert.Equal(1, run.ExitCode);
        using var json = JsonDocument.Parse(run.Output);
        Assert.Equal(3, json.RootElement.GetArrayLength());
        var lines = run.Error.TrimEnd('\n').Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Contains("broken.jpg", lines[0]);
        Assert.Equal("mdfld: 4 files: 3 with 3 faces, 1 broken", lines[1]);
    }

    [Fact]
    public async Task NothingButBrokenPicturesStillPrintsJson()
    {
        File.WriteAllText(_folder["broken.png"], "");
        var run = await Detect(_folder["broken.png"]);
        Assert.Equal((1, "[]\n"), (run.ExitCode, run.Output));
        Assert.DoesNotContain("   at ", run.Error);
    }

    [Theory]
    [InlineData("json")]
    [InlineData("pts")]
    public async Task WritesAFileAPictureNoneOverAnother(string format)
    {
        var run = await Detect(_folder["in"], "--out", _folder["out"], "--format", format, "--overlay");
        Assert.Equal((0, "", ""), (run.ExitCode, run.Output, run.Error));
        string[] names = ["a", "a.png", "b"];
        Assert.Equal(
            names.SelectMany(n => new[] { $"{n}.{format}", $"{n}.overlay.png" }).Order(StringComparer.Ordinal),
            Results("out"));
        Assert.Equal(60, Picture.Load(_folder["out", "a.overlay.png"]).Width);
    }

    [Fact]
    public async Task WritesOneTable()
    {
        var run = await Detect(_folder["in"], "--out", _folder["out"], "--format", "csv");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["landmarks.csv"], Results("out"));
        Assert.Equal(4, File.ReadAllLines(_folder["out", "landmarks.csv"]).Length);
    }

    [Fact]
    public async Task CtrlCEndsBetweenPicturesAndJsonIsClosed()
    {
        var run = await CliRun.Interrupted("detect", _folder["in"], "--model", _model, "--finder", _finder);
        Assert.Equal((130, ""), (run.ExitCode, run.Error));
        using var json = JsonDocument.Parse(run.Output);
        Assert.Equal(1, json.RootElement.GetArrayLength());
    }

    [Theory]
    [InlineData("in", 4)]
    [InlineData("in/**/*.png", 3)]
    public async Task LinksToFilesAreTakenThoseToFoldersAreNot(string argument, int expected)
    {
        Directory.CreateSymbolicLink(_folder["in", "self"], ".");
        Directory.CreateSymbolicLink(_folder["in", "deep", "up"], "..");
        File.CreateSymbolicLink(_folder["in", "link.png"], "a.png");
        var run = await Detect(_folder[argument.Split('/')], "--format", "csv");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(expected, run.Output.TrimEnd('\n').Split('\n').Length - 1);
    }

    [Theory]
    [InlineData("in/*.png", 1)]
    [InlineData("in/?.*", 2)]
    [InlineData("in/**/*.png", 2)]
    [InlineData("**/a.png", 2)]
    [InlineData("in/**", 3)]
    public async Task PatternsNamePictures(string pattern, int expected)
    {
        var run = await Detect(_folder[pattern.Split('/')], "--format", "csv");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(expected, run.Output.TrimEnd('\n').Split('\n').Length - 1);
    }

    [Theory]
    [InlineData("no such file or folder", "absent.png")]
    [InlineData("no such option", "in/a.png", "--wrong")]
    [InlineData("no picture matches", "in/*.gif")]
    [InlineData("no picture", "empty")]
    [InlineData("expected a folder", "in/a.png", "--out", "tiny.onnx")]
    [InlineData("no such model file", "in/a.png", "--model", "absent.onnx")]
    [InlineData("no model is called 'absent'", "in/a.png", "--model", "absent")]
    [InlineData("no such model file", "in/a.png", "--finder", "absent.onnx")]
    [InlineData("--threads", "in/a.png", "--threads", "-1")]
    [InlineData("--threads", "in/a.png", "--threads", "many")]
    [InlineData("--threshold '0,5': expected a number from 0 to 1, with a point", "in/a.png", "--threshold", "0,5")]
    [InlineData("--threshold '50%': expected a number", "in/a.png", "--threshold", "50%")]
    [InlineData("did you mean --format?", "in/a.png", "--formt", "csv")]
    [InlineData("--format 'jsnl': expected json, jsonl, pts, csv, svg; did you mean jsonl?", "in/a.png", "--format", "jsnl")]
    [InlineData("pictures are read from files", "https://example.org/a.png")]
    [InlineData("--format pts of 2 pictures needs --out", "in/a.png", "in/b.jpg", "--format", "pts")]
    [InlineData("--resume needs --out", "in/a.png", "--resume")]
    [InlineData("--null needs --files-from", "in/a.png", "--null")]
    [InlineData("--json and --format csv: give one of them", "in/a.png", "--json", "--format", "csv")]
    [InlineData("not both", "in/a.png", "--files-from", "in/b.jpg")]
    [InlineData("no such file", "--files-from", "absent.txt")]
    [InlineData("name a picture")]
    [InlineData("--threshold '15': expected a number from 0 to 1", "in/a.png", "--threshold", "15")]
    [InlineData("--max-faces '0': expected a whole number of at least 1", "in/a.png", "--max-faces", "0")]
    [InlineData("--draw needs --overlay", "in/a.png", "--draw", "box")]
    [InlineData("cannot draw 'nose'", "in/a.png", "--out", "out", "--overlay", "--draw", "box,nose")]
    public async Task ABadCallExitsWith2AndOneLine(string message, params string[] args)
    {
        Directory.CreateDirectory(_folder["empty"]);
        // Paths in the table lie in the test's folder.
        var inside = args.Select(a => (a.Contains('.') && !a.Contains("://")) || a == "empty"
            ? _folder[a.Split('/')] : a).ToArray();
        string[] model = inside.Contains("--model") ? [] : ["--model", _model];
        (await CliRun.Of(["detect", .. inside, .. model])).AssertBadCall(message);
    }

    [Fact]
    public async Task AFileThatIsNoModelFailsInOneLine()
    {
        File.WriteAllText(_folder["fake.onnx"], "nothing");
        var run = await CliRun.Of("detect", _folder["in"], "--model", _folder["fake.onnx"]);
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("fake.onnx", run.Error);
        Assert.Equal(1, run.Error.Count(c => c == '\n'));
    }

    private static Picture Spot(int x, int y)
    {
        var image = new Picture(60, 48);
        for (var row = y - 2; row <= y + 2; row++)
            image.Row(row).Slice((x - 2) * 3, 15).Fill(255);
        return image;
    }

    private string[] Results(string folder) =>
        [.. Directory.GetFiles(_folder[folder]).Select(f => Path.GetFileName(f)).Where(f => f != ".mdfld-detect")
            .Order(StringComparer.Ordinal)];

    private Task<CliRun> Detect(params string[] args) =>
        CliRun.Of(["detect", .. args, "--model", _model, "--finder", _finder, "--quiet"]);

    private string[] Everything()
    {
        var all = Directory.GetFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories);
        return [.. all.Order(StringComparer.Ordinal)];
    }
}

using System.Numerics;
using System.Text.Json;
using Mdfld.Tests.Detection;

namespace Mdfld.Tests.Cli;

public sealed class EvaluateCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    // On a black picture the tiny model finds its constellation in the middle of the crop; the true points of face i
    // lie (i + 1) x 2 % of the ocular distance to the right of it.
    public EvaluateCommandTests()
    {
        var offsets = new Vector2[68];
        for (var i = 0; i < 68; i++)
            offsets[i] = new Vector2(((i % 9) - 4) / 8f, ((i / 9) - 4) / 8f);
        _model = _folder["tiny.onnx"];
        File.WriteAllBytes(_model, TinyModels.Brightest(offsets));

        Directory.CreateDirectory(_folder["images"]);
        var faces = new List<LabelledFace>();
        for (var i = 0; i < 6; i++)
        {
            var centre = new Vector2(60 + i, 50);
            var crop = FaceCrop.FromScale(0.4f, centre, 1.25f);
            var toPicture = crop.ToCrop(TinyModels.Size).Invert();
            var found = offsets
                .Select(o => toPicture.Apply((((o + Vector2.One) * TinyModels.Size) - Vector2.One) / 2)).ToArray();
            var shift = Vector2.Distance(found[36], found[45]) * 0.02f * (i + 1) * Vector2.UnitX;
            Vector2[] truth = [.. found.Select(p => p + shift)];
            new Picture(120, 100).Save(_folder["images", $"{i}.png"]);
            faces.Add(new LabelledFace($"{i}.png", truth, new Vector2[5], 0.4f, centre, i < 2 ? "ink" : "oil"));
        }
        MetadataFile.Write(_folder["annotations.tsv"], faces);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("1")]
    [InlineData("3")]
    public async Task MeasuresWhatIsThere(string threads)
    {
        var run = await Evaluate("--json", "--threads", threads);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var json = JsonDocument.Parse(run.Output);
        var o = json.RootElement;
        Assert.Equal(
            [
                "faces", "found", "nme", "nme_median", "nme_inner51", "jaw_outline", "fr10", "auc10", "seconds_per_face", "groups",
                "confidence", "styles",
            ],
            o.EnumerateObject().Select(p => p.Name));
        Assert.Equal(6, o.GetProperty("faces").GetInt32());
        Assert.Equal(100, o.GetProperty("found").GetDouble());
        // A model that was never calibrated trusts itself: it is wrong as often as it fails.
        Assert.Equal(100, o.GetProperty("confidence").GetProperty("kept").GetDouble());
        Assert.Equal(100, o.GetProperty("confidence").GetProperty("right_kept").GetDouble());
        Assert.Equal(
            o.GetProperty("fr10").GetDouble(),
            o.GetProperty("confidence").GetProperty("calibration_error").GetDouble());
        // Errors of 2, 4, ... 12 %: one of six beyond 10 %, and the area is the mean of 1 - e / 10 below it.
        Assert.Equal(7, o.GetProperty("nme").GetDouble(), 0.01);
        Assert.Equal(7, o.GetProperty("nme_median").GetDouble(), 0.01);
        Assert.Equal(7, o.GetProperty("nme_inner51").GetDouble(), 0.01);
        Assert.Equal(100 * (0.8 + 0.6 + 0.4 + 0.2) / 6, o.GetProperty("auc10").GetDouble(), 0.1);
        Assert.InRange(o.GetProperty("fr10").GetDouble(), 16.6, 33.4);
        Assert.True(o.GetProperty("seconds_per_face").GetDouble() > 0);
        var groups = o.GetProperty("groups");
        Assert.Equal(["jaw", "brows", "nose", "eyes", "mouth"], groups.EnumerateObject().Select(p => p.Name));
        Assert.Equal(7, groups.GetProperty("nose").GetDouble(), 0.01);
        var ink = o.GetProperty("styles").GetProperty("ink");
        Assert.Equal(2, ink.GetProperty("faces").GetInt32());
        Assert.Equal(3, ink.GetProperty("nme").GetDouble(), 0.05);
        Assert.Equal(3, ink.GetProperty("groups").GetProperty("nose").GetDouble(), 0.05);
        // Moved along, a point is no nearer to the outline than to its own place.
        Assert.InRange(o.GetProperty("jaw_outline").GetDouble(), 0.01, 7);
    }

    [Fact]
    public async Task AnyFormatIsMeasuredAndMissingPointsDoNotCount()
    {
        var set = FaceSet.Read(_folder["annotations.tsv"], null, _folder["images"]);
        // Half of the points of each face, far off but for those that are missing.
        var faces = set.Faces.Select(f => LabelledFace.FromLandmarks(
            f.ImagePath, [.. f.Landmarks.Select((p, i) => i is 36 or 3 or 60 ? LabelledFace.Missing : p)]));
        (set with { Faces = [.. faces] }).Write(AnnotationFormat.ByName("coco"), _folder["coco"], copy: true);
        var run = await CliRun.Of("evaluate", "--data", _folder["coco"], "--model", _model, "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var json = JsonDocument.Parse(run.Output);
        // Errors are as before; the crop, and the eye's corner that is missing, are taken from the other points.
        Assert.Equal(6, json.RootElement.GetProperty("faces").GetInt32());
        Assert.InRange(json.RootElement.GetProperty("nme").GetDouble(), 1, 100);
    }

    [Fact]
    public async Task AgainstIsMeasuredFaceByFace()
    {
        // The same but for points of one group, moved by a quarter of the crop.
        var other = _folder["other.onnx"];
        var offsets = new Vector2[68];
        for (var i = 0; i < 68; i++)
            offsets[i] = new Vector2((((i % 9) - 4) / 8f) + (i < 17 ? 0.25f : 0), ((i / 9) - 4) / 8f);
        File.WriteAllBytes(other, TinyModels.Brightest(offsets));
        using var json = JsonDocument.Parse((await Evaluate("--json", "--against", other)).Output);
        var pairs = json.RootElement.GetProperty("against");
        Assert.Equal(6, pairs.GetProperty("faces").GetInt32());
        Assert.Equal(100, pairs.GetProperty("better").GetDouble());
        var difference = pairs.GetProperty("difference").GetDouble();
        Assert.Equal(7 - pairs.GetProperty("nme").GetDouble(), difference, 0.02);
        Assert.InRange(difference, pairs.GetProperty("low95").GetDouble(), pairs.GetProperty("high95").GetDouble());
        Assert.True(pairs.GetProperty("high95").GetDouble() < 0);
        var text = (await Evaluate("--against", other)).Output;
        Assert.Contains("against ", text);
        Assert.Contains("is better", text);
        Assert.Contains("not settled", (await Evaluate("--against", _model)).Output);
    }

    [Fact]
    public async Task PupilsDivideByAnotherLength()
    {
        using var ocular = JsonDocument.Parse((await Evaluate("--json")).Output);
        using var pupil = JsonDocument.Parse((await Evaluate("--json", "--norm", "pupil")).Output);
        Assert.NotEqual(Nme(ocular), Nme(pupil));

        static double Nme(JsonDocument json) => json.RootElement.GetProperty("nme").GetDouble();
    }

    [Fact]
    public async Task PrintsATable()
    {
        var run = await Evaluate("--threads", "2");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("7.00", run.Output);
        Assert.Contains("ink", run.Output);
        Assert.Contains("ms a face, 2 at a time", run.Output);
    }

    [Fact]
    public async Task ABrokenPictureFailsTheMeasurement()
    {
        File.WriteAllText(_folder["images", "3.png"], "no picture");
        var run = await Evaluate("--json");
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("3.png", run.Error);
    }

    [Theory]
    [InlineData("ocular distance is 0", 0.4f, 0)]
    [InlineData("too large for a crop", 3e38f, 1)]
    public async Task AFaceThatCannotBeMeasuredIsNamedBeforeAnyIsDetected(string message, float scale, int spread)
    {
        File.WriteAllText(_folder["images", "0.png"], "no picture");
        var annotations = _folder["annotations.tsv"];
        var faces = MetadataFile.Read(annotations).ToArray();
        faces[4] = faces[4] with { Scale = scale, Landmarks = [.. faces[4].Landmarks.Select(p => p * spread)] };
        MetadataFile.Write(annotations, faces);
        var run = await Evaluate();
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains(_folder.Path, run.Error);
        Assert.Contains("4.png", run.Error);
        Assert.Contains(message, run.Error);
    }

    [Fact]
    public async Task OtherSchemesHaveNoInner51()
    {
        File.WriteAllBytes(_model, TinyModels.Brightest(new Vector2[98], TinyModels.With("mdfld.points", "98")));
        var points = Enumerable.Range(0, 98).Select(i => new Vector2(i, 50)).ToArray();
        MetadataFile.Write(
            _folder["annotations.tsv"], [new LabelledFace("0.png", points, new Vector2[5], 0.5f, new Vector2(50, 50))]);
        var run = await Evaluate("--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var json = JsonDocument.Parse(run.Output);
        Assert.False(json.RootElement.TryGetProperty("nme_inner51", out _));
        Assert.DoesNotContain("without jaw", (await Evaluate()).Output);
    }

    [Fact]
    public async Task FacesThatAreNotFoundAreFailures()
    {
        var finder = Finder();
        // The finder sees boxes of 40 pixels where it is bright: faces 0 and 3.
        foreach (var i in (int[])[0, 3])
        {
            var image = new Picture(120, 100);
            image.Row(50).Slice(3 * (60 + i), 3).Fill(255);
            image.Save(_folder["images", $"{i}.png"]);
        }
        var run = await Evaluate("--json", "--boxes", "found", "--finder", finder);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var json = JsonDocument.Parse(run.Output);
        Assert.Equal(100.0 / 3, json.RootElement.GetProperty("found").GetDouble(), 0.01);
        Assert.InRange(json.RootElement.GetProperty("fr10").GetDouble(), 66, 100);
        Assert.True(json.RootElement.GetProperty("nme").GetDouble() > 0);

        foreach (var i in (int[])[0, 3])
            new Picture(120, 100).Save(_folder["images", $"{i}.png"]);
        run = await Evaluate("--json", "--boxes", "found", "--finder", finder);
        using var none = JsonDocument.Parse(run.Output);
        Assert.Equal(JsonValueKind.Null, none.RootElement.GetProperty("nme").ValueKind);
        Assert.Equal(100, none.RootElement.GetProperty("fr10").GetDouble());
        Assert.Equal(0, none.RootElement.GetProperty("auc10").GetDouble());
        Assert.Contains("found %", (await Evaluate("--boxes", "found", "--finder", finder)).Output);
    }

    [Fact]
    public async Task FindersAreMeasuredOnWholePictures()
    {
        Directory.CreateDirectory(_folder["whole", "images"]);
        // a: one face, found; b: one of two; c: none, one seen; d: none, none seen.
        Bright("a", (30, 40), (114, 64));
        Bright("b", (30, 40));
        Bright("c", (60, 50));
        Bright("d");
        File.WriteAllLines(
            _folder["whole", "faces.tsv"],
            [
                "image\tx\ty\twidth\theight\tkind\tignore", "a.png\t10\t20\t40\t40\tphoto\t0",
                "b.png\t10\t20\t40\t40\tcomic\t0", "b.png\t90\t20\t50\t40\tcomic\t0",
                "a.png\t100\t50\t30\t30\tphoto\t1",
            ]);
        string[] call = [
            "evaluate", "--faces", _folder["whole"], "--model", _model, "--finder", Finder(), "--turn", "90",
            "--against", Finder()];
        var run = await CliRun.Of([.. call, "--json"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var json = JsonDocument.Parse(run.Output);
        Assert.Equal(4, json.RootElement.GetProperty("pictures").GetInt32());
        Assert.Equal(3, json.RootElement.GetProperty("faces").GetInt32());
        var finder = json.RootElement.GetProperty("finder");
        Assert.Equal(200.0 / 3, finder.GetProperty("recall").GetDouble(), 0.01);
        Assert.Equal(200.0 / 3, finder.GetProperty("precision").GetDouble(), 0.01);
        Assert.Equal(50, finder.GetProperty("false_alarms").GetDouble());
        Assert.Equal(1, finder.GetProperty("false_faces").GetInt32());
        AssertShare(2, 2, finder.GetProperty("sizes").GetProperty("24-48"));
        AssertShare(0, 1, finder.GetProperty("sizes").GetProperty("48-96"));
        AssertShare(1, 2, finder.GetProperty("kinds").GetProperty("comic"));
        var turned = json.RootElement.GetProperty("turns")[0];
        Assert.Equal(90, turned.GetProperty("degrees").GetDouble());
        Assert.Equal(100, turned.GetProperty("finder").GetProperty("recall_of_upright").GetDouble());
        // At half the size the spots are too dark.
        var peer = json.RootElement.GetProperty("against");
        Assert.Equal(640, peer.GetProperty("longest_side").GetInt32());
        Assert.Equal(200.0 / 3, peer.GetProperty("recall").GetDouble(), 0.01);
        var table = (await CliRun.Of(call)).Output;
        foreach (var text in (string[])["alarms", "24-48", "100", "turned", "against"])
            Assert.Contains(text, table);

        static void AssertShare(int found, int faces, JsonElement share) => Assert.Equal(
            (found, faces), (share.GetProperty("found").GetInt32(), share.GetProperty("faces").GetInt32()));

        void Bright(string name, params (int X, int Y)[] places)
        {
            var image = new Picture(640, 100);
            foreach (var (x, y) in places)
            {
                image.Row(y).Slice(3 * x, 6).Fill(255);
                image.Row(y + 1).Slice(3 * x, 6).Fill(255);
            }
            image.Save(_folder["whole", "images", name + ".png"]);
        }
    }

    [Theory]
    [InlineData("evaluate needs --data DIR or --faces DIR")]
    [InlineData("evaluate needs --data DIR or --faces DIR", "--data", "images", "--faces", "images")]
    [InlineData("no images/ in it", "--faces", "images")]
    [InlineData("no faces.tsv in it", "--faces", "")]
    [InlineData("no such model file", "--data", "", "--finder", "absent.onnx")]
    [InlineData("guessed", "--data", "", "--boxes", "guessed")]
    [InlineData("--turn needs --faces DIR", "--data", "", "--turn", "90")]
    [InlineData("expected degrees", "--faces", "", "--turn", "90,left")]
    [InlineData("slow", "--faces", "", "--search", "slow")]
    [InlineData("--longest-side '31': expected a whole number from 32 to 8192", "--faces", "", "--longest-side", "31")]
    public async Task ABadCallSaysWhatIsMissing(string message, params string[] args)
    {
        var inside = args.Select(a => a is "images" or "" or "absent.onnx" ? _folder[a] : a);
        (await CliRun.Of(["evaluate", "--model", _model, .. inside])).AssertBadCall(message);
    }

    [Fact]
    public async Task AFolderWithoutAnnotationsIsABadCall()
    {
        var run = await CliRun.Of("evaluate", "--data", _folder["images"], "--model", _model);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("annotations.tsv", run.Error);
    }

    private string Finder()
    {
        var path = _folder["finder.onnx"];
        File.WriteAllBytes(path, TinyFinders.Bright());
        return path;
    }

    private Task<CliRun> Evaluate(params string[] args) =>
        CliRun.Of(["evaluate", "--data", _folder.Path, "--model", _model, .. args]);
}

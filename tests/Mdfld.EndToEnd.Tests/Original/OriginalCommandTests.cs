using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Mdfld.Tests.Cli;
using Mdfld.Tests.Star;
using Mdfld.Tests.Torch;
using Mdfld.Training;

namespace Mdfld.Tests.Original;

[Collection(nameof(Alone))]
public sealed partial class OriginalCommandTests : IDisposable
{
    private readonly OriginalFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// The golden labels of the original's data set, the golden network's points, the original's formulas.
    /// </summary>
    [Fact]
    public async Task TestMeasuresAsTheOriginalDoes()
    {
        var run = await CliRun.Of(_folder.Flags("test", OriginalFolder.TinyStar));
        Assert.Equal((0, ""), (run.ExitCode, run.Output));
        var lines = Metrics(run.Error);
        Assert.Equal(4, lines.Count);
        var errors = Expected();
        Assert.Equal(errors.Average(), lines[^1].Nme, 2e-6);
        var (failures, area) = StarMetrics.FailureRateAndAuc(errors, 0.05);
        Assert.Equal((failures, area), (lines[^1].FailureRate, lines[^1].Area));
        Assert.Contains("the Size is 2,", run.Error);
        Assert.Contains("INFO    : Loaded configure file alignment: 300W_256x256_adam_ep", run.Error);
        Assert.Contains($"\npretrained_weight: {OriginalFolder.TinyStar}\n", run.Error);
        Assert.Contains("\ntrain_num_workers: None\n", run.Error);
        Assert.Contains("INFO    : Forward process, Dataset size: 2, Batch size: 1\n", run.Error);
        Assert.Contains("WARNING : ", run.Error);
        Assert.Contains("begins with a face instead of a header", run.Error);
        Assert.Equal(run.Error, File.ReadAllText(Path.Combine(_folder.Run, "log", "log.txt")));
    }

    [Fact]
    public async Task TorchScriptIsMeasuredToo()
    {
        var script = _folder["face.torchscript.pt"];
        File.WriteAllBytes(script, ScriptFiles.Face([.. new float[136]]));
        var refused = await CliRun.Of(_folder.Flags("test", script));
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("TorchScript is a program", refused.Error);
        var run = await CliRun.Of([.. _folder.Flags("test", script), "--trust-code"]);
        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith($"mdfld: running the program in {script} (--trust-code)\n", run.Error);
        Assert.Single(Metrics(run.Error));
    }

    [Theory]
    [InlineData("pkl")]
    [InlineData("pt")]
    public async Task TestImageWritesThePicturesWithTheirPoints(string kind)
    {
        var weights = OriginalFolder.TinyStar;
        if (kind == "pt")
        {
            weights = _folder["face.pt"];
            // The first point in the middle of the crop, all moved by the picture's blue.
            File.WriteAllBytes(
                weights, ScriptFiles.Face([.. Enumerable.Range(0, 136).Select(i => (i / 2) % 9 * 0.05f)]));
        }
        var image = Picture.Load(_folder["images", "300W", "afw", "one.png"]);
        image.Save(_folder["images", "300W", "one.jpg"]);
        var run = await CliRun.Of(["original", "--trust-code", .. _folder.Flags("test_image", weights)[1..]]);
        Assert.Equal((0, ""), (run.ExitCode, run.Output));
        var made = Path.Combine(_folder.Run, "images");
        string[] names = ["afw/one.png", "afw/one.pts", "afw/two.png", "afw/two.pts", "one.png", "one.pts"];
        Assert.Equal(
            names, Directory.GetFiles(made, "*", SearchOption.AllDirectories)
                .Select(f => Path.GetRelativePath(made, f)).Order(StringComparer.Ordinal));
        var drawn = Picture.Load(Path.Combine(made, "afw", "one.png"));
        Assert.Equal((image.Width, image.Height), (drawn.Width, drawn.Height));
        Assert.False(image.Data.SequenceEqual(drawn.Data));
        var points = File.ReadAllLines(Path.Combine(made, "afw", "one.pts"));
        Assert.Equal(["version: 1", "n_points: 68", "{"], points[..3]);
        if (kind == "pt")
        {
            var blue = 0.0;
            for (var i = 2; i < image.Data.Length; i += 3)
                blue += (image.Data[i] - 127.5) / 127.5;
            var expected = ((1 + (blue / (image.Data.Length / 3))) * image.Width / 2) - 0.5;
            var first = points[3].Split(' ').Select(t => double.Parse(t, CultureInfo.InvariantCulture)).ToArray();
            Assert.Equal(expected, first[0], 1.0);
            Assert.Equal((image.Height - 1) / 2.0, first[1], 0.01);
        }
    }

    [Fact]
    public async Task ABrokenPictureIsLoggedAndTheRestIsDone()
    {
        File.WriteAllText(_folder["images", "300W", "broken.png"], "no picture");
        var run = await CliRun.Of(_folder.Flags("test_image", OriginalFolder.TinyStar));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("ERROR   : ", run.Error);
        Assert.Contains("broken.png", run.Error);
        Assert.Contains("2 of 3 pictures", run.Error);
    }

    [Fact]
    public async Task TrainTunesTheCheckpointAndMeasuresTheResult()
    {
        var train = Train(epochs: 2);
        var run = await CliRun.Of(train);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("-->>[002/002][001/001] Average Loss: ", run.Error);
        var metric = Assert.Single(Metrics(run.Error));
        // Two timid steps from the golden network.
        Assert.Equal(Expected().Average(), metric.Nme, Expected().Average() * 0.05);
        Assert.Matches(@"-fin-0\.\d{4}$", _folder.Run);
        Assert.StartsWith("300W_256x256_adam_ep2_lr1e-06_bs2_STARLoss_v2_AAM_", Path.GetFileName(_folder.Run));
        foreach (var file in (string[])["best.safetensors", "last.safetensors"])
            Assert.True(File.Exists(Path.Combine(_folder.Run, "model", file)), file);

        var again = await CliRun.Of(_folder.Flags("test", Path.Combine(_folder.Run, "model", "best.safetensors")));
        Assert.Equal(metric, Metrics(again.Error)[^1]);
    }

    [Fact]
    public async Task AStoppedTrainingGoesOnInItsFolder()
    {
        var train = Train(epochs: 3);
        var stopped = await CliRun.InterruptedAt("[001/003]", train);
        Assert.Equal(130, stopped.ExitCode);
        var last = Path.Combine(_folder.Run, "model", "last.safetensors");
        Assert.Contains($"go on with --pretrained_weight {last}", stopped.Error);
        string[] resumed = [.. train, "--pretrained_weight", last];
        var run = await CliRun.Of(resumed);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Single(Metrics(run.Error));
        Assert.Contains("-fin-", _folder.Run);
    }

    [Theory]
    [InlineData("no such file", "--pretrained_weight=/absent.pkl")]
    [InlineData("no such file", "--test_file=absent.tsv")]
    [InlineData("no such folder", "--image_dir=/absent")]
    [InlineData("expected train, test, test_image", "--mode=fly")]
    [InlineData("the original has no flag --absent", "--absent")]
    public async Task ABadCallMakesNothing(string message, string flag)
    {
        var run = await CliRun.Of([.. _folder.Flags("test", OriginalFolder.TinyStar), flag]);
        run.AssertBadCall(message);
        Assert.False(Directory.Exists(_folder["out"]));
    }

    [Fact]
    public async Task PointsThatAreNotTheDatasAreRefused()
    {
        Directory.Move(_folder["meta", "300W"], _folder["meta", "WFLW"]);
        Directory.CreateDirectory(_folder["images", "WFLW", "WFLW_images"]);
        var run = await CliRun.Of([.. _folder.Flags("test", OriginalFolder.TinyStar), "--data_definition=WFLW"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("68 points a face, --data_definition WFLW has 98", run.Error);
    }

    [Fact]
    public async Task HelpNamesEveryFlag()
    {
        var run = await CliRun.Of("original", "--help");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.All(Mdfld.Cli.Original.OriginalFlags.All, f => Assert.Contains($"--{f.Name} ", run.Output));
    }

    private string[] Train(int epochs) =>
    [
        .. _folder.Flags("train", OriginalFolder.TinyStar),
        "--batch_size=2", $"--max_epoch={epochs}", "--learn_rate=1e-6",
    ];

    private static double[] Expected()
    {
        var golden = GoldenTensors.Open("dataset_sample.safetensors");
        var faces = MetadataFile.Read(TestFiles.Golden("sample_300W_test.tsv"));
        using var network = StarGolden.TinyNetwork();
        network.Eval();
        using var scope = NewDisposeScope();
        return [.. Enumerable.Range(0, 2).Select(n =>
        {
            var face = faces[n + 1];
            var image = StarGolden.CropPicture();
            if (face.ImagePath.EndsWith("two.png", StringComparison.Ordinal))
            {
                var rows = Enumerable.Range(0, image.Height).Select(y => image.Row(y).ToArray()).Reverse().ToArray();
                for (var y = 0; y < rows.Length; y++)
                    rows[y].CopyTo(image.Row(y));
            }
            var planes = StarPicture.ToPlanes(StarPicture.Crop(image, FaceCrop.FromScale(face.Scale, face.Centre, 1)));
            var input = Tensor.From<float>(planes, 1, 3, 256, 256);
            var found = network.Forward(input)[^1].Landmarks.ToArray<float>();
            return Nme(
                MemoryMarshal.Cast<float, Vector2>(found),
                MemoryMarshal.Cast<float, Vector2>(golden.Floats($"sample{n}.landmarks")));
        })];

        static double Nme(ReadOnlySpan<Vector2> found, ReadOnlySpan<Vector2> truth)
        {
            var sum = 0.0;
            for (var i = 0; i < truth.Length; i++)
                sum += Vector2.Distance(found[i], truth[i]);
            return sum / truth.Length / Vector2.Distance(truth[36], truth[45]);
        }
    }

    private static List<(double Nme, double FailureRate, double Area)> Metrics(string log) =>
        [.. MetricLine().Matches(log).Select(m => (Number(m, 1), Number(m, 2), Number(m, 3)))];

    private static double Number(Match match, int group) =>
        double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO    : Tested alignment dataset, the Size is \d+, "
        + @"Metric: \[NME (\d\.\d{6}), FR (\d\.\d{6}), AUC (\d\.\d{6})\]$",
        RegexOptions.Multiline)]
    private static partial Regex MetricLine();
}

using System.Numerics;
using Mdfld.Generation;
using Mdfld.Generation.Dataset;
using Mdfld.Training.Weights;

namespace Mdfld.Tests.Generation.Training;

/// <summary>UNet, text encoder and ControlNet that learn together, by landmarks and a photo.</summary>
[Collection(nameof(Alone))]
public sealed class JointTrainingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public JointTrainingTests() => TinyGenerator.WriteFaces(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AStoppedRunResumesToTheBytesOfAnUnbrokenOne()
    {
        var recipe = WithFeatures(TinyGenerator.Read(TinyGenerator.Joint));
        Assert.True(Train(recipe, "whole"));

        using var stop = new CancellationTokenSource();
        Assert.False(Train(recipe, "broken", resume: false, r =>
        {
            if (r.Step >= 4)
                stop.Cancel();
        }, stop.Token));
        Assert.True(Train(recipe, "broken", resume: true));

        Assert.Equal(ModelBytes("whole"), ModelBytes("broken"));
        Assert.True(File.Exists(_folder["whole", "diffusion", "sheets", "8.png"]));
        Assert.Equal(3, FaceFolder.Open(Directory.GetDirectories(_folder["whole", "drawn"]).Single()).Faces.Count);
    }

    [Fact]
    public void TheFolderHoldsAllThatLearntAndPaintsFromPhotos()
    {
        var recipe = TinyGenerator.Read(TinyGenerator.Joint, "samples=0", "diffusion.steps=30", "diffusion.validate_every=30");
        Assert.True(Train(recipe, "run"));

        using var first = DiffusionModel.Load(_folder["run", "start"]);
        using var model = DiffusionModel.Load(_folder["run", "model"]);
        Assert.True(model.UNet.Config.PhotoCondition);
        Assert.True(model.Scheduler is { RescaleBetasZeroSnr: true, TimestepSpacing: "trailing" });
        Assert.Equal(PredictionType.Sample, model.Scheduler.Prediction);
        Assert.NotEqual(Hash(first.UNet), Hash(model.UNet));
        Assert.NotEqual(Hash(first.TextEncoder), Hash(model.TextEncoder));
        Assert.Equal(2, model.ControlNet!.Config.Guidance);
        var zero = model.ControlNet.StateDict().First(t => t.Name == "controlnet_mid_block.weight").Tensor;
        Assert.Contains(zero.ToArray<float>(), v => v != 0);

        var photo = new Picture(32, 32);
        new Random(3).NextBytes(photo.Data);
        var request = new PipelineRequest { Prompt = "a face", Steps = 2, Seed = 1, Photo = photo };
        var (with, without) = (Paint(request), Paint(request with { Photo = null }));
        Assert.NotEqual(without, with);
        Assert.Equal(with, Paint(request));
        new Random(4).NextBytes(photo.Data);
        Assert.NotEqual(with, Paint(request));

        byte[] Paint(PipelineRequest asked) => new DiffusionPipeline(model).Generate(asked).Data.ToArray();
    }

    [Fact]
    public void ItGoesOnFromWeightsThatToldNotEveryBlockThePrompt()
    {
        Assert.True(Train(TinyGenerator.Read(TinyGenerator.Joint, "samples=0"), "first"));
        var start = _folder["first", "diffusion", "last.safetensors"];
        Assert.True(Train(
            TinyGenerator.Read(TinyGenerator.Joint, "samples=0", "design.unet.pooled_text=true", $"diffusion.start={start}"),
            "second"));

        using var model = DiffusionModel.Load(_folder["second", "model"]);
        Assert.True(model.UNet.Config.PooledText && model.ControlNet!.Config.PooledText);
        Assert.All((Module[])[model.UNet, model.ControlNet], network => Assert.Contains(
            network.StateDict().Single(t => t.Name == "text_embedding.weight").Tensor.ToArray<float>(), v => v != 0));
    }

    [Fact]
    public void ItGoesOnFromAFinishedModelOfItsDesign()
    {
        Assert.True(Train(TinyGenerator.Read(TinyGenerator.Joint, "samples=0"), "first"));
        var finished = $"model={_folder["first", "model"]}";
        Assert.True(Train(TinyGenerator.Read(TinyGenerator.Joint, "samples=0", finished), "second"));

        using var first = DiffusionModel.Load(_folder["first", "model"]);
        using var start = DiffusionModel.Load(_folder["second", "start"]);
        using var model = DiffusionModel.Load(_folder["second", "model"]);
        Assert.Equal(Hash(first.UNet), Hash(start.UNet));
        Assert.Equal(Hash(first.ControlNet!), Hash(start.ControlNet!));
        Assert.NotEqual(Hash(first.UNet), Hash(model.UNet));
        foreach (var other in (string[])["design.prediction=velocity", "design.unet.channels.0=12"])
        {
            var error = Assert.Throws<InvalidDataException>(
                () => Train(TinyGenerator.Read(TinyGenerator.Joint, "samples=0", finished, other), "third"));
            Assert.Contains("is not that of the recipe's 'design'", error.Message);
        }
    }

    [Fact]
    public void GeneratePaintsOverTheStylizedPhotoUnlessToldOtherwise()
    {
        Assert.True(Train(TinyGenerator.Read(TinyGenerator.Joint, "samples=0"), "run"));
        var style = StyleBook.Default().Select("oil")[0];
        var varied = new LandmarkVariation(LandmarkPool.Read([Path.Combine(TestFiles.RepositoryRoot, "samples")]), 64)
            .Draw(style, new Random(1));

        var (usual, ofUsual) = Paint(null);
        var (noise, ofNoise) = Paint(PipelineStart.Noise);
        var (photo, ofPhoto) = Paint(PipelineStart.Photo);

        Assert.Equal(("stylized + photo", "noise", "noise + photo"), (ofUsual, ofNoise, ofPhoto));
        Assert.Equal(usual, Paint(PipelineStart.Stylized).Picture);
        Assert.Equal(3, new[] { usual, noise, photo }.Distinct().Count());

        (string Picture, string? Start) Paint(PipelineStart? start)
        {
            using var engine = new DiffusionEngine(
                _folder["run", "model"], new PipelineOptions(Steps: 2, Start: start), size: 64, device: "cpu");
            var made = engine.Make(new FaceRequest(style, "an oil portrait", varied, Seed: 1));
            return (Convert.ToHexString(made.Picture.Data), engine.Info.Start);
        }
    }

    [Fact]
    public void AModelThatReadsNoPhotoSaysSo()
    {
        using var model = DiffusionModel.Load(TestFiles.Diffusion("tiny-sd"));
        var error = Assert.Throws<ArgumentException>(() => new DiffusionPipeline(model).Generate(
            new PipelineRequest { Prompt = "a face", Steps = 1, Width = 64, Height = 64, Photo = new Picture(64, 64) }));
        Assert.Contains("reads none", error.Message);
        Assert.Contains(
            "expected 9", new UNetConfig { PhotoCondition = true, InChannels = 4 }.Fault());
    }

    [Fact]
    public void TheLossFallsAndFeaturesCount()
    {
        string[] changes = ["samples=0", "diffusion.steps=120", "diffusion.validate_every=20"];
        var plain = Losses(TinyGenerator.Read(TinyGenerator.Joint, changes), "falling");
        var aligned = Losses(WithFeatures(TinyGenerator.Read(TinyGenerator.Joint, changes)), "aligned");

        Assert.True(plain[^1] < 0.97 * plain[0], string.Join(' ', plain));
        Assert.True(aligned[^1] < 0.97 * aligned[0], string.Join(' ', aligned));
        // One less the cosine: between random features about 1, half of which counts.
        Assert.InRange(aligned[0] - plain[0], 0.05, 1);
        // In half the bits (where the processor has them) nearly the same.
        var half = Losses(WithFeatures(TinyGenerator.Read(TinyGenerator.Joint, [.. changes, "precision=bfloat16"])), "half");
        Assert.All(half.Zip(aligned), l => Assert.Equal(l.Second, l.First, 0.05));
    }

    [Fact]
    public void FeaturesOfNoDetectorAreNamed()
    {
        var recipe = TinyGenerator.Read(TinyGenerator.Joint, "joint.features=nowhere.safetensors");
        Assert.Contains("nowhere", Assert.Throws<FileNotFoundException>(() => Train(recipe, "run")).Message);
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Fact]
    public void EyesNoseAndMouthCountMore()
    {
        var landmarks = new Vector2[68];
        Array.Fill(landmarks, new Vector2(8, 8));
        // A reach of 0.18 x 40 pixels; the middles of the latent's pixels are 3.5, 11.5, ...
        (landmarks[36], landmarks[45]) = (new Vector2(20, 20), new Vector2(60, 20));

        var map = FocusMap.Of(landmarks, size: 64, side: 8, focus: 4);

        Assert.Equal(1, map.Data.Average(), 1e-5f);
        var rest = map.Data.Min();
        Assert.Equal(4 * rest, map.Data[0], 1e-5f);
        Assert.Equal(4 * rest, map.Data[(1 * 8) + 1], 1e-5f);
        Assert.Equal(4 * rest, map.Data[(2 * 8) + 2], 1e-5f);
        Assert.Equal(rest, map.Data[2], 1e-5f);
        Assert.Equal(rest, map.Data[63], 1e-5f);
        Assert.All(FocusMap.Of(landmarks, 64, 8, focus: 1).Data, w => Assert.Equal(1, w, 1e-5f));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 0.5)]
    public void TimesAreLogitNormal(double mean, double deviation)
    {
        var recipe = TinyGenerator.Read(
            TinyGenerator.Joint, "joint.uniform_times=0",
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"joint.noise_mean={mean}"),
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"joint.noise_deviation={deviation}"));
        var schedule = new NoiseSchedule(recipe.Design!.SchedulerConfig());
        var samples = new JointSamples(recipe, schedule, null!, null!, null!, [], ControlColours.Mdfld68, takesPhoto: true);
        var random = new Random(1);
        // Within what the schedule has: the least noise it adds is 3 % of the signal.
        double[] logs = [.. Enumerable.Range(0, 4000).Select(_ => Math.Log(schedule.Sigma(samples.Timestep(random))))];

        Assert.Equal(mean, logs.Average(), 0.06);
        Assert.Equal(deviation, Math.Sqrt(logs.Average(v => (v - mean) * (v - mean))), 0.06);
    }

    private static string Hash(Module network) => ContentCache.HashOf(network);

    private List<double> Losses(GeneratorRecipe recipe, string run)
    {
        var losses = new List<double>();
        Train(recipe, run, report: r =>
        {
            if (r.Validation is { } sets)
                losses.Add(sets[0].Value);
        });
        return losses;
    }

    /// <summary>With features of a detector of random weights.</summary>
    private GeneratorRecipe WithFeatures(GeneratorRecipe recipe)
    {
        var file = _folder["detector.safetensors"];
        if (!File.Exists(file))
        {
            using var network = new CompactNetwork(68, 0.125);
            network.Initialise(new Random(1));
            SafeTensors.Write(
                file, network.StateDict().Select(t => ($"{TrainingCheckpoint.Average}.{t.Name}", t.Tensor.ToRaw())),
                new Dictionary<string, string>
                {
                    [TrainingCheckpoint.NetworkKey] = "compact",
                    ["mdfld.points"] = "68",
                    ["mdfld.width"] = "0.125",
                });
        }
        return recipe with { Joint = recipe.Joint! with { Features = file } };
    }

    private bool Train(
        GeneratorRecipe recipe, string run, bool resume = false, Action<TrainingReport>? report = null,
        CancellationToken stop = default) =>
        new GeneratorTrainer(recipe, [_folder.Path], _folder[run]).Run(
            resume, new Mdfld.Tests.Training.RunWatcher.Watcher(report), _ => { }, stop);

    private string ModelBytes(string run) => string.Join('\n', Directory
        .GetFiles(_folder[run, "model"], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Select(f => $"{Path.GetRelativePath(_folder[run], f)} {Convert.ToHexString(File.ReadAllBytes(f))}"));
}

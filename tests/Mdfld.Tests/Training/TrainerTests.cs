using Mdfld.Training;

namespace Mdfld.Tests.Training;

[Collection(nameof(Alone))]
public sealed class TrainerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TrainerTests() => TinyFaces.Write(At("faces"), 5);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("compact", 64)]
    [InlineData("star", 256)]
    public void AStoppedRunResumesToTheWeightsOfAnUnbrokenOne(string network, int size)
    {
        var recipe = Recipe(TinyFaces.Recipe(network, steps: network == "star" ? 4 : 12, size));
        var unbroken = Train(recipe, "unbroken");

        using var stop = new CancellationTokenSource();
        var broken = new DetectorTrainer(recipe, [_folder.Path], At("broken"));
        broken.Run(resume: false, r => { if (r.Step >= recipe.Steps / 2) stop.Cancel(); }, stop.Token);
        Assert.True(new DetectorTrainer(recipe, [_folder.Path], At("broken")).Run(resume: true, _ => { }, default));

        Assert.Equal(unbroken, File.ReadAllBytes(broken.LastCheckpoint));
    }

    [Fact]
    public void ACheckpointFromBeforeTheFirstStepIsTakenUp()
    {
        using var task = new CompactTask(LandmarkScheme.Ibug68, new CompactLoss(), width: 0.125);
        using var average = new ExponentialMovingAverage(task.Network);
        using var adam = new NamedOptimiser(task.Network, new OptimiserRecipe());
        var path = At("first.safetensors");
        var properties = TrainingCheckpoint.PropertiesOf(Recipe(TinyFaces.Recipe()), task.Scheme);
        TrainingCheckpoint.Save(path, task.Network, average, adam, 0, double.PositiveInfinity, properties);

        Assert.Equal((0L, double.PositiveInfinity), TrainingCheckpoint.Restore(path, task.Network, average, adam));
    }

    [Fact]
    public void ANetworkGrowsFromASmallerOnesWeights()
    {
        Train(Recipe(TinyFaces.Recipe(steps: 2)), "small");
        var small = Recipe(TinyFaces.Recipe(steps: 2)) with { Start = At("small/last.safetensors") };
        // The same faces in the same order: what is added changes nothing yet.
        var (without, with) = (FirstLoss(small, "same"), FirstLoss(small with { Stacks = 3 }, "grown"));
        Assert.InRange(with / without, 1 - 1e-5, 1 + 1e-5);
        Assert.NotInRange(FirstLoss(small with { Start = null }, "new") / without, 1 - 1e-3, 1 + 1e-3);

        Train(small with { Stacks = 3 }, "large");
        var shrunk = small with { Start = At("large/last.safetensors") };
        Assert.Contains("no place", Assert.Throws<InvalidDataException>(() => Train(shrunk, "shrunk")).Message);
    }

    [Fact]
    public void OneSeedGivesOneRun()
    {
        var recipe = Recipe(TinyFaces.Recipe());

        Assert.Equal(Train(recipe, "a"), Train(recipe, "b"));
        Assert.NotEqual(Train(recipe, "c"), Train(recipe with { Seed = 4 }, "d"));
    }

    [Fact]
    public void ReplicasShareABatchWithoutChangingItsLoss()
    {
        // Batch statistics differ between one batch of four and two of two, so only the first step's report is near.
        var one = FirstLoss(Recipe(TinyFaces.Recipe(batch: 16)) with { Replicas = 1 }, "one");
        var two = FirstLoss(Recipe(TinyFaces.Recipe(batch: 16)) with { Replicas = 2 }, "two");

        Assert.InRange(two / one, 0.8, 1.25);
    }

    [Fact]
    public void AFolderWithARunIsNotOverwritten()
    {
        var recipe = Recipe(TinyFaces.Recipe(steps: 2));
        Train(recipe, "run");

        var error = Assert.Throws<InvalidOperationException>(
            () => new DetectorTrainer(recipe, [_folder.Path], At("run")).Run(resume: false, _ => { }, default));
        Assert.Contains("--resume", error.Message);
    }

    [Fact]
    public void APreviewShowsWhatAPhaseMakesOfTheFaces()
    {
        var recipe = Recipe(TinyFaces.Recipe());
        var folders = DataFolders.Open(["faces"], [_folder.Path]);

        var sheet = TrainingPreview.Draw(recipe, folders, 0);

        Assert.Equal((8 * 64, 6 * 64), (sheet.Width, sheet.Height));
        Assert.True(sheet.Data.SequenceEqual(TrainingPreview.Draw(recipe, folders, 0).Data));
        Assert.False(sheet.Data.SequenceEqual(TrainingPreview.Draw(recipe with { Seed = 4 }, folders, 0).Data));
        var original = recipe with { Star = new StarRecipe { OriginalAugmentation = true } };
        Assert.False(sheet.Data.SequenceEqual(TrainingPreview.Draw(original, folders, 0).Data));
        Assert.Throws<ArgumentOutOfRangeException>(() => TrainingPreview.Draw(recipe, folders, 2));
    }

    [Fact]
    public void MissingDataIsNamed()
    {
        var error = Assert.Throws<DirectoryNotFoundException>(
            () => new DetectorTrainer(Recipe(TinyFaces.Recipe()), [At("nowhere")], At("run")));
        Assert.Contains("'faces'", error.Message);
    }

    [Fact]
    public void ATrainedCheckpointBecomesAModelThatRuns()
    {
        var trainer = new DetectorTrainer(Recipe(TinyFaces.Recipe()), [_folder.Path], At("run"));
        trainer.Run(resume: false, _ => { }, default);
        DetectorExport.Save(trainer.LastCheckpoint, At("tiny.onnx"));

        using var detector = LandmarkDetector.Load(At("tiny.onnx"));
        Assert.Equal((64, 1.25f, "tiny"), (detector.Model.Size, detector.Model.CropFactor, detector.Model.Name));
        var found = detector.Detect(Picture.Load(At("faces/images/0.png")), new FaceCrop(new(48, 48), 90));
        Assert.Equal(68, found.Points.Length);
    }

    private byte[] Train(Recipe recipe, string name)
    {
        var trainer = new DetectorTrainer(recipe, [_folder.Path], At(name));
        Assert.True(trainer.Run(resume: false, _ => { }, default));
        return File.ReadAllBytes(trainer.LastCheckpoint);
    }

    private double FirstLoss(Recipe recipe, string name)
    {
        double? loss = null;
        new DetectorTrainer(recipe with { ValidateEvery = 1 }, [_folder.Path], At(name)).Run(
            resume: false, r => loss ??= r.Loss, default);
        return loss!.Value;
    }

    private Recipe Recipe(string yaml)
    {
        File.WriteAllText(At("recipe.yaml"), yaml);
        return RecipeFile.Read(At("recipe.yaml"));
    }

    private string At(string name) => Path.Combine(_folder.Path, name);
}

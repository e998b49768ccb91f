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
        var broken = new Trainer(recipe, new DetectorJob(recipe, [_folder.Path]), At("broken"));
        broken.Run(resume: false, r => { if (r.Step >= recipe.Steps / 2) stop.Cancel(); }, stop.Token);
        Assert.True(new Trainer(recipe, new DetectorJob(recipe, [_folder.Path]), At("broken")).Run(resume: true));

        Assert.Equal(unbroken, File.ReadAllBytes(broken.LastCheckpoint));
    }

    [Fact]
    public void ACheckpointFromBeforeTheFirstStepIsTakenUp()
    {
        using var task = new CompactTask(LandmarkScheme.Ibug68, new CompactLoss(), width: 0.125);
        using var average = new ExponentialMovingAverage(task.Network);
        using var adam = new NamedOptimiser(task.Network, new OptimiserSettings());
        var path = At("first.safetensors");
        var properties = DetectorProperties.Of(Recipe(TinyFaces.Recipe()), task.Scheme);
        TrainingCheckpoint.Save(path, task.Network, average, adam, new TrainingState(), properties);

        Assert.Equal(new TrainingState(), TrainingCheckpoint.Restore(path, task.Network, average, adam));
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
            () => new Trainer(recipe, new DetectorJob(recipe, [_folder.Path]), At("run")).Run(resume: false));
        Assert.Contains("--resume", error.Message);
    }

    [Fact]
    public void APreviewShowsWhatAPhaseMakesOfTheFaces()
    {
        var recipe = Recipe(TinyFaces.Recipe());

        var sheet = Draw(recipe);

        Assert.Equal((8 * 64, 6 * 64), (sheet.Width, sheet.Height));
        Assert.True(sheet.Data.SequenceEqual(Draw(recipe).Data));
        Assert.False(sheet.Data.SequenceEqual(Draw(recipe with { Seed = 4 }).Data));
        var original = recipe with { Star = new StarRecipe { OriginalAugmentation = true } };
        Assert.False(sheet.Data.SequenceEqual(Draw(original).Data));

        Picture Draw(DetectorRecipe drawn) => new DetectorJob(drawn, [_folder.Path]).Preview(drawn.Phases[0]);
    }

    [Fact]
    public void MissingDataIsNamed()
    {
        var error = Assert.Throws<DirectoryNotFoundException>(
            () => new DetectorJob(Recipe(TinyFaces.Recipe()), [At("nowhere")]));
        Assert.Contains("'faces'", error.Message);
    }

    [Fact]
    public void ATrainedCheckpointBecomesAModelThatRuns()
    {
        var recipe = Recipe(TinyFaces.Recipe());
        var trainer = new Trainer(recipe, new DetectorJob(recipe, [_folder.Path]), At("run"));
        trainer.Run(resume: false);
        DetectorExport.Save(trainer.LastCheckpoint, At("tiny.onnx"));

        using var detector = LandmarkDetector.Load(At("tiny.onnx"));
        Assert.Equal((64, 1.25f, "tiny"), (detector.Model.Size, detector.Model.CropFactor, detector.Model.Name));
        var found = detector.Detect(Picture.Load(At("faces/images/0.png")), new FaceCrop(new(48, 48), 90));
        Assert.Equal(68, found.Points.Length);
    }

    private byte[] Train(DetectorRecipe recipe, string name)
    {
        var trainer = new Trainer(recipe, new DetectorJob(recipe, [_folder.Path]), At(name));
        Assert.True(trainer.Run(resume: false));
        return File.ReadAllBytes(trainer.LastCheckpoint);
    }

    private double FirstLoss(DetectorRecipe recipe, string name)
    {
        double? loss = null;
        var often = recipe with { ValidateEvery = 1 };
        new Trainer(often, new DetectorJob(often, [_folder.Path]), At(name)).Run(resume: false, r => loss ??= r.Loss);
        return loss!.Value;
    }

    private DetectorRecipe Recipe(string yaml)
    {
        File.WriteAllText(At("recipe.yaml"), yaml);
        return RecipeFile.Read<DetectorRecipe>(At("recipe.yaml"));
    }

    private string At(string name) => Path.Combine(_folder.Path, name);
}

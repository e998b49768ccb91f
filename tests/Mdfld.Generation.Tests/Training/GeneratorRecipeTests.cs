using Mdfld.Generation;

namespace Mdfld.Tests.Generation.Training;

/// <summary>What a recipe may say, and what is said of one that says something else.</summary>
public sealed class GeneratorRecipeTests
{
    public static TheoryData<string> Shipped() =>
    [
        .. Directory.GetFiles(Path.Combine(TestFiles.RepositoryRoot, "recipes"), "generator-*.yaml")
            .Select(f => Path.GetFileName(f)!),
    ];

    [Theory]
    [MemberData(nameof(Shipped))]
    public void TheShippedRecipesAreRead(string file)
    {
        var recipe = RecipeFile.Read<GeneratorRecipe>(Path.Combine(TestFiles.RepositoryRoot, "recipes", file));

        var run = recipe.Diffusion ?? recipe.Autoencoder!;
        var loop = run.ToSettings(recipe, "part", "cpu");
        Assert.Equal(run.Steps, loop.Steps);
        Assert.Equal(0, loop.At(0).Phase.Rate);
        Assert.Equal(0, loop.Phases[^1].RateEnd);
        if (recipe.Design is { } design)
        {
            Assert.Null(design.UNetConfig(new AutoencoderTinyConfig(), recipe.Size).Fault());
            Assert.Null(design.TextConfig(design.Vocabulary).Fault());
        }
    }

    [Theory]
    [InlineData("base", "stage=3", "a stage '3'")]
    [InlineData("base", "size=30", "pictures of 30")]
    [InlineData("autoencoder", "autoencoder.edge_weight=-1", "'edge_weight'")]
    [InlineData("autoencoder", "autoencoder.design.patch=9", "'patch_size' is 9")]
    [InlineData("autoencoder", "autoencoder.design.channels.0=2000000000", "'block_out_channels' is 2000000000")]
    [InlineData("autoencoder", "autoencoder.design.patch=3", "reduces by 3")]
    [InlineData("autoencoder", "autoencoder.batch=3", "cannot be shared by 2 replicas")]
    [InlineData("autoencoder", "stage=1", "needs 'diffusion'")]
    [InlineData("autoencoder", "model=somewhere", "has no 'teacher'")]
    [InlineData("base", "stage=autoencoder", "needs 'autoencoder'")]
    [InlineData("base", "data.0.name=real-val", "is for validation")]
    [InlineData("base", "design.prediction=x0", "expected epsilon, velocity or sample")]
    [InlineData("base", "design.vocabulary=100", "a vocabulary of 100")]
    [InlineData("base", "design.unet.patch=9", "a 'patch' of 9")]
    [InlineData("base", "design.text.length=100", "a text 'length' of 100")]
    [InlineData("base", "diffusion.batch=3", "cannot be shared by 2 replicas")]
    [InlineData("base", "diffusion.warm_up=9", "9 of warm_up")]
    [InlineData("base", "control_colours=grey", "expected mdfld68")]
    [InlineData("1", "guidance=-1", "'guidance' must lie")]
    [InlineData("base", "diffusion.step=9", "step")]
    [InlineData("1", "train.0=lora", "stage 1 trains the controlnet alone")]
    [InlineData("1", "model=", "needs 'model'")]
    [InlineData("2", "train.0=vae", "expected some of controlnet, cross-attention, lora, unet")]
    [InlineData("2", "train.0=lora", "one part at most may change the UNet")]
    [InlineData("2", "lora.rank=0", "a rank from 1")]
    [InlineData("2", "stage=base", "stage base needs 'design'")]
    [InlineData("base", "data.0.photo=self", "only stage joint")]
    [InlineData("base", "stage=joint", "stage joint needs 'joint'")]
    [InlineData("joint", "stage=base", "'joint' is of stage joint")]
    [InlineData("joint", "joint.focus=0", "'focus' must lie")]
    [InlineData("joint", "joint.photo_dropout=2", "'photo_dropout'")]
    [InlineData("joint", "joint.noise_deviation=0", "'noise_deviation' above 0")]
    [InlineData("joint", "data.1.draw=-1", "'drawn' with -1 faces")]
    [InlineData("joint", "control_channels.0=0", "'control_channels' must be")]
    [InlineData("joint", "control_patch=0", "a 'control_patch' of 0")]
    [InlineData("joint", "design.prediction=epsilon", "'zero_snr' needs")]
    public void ABadRecipeIsOneClearError(string stage, string change, string expected)
    {
        var text =
            stage switch
            {
                "autoencoder" => TinyGenerator.Autoencoder,
                "base" => TinyGenerator.Base,
                "joint" => TinyGenerator.Joint,
                "1" => TinyGenerator.Stage1,
                _ => TinyGenerator.Stage2,
            };
        if (stage == "1" && change.StartsWith("train", StringComparison.Ordinal))
            text += "\ntrain: [controlnet]";

        var error = Assert.Throws<InvalidDataException>(() => TinyGenerator.Read(text, change));
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void AModelThatIsNotThereIsNamed()
    {
        using var folder = new TemporaryFolder();
        TinyGenerator.WriteFaces(folder.Path);

        var error = Assert.Throws<DirectoryNotFoundException>(
            () => new GeneratorTrainer(TinyGenerator.Read(TinyGenerator.Stage1), [folder.Path], folder["run"]));
        Assert.Contains("nowhere", error.Message);
        Assert.False(Directory.Exists(folder["run"]));
    }

    [Fact]
    public void AnUnknownStyleIsNamedWithItsFace()
    {
        using var folder = new TemporaryFolder();
        TinyGenerator.WriteFaces(folder.Path);
        var recipe = TinyGenerator.Read(TinyGenerator.Base, "data.0.style=dripping");

        var error = Assert.Throws<InvalidDataException>(
            () => new GeneratorTrainer(recipe, [folder.Path], folder["run"]));
        Assert.Contains("dripping", error.Message);
        Assert.Contains("0.png", error.Message);
    }
}

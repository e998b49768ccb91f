using Mdfld.Generation;
using Mdfld.Training.Weights;
using Mdfld.Training;

namespace Mdfld.Tests.Generation.Training;

/// <summary>A generator that stage base made once for all tests here.</summary>
public sealed class BaseGenerator : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public BaseGenerator()
    {
        TinyGenerator.WriteFaces(Root);
        Assert.True(Train(TinyGenerator.Read(TinyGenerator.Base), "base"));
    }

    public string Root => _folder.Path;

    public string Model => At("base/model");

    public void Dispose() => _folder.Dispose();

    public string At(string name) => Path.Combine(Root, name);

    /// <summary>Runs a recipe in a folder of that name.</summary>
    internal bool Train(
        GeneratorRecipe recipe, string run, bool resume = false, Action<TrainingReport>? report = null,
        CancellationToken stop = default) =>
        new GeneratorTrainer(recipe, [Root], At(run)).Run(
            resume, new Mdfld.Tests.Training.RunWatcher.Watcher(report), _ => { }, stop);

    /// <summary>All bytes of a finished model.</summary>
    internal string ModelBytes(string run) => string.Join('\n', Directory
        .GetFiles(At($"{run}/model"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Select(f => $"{Path.GetRelativePath(At(run), f)} {Convert.ToHexString(File.ReadAllBytes(f))}"));
}

[Collection(nameof(Alone))]
public sealed class GeneratorTrainerTests(BaseGenerator made) : IClassFixture<BaseGenerator>
{
    [Fact]
    public void TheBaseIsAWholeModelFolder()
    {
        using var model = DiffusionModel.Load(made.Model);

        Assert.Null(model.ControlNet);
        Assert.Equal(model.Autoencoder.Config.LatentChannels, model.UNet.Config.InChannels);
        Assert.Equal(32 / model.Autoencoder.Config.Reduction, model.UNet.Config.SampleSize);
        Assert.InRange(model.Tokenizer.VocabularySize, 514, 620);
        Assert.All(Samples("base"), f => Assert.True(new FileInfo(f).Length > 0));
    }

    [Theory]
    [InlineData("autoencoder", 4)]
    [InlineData("base", 4)]
    [InlineData("1", 4)]
    [InlineData("2", 4)]
    [InlineData("lora", 4)]
    public void AStoppedRunResumesToTheBytesOfAnUnbrokenOne(string stage, int stopAt)
    {
        var recipe = RecipeOf(stage);
        var whole = stage == "base" ? "base" : $"whole-{stage}";
        if (stage != "base")
            Assert.True(made.Train(recipe, whole));
        var broken = $"broken-{stage}-{stopAt}";

        using var stop = new CancellationTokenSource();
        Assert.False(made.Train(recipe, broken, resume: false, r =>
        {
            if (r.Step >= stopAt)
                stop.Cancel();
        }, stop.Token));
        Assert.False(Directory.Exists(made.At($"{broken}/model")));
        Assert.True(made.Train(recipe, broken, resume: true));

        Assert.Equal(made.ModelBytes(whole), made.ModelBytes(broken));
    }

    [Fact]
    public void Stage1LeavesTheBaseAsItIsAndAddsAControlNet()
    {
        Assert.True(made.Train(RecipeOf("1"), "first"));

        using var before = DiffusionModel.Load(made.Model);
        using var after = DiffusionModel.Load(made.At("first/model"));
        Assert.Equal(Hash(before.UNet), Hash(after.UNet));
        Assert.Equal(Hash(before.Autoencoder), Hash(after.Autoencoder));
        Assert.Equal(Hash(before.TextEncoder), Hash(after.TextEncoder));
        var zero = after.ControlNet!.StateDict().First(t => t.Name == "controlnet_mid_block.weight").Tensor;
        Assert.Contains(zero.ToArray<float>(), v => v != 0);
    }

    [Fact]
    public void Stage1FindsTheLatentsThatTheBaseCached()
    {
        var cache = made.At("base/cache");
        var before = Latents();
        Assert.NotEmpty(before);
        Assert.True(
            made.Train(TinyGenerator.Read(TinyGenerator.Stage1, $"model={made.Model}", $"cache={cache}"), "cached"));
        Assert.Equal(before, Latents());

        // Text states are smaller.
        string[] Latents() =>
        [
            .. Directory.GetFiles(cache, "*", SearchOption.AllDirectories).Where(f => new FileInfo(f).Length > 10_000)
                .Order(StringComparer.Ordinal),
        ];
    }

    [Theory]
    [InlineData("controlnet", false, true)]
    [InlineData("cross-attention", true, false)]
    [InlineData("lora", true, false)]
    [InlineData("unet", true, false)]
    public void Stage2ChangesWhatTheRecipeNames(string part, bool unet, bool control)
    {
        var start = StartOf2();
        var recipe = TinyGenerator.Read(TinyGenerator.Stage2, $"model={start}", "samples=0", "diffusion.steps=2")
            with
        { Train = [part] };
        Assert.True(made.Train(recipe, $"only-{part}"));

        using var before = DiffusionModel.Load(start);
        using var after = DiffusionModel.Load(made.At($"only-{part}/model"));
        Assert.Equal(unet, Hash(before.UNet) != Hash(after.UNet));
        Assert.Equal(control, Hash(before.ControlNet!) != Hash(after.ControlNet!));
        var changed = after.UNet.StateDict().Zip(before.UNet.StateDict())
            .Where(p => !p.First.Tensor.ToArray<float>().SequenceEqual(p.Second.Tensor.ToArray<float>()))
            .Select(p => p.First.Name);
        if (part == "unet")
            Assert.Equal(after.UNet.StateDict().Count(), changed.Count());
        else
            Assert.All(changed, name => Assert.Contains(part == "lora" ? ".to_" : ".attn2.", name));
    }

    [Theory]
    [InlineData("controlnet")]
    [InlineData("cross-attention")]
    [InlineData("lora")]
    [InlineData("unet")]
    public void Stage2TrainsInHalfTheBits(string part)
    {
        var recipe = TinyGenerator.Read(TinyGenerator.Stage2, $"model={StartOf2()}", "precision=bfloat16", "diffusion.steps=2")
            with
        { Train = [part] };
        Assert.True(made.Train(recipe, $"half-{part}"));
    }

    [Fact]
    public void ALowRankChangeIsSavedUnderTheNamesOfDiffusers()
    {
        Assert.True(made.Train(RecipeOf("lora"), "named"));

        using var file = Checkpoint.Load(made.At("named/lora/pytorch_lora_weights.safetensors"));
        var tensors = file.StateDict(null);
        var name = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k";
        Assert.Equal([2, 16], tensors[$"{name}.lora_A.weight"].Shape.ToArray());
        Assert.Equal([8, 2], tensors[$"{name}.lora_B.weight"].Shape.ToArray());
        Assert.Contains(tensors.Keys, k => k.EndsWith("attn1.to_out.0.lora_B.weight", StringComparison.Ordinal));
        Assert.Equal(0, tensors.Count % 8);
    }

    [Fact]
    public void TheLossFalls()
    {
        var losses = new List<double>();
        var recipe = TinyGenerator.Read(
            // The latents of these pictures are as good as noise: of their velocity nothing can be told, of the noise
            // much.
            TinyGenerator.Base,
            "design.prediction=epsilon", "samples=0", "diffusion.steps=160", "diffusion.validate_every=20");
        made.Train(recipe, "falling", report: r =>
        {
            if (r is { Measure: "loss", Validation: { } sets })
                losses.Add(sets[0].Value);
        });

        Assert.True(losses[^1] < 0.95 * losses[0], string.Join(' ', losses));
    }

    [Fact]
    public void AFolderWithARunIsNotOverwritten()
    {
        var error = Assert.Throws<InvalidOperationException>(
            () => made.Train(TinyGenerator.Read(TinyGenerator.Base), "base"));

        Assert.Contains("--resume", error.Message);
    }

    private static string Hash(Module network) => ContentCache.HashOf(network);

    private IEnumerable<string> Samples(string run) =>
        Directory.GetFiles(made.At($"{run}/diffusion/tensorboard"));

    private GeneratorRecipe RecipeOf(string stage) => stage switch
    {
        "autoencoder" => TinyGenerator.Read(TinyGenerator.Autoencoder),
        "base" => TinyGenerator.Read(TinyGenerator.Base),
        "1" => TinyGenerator.Read(TinyGenerator.Stage1, $"model={made.Model}"),
        "2" => TinyGenerator.Read(TinyGenerator.Stage2, $"model={StartOf2()}"),
        _ => TinyGenerator.Read(TinyGenerator.Stage2, $"model={StartOf2()}") with { Train = [stage] },
    };

    private string StartOf2()
    {
        if (!Directory.Exists(made.At("start-2/model")))
            Assert.True(made.Train(RecipeOf("1"), "start-2"));
        return made.At("start-2/model");
    }
}

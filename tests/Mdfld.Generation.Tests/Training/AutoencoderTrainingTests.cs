using Mdfld.Generation;

namespace Mdfld.Tests.Generation.Training;

/// <summary>A small autoencoder that learns from a teacher.</summary>
[Collection(nameof(Alone))]
public sealed class AutoencoderTrainingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public AutoencoderTrainingTests() => TinyGenerator.WriteFaces(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("float32")]
    [InlineData("bfloat16")]
    public void PicturesComeBackBetterAndLatentsComeNearTheTeachers(string precision)
    {
        var errors = new List<double>();
        Train(["autoencoder.steps=60", $"precision={precision}"], report: r =>
        {
            if (r.Validation is { } sets)
                errors.Add(sets[0].Value);
        });

        Assert.True(errors[^1] < 0.8 * errors[0], string.Join(' ', errors));
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var trained = ModelParts.ReadAutoencoder(_folder["run", "model"]);
        using var teacher = ModelParts.ReadAutoencoder(TestFiles.Taesd("tiny-random"));
        using var drawn = new AutoencoderTiny((AutoencoderTinyConfig)trained.Config);
        drawn.Initialise(new Random(1));
        var set = FaceFolder.Open(_folder["faces"]);
        var framing = new FaceFraming(32, 1.5f, 0);
        var faces = cat([.. set.Faces.Select(f => PictureTensors.Signed(
            framing.Cut(Picture.Load(set.ImagePath(f)), f, 0, 0).Picture))], 0);
        var wanted = teacher.Encode(faces).Mean;
        Assert.True(Distance(trained) < 0.5 * Distance(drawn), $"{Distance(trained)} {Distance(drawn)}");

        // Each channel of what the UNet sees has about mean 0 and deviation 1.
        var latents = trained.Latent(trained.Encode(faces)).transpose(0, 1).reshape(5, -1);
        Assert.All(latents.mean([1]).ToArray<float>(), m => Assert.InRange(m, -0.7, 0.7));
        Assert.All(latents.std(1).ToArray<float>(), d => Assert.InRange(d, 0.6, 1.5));

        double Distance(Autoencoder network) => (network.Encode(faces).Mean - wanted).square().mean().ToDouble();
    }

    [Theory]
    [InlineData("autoencoder.design.latent=4", "its latents are [5, 16, 16]", "[4, 16, 16]")]
    [InlineData("autoencoder.features=nowhere.onnx", "nowhere.onnx", "ResNet-18")]
    public void ATeacherOrFeaturesThatDoNotFitAreRefused(string change, string found, string expected)
    {
        var error = Assert.Throws<InvalidDataException>(() => Train([change]));

        Assert.Contains(found, error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void ADecoderLearnsOnAloneWhereTheRecipeGoesOnFromAModel()
    {
        Train([]);
        var (before, decoder) = (_folder["run", "model"], TinyGenerator.Decoder(_folder["run", "model"]));

        Train(["autoencoder.texture_weight=1"], decoder, "on");

        var after = _folder["on", "model"];
        Assert.Equal(File.ReadAllText(Path.Combine(before, "config.json")), File.ReadAllText(Path.Combine(after, "config.json")));
        var (old, learnt) = (Weights(before), Weights(after));
        Assert.Equal(old.Keys, learnt.Keys);
        Assert.All(old.Keys, name => Assert.Equal(
            name.StartsWith("encoder.", StringComparison.Ordinal), old[name].SequenceEqual(learnt[name])));

        var error = Assert.Throws<InvalidDataException>(
            () => Train(["autoencoder.design.channels.0=16"], decoder, "other"));
        Assert.Contains("is not an autoencoder of the recipe's 'design'", error.Message);

        static Dictionary<string, float[]> Weights(string folder)
        {
            using var network = ModelParts.ReadAutoencoder(folder);
            return network.StateDict().ToDictionary(t => t.Name, t => t.Tensor.ToArray<float>());
        }
    }

    private void Train(
        string[] changes, string? recipe = null, string run = "run", Action<TrainingReport>? report = null) =>
        new GeneratorTrainer(
            TinyGenerator.Read(recipe ?? TinyGenerator.Autoencoder, changes), [_folder.Path], _folder[run]).Run(
            resume: false, new Mdfld.Tests.Training.RunWatcher.Watcher(report), _ => { }, default);
}

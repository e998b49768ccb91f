using System.Text.Json.Nodes;
using Mdfld.Generation;
using Mdfld.Tests.Star;

namespace Mdfld.Tests.Generation;

/// <summary>TAESD against golden numbers of its reference (../shared/golden/taesd).</summary>
public sealed class AutoencoderTinyTests
{
    private const double Tolerance = 1e-4;

    // The encoder of taesdxl amplifies rounding.
    private const double OfLatentsOfXl = 3e-4;

    [Fact]
    public void AnyShapeOfTheClassIsThatOfTheReference()
    {
        using var network = Read("tiny-random");
        var golden = GoldenTensors.OpenTaesd("golden_tiny_random.safetensors");
        Assert.Equal(2, network.Config.Reduction);
        AssertBothHalves(network, golden, "", Tolerance);
        AssertBytes(network, golden, "");
    }

    /// <summary>12 channels fill no block of 8: what was in memory before must not be read with them.</summary>
    [Fact]
    public void FoldedPicturesAndTheirGradientsAreThoseOfTwiceTheBits()
    {
        using var scope = NewDisposeScope();
        using var network = new AutoencoderTiny(new AutoencoderDesign { Channels = [16], EncoderBlocks = [1], DecoderBlocks = [1] }
            .Config);
        network.Initialise(new Random(1));
        var (single, of) = Run(ScalarType.Float32);
        var (exact, ofExact) = Run(ScalarType.Float64);
        Assert.True(((single - exact).norm() / exact.norm()).ToDouble() < 1e-4);
        foreach (var (a, b) in of.Zip(ofExact))
            Assert.True(((a - b).norm() / b.norm()).ToDouble() < 1e-3, string.Join(" x ", b.shape));

        (Tensor Made, Tensor[] Gradients) Run(ScalarType type)
        {
            network.To(CPU, type);
            var picture = arange(2 * 3 * 64 * 64).reshape(2, 3, 64, 64).sin().to(type);
            using (NewDisposeScope())
                _ = Enumerable.Range(0, 64).Select(_ => full([2, 16, 32, 32], float.NaN)).ToArray();
            var made = network.Decode(network.Encode(picture).Mean);
            (made - picture).square().mean().backward();
            return (
                made.detach().to(ScalarType.Float64),
                [.. network.Parameters().Select(p => p.Tensor.grad!.to(ScalarType.Float64)).Where(g => g.norm().ToDouble() > 0)]);
        }
    }

    [SharedDataTheory]
    [InlineData("taesdxl", OfLatentsOfXl)]
    [InlineData("taesd3", Tolerance)]
    public void TheAuthorsWeightsGiveTheReferencesNumbers(string name, double ofLatents)
    {
        using var folder = new TemporaryFolder();
        using var network = ReadTaesd(name, folder);
        var golden = GoldenTensors.OpenTaesd($"golden_{name}.safetensors");
        foreach (var part in (string[])["noise.", "face.", "batch.", "odd."])
            AssertBothHalves(network, golden, part, ofLatents);
        using (no_grad())
            golden.AssertNear(Tolerance, "wide.sample", network.Decode(golden.ToTensor("wide.latent")));
        AssertBytes(network, golden, "batch.");
        AssertBytes(network, golden, "odd.");
        AssertGradient(x => network.Encode(x).Mean, "encoder");
        AssertGradient(network.Decode, "decoder");

        void AssertGradient(Func<Tensor, Tensor> run, string half)
        {
            using var scope = NewDisposeScope();
            var input = golden.ToTensor($"grad.{half}.input").requires_grad_(true);
            (run(input) * golden.ToTensor($"grad.{half}.weighting")).mean().backward();
            AssertNear("input_gradient", input.grad!);
            AssertNear("layers.0.weight", network.Parameters()
                .Single(p => p.Name == $"{half}.layers.0.weight").Tensor.grad!);

            void AssertNear(string tensor, Tensor gradient)
            {
                var name = $"grad.{half}.{tensor}";
                golden.AssertNear(
                    Tolerance * golden.Floats(name).Max(MathF.Abs), name, gradient);
            }
        }
    }

    [SharedDataFact]
    public void WrittenAndReadAgainItIsADiffusersFolder()
    {
        using var folder = new TemporaryFolder();
        using var network = ReadTaesd("taesd3", folder);
        ModelParts.Write(folder["vae"], network, network.Config, ScalarType.Float32);

        var options = JsonNode.Parse(File.ReadAllText(folder["vae", "config.json"]))!.AsObject();
        Assert.Equal("AutoencoderTiny", options["_class_name"]!.GetValue<string>());
        Assert.Equal(
            [
                "_class_name", "decoder_block_out_channels", "encoder_block_out_channels", "in_channels",
                "latent_channels", "latent_magnitude", "latent_shift", "num_decoder_blocks", "num_encoder_blocks",
                "out_channels", "scaling_factor",
            ],
            options.Select(o => o.Key).Order(StringComparer.Ordinal));
        using var again = Assert.IsType<AutoencoderTiny>(ModelParts.ReadAutoencoder(folder["vae"]));
        Assert.Equal(network.Config.LatentChannels, again.Config.LatentChannels);
        foreach (var (mine, theirs) in network.StateDict().Zip(again.StateDict()))
        {
            Assert.Equal(mine.Name, theirs.Name);
            Assert.True(mine.Tensor.equal(theirs.Tensor).all().ToBoolean(), mine.Name);
        }
    }

    [Theory]
    [InlineData("{\"patch_size\": 2000000000}", "'patch_size' is 2000000000, expected 1 to 4")]
    [InlineData("{\"patch_size\": 2}", "3 'in_channels' and 3 'out_channels' are no pixels folded by 'patch_size'")]
    [InlineData("{\"latents_mean\": [0, 0]}", "'latents_mean' and 'latents_std' are not one number")]
    [InlineData("{\"latents_mean\": [0,0,0,0,0], \"latents_std\": [1,1,1,1,0]}", "'latents_mean' and 'latents_std'")]
    [InlineData("{\"latents_std\": []}", "'latents_mean' and 'latents_std'")]
    [InlineData("{\"encoder_block_out_channels\": [12]}", "differ in number")]
    [InlineData("{\"num_encoder_blocks\": [1, 2000000000]}", "'num_encoder_blocks and num_decoder_blocks' is 2000000000")]
    [InlineData("{\"latent_channels\": 2000000000}", "'latent_channels' is 2000000000, expected 1 to 64")]
    [InlineData("{\"act_fn\": \"gelu\"}", "option 'act_fn' is \"gelu\", only \"relu\" is supported")]
    [InlineData("{\"_class_name\": 3}", "_class_name")]
    public void OptionsThatMakeNoNetworkAreRefused(string changes, string message)
    {
        using var folder = new TemporaryFolder();
        var options = JsonNode.Parse(File.ReadAllText(TestFiles.Taesd("tiny-random", "config.json")))!.AsObject();
        foreach (var (key, value) in JsonNode.Parse(changes)!.AsObject())
            options[key] = value?.DeepClone();
        AssertRefused(folder, options.ToJsonString(), message);
    }

    [Theory]
    [InlineData("{\"_class_name\": \"AutoencoderTiny\", \"_class_name\": \"AutoencoderKL\"}", "_class_name")]
    [InlineData("[]", "the options of a network")]
    [InlineData("", "the options of a network")]
    public void AFileOfNoOptionsIsRefused(string content, string message)
    {
        using var folder = new TemporaryFolder();
        AssertRefused(folder, content, message);
    }

    private static void AssertRefused(TemporaryFolder folder, string options, string message)
    {
        File.WriteAllText(folder["config.json"], options);
        File.Copy(
            TestFiles.Taesd("tiny-random", "diffusion_pytorch_model.safetensors"),
            folder["diffusion_pytorch_model.safetensors"]);

        var e = Assert.Throws<InvalidDataException>(() => ModelParts.ReadAutoencoder(folder.Path));
        Assert.Contains(message, e.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void FoldedPicturesAndLevelsOfTheirOwnWidthsComeBackFromTheirFolder()
    {
        using var folder = new TemporaryFolder();
        var config = new AutoencoderDesign { Channels = [8, 12], EncoderBlocks = [0, 1], DecoderBlocks = [1, 1] }.Config
            with
        {
            LatentChannels = 2,
            LatentsMean = [0.5, -1],
            LatentsStd = [2, 0.25],
        };
        using var network = new AutoencoderTiny(config);
        network.Initialise(new Random(1));
        ModelParts.Write(folder.Path, network, config, ScalarType.Float32);
        using var again = ModelParts.ReadAutoencoder(folder.Path);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var picture = arange(2 * 3 * 8 * 12).reshape(2, 3, 8, 12).sin();

        Assert.Equal(4, again.Config.Reduction);
        var moments = again.Encode(picture);
        Assert.Equal([2, 2, 2, 3], moments.Mean.shape);
        var latent = again.Latent(moments);
        Assert.Equal([2, 3, 8, 12], again.Decode(latent).shape);
        var (raw, scaled) = (moments.Mean.ToArray<float>(), latent.ToArray<float>());
        Assert.Equal((raw[0] - 0.5f) / 2, scaled[0], 1e-5f);
        Assert.Equal((raw[6] + 1) / 0.25f, scaled[6], 1e-4f);
        // What a training reads of a cache is scaled by the same rule.
        var first = raw[..12];
        again.Config.Scale(first);
        Assert.All(first.Zip(scaled), p => Assert.Equal(p.Second, p.First, 1e-4f));
        // Without folding, and with nothing to normalise, it is the same network.
        using var plain = new AutoencoderTiny(config with { PatchSize = null, LatentsMean = null, LatentsStd = null });
        plain.TakeStateDict(name => network.StateDict().Single(t => t.Name == name).Tensor.clone());
        var expected = pixel_shuffle(plain.Decode(plain.Encode(pixel_unshuffle(picture, 2)).Mean), 2);
        Assert.All(
            expected.ToArray<float>().Zip(again.Decode(latent).ToArray<float>()),
            p => Assert.Equal(p.First, p.Second, 1e-4f));
    }

    [Fact]
    public void AHalfOfAnotherNetworkIsRefused()
    {
        using var folder = new TemporaryFolder();
        foreach (var half in (string[])["encoder", "decoder"])
        {
            File.Copy(
                TestFiles.Taesd("tiny-random", "diffusion_pytorch_model.safetensors"), folder[$"x_{half}.safetensors"]);
        }

        var e = Assert.Throws<InvalidDataException>(() => ModelParts.ReadAutoencoder(folder.Path));
        Assert.Contains("do config.json and weights belong together?", e.Message);
    }

    private static AutoencoderTiny Read(string folder) =>
        Assert.IsType<AutoencoderTiny>(ModelParts.ReadAutoencoder(TestFiles.Taesd(folder)));

    /// <summary>The author's two files in a folder of their own.</summary>
    private static AutoencoderTiny ReadTaesd(string name, TemporaryFolder folder)
    {
        Directory.CreateDirectory(folder[name]);
        foreach (var half in (string[])["encoder", "decoder"])
        {
            var file = $"{name}_{half}.safetensors";
            File.Copy(TestFiles.Shared("weights", "taesd", file), folder[name, file]);
        }
        return Assert.IsType<AutoencoderTiny>(ModelParts.ReadAutoencoder(folder[name]));
    }

    private static void AssertBothHalves(
        AutoencoderTiny network, GoldenTensors golden, string part, double ofLatents)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        golden.AssertNear(ofLatents, $"{part}latent", network.Encode(golden.ToTensor($"{part}image")).Mean);
        golden.AssertNear(Tolerance, $"{part}sample", network.Decode(golden.ToTensor($"{part}latent")));
    }

    private static void AssertBytes(AutoencoderTiny network, GoldenTensors golden, string part)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var expected = golden.Bytes($"{part}latent_bytes");
        var bytes = network.ToBytes(golden.ToTensor($"{part}latent")).ToArray<byte>();
        Assert.All(expected.Zip(bytes), pair => Assert.InRange(pair.Second - pair.First, -1, 1));
        var kept = tensor(expected, golden.Shape($"{part}latent_bytes"));
        golden.AssertNear(Tolerance, $"{part}forward_sample", network.Decode(network.FromBytes(kept)));
    }
}

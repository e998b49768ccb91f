using System.Text.Json;
using Mdfld.Generation;
using Mdfld.Tests.Augment;
using Mdfld.Tests.Star;

namespace Mdfld.Tests.Generation;

/// <summary>
/// The pipeline on the reference's tiny model of random weights: pictures of 64 x 64 that show nothing.
/// </summary>
public sealed class DiffusionPipelineTests : IClassFixture<DiffusionPipelineTests.Tiny>
{
    private const int Side = 64;

    private static readonly Picture Control =
        ControlImage.Draw([.. new SyntheticFace().Landmarks.Select(p => p * Side / SyntheticFace.Side)], Side, Side);

    private readonly PipelineRequest _request =
        new() { Prompt = "a photo of a face", Steps = 3, Seed = 11, GuidanceScale = 2 };
    private readonly DiffusionModel _model;
    private readonly DiffusionPipeline _pipeline;

    public DiffusionPipelineTests(Tiny tiny) => (_model, _pipeline) = (tiny.Model, new DiffusionPipeline(tiny.Model));

    [Fact]
    public void APictureFollowsFromTheRequestAlone()
    {
        var picture = Paint(_request);
        Assert.Equal(Side * Side * 3, picture.Length);
        Paint(_request with { Seed = 12 });
        Assert.Equal(picture, Paint(_request));
    }

    [Fact]
    public void EverythingAskedForCounts()
    {
        var start = new Picture(Side, Side);
        start.Data.Fill(90);
        PipelineRequest[] requests =
        [
            _request,
            _request with { Seed = 12 },
            _request with { Prompt = "a cat" },
            _request with { NegativePrompt = "a cat" },
            _request with { GuidanceScale = 5 },
            _request with { Steps = 4 },
            _request with { Sampler = "ddim" },
            _request with { Sampler = "ddim", Eta = 1 },
            _request with { Control = Control },
            _request with { Control = Control, ControlScale = 0.5 },
            _request with { Control = Control, GuessMode = true },
            _request with { Start = start, Strength = 1 },
            _request with { Start = start, Strength = 0.4 },
        ];
        var pictures = requests.Select(r => Convert.ToBase64String(Paint(r))).ToArray();
        Assert.Equal(pictures.Length, pictures.Distinct().Count());
    }

    [Fact]
    public void WhatHasNoWeightCountsNothing()
    {
        // No guidance: no negative prompt. Control of scale 0: no control.
        var alone = _request with { GuidanceScale = 1 };
        Assert.Equal(Paint(alone), Paint(alone with { NegativePrompt = "a cat" }));
        Assert.Equal(Paint(_request), Paint(_request with { Control = Control, ControlScale = 0 }));
        Assert.Equal(Paint(_request), Paint(_request with { Strength = 0.2 }));
    }

    [Fact]
    public void GuidanceNobodyAskedForIsWhatSuitsTheModel()
    {
        var request = _request with { GuidanceScale = null };
        Assert.Equal(Paint(_request with { GuidanceScale = 7.5 }), Paint(request));
        using var controlNet = new ControlNet(_model.ControlNet!.Config with { Guidance = 3 });
        var wanting = new DiffusionModel(
            _model.Tokenizer, _model.TextEncoder, _model.UNet, _model.Autoencoder, _model.Scheduler, controlNet);
        Assert.Equal(
            Paint(_request with { GuidanceScale = 3 }), new DiffusionPipeline(wanting).Generate(request).Data.ToArray());
    }

    [Fact]
    public void InGuessModeControlLeadsThePositivePredictionAlone()
    {
        const double Scale = 3;
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var text = _pipeline.TextOf(_request with { NegativePrompt = "a cat" });
        var (negative, positive) = (text.slice(0, 0, 1, 1), text.slice(0, 1, 2, 1));
        var control = new ControlInput(PictureTensors.Unsigned(Control), 0.8, GuessMode: true);
        float[] sample = new float[4 * 16 * 16];
        new SeededNoise(1).Fill(sample, 0);
        float[] Predict(Tensor states, ControlInput? seen) =>
            new GuidedPrediction(_model, states, Scale, seen).Predict(sample, [1, 4, 16, 16], 500);

        var without = Predict(negative, null);
        var with = Predict(positive, control);
        var expected = without.Zip(with, (n, p) => (float)(n + (Scale * (p - n)))).ToArray();
        Near.AssertWithin(1e-4, expected, Predict(text, control), "guess mode");
        Assert.True(Near.MaxError(with, Predict(positive, null)) > 1e-2);
    }

    [Fact]
    public void LittleStrengthStaysWithThePicture()
    {
        var start = new Picture(Side, Side);
        for (var i = 0; i < start.Data.Length; i++)
            start.Data[i] = (byte)(40 + (i / 3 % Side * 2));
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var noise = new float[4 * 16 * 16];
        new SeededNoise(_request.Seed).Fill(noise, 1);
        var moments = _model.Autoencoder.Encode(PictureTensors.Signed(start));
        var latent = _model.Autoencoder.Latent(moments, Tensor.From<float>(noise, 1, 4, 16, 16)).ToArray<float>();
        var same = _pipeline.Decode(latent, [1, 4, 16, 16]).Data.ToArray();

        var request = _request with { Start = start, Sampler = "ddim" };
        // One step, from timestep 1.
        var near = Distance(same, Paint(request with { Steps = 500, Strength = 0.002 }));
        var far = Distance(same, Paint(request with { Strength = 1 }));
        Assert.True(near < far / 5, $"{near} levels away after one step, {far} after all");
    }

    [Fact]
    public void EverySamplerPaints() =>
        Assert.All(Schedulers.Names, name => Assert.Equal(48 * 80 * 3, Paint(Sized(name)).Length));

    [Fact]
    public void BrainFloatsPaintNearlyTheSame()
    {
        using var brief = DiffusionModel.Load(TestFiles.Diffusion("tiny-sd"), type: ScalarType.BFloat16);
        var request = _request with { Control = Control };
        var off = Distance(Paint(request), new DiffusionPipeline(brief).Generate(request).Data);
        Assert.InRange(off, 1e-6, 6);
    }

    [Theory]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void HalfPrecisionPaintsAboutTheSamePicture(ScalarType type)
    {
        using var model = DiffusionModel.Load(TestFiles.Diffusion("tiny-sd"));
        using var half = DiffusionModel.Load(TestFiles.Diffusion("tiny-sd"), type: type);
        var (full, rough) = (new DiffusionPipeline(model).Generate(_request), new DiffusionPipeline(half).Generate(_request));
        Assert.InRange(full.Data.ToArray().Zip(rough.Data.ToArray()).Average(p => Math.Abs(p.First - p.Second)), 0, 4);
    }

    [Theory]
    [InlineData("ddim")]
    [InlineData("euler-a")]
    [InlineData("dpm++")]
    public void WhatTheMaskCoversStaysToThePixel(string sampler)
    {
        var request = _request with { Start = Start(), Sampler = sampler, Steps = 4, Strength = 1 };
        var (white, half) = (new Picture(Side, Side), new Picture(Side, Side));
        white.Data.Fill(255);
        for (var y = 0; y < Side; y++)
            half.Row(y)[(3 * Side / 2)..].Fill(255);

        var all = _pipeline.Generate(request);
        Assert.Equal(all.Data.ToArray(), _pipeline.Generate(request with { Mask = white }).Data.ToArray());
        Assert.Equal(
            Start().Data.ToArray(), _pipeline.Generate(request with { Mask = new Picture(Side, Side) }).Data.ToArray());
        var right = _pipeline.Generate(request with { Mask = half });
        for (var y = 0; y < Side; y++)
        {
            Assert.Equal(Start().Row(y)[..(3 * Side / 2)].ToArray(), right.Row(y)[..(3 * Side / 2)].ToArray());
            Assert.NotEqual(Start().Row(y)[(3 * Side / 2)..].ToArray(), right.Row(y)[(3 * Side / 2)..].ToArray());
        }
        // What is painted beside the kept half knows of it.
        Assert.NotEqual(all.Row(Side / 2)[(3 * Side / 2)..].ToArray(), right.Row(Side / 2)[(3 * Side / 2)..].ToArray());

        static Picture Start()
        {
            var picture = new Picture(Side, Side);
            new Random(1).NextBytes(picture.Data);
            return picture;
        }
    }

    [Fact]
    public void WhatCannotBeIsRefusedBeforeAnythingIsPainted()
    {
        Refused(_request with { Prompt = string.Join(' ', Enumerable.Repeat("face", 2500)) }, "tokens");
        Refused(_request with { NegativePrompt = string.Join(' ', Enumerable.Repeat("face", 2500)) }, "tokens");
        Refused(_request with { Sampler = "heun" }, "dpm++-karras");
        Refused(_request with { Width = 50 }, "50 x 64, expected multiples of 4");
        Refused(_request with { Width = 8000 }, "4096");
        Refused(_request with { Steps = 0 }, "0 steps");
        Refused(_request with { Start = new Picture(Side, Side), Strength = 0 }, "strength");
        Refused(
            _request with { Start = new Picture(Side, Side), Control = new Picture(32, 32) }, "control image is 32 x 32");
        Refused(_request with { GuidanceScale = double.NaN }, "NaN");
        Refused(_request with { Mask = new Picture(Side, Side) }, "no start image");
        Refused(_request with { Start = new Picture(Side, Side), Mask = new Picture(32, 32) }, "mask image is 32 x 32");
        var bare = new DiffusionModel(
            _model.Tokenizer, _model.TextEncoder, _model.UNet, _model.Autoencoder, _model.Scheduler);
        Assert.Contains("no ControlNet", Assert.Throws<ArgumentException>(
            () => new DiffusionPipeline(bare).Generate(_request with { Control = Control })).Message);

        void Refused(PipelineRequest request, string said) =>
            Assert.Contains(said, Assert.Throws<ArgumentException>(() => _pipeline.Generate(request)).Message);
    }

    [Fact]
    public void WorkEndsWhenItIsCancelled()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => _pipeline.Generate(_request, cancelled.Token));
    }

    [Fact]
    public void NumbersThatAreNoneAreNoPicture()
    {
        var latents = new float[4 * 16 * 16];
        latents[7] = float.NaN;
        using var noGrad = no_grad();
        Assert.Throws<InvalidOperationException>(() => _pipeline.Decode(latents, [1, 4, 16, 16]));
    }

    [Fact]
    public void AControlNetSaysWhatItWasTrainedOn()
    {
        Assert.Same(ControlColours.Mdfld68, _pipeline.Colours);
        var config = _model.ControlNet!.Config;
        var others = new Dictionary<string, JsonElement>(config.Other)
        {
            ["control_colours"] = JsonSerializer.SerializeToElement("mediapipe-face"),
        };
        Assert.Same(ControlColours.MediaPipeFace, ControlColours.Of(config with { Other = others }));
        others["control_colours"] = JsonSerializer.SerializeToElement(3);
        Assert.Contains(
            "'3'", Assert.Throws<ArgumentException>(() => ControlColours.Of(config with { Other = others })).Message);
    }

    private PipelineRequest Sized(string sampler) => _request with { Sampler = sampler, Width = 48, Height = 80 };

    private byte[] Paint(PipelineRequest request) => _pipeline.Generate(request).Data.ToArray();

    private static double Distance(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
            sum += Math.Abs(a[i] - b[i]);
        return sum / a.Length;
    }

    /// <summary>The model, loaded once.</summary>
    public sealed class Tiny : IDisposable
    {
        public DiffusionModel Model { get; } = DiffusionModel.Load(TestFiles.Diffusion("tiny-sd"));

        public void Dispose() => Model.Dispose();
    }
}

using Mdfld.Generation;
using Mdfld.Training;
using Mdfld.Training.Weights;

namespace Mdfld.Tests.Generation;

public sealed class LoraFileTests : IDisposable
{
    private const int Rank = 3;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("unet.{0}.lora_A.weight", "unet.{0}.lora_B.weight", null)]
    [InlineData("unet.{0}.lora.down.weight", "unet.{0}.lora.up.weight", "unet.{0}.alpha")]
    [InlineData("lora_unet_{1}.lora_down.weight", "lora_unet_{1}.lora_up.weight", "lora_unet_{1}.alpha")]
    public void ChangesOfAnyNamingAreAdded(string down, string up, string? alpha)
    {
        using var scope = NewDisposeScope();
        using var model = Tiny();
        using var plain = Tiny();
        string[] layers =
        [
            "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q", "mid_block.attentions.0.proj_in",
            "down_blocks.0.resnets.0.conv1",
        ];
        using var random = new Generator(1);
        var (tensors, expected) = (new Dictionary<string, Tensor>(), new Dictionary<string, Tensor>());
        foreach (var layer in layers)
        {
            var weight = Weight(plain.UNet, layer);
            var (a, b) = Factors(weight, random);
            tensors[Name(down, layer)] = a;
            tensors[Name(up, layer)] = b;
            if (alpha is not null)
                tensors[Name(alpha, layer)] = tensor(1.5f);
            var change = b.reshape(-1, Rank).matmul(a.reshape(Rank, -1)).reshape(weight.shape);
            expected[layer] = weight + (change * (0.5 * (alpha is null ? 1 : 1.5 / Rank)));
        }

        model.MergeLora(Write(tensors), 0.5);

        foreach (var (name, tensor) in model.UNet.StateDict())
        {
            var layer = name.EndsWith(".weight", StringComparison.Ordinal) ? name[..^7] : name;
            var wanted = expected.GetValueOrDefault(layer) ?? Weight(plain.UNet, name, "");
            Assert.True((tensor - wanted).abs().max().ToDouble() < 1e-6, name);
        }
    }

    [Fact]
    public void TheTextEncoderIsChangedToo()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny();
        using var plain = Tiny();
        using var random = new Generator(1);
        const string Layer = "text_model.encoder.layers.0.self_attn.q_proj";
        var weight = Weight(plain.TextEncoder, Layer);
        var (a, b) = Factors(weight, random);
        model.MergeLora(Write(new()
        {
            [$"lora_te_{Layer.Replace('.', '_')}.lora_down.weight"] = a,
            [$"lora_te_{Layer.Replace('.', '_')}.lora_up.weight"] = b,
        }));
        Assert.True((Weight(model.TextEncoder, Layer) - weight - b.matmul(a)).abs().max().ToDouble() < 1e-6);
    }

    [Fact]
    public void WhatATrainingSavedIsWhatItMerged()
    {
        using var scope = NewDisposeScope();
        using var trained = Tiny();
        using var plain = Tiny();
        var changes = new LowRankChanges(trained.UNet, Rank, alpha: 6);
        changes.Initialise(new Random(1));
        using var random = new Generator(1);
        using (no_grad())
        {
            foreach (var (name, tensor) in changes.Parameters().Where(p => p.Name.Contains("lora_B")))
                tensor.copy_(randn(tensor.shape, generator: random) * 0.1);
        }
        changes.Save(_folder["own.safetensors"]);
        changes.Merge();

        plain.MergeLora(_folder["own.safetensors"]);

        foreach (var (mine, theirs) in trained.UNet.StateDict().Zip(plain.UNet.StateDict()))
            Assert.True((mine.Tensor - theirs.Tensor).abs().max().ToDouble() < 1e-5, mine.Name);
    }

    [Theory]
    [InlineData("lora_unet_nowhere.lora_down.weight", "is no layer of this model")]
    [InlineData("unet.conv_in.weight", "holds no low-rank changes")]
    [InlineData("unet.conv_in.hada_w1_a", "holds no low-rank changes")]
    public void OtherFilesAreRefused(string name, string message)
    {
        using var scope = NewDisposeScope();
        using var model = Tiny();
        var tensors = new Dictionary<string, Tensor> { [name] = zeros(Rank, 4) };
        if (name.Contains("lora_down"))
            tensors[name.Replace("down", "up")] = zeros(4, Rank);
        var e = Assert.Throws<InvalidDataException>(() => model.MergeLora(Write(tensors)));
        Assert.Contains(message, e.Message);
    }

    [Fact]
    public void AFileThatIsWrongInOnePlaceChangesNothing()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny();
        using var plain = Tiny();
        using var random = new Generator(1);
        const string Good = "mid_block.attentions.0.proj_in", Bad = "conv_in";
        var (a, b) = Factors(Weight(model.UNet, Good), random);
        var tensors = new Dictionary<string, Tensor>
        {
            [$"unet.{Good}.lora_A.weight"] = a,
            [$"unet.{Good}.lora_B.weight"] = b,
            [$"unet.{Bad}.lora_A.weight"] = zeros(Rank, 7),
            [$"unet.{Bad}.lora_B.weight"] = zeros(7, Rank),
        };
        var e = Assert.Throws<InvalidDataException>(() => model.MergeLora(Write(tensors)));
        Assert.Contains("'unet.conv_in.lora_A.weight' has the shape [3, 7] and goes with [7, 3]", e.Message);
        Assert.True(Weight(model.UNet, Good).equal(Weight(plain.UNet, Good)).all().ToBoolean());
    }

    private static DiffusionModel Tiny() => DiffusionModel.Load(TestFiles.Diffusion("tiny-sd"));

    private static Tensor Weight(Module network, string layer, string ending = ".weight") =>
        network.StateDict().Single(t => t.Name == layer + ending).Tensor.detach();

    private static (Tensor Down, Tensor Up) Factors(Tensor weight, Generator random)
    {
        long[] rest = [.. weight.shape[1..]];
        long[] ones = [.. weight.shape[2..].Select(_ => 1L)];
        return (randn([Rank, .. rest], generator: random), randn([weight.shape[0], Rank, .. ones], generator: random));
    }

    private static string Name(string pattern, string layer) =>
        pattern.Replace("{0}", layer).Replace("{1}", layer.Replace('.', '_'));

    private string Write(Dictionary<string, Tensor> tensors)
    {
        SafeTensors.Write(_folder["lora.safetensors"], tensors.Select(t => (t.Key, t.Value)));
        return _folder["lora.safetensors"];
    }
}

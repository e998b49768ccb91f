using System.Text.Json;
using System.Text.Json.Nodes;
using Mdfld.Generation;
using Mdfld.Training.Weights;

namespace Mdfld.Tests.Generation;

public sealed class DiffusionModelTests : IDisposable
{
    private const string Weights = "diffusion_pytorch_model.safetensors";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_published_folder_is_read()
    {
        using var model = DiffusionModel.Load(DiffusionGolden.Tiny());
        Assert.NotNull(model.ControlNet);
        Assert.Equal(77, model.Tokenizer.Encode("a face").Length);
        Assert.Equal("PNDMScheduler", model.Scheduler.ClassName);
    }

    [Theory]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.Float32)]
    public void A_written_folder_holds_the_same_model(ScalarType type)
    {
        using var model = DiffusionModel.Load(DiffusionGolden.Tiny());
        model.Save(_folder["model"], type);
        using var again = DiffusionModel.Load(_folder["model"]);
        AssertSame(model.UNet, again.UNet);
        AssertSame(model.ControlNet!, again.ControlNet!);
        AssertSame(model.Autoencoder, again.Autoencoder);
        AssertSame(model.TextEncoder, again.TextEncoder);
        Assert.Equal(model.Tokenizer.Vocabulary, again.Tokenizer.Vocabulary);
        Assert.Equal(model.Scheduler.Prediction, again.Scheduler.Prediction);
        using var file = Checkpoint.Load(_folder["model", "unet", Weights]);
        Assert.All(file.StateDict().Values, tensor => Assert.Equal(type, tensor.Type));
    }

    [Fact]
    public void Weights_take_the_type_that_is_asked_for()
    {
        using var unet = ModelParts.ReadUNet(DiffusionGolden.Tiny("unet"), type: ScalarType.BFloat16);
        Assert.All(unet.Parameters(), entry => Assert.Equal(ScalarType.BFloat16, entry.Tensor.dtype));
        Assert.All(unet.Parameters(), entry => Assert.True(entry.Tensor.requires_grad));
    }

    [Fact]
    public void Saving_replaces_a_model_and_nothing_else()
    {
        using var model = DiffusionModel.Load(DiffusionGolden.Tiny());
        model.Save(_folder["model"]);
        File.WriteAllText(_folder["model", "stale"], "");
        model.Save(_folder["model"]);
        Assert.False(File.Exists(_folder["model", "stale"]));
        Assert.Equal(["model"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName));

        Directory.CreateDirectory(_folder["pictures"]);
        File.WriteAllText(_folder["pictures", "mine.txt"], "kept");
        Assert.Throws<IOException>(() => model.Save(_folder["pictures"]));
        Assert.Equal("kept", File.ReadAllText(_folder["pictures", "mine.txt"]));
    }

    [Fact]
    public void A_failed_save_leaves_what_was_there()
    {
        using var model = DiffusionModel.Load(DiffusionGolden.Tiny());
        model.Save(_folder["model"]);
        var before = File.ReadAllBytes(_folder["model", "unet", Weights]);
        var broken = DiffusionModel.Load(_folder["model"]);
        broken.UNet.Dispose();
        Assert.Throws<InvalidOperationException>(() => broken.Save(_folder["model"]));
        broken.Dispose();
        Assert.Equal(before, File.ReadAllBytes(_folder["model", "unet", Weights]));
        Assert.Equal(["model"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    /// <summary>A network of 8192 channels beside weights of a few: compared before it is built.</summary>
    [Fact]
    public void Options_that_do_not_fit_the_weights_cost_nothing()
    {
        Directory.CreateDirectory(_folder["unet"]);
        foreach (var file in Directory.GetFiles(DiffusionGolden.Tiny("unet")))
            File.Copy(file, _folder["unet", Path.GetFileName(file)]);
        File.Copy(TestFiles.Case("configs", "unet-8192-config.json"), _folder["unet", "config.json"], overwrite: true);
        var before = Environment.WorkingSet;
        Assert.Throws<InvalidDataException>(() => ModelParts.ReadUNet(_folder["unet"]));
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 500_000_000);
    }

    [Fact]
    public void Weights_in_several_files_are_read()
    {
        Shard();
        using var whole = ModelParts.ReadUNet(DiffusionGolden.Tiny("unet"));
        using var sharded = ModelParts.ReadUNet(_folder["unet"]);
        AssertSame(whole, sharded);
    }

    [Theory]
    [InlineData("../a.safetensors", "is no file beside it")]
    [InlineData("c.safetensors", "c.safetensors: expected a file of")]
    [InlineData("b.safetensors", "says that 'conv_in.weight' is here; it is not")]
    public void An_index_that_lies_is_refused(string file, string expected)
    {
        var index = Shard();
        var json = JsonNode.Parse(File.ReadAllText(index))!;
        json["weight_map"]!["conv_in.weight"] = file;
        File.WriteAllText(index, json.ToJsonString());
        AssertRefused(() => ModelParts.ReadUNet(_folder["unet"]).Dispose(), expected);
    }

    [Theory]
    [InlineData("model_index.json")]
    [InlineData("unet/config.json")]
    [InlineData("unet/" + Weights)]
    [InlineData("vae/" + Weights)]
    [InlineData("text_encoder/model.safetensors")]
    [InlineData("tokenizer/vocab.json")]
    [InlineData("scheduler")]
    [InlineData("vae")]
    public void A_missing_part_is_named(string part)
    {
        CopyTiny();
        if (Directory.Exists(_folder["tiny", part]))
            Directory.Delete(_folder["tiny", part], recursive: true);
        else
            File.Delete(_folder["tiny", part]);
        AssertRefused(() => DiffusionModel.Load(_folder["tiny"]).Dispose(), part);
    }

    [Fact]
    public void A_tensor_of_another_shape_is_named()
    {
        CopyTiny();
        var path = _folder["tiny", "unet", Weights];
        Rewrite(path, (name, tensor) => name == "conv_out.bias" ? zeros([5]) : tensor);
        AssertRefused(
            () => DiffusionModel.Load(_folder["tiny"]).Dispose(), "'conv_out.bias' has the shape [5], expected [4]");
        Rewrite(path, (name, tensor) => name == "conv_out.bias" ? null : tensor);
        AssertRefused(
            () => DiffusionModel.Load(_folder["tiny"]).Dispose(), "expected a tensor 'conv_out.bias', found none");
    }

    [Fact]
    public void Weights_of_a_larger_network_are_refused()
    {
        CopyTiny();
        var config = _folder["tiny", "text_encoder", "config.json"];
        File.WriteAllText(config, File.ReadAllText(config).Replace(
            "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1", StringComparison.Ordinal));
        AssertRefused(
            () => DiffusionModel.Load(_folder["tiny"]).Dispose(), "'text_model.encoder.layers.1");
    }

    [Fact]
    public void A_header_that_claims_gigabytes_is_refused()
    {
        CopyTiny();
        var path = _folder["tiny", "unet", Weights];
        var header = """{"conv_in.weight":{"dtype":"F32","shape":[100000,100000],"data_offsets":[0,40000000000]}}"""u8;
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)header.Length), .. header, 0, 0, 0, 0]);
        AssertRefused(() => DiffusionModel.Load(_folder["tiny"]).Dispose(), path);
        File.WriteAllBytes(path, [.. BitConverter.GetBytes(long.MaxValue), .. header]);
        AssertRefused(() => DiffusionModel.Load(_folder["tiny"]).Dispose(), path);
    }

    [Fact]
    public void Parts_that_do_not_fit_together_are_refused()
    {
        CopyTiny();
        Directory.Delete(_folder["tiny", "unet"], recursive: true);
        CopyFolder(DiffusionGolden.Tiny("unet-sd2"), _folder["tiny", "unet"]);
        AssertRefused(() => DiffusionModel.Load(_folder["tiny"]).Dispose(), "the ControlNet was made for another UNet");
    }

    [Fact]
    public void Every_element_type_of_a_checkpoint_is_read()
    {
        using var file = Checkpoint.Load(TestFiles.Diffusion("golden_dtypes.safetensors"));
        var tensors = file.StateDict();
        float[] values = [0, -0f, 1, -2.5f, 65504, 6.1035e-5f, 5.9605e-8f, 0.333251953125f];
        Assert.Equal(values, tensors["f32"].ToArray<float>());
        AssertValues(
            "f64", [0, -0.0, 1.0 / 3, -2.5 / 3, 65504.0 / 3, 6.1035e-5 / 3, 5.9605e-8 / 3, 0.333251953125 / 3], 1e-12);
        AssertValues("f16", [0, -0.0, 1, -2.5, 65504, 6.103515625e-5, 5.960464477539063e-8, 0.333251953125], 0);
        AssertValues("bf16", [0, -0.0, 1, -2.5, 65536, 6.103515625e-5, 5.960464477539063e-8, 0.333984375], 0);
        Assert.Equal([-4611686018427387904, 0, 7], tensors["i64"].ToArray<long>());
        Assert.Equal([-5, 6], tensors["i32"].ToArray<int>());
        Assert.Equal([0, 1, 2, 3, 4], tensors["u8"].ToArray<byte>());
        Assert.Equal([true, false, true], tensors["bool"].ToArray<bool>());
        Assert.Equal([2.5f], tensors["scalar"].ToArray<float>());
        using var empty = tensors["empty"].ToTensor();
        Assert.Equal([0, 3], empty.shape);

        void AssertValues(string name, double[] expected, double tolerance)
        {
            using var scope = NewDisposeScope();
            var actual = tensors[name].ToTensor().to(ScalarType.Float64).ToArray<double>();
            for (var i = 0; i < expected.Length; i++)
                Assert.Equal(expected[i], actual[i], tolerance);
        }
    }

    public void Dispose() => _folder.Dispose();

    private static void AssertRefused(Action load, string expected)
    {
        var error = Assert.Throws<InvalidDataException>(load);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private static void AssertSame(Module a, Module b)
    {
        var other = b.StateDict().ToDictionary(entry => entry.Name, entry => entry.Tensor);
        Assert.All(
            a.StateDict(),
            entry => Assert.Equal(entry.Tensor.ToArray<float>(), other[entry.Name].ToArray<float>()));
    }

    private static void Rewrite(string path, Func<string, Tensor, Tensor?> change)
    {
        using var scope = NewDisposeScope();
        (string Name, Tensor Tensor)[] tensors;
        using (var file = Checkpoint.Load(path))
            tensors = [.. file.StateDict().Select(entry => (entry.Key, entry.Value.ToTensor()))];
        SafeTensors.Write(path, tensors.Select(t => (t.Name, Tensor: change(t.Name, t.Tensor)))
            .Where(t => t.Tensor is not null).Select(t => (t.Name, t.Tensor!)));
    }

    /// <summary>The tiny UNet in two files a.safetensors and b.safetensors; gives the index.</summary>
    private string Shard()
    {
        Directory.CreateDirectory(_folder["unet"]);
        File.Copy(DiffusionGolden.Tiny("unet", "config.json"), _folder["unet", "config.json"]);
        using var file = Checkpoint.Load(DiffusionGolden.Tiny("unet", Weights));
        var map = new Dictionary<string, string>();
        foreach (var shard in file.StateDict().GroupBy(t => t.Key.Length % 2 == 0 ? "a.safetensors" : "b.safetensors"))
        {
            SafeTensors.Write(_folder["unet", shard.Key], shard.Select(t => (t.Key, t.Value)));
            foreach (var (name, _) in shard)
                map.Add(name, shard.Key);
        }
        var index = _folder["unet", Weights + ".index.json"];
        File.WriteAllText(index, JsonSerializer.Serialize(new { metadata = new { total_size = 1 }, weight_map = map }));
        return index;
    }

    private void CopyTiny() => CopyFolder(DiffusionGolden.Tiny(), _folder["tiny"]);

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var folder in Directory.EnumerateDirectories(from))
            CopyFolder(folder, Path.Combine(to, Path.GetFileName(folder)));
    }
}

using Mdfld.Generation;

namespace Mdfld.Tests.Generation;

public sealed class NetworkConfigTests
{
    [Theory]
    [InlineData("unet")]
    [InlineData("unet-sd2")]
    [InlineData("controlnet")]
    [InlineData("vae")]
    [InlineData("text_encoder")]
    public void Options_survive_being_written(string part)
    {
        var path = DiffusionGolden.Tiny(part, "config.json");
        using var folder = new TemporaryFolder();
        NetworkConfig config = part switch
        {
            "controlnet" => NetworkConfig.Read<ControlNetConfig>(path),
            "vae" => NetworkConfig.Read<AutoencoderKLConfig>(path),
            "text_encoder" => NetworkConfig.Read<TextEncoderConfig>(path),
            _ => NetworkConfig.Read<UNetConfig>(path),
        };
        config.Write(folder["config.json"]);
        var (before, after) = (Entries(path), Entries(folder["config.json"]));
        Assert.All(before, entry => Assert.Equal(entry.Value, after[entry.Key]));
    }

    [Theory]
    [InlineData("""{"class_embed_type": "timestep"}""", "'class_embed_type' is \"timestep\", only null")]
    [InlineData("""{"block_out_channels": [320, 640]}""", "4 'up_block_types' for 2")]
    [InlineData("""{"block_out_channels": [4, 8, 16, 32000], "norm_num_groups": 4}""", "is 32000, expected 1 to 8192")]
    [InlineData("""{"norm_num_groups": 7}""", "do not split into 7")]
    [InlineData("""{"attention_head_dim": [5, 10]}""", "2 'attention_head_dim' for 4")]
    [InlineData("""{"attention_head_dim": 7}""", "do not split into 7 heads")]
    [InlineData("""{"down_block_types": ["A", "B", "C", "D"]}""", "names A")]
    [InlineData("""{"layers_per_block": 1000000000}""", "'layers_per_block' is 1000000000")]
    [InlineData("""{"block_out_channels": null}""", "block_out_channels")]
    [InlineData("""{"_class_name": "AutoencoderKL"}""", "is a AutoencoderKL, expected a UNet2DConditionModel")]
    [InlineData("""{"norm_eps": "small"}""", "norm_eps")]
    [InlineData("[]", "expected the options of a network")]
    public void Options_that_make_no_network_are_refused(string json, string expected)
    {
        var error = Assert.Throws<InvalidDataException>(() => DiffusionGolden.Config<UNetConfig>(json));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("config.json", error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string> Cases =>
        [.. Directory.GetFiles(TestFiles.Case("configs"), "config-*").Select(f => Path.GetFileName(f)!).Order()];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Schedulers_that_once_failed_are_refused_in_one_line(string name)
    {
        var error = Assert.Throws<InvalidDataException>(() => SchedulerConfig.Read(TestFiles.Case("configs", name)));
        Assert.StartsWith(TestFiles.Case("configs", name), error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_network_of_impossible_options_is_not_made() =>
        Assert.Throws<ArgumentException>(() => new UNet(new UNetConfig { LayersPerBlock = 0 }));

    private static Dictionary<string, string> Entries(string path)
    {
        using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllText(path));
        return json.RootElement.EnumerateObject().ToDictionary(entry => entry.Name, entry => Value(entry.Value));

        static string Value(System.Text.Json.JsonElement value) =>
            value.ValueKind == System.Text.Json.JsonValueKind.Number ? value.GetDouble().ToString("r")
            : value.ValueKind == System.Text.Json.JsonValueKind.Array
                ? string.Concat(value.EnumerateArray().Select(Value))
            : value.GetRawText();
    }
}

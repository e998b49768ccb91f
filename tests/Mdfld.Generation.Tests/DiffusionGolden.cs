using System.IO.Compression;
using System.Text.Json;
using Mdfld.Generation;
using Mdfld.Tests.Star;

namespace Mdfld.Tests.Generation;

/// <summary>The golden networks of ../shared/golden/diffusion, and how far from their numbers one may be.</summary>
internal static class DiffusionGolden
{
    public const double Output = 5e-5;
    public const double OutputSd2 = 1e-4;
    public const double Hidden = 1e-4;

    /// <summary>
    /// Two last bits of a frequency of 1 after a thousand steps: processors differ in the last bit of exp.
    /// </summary>
    public const double Angle = 1.2e-4;

    /// <summary>A folder of the tiny model.</summary>
    public static string Tiny(params string[] parts) => TestFiles.Diffusion(["tiny-sd", .. parts]);

    public static void AssertNear(this GoldenTensors golden, double tolerance, string name, Tensor actual)
    {
        Assert.Equal(golden.Shape(name), actual.shape);
        Near.AssertWithin(tolerance, golden.Floats(name), actual.ToArray<float>(), name);
    }

    /// <summary>Tensor names and shapes of a real checkpoint, and its options.</summary>
    public static (JsonElement Config, Dictionary<string, long[]> Shapes) RealCheckpoint(string name)
    {
        using var file = new GZipStream(
            File.OpenRead(TestFiles.Diffusion("sd_state_dict_keys.json.gz")), CompressionMode.Decompress);
        var entry = JsonDocument.Parse(file).RootElement.GetProperty(name);
        var shapes = entry.GetProperty("keys").EnumerateObject().ToDictionary(
            key => key.Name, key => key.Value.EnumerateArray().Select(side => side.GetInt64()).ToArray());
        return (entry.GetProperty("config"), shapes);
    }

    /// <summary>Reads options from JSON as from a file.</summary>
    public static T Config<T>(string json)
        where T : NetworkConfig
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["config.json"], json);
        return NetworkConfig.Read<T>(folder["config.json"]);
    }
}

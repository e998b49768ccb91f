using System.Text.Json;
using Mdfld.Training;

namespace Mdfld.Tests.Star;

/// <summary>The golden networks and what the tests of this folder share.</summary>
internal static class StarGolden
{
    public static Tensor ToTensor(this GoldenTensors golden, string name) => golden.Type(name) switch
    {
        "F32" => Tensor.From<float>(golden.Floats(name), golden.Shape(name)),
        "F64" => Tensor.From<double>(golden.Doubles(name), golden.Shape(name)),
        "I64" => Tensor.From<long>(golden.Longs(name), golden.Shape(name)),
        _ => Tensor.From<byte>(golden.Bytes(name), golden.Shape(name)),
    };

    public static JsonElement Json(string name) =>
        JsonDocument.Parse(File.ReadAllText(TestFiles.Golden(name))).RootElement;

    /// <summary>The network of star_tiny, 204,536 parameters, in training mode.</summary>
    public static StarNetwork TinyNetwork()
    {
        var weights = GoldenTensors.Open("star_tiny.safetensors");
        var network = new StarNetwork(new StarOptions(LandmarkScheme.Ibug68, Channels: 12));
        network.LoadStateDict(name => weights.Has(name) ? weights.ToTensor(name) : null, "star_tiny.safetensors");
        return network;
    }

    /// <summary>The two pictures of star_tiny_io: (2, 3, 256, 256), value / 255 * 2 - 1.</summary>
    public static Tensor TinyInput() =>
        (GoldenTensors.Open("star_tiny_io.safetensors").ToTensor("input_u8").to(ScalarType.Float32) / 255 * 2) - 1;

    /// <summary>The picture of crop.safetensors, 200 x 160.</summary>
    public static Picture CropPicture()
    {
        var bytes = GoldenTensors.Open("crop.safetensors").Bytes("image_hwc_bgr");
        for (var i = 0; i < bytes.Length; i += 3)
            (bytes[i], bytes[i + 2]) = (bytes[i + 2], bytes[i]);
        return new Picture(200, 160, bytes);
    }

    /// <summary>A map as 3 x 3 numbers.</summary>
    public static float[] ToArray(Homography m)
    {
        double[] rows = [m.M11, m.M12, m.M13, m.M21, m.M22, m.M23, m.M31, m.M32, m.M33];
        return Array.ConvertAll(rows, v => (float)v);
    }
}

using System.Text.Json;
using Mdfld.Training;

namespace Mdfld.Tests.Star;

/// <summary>The full-size golden network: weights and pictures from the integer formulas of full_io.json.</summary>
internal static class HashWeights
{
    /// <summary>Fills every tensor by its index in the state dict and checks the recorded samples and sums.</summary>
    public static void Fill(StarNetwork network, JsonElement facts)
    {
        var k = 0;
        foreach (var (name, tensor) in network.StateDict())
        {
            if (!name.StartsWith("e2h_transform.", StringComparison.Ordinal) && tensor.dtype == ScalarType.Float32)
                tensor.Overwrite<float>(Values(name, tensor.shape, k));
            if (facts.GetProperty("parameter_check").TryGetProperty(name, out var check))
            {
                Assert.Equal(check.GetProperty("k").GetInt32(), k);
                var values = tensor.ToArray<float>();
                var first = check.GetProperty("first4").EnumerateArray().Select(v => (float)v.GetDouble());
                Assert.Equal(first, values.Take(4));
                var sum = facts.GetProperty("parameter_sum_check").GetProperty(name).GetDouble();
                Assert.Equal(sum, values.Sum(v => (double)v), 1e-6);
            }

            k++;
        }
    }

    /// <summary>(2, 3, 256, 256), value / 255 * 2 - 1.</summary>
    public static Tensor Input()
    {
        var bytes = new byte[2 * 3 * 256 * 256];
        for (var i = 0; i < bytes.Length; i++)
        {
            var (x, y, c, n) = (i % 256, i / 256 % 256, i / 65536 % 3, i / 65536 / 3);
            var t = (x * (2 + c)) + (y * (5 - c)) + ((x * y) >> 5) + (60 * c) + (97 * n);
            t += (((x >> 3) ^ (y >> 3)) & 15) * 9;
            bytes[i] = (byte)Math.Abs((t % 510) - 255);
        }

        Assert.Equal(49517284, bytes.Sum(b => (long)b));
        return (Tensor.From<byte>(bytes, 2, 3, 256, 256).to(ScalarType.Float32) / 255 * 2) - 1;
    }

    private static float[] Values(string name, long[] shape, int k)
    {
        var (middle, spread, factor) = Rule(name, shape);
        var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)((middle + (Hash((uint)i, (uint)k) * spread)) * factor);
        return values;
    }

    private static (double Middle, double Spread, double Factor) Rule(string name, long[] shape)
    {
        if (shape.Length == 4)
        {
            var attention = name.StartsWith("out_pointmaps.", StringComparison.Ordinal)
                || name.StartsWith("out_edgemaps.", StringComparison.Ordinal);
            return (0, Math.Sqrt(3.0 / (shape[1] * shape[2] * shape[3])), attention ? 1.5 : 1);
        }

        if (name.EndsWith(".running_var", StringComparison.Ordinal))
        {
            var scaled = name.StartsWith("features.", StringComparison.Ordinal) && name.Contains(".1.bn.");
            return (1, 0.5, scaled ? 100 : 1);
        }

        return name.EndsWith(".weight", StringComparison.Ordinal) ? (1, 0.2, 1) : (0, 0.1, 1);
    }

    /// <summary>A number in [-1, 1).</summary>
    private static double Hash(uint i, uint k)
    {
        var h = ((i + 1) * 2654435761u) + ((k + 1) * 2246822519u);
        h ^= h >> 16;
        h *= 0x85ebca6b;
        h ^= h >> 13;
        h *= 0xc2b2ae35;
        h ^= h >> 16;
        return (h / 2147483648.0) - 1;
    }
}

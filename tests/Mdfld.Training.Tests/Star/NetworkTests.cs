using System.Text.Json;
using Mdfld.Training;

namespace Mdfld.Tests.Star;

/// <summary>The network's names, shapes and outputs against golden sections 2 and 3.</summary>
public sealed class NetworkTests
{
    private static readonly GoldenTensors Io = GoldenTensors.Open("star_tiny_io.safetensors");

    [Theory]
    [InlineData(68, "300W")]
    [InlineData(98, "WFLW")]
    [InlineData(29, "COFW")]
    public void StateDictIsThatOfTheOriginal(int points, string name)
    {
        var facts = StarGolden.Json("full_state_dict_keys.json");
        using var network = new StarNetwork(new StarOptions(LandmarkScheme.ForCount(points)));
        var differences = facts.GetProperty("shape_differences");
        var expected = facts.GetProperty("entries_300W").EnumerateArray().Select(entry =>
        {
            var key = entry[0].GetString()!;
            var other = default(JsonElement);
            var differs = differences.TryGetProperty(name, out var shapes) && shapes.TryGetProperty(key, out other);
            return $"{key} {(differs ? other : entry[1]).GetRawText().Replace(" ", "")} {entry[2].GetString()}";
        });

        var actual = network.StateDict().Select(t =>
            $"{t.Name} [{string.Join(",", t.Tensor.shape)}] {(t.Tensor.dtype == ScalarType.Int64 ? "I64" : "F32")}");
        Assert.Equal(expected, actual);
        if (points == 68)
            Assert.Equal(17_069_572, network.ParameterCount());
    }

    [Theory]
    [InlineData(98, new[] { 96, 97 })]
    [InlineData(29, new[] { 16, 17, 28 })]
    [InlineData(68, new int[0])]
    public void PointsOnNoEdgeGetFullAttention(int points, int[] free)
    {
        using var network = new StarNetwork(new StarOptions(LandmarkScheme.ForCount(points), Channels: 4));
        var bias = network.Buffers().Single(b => b.Name == "e2h_transform.bias").Tensor.ToArray<float>();
        Assert.Equal(free, Enumerable.Range(0, points).Where(i => bias[i] == 1));
        Assert.All(bias, b => Assert.True(b is 0 or 1));
        Assert.DoesNotContain("e2h_transform.weight", network.Parameters().Select(p => p.Name));
    }

    [Fact]
    public void TinyNetworkSaysWhatTheOriginalSays()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var network = StarGolden.TinyNetwork();
        network.Eval();
        var outputs = network.Forward(StarGolden.TinyInput());

        Assert.Equal(4, outputs.Count);
        for (var i = 0; i < outputs.Count; i++)
        {
            Near.AssertWithin(
                1e-4, Io.Floats($"landmarks.{i}"), outputs[i].Landmarks.ToArray<float>(), $"landmarks {i}");
            AssertMaps($"pointmaps.{i}", outputs[i].PointMaps);
            AssertMaps($"edgemaps.{i}", outputs[i].EdgeMaps);
            AssertMaps($"fusion.{i}", outputs[i].FusedMaps);
            var largest = outputs[i].FusedMaps.amax([2, 3]).ToArray<float>();
            Near.AssertWithin(1e-4, Io.Floats($"fusion.{i}.max"), largest, $"fusion maximum {i}");
        }

        var last = outputs[^1];
        Near.AssertWithin(1e-4, Io.Floats("final_landmarks"), last.Landmarks.ToArray<float>(), "final landmarks");
        AssertFirstImage("edgemaps.3.image0", last.EdgeMaps);
        AssertFirstImage("pointmaps.3.image0.first16", last.PointMaps);
        AssertFirstImage("fusion.3.image0.first16", last.FusedMaps);
    }

    [Fact]
    public void FullNetworkSaysWhatTheOriginalSays()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var golden = GoldenTensors.Open("full_io.safetensors");
        using var network = new StarNetwork(new StarOptions(LandmarkScheme.Ibug68));
        HashWeights.Fill(network, StarGolden.Json("full_io.json"));
        network.Eval();
        var outputs = network.Forward(HashWeights.Input());

        for (var i = 0; i < outputs.Count; i++)
        {
            Near.AssertWithin(
                1e-4, golden.Floats($"landmarks.{i}"), outputs[i].Landmarks.ToArray<float>(), $"landmarks {i}");
            Near.AssertWithin(
                1e-4, golden.Floats($"pointmaps.{i}.grid"), Grid(outputs[i].PointMaps, 16), $"point maps {i}");
            Near.AssertWithin(
                1e-4, golden.Floats($"edgemaps.{i}.grid"), Grid(outputs[i].EdgeMaps, 16), $"edge maps {i}");
            Near.AssertWithin(
                1e-4, golden.Floats($"fusion.{i}.grid"), Grid(outputs[i].FusedMaps, 16), $"fused maps {i}");
        }

        Near.AssertWithin(
            1e-4, golden.Floats("final_landmarks"), outputs[^1].Landmarks.ToArray<float>(), "final landmarks");
    }

    [Fact]
    public void ABatchIsItsPicturesOneByOne()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var network = StarGolden.TinyNetwork();
        network.Eval();
        var alone = network.Forward(StarGolden.TinyInput().slice(0, 1, 2, 1))[^1].Landmarks.ToArray<float>();
        Near.AssertWithin(1e-4, Io.Floats("final_landmarks").AsSpan(68 * 2), alone, "second picture");
    }

    private static void AssertMaps(string name, Tensor maps)
    {
        Near.AssertWithin(1e-4, Io.Floats($"{name}.grid"), Grid(maps, 8), name);
        var sums = maps.to(ScalarType.Float64).sum([2, 3]).ToArray<double>();
        var expected = Io.Doubles($"{name}.sum");
        Assert.Equal(expected.Length, sums.Length);
        Assert.All(expected.Zip(sums), pair => Assert.Equal(pair.First, pair.Second, 1e-2));
    }

    private static void AssertFirstImage(string name, Tensor maps)
    {
        var expected = Io.Floats(name);
        Near.AssertWithin(1e-4, expected, maps.select(0, 0).ToArray<float>().AsSpan(0, expected.Length), name);
    }

    /// <summary>Every <paramref name="step"/>-th value from 4 on, both ways.</summary>
    private static float[] Grid(Tensor maps, int step) =>
        maps.slice(2, 4, 64, step).slice(3, 4, 64, step).ToArray<float>();
}

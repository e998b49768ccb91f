using System.Numerics;
using System.Runtime.InteropServices;
using Mdfld.Training.Weights;

namespace Mdfld.Tests.Checkpoints;

/// <summary>The reference's own checkpoints, bit for bit.</summary>
public class GoldenCheckpointTests
{
    [Theory]
    [InlineData("star_tiny.pkl")]
    [InlineData("star_tiny_legacy.pkl")]
    public void StarNetworkIsReadExactly(string file)
    {
        var golden = GoldenTensors.Open("star_tiny.safetensors");
        using var checkpoint = Checkpoint.Load(TestFiles.Golden(file));
        var net = checkpoint.StateDict("net");
        Assert.Equal(1450, net.Count);
        Assert.Equal(golden.Names, net.Keys);
        foreach (var (name, tensor) in net)
            AssertEqual(golden, name, tensor);
    }

    [Fact]
    public void SafeTensorsAreReadExactly()
    {
        var golden = GoldenTensors.Open("star_tiny.safetensors");
        using var checkpoint = Checkpoint.Load(TestFiles.Golden("star_tiny.safetensors"));
        var net = checkpoint.StateDict();
        Assert.Equal(golden.Names, net.Keys);
        foreach (var (name, tensor) in net)
            AssertEqual(golden, name, tensor);
    }

    [Fact]
    public void StarDictionaryIsReadWhole()
    {
        using var checkpoint = Checkpoint.Load(TestFiles.Golden("star_tiny.pkl"));
        var root = Assert.IsType<CheckpointDictionary>(checkpoint.Root);
        Assert.Equal(["net", "optimizer", "scheduler", "epoch", "net_ema"], root.Keys.Cast<string>());
        Assert.Equal(17L, root["epoch"]);

        var net = checkpoint.StateDict("net");
        var ema = checkpoint.StateDict("net_ema");
        Assert.Equal(net.Keys, ema.Keys);
        var (weight, averaged) = (net.Values.First().ToArray<float>(), ema.Values.First().ToArray<float>());
        Assert.NotEqual(weight, averaged);
        Assert.All(
            weight.Zip(averaged),
            pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 0.031f * Math.Abs(pair.First)));

        var netDictionary = Assert.IsType<CheckpointDictionary>(root["net"]);
        Assert.True(netDictionary.Attributes!.ContainsKey("_metadata"));
        var optimizer = Assert.IsType<CheckpointDictionary>(root["optimizer"]);
        var state = Assert.IsType<CheckpointDictionary>(optimizer["state"]);
        Assert.Equal(18, state.Count);
        Assert.All(state.Keys, key => Assert.IsType<long>(key));
        var scheduler = Assert.IsType<CheckpointDictionary>(root["scheduler"]);
        Assert.All(Assert.IsType<CheckpointDictionary>(scheduler["milestones"]), pair => Assert.Equal(1L, pair.Value));
    }

    [Fact]
    public void LegacyFileWithoutEmaSaysWhatItHas()
    {
        using var checkpoint = Checkpoint.Load(TestFiles.Golden("star_tiny_legacy.pkl"));
        Assert.True(checkpoint.HasStateDict("net"));
        Assert.False(checkpoint.HasStateDict("net_ema"));
        var refusal = Assert.Throws<InvalidDataException>(() => checkpoint.StateDict("net_ema"));
        Assert.Contains("[net, optimizer, scheduler, epoch]", refusal.Message);
        Assert.Contains("star_tiny_legacy.pkl", refusal.Message);
    }

    [Theory]
    [InlineData("pickle_zoo.pkl")]
    [InlineData("pickle_zoo_legacy.pkl")]
    public void ZooOfTensorsIsReadExactly(string file)
    {
        var golden = GoldenTensors.Open("pickle_zoo.safetensors");
        using var checkpoint = Checkpoint.Load(TestFiles.Golden(file));
        var net = checkpoint.StateDict("net");
        Assert.Equal(golden.Names, net.Keys);
        foreach (var (name, tensor) in net)
            AssertEqual(golden, name, tensor);
        Assert.Equal(ScalarType.Float16, net["half"].Type);
        Assert.Equal(ScalarType.BFloat16, net["bfloat16"].Type);
        Assert.Equal(ScalarType.Bool, net["bool"].Type);
        Assert.Equal(ScalarType.Int32, net["int32"].Type);
    }

    [Theory]
    [InlineData("pickle_zoo.pkl")]
    [InlineData("pickle_zoo_legacy.pkl")]
    public void ZooOfPlainValuesIsReadExactly(string file)
    {
        using var checkpoint = Checkpoint.Load(TestFiles.Golden(file));
        var root = Assert.IsType<CheckpointDictionary>(checkpoint.Root);
        Assert.Null(root["net_ema"]);
        Assert.Equal(3L, root["epoch"]);
        Assert.Equal(0.001, root["lr"]);
        Assert.Equal(true, root["flag"]);
        Assert.Equal(-5L, root["neg"]);
        Assert.Equal(1L << 40, root["big"]);
        Assert.Equal(BigInteger.One << 70, root["huge"]);
        Assert.Equal("café", root["name"]);
        Assert.Equal(new byte[] { 0, 255 }, root["raw"]);
        var tuple = Assert.IsType<object?[]>(root["tuple"]);
        Assert.Equal(1L, tuple[0]);
        Assert.Equal([2L, 3L], Assert.IsType<object?[]>(tuple[1]));
        Assert.Empty(Assert.IsType<object?[]>(tuple[2]));
        Assert.Equal([1.5, null, "a"], Assert.IsType<List<object?>>(root["list"]));
        var milestones = Assert.IsType<CheckpointDictionary>(root["milestones"]);
        Assert.Equal([200L, 350L, 450L], milestones.Keys.Cast<long>());
        Assert.Equal([0.9, 0.999], Assert.IsType<object?[]>(root["betas"]));
        Assert.Equal(0.125, root["numpy_scalar"]);
        Assert.Equal([3L], Assert.IsType<HashSet<object>>(root["set"]));
    }

    private static void AssertEqual(GoldenTensors golden, string name, RawTensor tensor)
    {
        Assert.Equal(golden.Shape(name), tensor.Shape.ToArray());
        var same = golden.Type(name) switch
        {
            "F32" => SameBits<float>(golden.Floats(name), Widened(tensor)),
            "F64" => SameBits<double>(golden.Doubles(name), tensor.ToArray<double>()),
            "I64" => SameBits<long>(golden.Longs(name), Integers(tensor)),
            _ => SameBits<byte>(golden.Bytes(name), tensor.ToArray<byte>()),
        };
        Assert.True(same, $"{name} differs");
    }

    private static bool SameBits<T>(ReadOnlySpan<T> expected, ReadOnlySpan<T> actual)
        where T : unmanaged => MemoryMarshal.AsBytes(expected).SequenceEqual(MemoryMarshal.AsBytes(actual));

    private static float[] Widened(RawTensor tensor) => tensor.Type switch
    {
        ScalarType.Float16 => Array.ConvertAll(tensor.ToArray<Half>(), value => (float)value),
        ScalarType.BFloat16 => Array.ConvertAll(
            tensor.ToArray<ushort>(), bits => BitConverter.UInt32BitsToSingle((uint)bits << 16)),
        _ => tensor.ToArray<float>(),
    };

    private static long[] Integers(RawTensor tensor) => tensor.Type switch
    {
        ScalarType.Int32 => Array.ConvertAll(tensor.ToArray<int>(), value => (long)value),
        ScalarType.Bool => Array.ConvertAll(tensor.ToArray<bool>(), value => value ? 1L : 0),
        _ => tensor.ToArray<long>(),
    };
}

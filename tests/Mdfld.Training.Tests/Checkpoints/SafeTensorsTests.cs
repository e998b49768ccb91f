using Mdfld.Training.Weights;

namespace Mdfld.Tests.Checkpoints;

public sealed class SafeTensorsTests : IDisposable
{
    private static readonly ScalarType[] Types =
    [
        ScalarType.Byte, ScalarType.Int8, ScalarType.Int16, ScalarType.Int32, ScalarType.Int64, ScalarType.Float16,
        ScalarType.Float32, ScalarType.Float64, ScalarType.Bool, ScalarType.BFloat16,
    ];

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void WhatIsWrittenIsReadBack()
    {
        var random = new Random(3);
        var tensors = Types.Select(type => ($"net.{type}", Random(type, random, 2, 3, 5)))
            .Append(("net.scalar", Random(ScalarType.Int64, random)))
            .Append(("net.empty", Random(ScalarType.Float32, random, 0, 3)))
            .Append(("ema.\"ü\\", Random(ScalarType.Float32, random, 7)))
            .ToArray();
        var metadata = new Dictionary<string, string> { ["step"] = "17", ["recipe"] = "crop: 128\n# \"ü\" " };
        SafeTensors.Write(_folder["a.safetensors"], tensors, metadata);

        using var checkpoint = Checkpoint.Load(_folder["a.safetensors"]);
        Assert.Equal(metadata, checkpoint.Metadata);
        Assert.Equal(tensors.Select(entry => entry.Item1), checkpoint.StateDict().Keys);
        foreach (var (name, expected) in tensors)
            AssertEqual(expected, checkpoint.StateDict()[name]);
        Assert.Equal(tensors[..^1].Select(entry => entry.Item1[4..]), checkpoint.StateDict("net").Keys);
        Assert.Equal("\"ü\\", Assert.Single(checkpoint.StateDict("ema").Keys));
        Assert.False(checkpoint.HasStateDict("optimizer"));
    }

    [Fact]
    public void SameTensorsGiveSameBytesInAlignedPlaces()
    {
        var random = new Random(4);
        (string, RawTensor)[] tensors = [
            ("flag", Random(ScalarType.Bool, random, 3)), ("half", Random(ScalarType.Float16, random, 3)),
            ("step", Random(ScalarType.Int64, random))];
        Dictionary<string, string> one = new() { ["a"] = "1", ["b"] = "2" }, other = new() { ["b"] = "2", ["a"] = "1" };
        SafeTensors.Write(_folder["1"], tensors, one);
        SafeTensors.Write(_folder["2"], tensors, other);
        var bytes = File.ReadAllBytes(_folder["1"]);
        Assert.Equal(bytes, File.ReadAllBytes(_folder["2"]));
        Assert.Equal(0, BitConverter.ToInt64(bytes) % 8);
        var header = System.Text.Encoding.UTF8.GetString(bytes.AsSpan(8, (int)BitConverter.ToInt64(bytes)));
        Assert.Contains("""
            "flag":{"dtype":"BOOL","shape":[3],"data_offsets":[14,17]},"half":{"dtype":"F16","shape":[3],"data_offsets":[8,14]},"step":{"dtype":"I64","shape":[],"data_offsets":[0,8]}
            """, header);
    }

    [Fact]
    public void StridedTensorsAreWrittenInOrder()
    {
        using var zoo = Checkpoint.Load(TestFiles.Golden("pickle_zoo.pkl"));
        SafeTensors.Write(_folder["zoo"], zoo.StateDict("net").Select(entry => (entry.Key, entry.Value)));
        using var copy = Checkpoint.Load(_folder["zoo"]);
        foreach (var (name, tensor) in zoo.StateDict("net"))
            AssertEqual(tensor, copy.StateDict()[name]);
    }

    [Fact]
    public void FailureLeavesTheOldFile()
    {
        var path = _folder["a"];
        SafeTensors.Write(path, [("a", Random(ScalarType.Int8, new Random(5), 3))]);
        var before = File.ReadAllBytes(path);
        var zoo = Checkpoint.Load(TestFiles.Golden("pickle_zoo.pkl"));
        var tensors = zoo.StateDict("net").Select(entry => (entry.Key, entry.Value)).ToArray();
        zoo.Dispose();
        Assert.Throws<ObjectDisposedException>(() => SafeTensors.Write(path, tensors));
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void NamesMustBeUnique()
    {
        var tensor = Random(ScalarType.Int8, new Random(6), 3);
        Assert.Throws<ArgumentException>(() => SafeTensors.Write(_folder["a"], [("a", tensor), ("a", tensor)]));
        Assert.Throws<ArgumentException>(() => SafeTensors.Write(_folder["a"], [("__metadata__", tensor)]));
        Assert.Throws<ArgumentException>(() => new RawTensor(ScalarType.Float32, [3], new byte[11]));
        Assert.Throws<ArgumentException>(() => tensor.CopyTo(new byte[2]));
        Assert.Throws<InvalidOperationException>(() => tensor.ToArray<float>());
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void ModulesAreSavedAndLoaded()
    {
        using var scope = NewDisposeScope();
        using var saved = new Toy(randn([4, 3]));
        using var loaded = new Toy(zeros([4, 3]));
        SafeTensors.Write(_folder["toy"], saved.StateDict().Select(entry => ("net." + entry.Name, entry.Tensor)));
        using var checkpoint = Checkpoint.Load(_folder["toy"]);
        loaded.LoadStateDict(checkpoint, "net");
        Assert.Equal(saved.Weight.ToArray<float>(), loaded.Weight.ToArray<float>());
        Assert.True(loaded.Weight.requires_grad);

        using var other = new Toy(zeros([3, 4]));
        Assert.Contains(
            "[4, 3]", Assert.Throws<InvalidDataException>(() => other.LoadStateDict(checkpoint, "net")).Message);
        using var zoo = Checkpoint.Load(TestFiles.Golden("pickle_zoo.pkl"));
        Assert.Contains("'float'", Assert.Throws<InvalidDataException>(() => other.LoadStateDict(zoo, "net")).Message);
        var missing = Assert.Throws<InvalidDataException>(() => other.LoadStateDict(zoo, "net", strict: false));
        Assert.Contains("'weight'", missing.Message);
    }

    [Theory]
    [InlineData("pickle_zoo.pkl")]
    [InlineData("pickle_zoo_legacy.pkl")]
    public void EveryElementTypeReachesLibtorch(string file)
    {
        using var scope = NewDisposeScope();
        using var zoo = Checkpoint.Load(TestFiles.Golden(file));
        foreach (var raw in zoo.StateDict("net").Values)
        {
            var tensor = raw.ToTensor();
            Assert.Equal(raw.Type, tensor.dtype);
            AssertEqual(raw, tensor.ToRaw());
        }
        var weight = zoo.StateDict("net")["float"].ToTensor();
        AssertEqual(zoo.StateDict("net")["transposed_view"], weight.permute(1, 0).ToRaw());
    }

    public void Dispose() => _folder.Dispose();

    private static RawTensor Random(ScalarType type, Random random, params long[] shape)
    {
        var bytes = new byte[shape.Aggregate(1L, (a, b) => a * b) * type.ByteSize];
        random.NextBytes(bytes);
        return new(type, shape, bytes);
    }

    private static void AssertEqual(RawTensor expected, RawTensor actual)
    {
        Assert.Equal(expected.ToString(), actual.ToString());
        Assert.Equal(Bytes(expected), Bytes(actual));
    }

    private static byte[] Bytes(RawTensor tensor)
    {
        var bytes = new byte[tensor.ByteCount];
        tensor.CopyTo(bytes);
        return bytes;
    }

    private sealed class Toy : Module
    {
        public Toy(Tensor weight) => AddParameter("weight", weight);

        public Tensor Weight => this["weight"];
    }
}

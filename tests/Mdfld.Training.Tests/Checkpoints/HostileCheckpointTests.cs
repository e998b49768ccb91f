using System.IO.Compression;
using System.Text;
using Mdfld.Training.Weights;
using static Mdfld.Tests.Checkpoints.TorchFiles;

namespace Mdfld.Tests.Checkpoints;

/// <summary>
/// Files made to harm: each is refused with a reason, and none makes the reader allocate what it claims.
/// </summary>
public sealed class HostileCheckpointTests : IDisposable
{
    private static readonly byte[] Storage = new byte[24];

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("os", "system")]
    [InlineData("posix", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("__builtin__", "getattr")]
    [InlineData("subprocess", "Popen")]
    [InlineData("torch", "load")]
    [InlineData("torch.storage", "_load_from_bytes")]
    [InlineData("torch.nn.modules.linear", "Linear")]
    [InlineData("torch", "ComplexFloatStorage")]
    [InlineData("numpy.core.multiarray", "_reconstruct")]
    [InlineData("collections", "defaultdict")]
    public void ForbiddenGlobalIsRefusedByName(string module, string name)
    {
        var call = Tuple(Text("touch /tmp/owned"));
        Refused($"'{module}.{name}'", Zip(Pickle($"c{module}\n{name}\n", call, "R")));
        Refused($"'{module}.{name}'", Zip(Pickle(Text(module), Text(name), 0x93, call, "R")));
        Refused($"'{module}.{name}'", Legacy(Pickle($"c{module}\n{name}\n", call, "R"), Pickle("]")));
    }

    [Fact]
    public void WhatIsNoPlainValueIsRefused()
    {
        Refused("it calls None", Zip(Pickle("N", ")", "R")));
        Refused("it calls torch.FloatStorage", Zip(Pickle("ctorch\nFloatStorage\n", ")", "R")));
        Refused("where a value should be", Zip(Pickle("ctorch\nFloatStorage\n")));
        Refused("does not apply to a list", Zip(Pickle("]", "}", "b")));
        Refused("a tuple as a key", Zip(Pickle("}", ")", "N", "s")));
        Refused("does not occur in checkpoints", Zip(Pickle("I1\n")));
        Refused("not to a storage", Zip(Pickle(Tuple(Text("module")), "Q")));
        Refused("a mark is missing", Zip(Pickle("]", "N", "e")));
        Refused("finds 0", Zip(Pickle("N", "(", "a", "t")));
        Refused("never stored", Zip(Pickle("h", 7)));
        Refused("not valid UTF-8", Zip(Pickle("X", Number(1, 4), 0xff)));
        Refused("protocol 9", Zip([0x80, 9, (byte)'N', (byte)'.']));
    }

    [Fact]
    public void NestingIsBounded()
    {
        Refused("nested deeper", Zip(Pickle(")", new string((char)0x85, 100_000))));
        Refused("nested deeper", Zip(Pickle(new string(']', 100_000), new string('a', 99_999))));
        Refused("nested deeper", Zip(Pickle("]", "q", 0, "h", 0, "a")));
        Refused("nested deeper", Zip(Pickle("}", "q", 0, Text("self"), "h", 0, "s")));
        Refused("nested deeper", Zip(Pickle("}", "q", 0, "h", 0, "b")));
        using var fine = Load(Zip(Pickle(")", new string((char)0x85, 60))));
        Assert.IsType<object?[]>(fine.Root);
    }

    [Fact]
    public void AbsurdLengthsAllocateNothing()
    {
        foreach (var opcode in (byte[])[0x8d, 0x8e, 0x96])
        {
            Refused("should follow", Zip(Pickle(opcode, Number(ulong.MaxValue, 8))));
            Refused("should follow", Zip(Pickle(opcode, Number(1UL << 40, 8))));
        }
        Refused("should follow", Zip(Pickle("X", Number(uint.MaxValue, 4))));
        Refused("should follow", Zip(Pickle("B", Number(int.MaxValue, 4))));
        Refused("an integer of", Zip(Pickle(0x8b, Number(uint.MaxValue, 4))));
        Refused("an integer of", Zip(Pickle(0x8b, Number(int.MaxValue, 4))));
        using var farMemo = Load(Zip(Pickle("N", "r", Number(uint.MaxValue, 4))));
        Assert.Null(farMemo.Root);
    }

    [Fact]
    public void CopiesOfLargeValuesAreBounded()
    {
        var copies = string.Concat(Enumerable.Repeat("c__builtin__\nset\nh\0\u0085R0", 1000));
        var list = string.Concat(Enumerable.Range(0, 30_000).Select(i => $"M{(char)(i & 255)}{(char)(i >> 8)}"));
        Refused("copies more values", Zip(Pickle("]", "q", 0, "(", list, "e", copies)));
        var bytes = string.Concat(Enumerable.Repeat("c_codecs\nencode\nh\0h\u0001\u0086R0", 1000));
        Refused(
            "copies more values", Zip(Pickle(Text("latin1"), "q", 1, Text(new string('x', 100_000)), "q", 0, bytes)));
    }

    [Fact]
    public void TensorsStayWithinTheirStorage()
    {
        using (var fine = Load(WithTensor(Tensor([3, 2], [1, 3]))))
            Assert.Equal(new float[6], fine.StateDict()["w"].ToArray<float>());
        const string outside = "does not lie within its storage";
        Refused(outside, WithTensor(Tensor([7], [1])));
        Refused(outside, WithTensor(Tensor([6], [1], offset: 1)));
        Refused(outside, WithTensor(Tensor([2], [6])));
        Refused(outside, WithTensor(Tensor([2], [1], offset: -1)));
        Refused(outside, WithTensor(Tensor([2], [-1], offset: 3)));
        Refused(outside, WithTensor(Tensor([-1], [1])));
        Refused(outside, WithTensor(Tensor([1L << 40], [0])));
        Refused(outside, WithTensor(Tensor([1L << 32, 1L << 32], [0, 0])));
        Refused(outside, WithTensor(Tensor([2, 2], [long.MaxValue, long.MaxValue])));
        Refused(outside, WithTensor(Tensor([2], [1, 1])));
        Refused(outside, WithTensor(Tensor([.. Enumerable.Repeat(1L, 65)], [.. Enumerable.Repeat(1L, 65)])));
        Refused("cannot be", WithTensor(Tensor([1], [1], count: 1L << 60)));
        Refused("cannot be", WithTensor(Tensor([1], [1], count: -1)));
        Refused("'m/data/9' is missing", WithTensor(Tensor([6], [1], key: "9")));
        Refused("has 24 bytes, 20 are needed", WithTensor(Tensor([5], [1], count: 5)));
        Refused(
            "in another",
            WithTensor([.. Tensor([6], [1]), (byte)'0', .. Tensor([3], [1], count: 3, type: "torch\nDoubleStorage")]));
    }

    [Fact]
    public void LegacyStoragesAreHeldAgainstTheFile()
    {
        var pickle = Pickle("}", Text("w"), Tensor([6], [1]), "s");
        var keys = Pickle("]", Text("0"), "a");
        using (var fine = Load(Legacy(pickle, keys, [.. Number(6, 8), .. Storage])))
            Assert.Equal(6, fine.StateDict()["w"].Count);
        Refused("cut short", Legacy(pickle, keys, [.. Number(6, 8), .. Storage[1..]]));
        Refused("cut short", Legacy(pickle, keys, [.. Number(ulong.MaxValue, 8), .. Storage]));
        Refused("is missing", Legacy(pickle, Pickle("]"), [.. Number(6, 8), .. Storage]));
        Refused(
            "twice or without need",
            Legacy(pickle, Pickle("]", Text("0"), "a", Text("0"), "a"), [.. Number(6, 8), .. Storage]));
        Refused("list of storages is missing", Legacy(pickle, Pickle("N")));
    }

    [Fact]
    public void ZipFilesAreReadOnlyAsTorchWritesThem()
    {
        var pickle = Pickle("}");
        Refused(
            "compressed",
            ZipOf(CompressionLevel.Optimal, ("m/data.pkl", pickle), ("m/data/0", new byte[10_000_000])));
        Refused("occurs twice", ZipOf(CompressionLevel.NoCompression, ("m/data.pkl", pickle), ("m/data.pkl", pickle)));
        Refused("this one has several", Zip(pickle, ("n/data.pkl", pickle)));
        Refused("this one has none", ZipOf(CompressionLevel.NoCompression, ("readme", pickle)));
        Refused("TorchScript", Zip(pickle, ("m/constants.pkl", pickle), ("m/code/__torch__.py", pickle)));
        Refused("big-endian", Zip(pickle, ("m/byteorder", "big"u8.ToArray())));
        Refused("zip directory is missing", Zip(pickle)[..^22]);
    }

    [Fact]
    public void ZipLengthsAreHeldAgainstTheFile()
    {
        var whole = Zip(Pickle("}"), ("m/data/0", Storage));
        var entry = whole.AsSpan().IndexOf("PK\x1\x2"u8);
        var end = whole.AsSpan().LastIndexOf("PK\x5\x6"u8);
        foreach (var place in (int[])[entry + 20, entry + 24, entry + 42, end + 12, end + 16])
        {
            foreach (var value in (ulong[])[0x7fffffff, 0xfffffffe, 0xffffffff])
            {
                var broken = whole.ToArray();
                Number(value, 4).CopyTo(broken, place);
                Refused("", broken);
            }
        }
        // Both entries claim nearly the whole file: together more than there is.
        var overlapping = whole.ToArray();
        var second = whole.AsSpan().LastIndexOf("PK\x1\x2"u8);
        foreach (var place in (int[])[entry + 20, entry + 24, second + 20, second + 24])
            Number((ulong)whole.Length - 60, 4).CopyTo(overlapping, place);
        Refused("overlap", overlapping);
    }

    [Fact]
    public void ZipLengthsOf64BitsAreRead()
    {
        var whole = Zip64("m/data.pkl", Pickle(Text("all is well")));
        using (var fine = Load(whole))
            Assert.Equal("all is well", fine.Root);
        // The same bytes are what System.IO.Compression calls a zip file.
        using (var zip = new ZipArchive(new MemoryStream(whole)))
            Assert.Equal("m/data.pkl", Assert.Single(zip.Entries).FullName);
        var entry = whole.AsSpan().IndexOf("PK\x1\x2"u8);
        foreach (var place in (int[])[
            entry + 66, entry + 74, entry + 82, whole.Length - 34, whole.Length - 58, whole.Length - 50])
        {
            foreach (var value in (ulong[])[ulong.MaxValue, long.MaxValue, 1UL << 40])
            {
                var broken = whole.ToArray();
                Number(value, 8).CopyTo(broken, place);
                Refused("", broken);
            }
        }
    }

    [Theory]
    [InlineData("does not fit", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4)]
    [InlineData("does not fit", """{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4)]
    [InlineData("does not fit", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4)]
    [InlineData("does not fit", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}""", 4)]
    [InlineData("does not fit", """{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0)]
    [InlineData(
        "does not fit",
        """{"a":{"dtype":"F32","shape":[9223372036854775807],"data_offsets":[0,9223372036854775804]}}""",
        4)]
    [InlineData(
        "the file holds 4",
        """{"a":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4000000000000]}}""",
        4)]
    [InlineData(
        "the one before ends",
        """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}""",
        6)]
    [InlineData(
        "the one before ends",
        """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[4,6]}}""",
        6)]
    [InlineData("the file holds 9", """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 9)]
    [InlineData("'C64'", """{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}""", 8)]
    [InlineData("lacks", """{"a":{"dtype":"U8","shape":[1]}}""", 1)]
    [InlineData("broken", """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,99999999999999999999]}}""", 1)]
    [InlineData("broken", """{"a":{"dtype":"U8","shape":"x","data_offsets":[0,1]}}""", 1)]
    [InlineData("broken", """{"a":1}""", 1)]
    [InlineData("broken", """{"__metadata__":{"a":1}}""", 0)]
    [InlineData(
        "broken",
        """{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""",
        0)]
    [InlineData("broken", """{"a":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}""", 0)]
    [InlineData("broken", """{"a":""", 0)]
    public void SafeTensorsRulesAreHeld(string reason, string header, int dataBytes) =>
        Refused(reason, SafeTensors(header, dataBytes));

    [Fact]
    public void OtherFilesAreNamedForWhatTheyAre()
    {
        Refused("found an empty file", []);
        Refused("expected safetensors or torch.save's formats, found a file that begins with 'GIF89a", "GIF89a......"u8.ToArray());
        Refused("git lfs pull", Encoding.ASCII.GetBytes("version https://git-lfs.github.com/spec/v1\n"));
        Refused("web page", Encoding.ASCII.GetBytes("<!DOCTYPE html>"));
        Refused("a pickle that torch.save has not written", Pickle("}"));
        Refused("found a file that begins", [.. Number(ulong.MaxValue, 8), .. "{\"a\":1}"u8]);
        Refused("found a file that begins", [.. Number(1 << 30, 8), .. "{\"a\":1}"u8]);
    }

    public void Dispose() => _folder.Dispose();

    private static byte[] WithTensor(byte[] tensor) => Zip(Pickle("}", Text("w"), tensor, "s"), ("m/data/0", Storage));

    private Checkpoint Load(byte[] bytes)
    {
        var path = _folder["hostile.bin"];
        File.WriteAllBytes(path, bytes);
        return Checkpoint.Load(path);
    }

    private void Refused(string reason, byte[] bytes)
    {
        var path = _folder["hostile.bin"];
        File.WriteAllBytes(path, bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var refusal = Assert.Throws<InvalidDataException>(() => Checkpoint.Load(path).Dispose());
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Contains(reason, refusal.Message);
        Assert.StartsWith(path, refusal.Message);
        Assert.InRange(allocated, 0, 1_000_000 + (200L * bytes.Length));
    }
}

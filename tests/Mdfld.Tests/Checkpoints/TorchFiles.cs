using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Mdfld.Tests.Checkpoints;

/// <summary>Puts pickles and torch files together byte by byte, as an attacker would.</summary>
internal static class TorchFiles
{
    /// <summary>A pickle of protocol 2: numbers are bytes, texts are ASCII.</summary>
    public static byte[] Pickle(params object[] parts) =>
        [0x80, 2, .. parts.SelectMany(part => part is string text ? Encoding.Latin1.GetBytes(text) : Part(part)), (byte)'.'];

    /// <summary>A length of 1, 2, 4 or 8 bytes, little-endian.</summary>
    public static byte[] Number(ulong value, int bytes)
    {
        var all = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(all, value);
        return all[..bytes];
    }

    /// <summary>The opcodes of a text.</summary>
    public static byte[] Text(string text) =>
        [(byte)'X', .. Number((ulong)Encoding.UTF8.GetByteCount(text), 4), .. Encoding.UTF8.GetBytes(text)];

    /// <summary>The opcodes of an integer of 64 bits.</summary>
    public static byte[] Integer(long value) => [0x8a, 8, .. Number((ulong)value, 8)];

    /// <summary>The opcodes of a tuple.</summary>
    public static byte[] Tuple(params byte[][] items) => [(byte)'(', .. items.SelectMany(item => item), (byte)'t'];

    /// <summary>The opcodes of a tensor.</summary>
    public static byte[] Tensor(
        long[] size, long[] stride, long offset = 0, long count = 6, string key = "0", string type = "torch\nFloatStorage") =>
        [
            .. "ctorch._utils\n_rebuild_tensor_v2\n("u8,
            .. Tuple(Text("storage"), Encoding.ASCII.GetBytes($"c{type}\n"), Text(key), Text("cuda:7"), Integer(count)),
            (byte)'Q',
            .. Integer(offset),
            .. Tuple([.. size.Select(Integer)]),
            .. Tuple([.. stride.Select(Integer)]),
            0x89,
            .. "ccollections\nOrderedDict\n)RtR"u8,
        ];

    /// <summary>A zip file as torch writes it, by another zip library than the reader's.</summary>
    public static byte[] Zip(byte[] pickle, params (string Name, byte[] Bytes)[] entries) =>
        ZipOf(CompressionLevel.NoCompression, [("m/data.pkl", pickle), .. entries]);

    public static byte[] ZipOf(CompressionLevel level, params (string Name, byte[] Bytes)[] entries)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create))
        {
            foreach (var (name, bytes) in entries)
            {
                using var entry = zip.CreateEntry(name, level).Open();
                entry.Write(bytes);
            }
        }
        return stream.ToArray();
    }

    /// <summary>A file before torch 1.6.</summary>
    public static byte[] Legacy(byte[] pickle, byte[] keys, params byte[] storages) =>
    [
        .. Pickle(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19),
        .. Pickle('M', 0xe9, 3),
        .. Pickle("}"),
        .. pickle,
        .. keys,
        .. storages,
    ];

    /// <summary>A safetensors file with this header.</summary>
    public static byte[] SafeTensors(string header, int dataBytes) =>
        [.. Number((ulong)Encoding.UTF8.GetByteCount(header), 8), .. Encoding.UTF8.GetBytes(header), .. new byte[dataBytes]];

    private static byte[] Part(object part) => part as byte[] ?? [Convert.ToByte(part)];
}

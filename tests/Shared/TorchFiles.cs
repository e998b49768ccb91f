using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Mdfld.Tests.Checkpoints;

/// <summary>Puts pickles and torch files together byte by byte, as an attacker would.</summary>
internal static class TorchFiles
{
    /// <summary>A pickle of protocol 2: numbers are bytes, texts are ASCII.</summary>
    public static byte[] Pickle(params object[] parts) => [
        0x80, 2, .. parts.SelectMany(part => part is string text ? Encoding.Latin1.GetBytes(text) : Part(part)),
        (byte)'.'];

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
        long[] size, long[] stride, long offset = 0, long count = 6, string key = "0",
        string type = "torch\nFloatStorage") =>
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

    /// <summary>
    /// A zip file of one entry whose every length and place is in the 64-bit extension, as beyond 4 GiB.
    /// </summary>
    public static byte[] Zip64(string name, byte[] content)
    {
        var nameBytes = Encoding.UTF8.GetBytes(name);
        var ones = Number(uint.MaxValue, 4);
        var length = Number((ulong)content.Length, 8);
        // Fields in the order of the format: versions, flags, method, time, checksum, lengths, name, extra ...
        byte[] sizes = [.. ones, .. ones, .. Number((ulong)nameBytes.Length, 2)];
        byte[] local = [
            .. "PK\x3\x4"u8, 45, 0, .. new byte[12], .. sizes, 20, 0, .. nameBytes, 1, 0, 16, 0, .. length, .. length,
            .. content];
        byte[] extra = [0x99, 0x99, 2, 0, 7, 7, 1, 0, 24, 0, .. length, .. length, .. new byte[8]];
        byte[] entry =
        [
            .. "PK\x1\x2"u8, 45, 0, 45, 0, .. new byte[12], .. sizes, .. Number((ulong)extra.Length, 2),
            .. new byte[10], .. ones, .. nameBytes, .. extra,
        ];
        byte[] end64 =
        [
            .. "PK\x6\x6"u8, .. Number(44, 8), 45, 0, 45, 0, .. new byte[8], .. Number(1, 8), .. Number(1, 8),
            .. Number((ulong)entry.Length, 8), .. Number((ulong)local.Length, 8),
        ];
        byte[] locator =
            [.. "PK\x6\x7"u8, .. new byte[4], .. Number((ulong)(local.Length + entry.Length), 8), 1, 0, 0, 0];
        byte[] end = [.. "PK\x5\x6"u8, .. new byte[4], 0xff, 0xff, 0xff, 0xff, .. ones, .. ones, 0, 0];
        return [.. local, .. entry, .. end64, .. locator, .. end];
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
    public static byte[] SafeTensors(string header, int dataBytes) => [
        .. Number((ulong)Encoding.UTF8.GetByteCount(header), 8), .. Encoding.UTF8.GetBytes(header),
        .. new byte[dataBytes]];

    private static byte[] Part(object part) => part as byte[] ?? [Convert.ToByte(part)];
}

using System.Buffers.Binary;
using System.IO.Compression;

namespace Mdfld.Tests.Images;

/// <summary>Writes PNG files of any kind chunk by chunk, sharing nothing with the library's encoder.</summary>
internal sealed class PngBuilder
{
    public const byte Grey = 0;
    public const byte Rgb = 2;
    public const byte Palette = 3;
    public const byte GreyAlpha = 4;
    public const byte Rgba = 6;

    private readonly MemoryStream _file = new();

    private PngBuilder() => _file.Write([0x89, .. "PNG\r\n"u8, 0x1A, 0x0A]);

    /// <summary>The signature and IHDR.</summary>
    public static PngBuilder Start(
        int width, int height, byte bitDepth, byte colourType, bool isInterlaced = false)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = (bitDepth, colourType, (byte)(isInterlaced ? 1 : 0));
        return new PngBuilder().Chunk("IHDR", header);
    }

    public PngBuilder Chunk(string type, ReadOnlySpan<byte> content)
    {
        var chunk = new byte[content.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, content.Length);
        System.Text.Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
        content.CopyTo(chunk.AsSpan(8));
        var checksum = Checksum(chunk.AsSpan(4, content.Length + 4));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + content.Length), checksum);
        _file.Write(chunk);
        return this;
    }

    /// <summary>IDAT of rows that each begin with a filter byte, and IEND.</summary>
    public byte[] Pixels(params byte[][] rows)
    {
        var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            foreach (var row in rows)
                zlib.Write([0, .. row]);
        }

        return Chunk("IDAT", compressed.ToArray()).Chunk("IEND", []).ToArray();
    }

    public byte[] ToArray() => _file.ToArray();

    /// <summary>A copy whose chunks all have the right checksum, so that changes reach the code behind it.</summary>
    public static byte[] WithChecksumsRepaired(byte[] png)
    {
        var copy = (byte[])png.Clone();
        for (var at = 8L; at + 12 <= copy.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(copy.AsSpan((int)at));
            if (at + 12 + length > copy.Length)
                break;
            var covered = copy.AsSpan((int)at + 4, (int)length + 4);
            BinaryPrimitives.WriteUInt32BigEndian(copy.AsSpan((int)(at + 8 + length)), Checksum(covered));
            at += 12 + length;
        }

        return copy;
    }

    /// <summary>CRC-32 as in the PNG specification, annex D.</summary>
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }

        return ~crc;
    }
}

using System.Buffers.Binary;
using System.Numerics;

namespace Mdfld.Training.TensorBoard;

/// <summary>
/// TensorFlow's record format: length (64 bits), its checksum, the bytes, their checksum (32 bits each), little-endian.
/// </summary>
/// <remarks>https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details</remarks>
internal static class RecordFile
{
    /// <summary>Appends one record.</summary>
    public static void Append(Stream stream, ReadOnlySpan<byte> record)
    {
        Span<byte> head = stackalloc byte[12];
        BinaryPrimitives.WriteInt64LittleEndian(head, record.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], MaskedChecksum(head[..8]));
        Span<byte> tail = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(tail, MaskedChecksum(record));
        stream.Write(head);
        stream.Write(record);
        stream.Write(tail);
    }

    /// <summary>
    /// CRC-32C, rotated right by 15 bits and shifted, as a checksum of checksums would be weak without.
    /// </summary>
    public static uint MaskedChecksum(ReadOnlySpan<byte> bytes) =>
        BitOperations.RotateRight(Crc32C(bytes), 15) + 0xa282ead8;

    /// <summary>CRC-32 with Castagnoli's polynomial (RFC 3720, appendix B.4).</summary>
    public static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}

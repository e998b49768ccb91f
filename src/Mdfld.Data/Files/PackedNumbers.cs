using System.Buffers.Binary;

namespace Mdfld.Data;

/// <summary>Numbers packed one after another, as .npy, .mat and HDF5 files keep them.</summary>
internal static class PackedNumbers
{
    /// <summary>Reads them all.</summary>
    /// <param name="bytes">The numbers; what does not fill one is left.</param>
    /// <param name="kind">i: whole numbers, u: without sign, f: floating point.</param>
    /// <param name="size">Bytes of a number.</param>
    /// <param name="isBig">Whether the first byte is the highest.</param>
    /// <exception cref="FormatException">There are no such numbers.</exception>
    public static double[] Read(ReadOnlySpan<byte> bytes, char kind, int size, bool isBig = false)
    {
        var values = new double[bytes.Length / size];
        Span<byte> number = stackalloc byte[size];
        for (var i = 0; i < values.Length; i++)
        {
            bytes.Slice(i * size, size).CopyTo(number);
            if (isBig)
                number.Reverse();
            values[i] = (kind, size) switch
            {
                ('f', 2) => (double)BinaryPrimitives.ReadHalfLittleEndian(number),
                ('f', 4) => BinaryPrimitives.ReadSingleLittleEndian(number),
                ('f', 8) => BinaryPrimitives.ReadDoubleLittleEndian(number),
                ('i', 1) => (sbyte)number[0],
                ('i', 2) => BinaryPrimitives.ReadInt16LittleEndian(number),
                ('i', 4) => BinaryPrimitives.ReadInt32LittleEndian(number),
                ('i', 8) => BinaryPrimitives.ReadInt64LittleEndian(number),
                ('u', 1) => number[0],
                ('u', 2) => BinaryPrimitives.ReadUInt16LittleEndian(number),
                ('u', 4) => BinaryPrimitives.ReadUInt32LittleEndian(number),
                ('u', 8) => BinaryPrimitives.ReadUInt64LittleEndian(number),
                _ => throw new FormatException($"elements of type {kind}{size}"),
            };
        }
        return values;
    }
}

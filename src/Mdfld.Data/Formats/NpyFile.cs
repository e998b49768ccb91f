using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;

namespace Mdfld.Data;

/// <summary>A small array in NumPy's .npy format (versions 1 to 3).</summary>
/// <param name="Shape">Length of each axis.</param>
/// <param name="Values">The elements, the last axis fastest.</param>
internal sealed partial record NpyFile(int[] Shape, double[] Values)
{
    private const int LongestHeader = 1 << 16;

    /// <exception cref="FormatException">
    /// The file is none, holds no numbers, or more than <paramref name="most"/>.
    /// </exception>
    public static NpyFile Read(string file, int most)
    {
        using var stream = FileNames.Open(file);
        var start = new byte[12];
        if (stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length
            || start[0] != 0x93 || !start.AsSpan(1).StartsWith("NUMPY"u8) || start[6] is < 1 or > 3)
            throw new FormatException("no .npy file of version 1, 2 or 3");
        var isLong = start[6] > 1;
        var length = isLong
            ? BinaryPrimitives.ReadUInt32LittleEndian(start.AsSpan(8))
            : BinaryPrimitives.ReadUInt16LittleEndian(start.AsSpan(8));
        if (length > LongestHeader)
            throw new FormatException($"a header of {length} bytes");
        stream.Position = isLong ? 12 : 10;
        var bytes = new byte[length];
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            throw new FormatException("the file is cut off in its header");
        var header = Header().Match(Encoding.Latin1.GetString(bytes));
        if (!header.Success)
            throw new FormatException("a header without descr, fortran_order and shape of numbers");
        var shape = header.Groups["shape"].Value
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(n => int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var side) ? side : -1)
            .ToArray();
        var count = shape.Aggregate(1.0, (product, side) => product * side);
        if (count < 1 || count > most)
            throw new FormatException(
                $"an array of the shape ({header.Groups["shape"].Value}), expected at most {most} numbers");
        var values = ReadValues(stream, header.Groups["type"].Value, (int)count);
        return new NpyFile(shape, header.Groups["fortran"].Value == "True" ? Transposed(shape, values) : values);
    }

    /// <summary>Writes single precision numbers, version 1.</summary>
    public static void Write(Stream stream, int[] shape, ReadOnlySpan<float> values)
    {
        var header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({string.Join(", ", shape)}), }}";
        // Header and what precedes it fill a multiple of 64 bytes.
        header = header.PadRight(((header.Length + 11 + 63) / 64 * 64) - 11) + "\n";
        stream.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, (byte)(header.Length >> 8)]);
        stream.Write(Encoding.ASCII.GetBytes(header));
        Span<byte> element = stackalloc byte[4];
        foreach (var value in values)
        {
            BinaryPrimitives.WriteSingleLittleEndian(element, value);
            stream.Write(element);
        }
    }

    private static double[] ReadValues(Stream stream, string type, int count)
    {
        var size = type[2] - '0';
        var data = new byte[count * size];
        return stream.ReadAtLeast(data, data.Length, throwOnEndOfStream: false) == data.Length
            ? PackedNumbers.Read(data, type[1], size, isBig: type[0] == '>')
            : throw new FormatException("the file is cut off");
    }

    /// <summary>Elements with the first axis fastest put into the usual order; of tables only.</summary>
    private static double[] Transposed(int[] shape, double[] values)
    {
        if (shape.Length != 2)
            return shape.Length < 2 ? values : throw new FormatException("more than two axes in Fortran's order");
        var result = new double[values.Length];
        for (var i = 0; i < values.Length; i++)
            result[(i % shape[0] * shape[1]) + (i / shape[0])] = values[i];
        return result;
    }

    [GeneratedRegex(
        @"\A\{(?=.*'descr': *'(?<type>[<>|=][fiu][1248])')(?=.*'fortran_order': *(?<fortran>True|False))"
        + @"(?=.*'shape': *\((?<shape>[0-9, ]*)\))",
        RegexOptions.Singleline)]
    private static partial Regex Header();
}

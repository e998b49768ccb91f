using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Mdfld.Hdf5;

namespace Mdfld.Data;

/// <summary>
/// One real matrix out of a MATLAB file: of level 5 (MATLAB 5 to 7.2, compressed or not; see "MAT-File Format",
/// MathWorks), or of MATLAB 7.3, which is HDF5. Other variables are passed over unread. Values lie column by column.
/// </summary>
internal sealed record MatFile(string Name, int Rows, int Columns, double[] Values)
{
    private const int HeaderBytes = 128;
    private const int LongestName = 1 << 12;
    private const uint Compressed = 15;
    private const uint Matrix = 14;

    public double this[int row, int column] => Values[(column * Rows) + row];

    /// <exception cref="FormatException">
    /// The file is of another version or broken, has none of the variables, or a larger one.
    /// </exception>
    public static MatFile Read(Stream stream, string[] names, int mostValues) =>
        Find(stream, names, mostValues)
        ?? throw new FormatException($"none of the variables {string.Join(", ", names)} in it");

    /// <summary>Whether one of the variables is in the file; it is not read.</summary>
    /// <exception cref="FormatException">The file is of another version or broken before it is found.</exception>
    public static bool Holds(Stream stream, string[] names)
    {
        stream.Position = 0;
        var isThere = Find(stream, names, mostValues: null) is not null;
        stream.Position = 0;
        return isThere;
    }

    // Without mostValues only the name is wanted.
    private static MatFile? Find(Stream stream, string[] names, int? mostValues)
    {
        if (Hdf5File.Is(stream))
            return ReadHdf5(Hdf5File.Open(stream), names, mostValues);
        var header = new byte[HeaderBytes];
        stream.Position = 0;
        var length = stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (length < HeaderBytes || header[126..] is not ([(byte)'I', (byte)'M'] or [(byte)'M', (byte)'I']))
            throw new FormatException("no MATLAB file of level 5");
        var isBig = header[126] == 'M';
        while (Tag.TryRead(stream, isBig) is { } tag)
        {
            var end = stream.Position + tag.Length;
            if (tag.Type is Matrix or Compressed)
            {
                try
                {
                    if (TryRead(stream, tag, isBig, names, mostValues) is { } found)
                        return found;
                }
                catch (Exception e) when (e is IOException or InvalidDataException)
                {
                    throw new FormatException($"a broken variable: {e.Message}", e);
                }
            }
            if (end > stream.Length)
                throw new FormatException("the file is cut off");
            stream.Position = end;
        }
        return null;
    }

    private static MatFile? ReadHdf5(Hdf5File file, string[] names, int? mostValues)
    {
        foreach (var name in names)
        {
            if (file.Find(name) is not { } found)
                continue;
            if (mostValues is not { } most)
                return new MatFile(name, 0, 0, []);
            // MATLAB's columns lie one after another: HDF5 calls them rows.
            return found.Shape is [var columns, var rows]
                ? new MatFile(name, (int)rows, (int)columns, found.Numbers(most))
                : throw new FormatException($"{name} is no table of real numbers");
        }
        return null;
    }

    private static MatFile? TryRead(Stream stream, Tag tag, bool isBig, string[] names, int? mostValues)
    {
        if (tag.Type == Matrix)
            return ReadMatrix(stream, isBig, names, mostValues);
        using var inflated = new ZLibStream(stream, CompressionMode.Decompress, leaveOpen: true);
        try
        {
            return Tag.TryRead(inflated, isBig) is { Type: Matrix }
                ? ReadMatrix(inflated, isBig, names, mostValues)
                : null;
        }
        catch (IOException e) when (e is not EndOfStreamException)
        {
            throw new FormatException($"a variable that cannot be unpacked: {e.Message}", e);
        }
    }

    /// <summary>The matrix, null where it is another variable than wanted.</summary>
    private static MatFile? ReadMatrix(Stream stream, bool isBig, string[] names, int? mostValues)
    {
        var flags = ReadBytes(stream, isBig, LongestName);
        var sizes = ReadNumbers(stream, isBig, LongestName / 8);
        var name = Encoding.Latin1.GetString(ReadBytes(stream, isBig, LongestName));
        if (!names.Contains(name) || flags.Length < 4)
            return null;
        if (mostValues is not { } most)
            return new MatFile(name, 0, 0, []);
        // Classes 6 to 15 are numbers; 0x08 marks complex ones.
        var word = isBig ? BinaryPrimitives.ReadUInt32BigEndian(flags) : BinaryPrimitives.ReadUInt32LittleEndian(flags);
        if ((word & 0xFF) is < 6 or > 15 || (word & 0x800) != 0 || sizes.Length != 2
            || sizes.Any(s => s is < 0 or > int.MaxValue))
            throw new FormatException($"{name} is no table of real numbers");
        var (rows, columns) = ((long)sizes[0], (long)sizes[1]);
        if (rows * columns > most)
            throw new FormatException($"{name} has {rows} x {columns} elements, expected at most {most}");
        var values = ReadNumbers(stream, isBig, most);
        return values.Length == rows * columns
            ? new MatFile(name, (int)rows, (int)columns, values)
            : throw new FormatException($"{name} has {values.Length} elements, expected {rows} x {columns}");
    }

    private static double[] ReadNumbers(Stream stream, bool isBig, int most)
    {
        var tag = Tag.TryRead(stream, isBig) ?? throw new EndOfStreamException("cut off");
        var (kind, size) = tag.Type switch
        {
            1 => ('i', 1),
            2 => ('u', 1),
            3 => ('i', 2),
            4 => ('u', 2),
            5 => ('i', 4),
            6 => ('u', 4),
            7 => ('f', 4),
            9 => ('f', 8),
            12 => ('i', 8),
            13 => ('u', 8),
            _ => ('?', 0),
        };
        return size > 0 && tag.Length / size <= most
            ? PackedNumbers.Read(tag.Data(stream), kind, size, isBig)
            : throw new FormatException($"{tag.Length} bytes of type {tag.Type}, expected at most {most} numbers");
    }

    private static byte[] ReadBytes(Stream stream, bool isBig, int most)
    {
        var tag = Tag.TryRead(stream, isBig) ?? throw new EndOfStreamException("cut off");
        return tag.Length <= most ? tag.Data(stream) : throw new FormatException($"{tag.Length} bytes of a name");
    }

    /// <summary>What precedes data: its type and length; of at most four bytes, the data itself.</summary>
    private readonly record struct Tag(uint Type, long Length, byte[]? Small)
    {
        private const int Piece = 1 << 16;

        public static Tag? TryRead(Stream stream, bool isBig)
        {
            var bytes = new byte[8];
            if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
                return null;
            var first = Word(0);
            return first >> 16 is > 0 and <= 4 and var small
                ? new Tag(first & 0xFFFF, small, bytes[4..(int)(4 + small)])
                : new Tag(first, Word(4), null);

            uint Word(int at) => isBig
                ? BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at))
                : BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));
        }

        /// <summary>The data, read piece by piece: a length that is only claimed costs nothing.</summary>
        public byte[] Data(Stream stream)
        {
            if (Small is not null)
                return Small;
            var data = new MemoryStream();
            var piece = new byte[Math.Min(Length, Piece)];
            while (data.Length < Length)
            {
                var wanted = (int)Math.Min(piece.Length, Length - data.Length);
                stream.ReadExactly(piece, 0, wanted);
                data.Write(piece, 0, wanted);
            }
            // Data fills a multiple of eight bytes.
            stream.ReadExactly(piece = new byte[8], 0, (int)(-Length & 7));
            return data.ToArray();
        }
    }
}

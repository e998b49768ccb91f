using System.IO.Compression;
using System.Text;

namespace Mdfld.Tests.Data;

/// <summary>MATLAB files of level 5, by hand.</summary>
internal sealed class MatBuilder(bool isBig = false)
{
    private const uint Compressed = 15;
    private const uint Matrix = 14;

    private readonly MemoryStream _file = new();
    private bool _hasHeader;

    public byte[] File => _file.ToArray();

    /// <summary>A cell array of pictures, as COFW's files begin with.</summary>
    public MatBuilder Cells(string name, int count) => Add(
        Element(Matrix, [
            .. Element(6, Words(1, 0)), .. Element(5, Words(1, count)), .. Element(1, Encoding.ASCII.GetBytes(name)),
            .. Enumerable.Range(0, count).SelectMany(_ => Element(Matrix, [
                .. Element(6, Words(9, 0)), .. Element(5, Words(2, 2)), .. Element(1, []),
                .. Element(2, [1, 2, 3, 4])])),
        ]), false);

    /// <summary>A table of numbers, column by column.</summary>
    /// <param name="name">Up to four letters are packed into the tag.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="values">All elements.</param>
    /// <param name="type">How they are stored: 9 double, 7 single, 4 unsigned of 16 bits, ...</param>
    /// <param name="isCompressed">As MATLAB 7 does.</param>
    public MatBuilder Table(string name, int rows, double[] values, uint type = 9, bool isCompressed = false) => Add(
        Element(Matrix, [
            .. Element(6, Words(6, 0)), .. Element(5, Words(rows, values.Length / rows)),
            .. Element(1, Encoding.ASCII.GetBytes(name)),
            .. Element(type, [.. values.SelectMany(v => Number(v, type))]),
        ]), isCompressed);

    private MatBuilder Add(byte[] element, bool isCompressed)
    {
        if (!_hasHeader)
            _file.Write(Header(isBig));
        _hasHeader = true;
        if (isCompressed)
        {
            var packed = new MemoryStream();
            using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
                zlib.Write(element);
            _file.Write(Word(Compressed));
            _file.Write(Word((uint)packed.Length));
            _file.Write(packed.ToArray());
        }
        else
        {
            _file.Write(element);
        }
        return this;
    }

    private static byte[] Header(bool isBig)
    {
        var header = new byte[128];
        header.AsSpan(0, 124).Fill((byte)' ');
        Encoding.ASCII.GetBytes("MATLAB 5.0 MAT-file, Platform: GLNXA64").CopyTo(header, 0);
        byte[] end = isBig ? [1, 0, (byte)'M', (byte)'I'] : [0, 1, (byte)'I', (byte)'M'];
        end.CopyTo(header, 124);
        return header;
    }

    private byte[] Element(uint type, byte[] data) => data.Length is > 0 and <= 4
        ? [.. Word(((uint)data.Length << 16) | type), .. data, .. new byte[4 - data.Length]]
        : [.. Word(type), .. Word((uint)data.Length), .. data, .. new byte[-data.Length & 7]];

    private byte[] Words(params int[] values) => [.. values.SelectMany(v => Word((uint)v))];

    private byte[] Word(uint value) => Ordered(BitConverter.GetBytes(value));

    private byte[] Number(double value, uint type) => type switch
    {
        2 => [(byte)value],
        4 => Ordered(BitConverter.GetBytes((ushort)value)),
        7 => Ordered(BitConverter.GetBytes((float)value)),
        _ => Ordered(BitConverter.GetBytes(value)),
    };

    private byte[] Ordered(byte[] little) => isBig ? [.. little.Reverse()] : little;
}

using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Mdfld.Torch.Checkpoints.Pickle;

/// <summary>Walks through the bytes of a pickle; every length is held against what is left before it is used.</summary>
internal sealed class PickleCursor(string file, byte[] bytes)
{
    /// <summary>
    /// No integer of a checkpoint is longer; the time to print one grows with the square of its length.
    /// </summary>
    private const int MaxIntegerBytes = 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    /// <summary>Bytes in all.</summary>
    public int Length => bytes.Length;

    public byte Byte() => Span(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Span(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Span(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Span(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Span(8));

    public double BigEndianDouble() => BinaryPrimitives.ReadDoubleBigEndian(Span(8));

    public byte[] Bytes(ulong count) => Span(count).ToArray();

    public string Text(ulong count)
    {
        try
        {
            return Utf8.GetString(Span(count));
        }
        catch (DecoderFallbackException e)
        {
            throw Bad("a text is not valid UTF-8", e);
        }
    }

    /// <summary>A Python 2 string: bytes, read as Latin-1 so that none is lost.</summary>
    public string Latin1(ulong count) => Encoding.Latin1.GetString(Span(count));

    /// <summary>Text up to a line feed.</summary>
    public string Line()
    {
        var length = bytes.AsSpan(Position).IndexOf((byte)'\n');
        if (length < 0)
            throw Bad("a line does not end");
        var line = Text((ulong)length);
        Position++;
        return line;
    }

    /// <summary>A two's complement integer: a long, or a <see cref="BigInteger"/> where that is too small.</summary>
    public object Integer(long count)
    {
        if (count is < 0 or > MaxIntegerBytes)
            throw Bad($"an integer of {count} bytes");
        var value = new BigInteger(Span((ulong)count));
        return value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;
    }

    /// <summary>An exception that names the file and the place.</summary>
    public InvalidDataException Bad(string what, Exception? inner = null) =>
        new($"{file}: {what} (byte {Position} of the pickle)", inner);

    private ReadOnlySpan<byte> Span(ulong count)
    {
        if (count > (ulong)(bytes.Length - Position))
            throw Bad(
                $"{count} bytes should follow, {bytes.Length - Position} are left: the file is cut short or broken");
        var span = bytes.AsSpan(Position, (int)count);
        Position += (int)count;
        return span;
    }
}

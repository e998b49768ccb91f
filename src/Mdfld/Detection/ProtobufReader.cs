using System.Text;

namespace Mdfld;

/// <summary>
/// Reads the fields of one protobuf message forwards and skips what is not asked for, so that a model's weights are
/// never in memory. Sub-messages share the stream: each is read to its end before the next field.
/// </summary>
/// <param name="stream">Stands at the message's first byte; must seek.</param>
/// <param name="length">Bytes of the message.</param>
/// <param name="limits">What may be read of the file, sub-messages included.</param>
internal sealed class ProtobufReader(Stream stream, long length, ReadingLimits limits)
{
    private readonly long _end = stream.Position + length;
    private long _next = stream.Position;
    private int _wireType;
    private long _length;

    /// <summary>The number of the next field; null at the end.</summary>
    /// <exception cref="FormatException">This is no protobuf message.</exception>
    public int? Next()
    {
        stream.Position = _next;
        if (_next >= _end)
            return null;
        limits.CountField();
        var tag = Varint();
        _wireType = (int)(tag & 7);
        _length = _wireType switch
        {
            0 => LengthOfVarint(),
            1 => 8,
            2 => (long)Math.Min(Varint(), long.MaxValue),
            5 => 4,
            _ => throw new FormatException($"a field of type {_wireType}"),
        };
        if (_length > _end - stream.Position)
            throw new FormatException("a field that is longer than the file");
        _next = stream.Position + _length;
        return (int)Math.Min(tag >> 3, int.MaxValue);
    }

    /// <summary>The field as a message.</summary>
    public ProtobufReader Message() =>
        _wireType == 2
            ? new ProtobufReader(stream, _length, limits) : throw new FormatException("a number for a message");

    /// <summary>The messages in all fields of a number; each is to be read before the next.</summary>
    public IEnumerable<ProtobufReader> Messages(int number)
    {
        while (Next() is { } field)
        {
            if (field == number)
                yield return Message();
        }
    }

    /// <summary>The field as text; what is longer than <paramref name="most"/> bytes is refused.</summary>
    /// <exception cref="FormatException">It is no text, or too long.</exception>
    public string Text(int most)
    {
        if (_wireType != 2 || _length > most)
            throw new FormatException($"no text of at most {most} bytes where one belongs");
        limits.CountText(_length);
        var bytes = new byte[_length];
        stream.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>The field as a whole number.</summary>
    public long Number() => _wireType == 0 ? (long)Varint() : throw new FormatException("no number where one belongs");

    private long LengthOfVarint()
    {
        var start = stream.Position;
        Varint();
        var count = stream.Position - start;
        stream.Position = start;
        return count;
    }

    private ulong Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = stream.Position < _end ? stream.ReadByte() : -1;
            if (next < 0)
                throw new FormatException("an end in the middle of a number");
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
        throw new FormatException("a number that never ends");
    }
}

/// <summary>Bounds the time and memory that reading a hostile file takes.</summary>
/// <param name="textLeft">Bytes of text that may be read.</param>
/// <param name="fieldsLeft">Fields that may be passed.</param>
internal sealed class ReadingLimits(long textLeft, long fieldsLeft)
{
    public void CountField()
    {
        if (--fieldsLeft < 0)
            throw new FormatException("more fields than any header has");
    }

    public void CountText(long bytes)
    {
        textLeft -= bytes;
        if (textLeft < 0)
            throw new FormatException("more text than any header has");
    }
}

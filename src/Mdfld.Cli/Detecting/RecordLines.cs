namespace Mdfld.Cli.Detecting;

/// <summary>The whole lines of a file, with where they end; what follows the last line break is none.</summary>
internal static class RecordLines
{
    /// <summary>Reads to the end of the stream. A line is valid until the next is asked for.</summary>
    /// <param name="stream">Read from its start.</param>
    /// <param name="quotes">Whether a line break between quotes belongs to the line.</param>
    /// <returns>Each line with its line break, and the position after it.</returns>
    public static IEnumerable<(ReadOnlyMemory<byte> Line, long End)> Read(Stream stream, bool quotes)
    {
        var buffer = new byte[1 << 16];
        var (count, read, position) = (0, 0, 0L);
        while ((read = stream.Read(buffer, count, buffer.Length - count)) > 0)
        {
            count += read;
            var start = 0;
            for (int length; (length = LengthOfLine(buffer.AsSpan(start, count - start), quotes)) > 0;)
            {
                start += length;
                yield return (buffer.AsMemory(start - length, length), position + start);
            }
            buffer.AsSpan(start, count - start).CopyTo(buffer);
            (count, position) = (count - start, position + start);
            if (count == buffer.Length)
                Array.Resize(ref buffer, 2 * count);
        }
    }

    /// <summary>Zero where no line ends.</summary>
    private static int LengthOfLine(ReadOnlySpan<byte> text, bool quotes)
    {
        if (!quotes)
            return text.IndexOf((byte)'\n') + 1;
        var inside = false;
        for (var i = 0; i < text.Length; i++)
        {
            inside ^= text[i] == '"';
            if (text[i] == '\n' && !inside)
                return i + 1;
        }
        return 0;
    }
}

using System.Text;

namespace Mdfld.Cli.Detecting;

/// <summary>
/// A text file with a record for each picture, in the pictures' order. It grows under the name <see cref="Partial"/>,
/// where every record is complete before the next begins, and gets its own name at the end. A run that goes on takes
/// the records from there, or from a file that was complete.
/// </summary>
internal sealed class DetectionRecords : IDisposable
{
    private readonly string _path;
    private readonly Reader _read;
    private readonly FileStream _partial;
    private readonly Dictionary<string, Extent> _earlier = new(StringComparer.Ordinal);
    private readonly List<Extent> _order = [];
    private readonly int _header;

    /// <summary>Opens the partial file.</summary>
    /// <param name="path">The file when it is complete.</param>
    /// <param name="header">Its first line, or nothing.</param>
    /// <param name="read">Understands its other lines.</param>
    /// <param name="quotes">Whether a line break between quotes belongs to the line.</param>
    /// <param name="resume">Goes on with the records that are there.</param>
    /// <exception cref="InvalidDataException">What is there is another kind of table.</exception>
    public DetectionRecords(string path, string header, Reader read, bool quotes, bool resume)
    {
        (_path, _read, _header) = (path, read, Encoding.UTF8.GetByteCount(header));
        if (resume && !File.Exists(Partial) && File.Exists(path))
        {
            using var complete = File.OpenRead(path);
            AtomicFile.Write(Partial, complete.CopyTo);
        }
        // Never written through a link.
        if (new FileInfo(Partial).LinkTarget is not null)
            File.Delete(Partial);
        _partial = new FileStream(
            Partial, resume ? FileMode.OpenOrCreate : FileMode.Create, FileAccess.ReadWrite, FileShare.Read, 0);
        try
        {
            var end = resume ? ReadEarlier(header, quotes) : 0;
            _partial.SetLength(end);
            _partial.Position = end;
            if (end == 0)
                Append(Encoding.UTF8.GetBytes(header));
        }
        catch
        {
            _partial.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The picture of the record that a line is a part of, and the record's lines; null where this run could not have
    /// written the line.
    /// </summary>
    public delegate (string Picture, int Lines)? Reader(ReadOnlySpan<byte> line);

    /// <summary>Where the records are until the file is complete.</summary>
    public string Partial => _path + ".partial";

    /// <summary>Whether an earlier run left this picture's record.</summary>
    public bool Has(string picture) => _earlier.ContainsKey(picture);

    /// <summary>Adds the next picture's record.</summary>
    /// <exception cref="IOException">The disk refuses; the file ends with the record before.</exception>
    public void Add(string record) => _order.Add(Append(Encoding.UTF8.GetBytes(record)));

    /// <summary>The next picture's record is the one that is there.</summary>
    public void AddEarlier(string picture) => _order.Add(_earlier[picture]);

    /// <summary>Gives the file its name.</summary>
    /// <exception cref="IOException">The disk refuses; the partial file stays.</exception>
    public void Complete()
    {
        if (IsInOrder())
        {
            _partial.Dispose();
            File.Move(Partial, _path, overwrite: true);
            return;
        }
        AtomicFile.Write(_path, CopyInOrder);
        _partial.Dispose();
        File.Delete(Partial);
    }

    /// <summary>Keeps the partial file of a run that did not complete it, if there is a record in it.</summary>
    public void Dispose()
    {
        _partial.Dispose();
        if (_order.Count == 0 && _earlier.Count == 0)
            File.Delete(Partial);
    }

    /// <summary>Finds the complete records; returns where the last ends.</summary>
    private long ReadEarlier(string header, bool quotes)
    {
        long start = 0, end = 0;
        var (picture, lines) = ("", 0);
        foreach (var (line, lineEnd) in Lines(_partial, quotes))
        {
            var lineStart = lineEnd - line.Length;
            if (lineStart < _header)
            {
                if (!line.Span.SequenceEqual(Encoding.UTF8.GetBytes(header)))
                    throw new InvalidDataException(
                        $"{Partial}: another first line than this run's; resume with the same options, or not at all");
                end = lineEnd;
                continue;
            }
            if (_read(line.Span) is not { } read)
                continue;
            if (read.Picture != picture || lines == read.Lines)
                (start, picture, lines) = (lineStart, read.Picture, 0);
            if (++lines == read.Lines)
            {
                _earlier[picture] = new Extent(start, (int)(lineEnd - start));
                end = lineEnd;
            }
        }
        return end;
    }

    private Extent Append(ReadOnlySpan<byte> record)
    {
        var start = _partial.Position;
        try
        {
            _partial.Write(record);
        }
        catch
        {
            _partial.SetLength(start);
            throw;
        }
        return new Extent(start, record.Length);
    }

    /// <summary>Whether the partial file is just the records in order, as always unless the pictures changed.</summary>
    private bool IsInOrder()
    {
        long end = _header;
        foreach (var record in _order)
        {
            if (record.Start != end)
                return false;
            end += record.Length;
        }
        return end == _partial.Length;
    }

    private void CopyInOrder(Stream target)
    {
        Copy(new Extent(0, _header));
        foreach (var record in _order)
            Copy(record);

        void Copy(Extent record)
        {
            var bytes = new byte[record.Length];
            _partial.Position = record.Start;
            _partial.ReadExactly(bytes);
            target.Write(bytes);
        }
    }

    /// <summary>
    /// The complete lines of a stream, each with its line break and the position after it; valid until the next one.
    /// </summary>
    private static IEnumerable<(ReadOnlyMemory<byte> Line, long End)> Lines(Stream stream, bool quotes)
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

    private readonly record struct Extent(long Start, int Length);
}

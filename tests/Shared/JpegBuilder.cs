using System.Buffers.Binary;

namespace Mdfld.Tests.Images;

/// <summary>
/// Writes JPEG files of one colour, of any size and number of components: a bit or two for each block of 8 x 8 pixels.
/// Shares nothing with the library's encoder.
/// </summary>
internal static class JpegBuilder
{
    // Codes of the DC table: 0 for no difference, then five bits 10000 + n - 1 for one of n bits. Of the AC table: 0
    // ends a block, 10 ends 2^14 blocks and as many more as 14 bits say.
    private static readonly byte[] DcTable = [0x00, 1, 0, 0, 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

    private static readonly byte[] AcTable =
        [0x10, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00, 0xE0];

    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="colour">A value for each component, as stored.</param>
    /// <param name="isProgressive">In scans: all DC values, and then each component's rest, which is nothing.</param>
    /// <param name="adobe">The colour transform of Adobe's marker; null leaves the marker out.</param>
    /// <param name="kept">Bytes of the first scan's data that are written; null writes all.</param>
    public static byte[] Flat(
        int width, int height, byte[] colour, bool isProgressive = false, byte? adobe = null, int? kept = null)
    {
        var file = new MemoryStream();
        file.Write([0xFF, 0xD8]);
        if (adobe is { } transform)
            Segment(0xEE, [.. "Adobe"u8, 0, 100, 0, 0, 0, 0, transform]);
        Segment(0xDB, [0, .. Enumerable.Repeat((byte)1, 64)]);
        Segment(isProgressive ? (byte)0xC2 : (byte)0xC0,
        [
            8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, (byte)colour.Length,
            .. colour.SelectMany((_, i) => new byte[] { (byte)(i + 1), 0x11, 0 }),
        ]);
        Segment(0xC4, DcTable);
        Segment(0xC4, AcTable);

        var (across, down) = ((width + 7) / 8, (height + 7) / 8);
        Scan([.. colour.Select((_, i) => (byte)(i + 1))], 0, isProgressive ? (byte)0 : (byte)63);
        var bits = new Bits();
        foreach (var value in colour)
        {
            Dc(bits, 8 * (value - 128));
            bits.AddZeros(isProgressive ? 0 : 1);
        }
        // Every other block is as the first: a bit that says so, and one that ends it.
        bits.AddZeros((((long)across * down) - 1) * colour.Length * (isProgressive ? 1 : 2));
        var data = bits.ToArray();
        file.Write(data, 0, Math.Min(kept ?? data.Length, data.Length));
        for (var i = 0; isProgressive && i < colour.Length; i++)
        {
            Scan([(byte)(i + 1)], 1, 63);
            var runs = new Bits();
            var blocks = (long)across * down;
            for (; blocks >= 1 << 14; blocks -= Math.Min(blocks, (1 << 15) - 1))
            {
                runs.Add(2, 2);
                runs.Add((int)Math.Min(blocks - (1 << 14), (1 << 14) - 1), 14);
            }
            runs.AddZeros(blocks);
            file.Write(runs.ToArray());
        }
        file.Write([0xFF, 0xD9]);
        return file.ToArray();

        void Segment(byte marker, byte[] content)
        {
            var length = new byte[2];
            BinaryPrimitives.WriteInt16BigEndian(length, (short)(content.Length + 2));
            file.Write([0xFF, marker, .. length, .. content]);
        }

        void Scan(byte[] components, byte first, byte last) => Segment(0xDA,
        [
            (byte)components.Length, .. components.SelectMany(c => new byte[] { c, 0x00 }), first, last, 0,
        ]);
    }

    private static void Dc(Bits bits, int value)
    {
        var size = 32 - int.LeadingZeroCount(Math.Abs(value));
        if (size == 0)
            bits.Add(0, 1);
        else
            bits.Add(16 + size - 1, 5);
        bits.Add(value < 0 ? value + (1 << size) - 1 : value, size);
    }

    private sealed class Bits
    {
        private readonly MemoryStream _bytes = new();
        private int _current;
        private int _count;

        public void Add(int value, int count)
        {
            for (var bit = count - 1; bit >= 0; bit--)
            {
                _current = (_current << 1) | ((value >> bit) & 1);
                if (++_count == 8)
                    Flush();
            }
        }

        public void AddZeros(long count)
        {
            for (; count > 0 && _count > 0; count--)
                Add(0, 1);
            _bytes.Write(new byte[count / 8]);
            Add(0, (int)(count % 8));
        }

        public byte[] ToArray()
        {
            while (_count > 0)
                Add(1, 1);
            return _bytes.ToArray();
        }

        private void Flush()
        {
            _bytes.WriteByte((byte)_current);
            if ((byte)_current == 0xFF)
                _bytes.WriteByte(0);
            (_current, _count) = (0, 0);
        }
    }
}

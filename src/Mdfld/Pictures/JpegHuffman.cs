using System.Buffers.Binary;

namespace Mdfld;

/// <summary>
/// Counts the blocks of a sequential JPEG (ITU T.81, F.2.2) without decoding them: Skia takes what is missing or makes
/// no sense for grey pixels and says nothing. Bits that were changed shift the codes behind them, as a rule, until too
/// many or too few blocks are there.
/// </summary>
internal ref struct JpegHuffman
{
    private const byte BaselineFrame = 0xC0;
    private const byte ExtendedFrame = 0xC1;
    private const byte Tables = 0xC4;
    private const byte EndOfImage = 0xD9;
    private const byte StartOfScan = 0xDA;
    private const byte RestartInterval = 0xDD;

    private readonly ReadOnlySpan<byte> _jpeg;
    private readonly HuffmanTable?[] _tables;
    private ReadOnlySpan<byte> _frame;
    private int _restartInterval;
    private int _at;

    // The next bits, the first in the highest; of those that are not there, zeros.
    private ulong _bits;
    private int _count;

    private JpegHuffman(ReadOnlySpan<byte> jpeg)
    {
        _jpeg = jpeg;
        _tables = new HuffmanTable?[8];
        _at = 2;
    }

    /// <summary>
    /// Whether every block of every scan has its code, and nothing is left over. True also of what is not sequential,
    /// not Huffman coded, or not understood: that is left to the decoder.
    /// </summary>
    public static bool IsComplete(ReadOnlySpan<byte> jpeg) => new JpegHuffman(jpeg).Walk();

    private bool Walk()
    {
        while (_at + 4 <= _jpeg.Length)
        {
            var marker = _jpeg[_at + 1];
            if (_jpeg[_at] != 0xFF || marker is 0 or 0xFF or (>= 0xD0 and <= 0xD8))
            {
                _at++;
                continue;
            }
            var length = BinaryPrimitives.ReadUInt16BigEndian(_jpeg[(_at + 2)..]);
            if (marker == EndOfImage || length < 2 || _at + 2 + length > _jpeg.Length)
                return true;
            var content = _jpeg.Slice(_at + 4, length - 2);
            _at += 2 + length;
            switch (marker)
            {
                case BaselineFrame or ExtendedFrame:
                    if (content.Length < 6 || content[0] != 8 || content.Length < 6 + (3 * content[5]))
                        return true;
                    _frame = content;
                    break;
                case >= 0xC2 and <= 0xCF and not Tables:
                    return true;
                case Tables:
                    ReadTables(content);
                    break;
                case RestartInterval when content.Length >= 2:
                    _restartInterval = BinaryPrimitives.ReadUInt16BigEndian(content);
                    break;
                case StartOfScan:
                    if (!ReadScan(content, out var isUnderstood))
                        return !isUnderstood;
                    break;
            }
        }
        return true;
    }

    private readonly void ReadTables(ReadOnlySpan<byte> content)
    {
        while (content.Length >= 17)
        {
            var symbols = 0;
            foreach (var count in content.Slice(1, 16))
                symbols += count;
            if (17 + symbols > content.Length)
                return;
            var number = (content[0] & 3) | ((content[0] >> 2) & 4);
            _tables[number] = new HuffmanTable(content.Slice(1, 16), content.Slice(17, symbols), isAc: number >= 4);
            content = content[(17 + symbols)..];
        }
    }

    /// <summary>False where a code is missing, or the scan is not understood.</summary>
    private bool ReadScan(ReadOnlySpan<byte> content, out bool isUnderstood)
    {
        isUnderstood = false;
        if (_frame.IsEmpty || content.IsEmpty || content.Length < 1 + (2 * content[0]))
            return false;
        // Each block of a unit: its tables, DC and AC.
        var unit = new List<(HuffmanTable Dc, HuffmanTable Ac)>();
        int across = 1, down = 1, columns = 0, rows = 0;
        for (var i = 7; i < 6 + (3 * _frame[5]); i += 3)
            (across, down) = (Math.Max(across, _frame[i] >> 4), Math.Max(down, _frame[i] & 15));
        var height = BinaryPrimitives.ReadUInt16BigEndian(_frame[1..]);
        var width = BinaryPrimitives.ReadUInt16BigEndian(_frame[3..]);
        for (var c = 0; c < content[0]; c++)
        {
            var (id, tables) = (content[1 + (2 * c)], content[2 + (2 * c)]);
            var at = 6;
            while (at < 6 + (3 * _frame[5]) && _frame[at] != id)
                at += 3;
            if (at >= 6 + (3 * _frame[5]))
                return false;
            if (_tables[(tables >> 4) & 3] is not { } dc || _tables[4 + (tables & 3)] is not { } ac)
                return false;
            var (h, v) = (_frame[at + 1] >> 4, _frame[at + 1] & 15);
            if (content[0] == 1)
            {
                // The only component of a scan: its own blocks, none of them beyond the border.
                (columns, rows) = (Up(Up(width * h, across), 8), Up(Up(height * v, down), 8));
                (h, v) = (1, 1);
            }
            for (var block = 0; block < h * v; block++)
                unit.Add((dc, ac));
        }
        if (content[0] > 1)
            (columns, rows) = (Up(width, 8 * across), Up(height, 8 * down));
        isUnderstood = true;
        return ReadUnits(unit.ToArray(), (long)columns * rows);

        static int Up(int value, int step) => (value + step - 1) / step;
    }

    private bool ReadUnits(ReadOnlySpan<(HuffmanTable Dc, HuffmanTable Ac)> unit, long count)
    {
        (_bits, _count) = (0, 0);
        for (long n = 0; n < count; n++)
        {
            if (_restartInterval > 0 && n > 0 && n % _restartInterval == 0 && !SkipRestart())
                return false;
            foreach (var (dc, ac) in unit)
            {
                if (!SkipBlock(dc, ac))
                    return false;
            }
        }
        return SkipPadding();
    }

    /// <summary>
    /// Skips the codes of 64 coefficients with the bits of their values; false where one is none or missing.
    /// </summary>
    private bool SkipBlock(HuffmanTable dc, HuffmanTable ac)
    {
        // Locals, which stay in registers: this is where the time goes.
        var (bits, count) = (_bits, _count);
        var table = dc;
        for (var k = 0; k < 64; table = ac)
        {
            // No code and its value are longer than 32 bits.
            if (count < 32)
            {
                (_bits, _count) = (bits, count);
                Fill();
                (bits, count) = (_bits, _count);
            }
            int found = table.Short[(int)(bits >> (64 - HuffmanTable.ShortBits))];
            if (found == 0)
                found = table.FindLong(bits);
            var length = found & 0xFF;
            if (length == 0 || length > count)
                return false;
            bits <<= length;
            count -= length;
            k += found >> 8;
        }
        (_bits, _count) = (bits, count);
        return true;
    }

    private void Fill()
    {
        if (_at + 4 <= _jpeg.Length)
        {
            var next = BinaryPrimitives.ReadUInt32BigEndian(_jpeg[_at..]);
            // Without a byte of 255, behind which a stuffed zero or a marker follows.
            if (((~next - 0x01010101) & next & 0x80808080) == 0)
            {
                _bits |= (ulong)next << (32 - _count);
                (_at, _count) = (_at + 4, _count + 32);
                return;
            }
        }
        while (_count <= 56 && _at < _jpeg.Length)
        {
            var next = _jpeg[_at];
            if (next == 0xFF)
            {
                if (_at + 1 >= _jpeg.Length || _jpeg[_at + 1] != 0)
                    return;
                _at++;
            }
            _at++;
            _bits |= (ulong)next << (56 - _count);
            _count += 8;
        }
    }

    /// <summary>Goes on behind the next restart marker; false where something else comes first.</summary>
    private bool SkipRestart()
    {
        if (!SkipPadding() || _at + 1 >= _jpeg.Length || _jpeg[_at + 1] is < 0xD0 or > 0xD7)
            return false;
        _at += 2;
        return true;
    }

    /// <summary>Goes to the next marker; false where more than padding comes first.</summary>
    private bool SkipPadding()
    {
        // The rest of a byte is always padding; then full bytes of zeros or ones.
        var rest = _bits << (_count % 8);
        for (var bytes = _count / 8; bytes > 0; bytes--, rest <<= 8)
        {
            if (rest >> 56 is not (0 or 0xFF))
                return false;
        }
        (_bits, _count) = (0, 0);
        for (; _at + 1 < _jpeg.Length; _at++)
        {
            if (_jpeg[_at] == 0xFF && _jpeg[_at + 1] is not (0 or 0xFF))
                return true;
            if (_jpeg[_at] is not (0 or 0xFF))
                return false;
        }
        return true;
    }

    /// <summary>
    /// Says how far each code reaches: bits, those of its value included, and in the upper byte the coefficients that
    /// it stands for.
    /// </summary>
    private sealed class HuffmanTable
    {
        public const int ShortBits = 10;

        private readonly List<(uint Code, int Length, ushort Found)> _long = [];

        public HuffmanTable(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols, bool isAc)
        {
            var (code, next) = (0u, 0);
            for (var length = 1; length <= 16; length++, code <<= 1)
            {
                for (var i = 0; i < counts[length - 1] && code < 1u << length; i++, code++)
                {
                    var symbol = symbols[next++];
                    var bits = length + (isAc ? symbol & 15 : Math.Min((int)symbol, 16));
                    // A zero value ends the block, but for sixteen zeros; the rest are zeros and a value.
                    var isEnd = isAc && (symbol & 15) == 0 && symbol != 0xF0;
                    var step = !isAc ? 1 : isEnd ? 64 : (symbol >> 4) + 1;
                    var found = (ushort)((step << 8) | bits);
                    if (length <= ShortBits)
                        Short.AsSpan((int)(code << (ShortBits - length)), 1 << (ShortBits - length)).Fill(found);
                    else
                        _long.Add((code, length, found));
                }
            }
        }

        /// <summary>By the next bits; 0 where they are no short code.</summary>
        public ushort[] Short { get; } = new ushort[1 << ShortBits];

        /// <summary>A code that is longer; 0 where there is none.</summary>
        public ushort FindLong(ulong bits)
        {
            foreach (var entry in _long)
            {
                if (bits >> (64 - entry.Length) == entry.Code)
                    return entry.Found;
            }
            return 0;
        }
    }
}

using System.Buffers.Binary;

namespace Mdfld;

/// <summary>What the segments of a JPEG file say and its decoder does not.</summary>
/// <param name="ScanCount">How often the decoder goes over the picture: about ten times in a progressive file.</param>
/// <param name="HasEnd">The end of the picture is marked; a file that was cut off lacks this.</param>
/// <param name="CoefficientBytes">
/// What the decoder keeps from scan to scan: two bytes a sample of every component; 0 where one scan has it all.
/// </param>
/// <param name="LeastBytes">
/// A file of fewer bytes cannot hold all pixels: the Huffman code of a block of 8 x 8 has a bit at least.
/// </param>
internal readonly record struct JpegSegments(int ScanCount, bool HasEnd, long CoefficientBytes, long LeastBytes)
{
    private const byte StartOfScan = 0xDA;
    private const byte EndOfImage = 0xD9;

    /// <summary>
    /// Walks the segments of a file up to the end of the picture or to the first that makes no sense. What a phone
    /// appends to the picture, a film for instance, is not read.
    /// </summary>
    public static JpegSegments Read(ReadOnlySpan<byte> jpeg)
    {
        var found = default(JpegSegments);
        var frame = default(Frame);
        var rest = jpeg[2..];
        while (rest.Length >= 2)
        {
            // Pixels, and stray bytes between segments, are skipped, as libjpeg does.
            var marker = rest[1];
            if (rest[0] != 0xFF || marker == 0xFF)
            {
                var next = rest[1..].IndexOf((byte)0xFF);
                rest = next < 0 ? [] : rest[(next + 1)..];
                continue;
            }

            if (marker is 0x00 or 0x01 or (>= 0xD0 and <= 0xD8))
            {
                // No marker, or one without content.
                rest = rest[2..];
                continue;
            }

            if (marker == EndOfImage)
                return found with { HasEnd = found.ScanCount > 0 };
            if (rest.Length < 4)
                break;
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (length < 2 || length + 2 > rest.Length)
                break;
            var content = rest[4..(length + 2)];
            if (marker == StartOfScan)
            {
                if (found.ScanCount == 0 && frame.Blocks > 0)
                {
                    var isOnly = !frame.IsProgressive && content is [var components, ..]
                        && components == frame.Components;
                    found = found with { CoefficientBytes = isOnly ? 0 : frame.Blocks * 64 * 2 };
                }
                found = found with { ScanCount = found.ScanCount + 1 };
            }
            else if (found.ScanCount == 0 && Frame.IsStart(marker))
            {
                frame = Frame.Read(marker, content);
                // Arithmetic coding may take less than a bit.
                found = found with { LeastBytes = marker > 0xC8 ? 0 : frame.Blocks / 8 };
            }
            rest = rest[(length + 2)..];
        }

        return found;
    }

    /// <summary>The frame header.</summary>
    /// <param name="IsProgressive">Whether each scan brings a part of every sample.</param>
    /// <param name="Components">Colour channels.</param>
    /// <param name="Blocks">Blocks of 8 x 8 samples of all components.</param>
    private readonly record struct Frame(bool IsProgressive, int Components, long Blocks)
    {
        // SOF0 to SOF15; among them are the tables DHT and DAC, and one that was never used.
        public static bool IsStart(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

        public static Frame Read(byte marker, ReadOnlySpan<byte> content)
        {
            if (content.Length < 6 || content.Length < 6 + (3 * content[5]))
                return default;
            long height = BinaryPrimitives.ReadUInt16BigEndian(content[1..]);
            long width = BinaryPrimitives.ReadUInt16BigEndian(content[3..]);
            var components = content.Slice(6, 3 * content[5]);
            var (across, down) = (1, 1);
            for (var i = 1; i < components.Length; i += 3)
                (across, down) = (Math.Max(across, components[i] >> 4), Math.Max(down, components[i] & 15));
            var blocks = 0L;
            for (var i = 1; i < components.Length; i += 3)
                blocks += Blocks8(width * (components[i] >> 4), across) * Blocks8(height * (components[i] & 15), down);
            return new Frame((marker & 3) == 2, content[5], blocks);
        }

        private static long Blocks8(long samples, int factor) => (((samples + factor - 1) / factor) + 7) / 8;
    }
}

using System.Buffers.Binary;

namespace Mdfld;

/// <summary>What stands in a JPEG file round its pixels, as far as TurboJPEG does not tell it.</summary>
/// <param name="Orientation">From the EXIF block, if there is one.</param>
/// <param name="IsAdobe">Adobe's marker is there: CMYK values are stored inverted.</param>
/// <param name="ScanCount">How often the decoder goes over the picture: about ten times in a progressive file.</param>
/// <param name="HasEnd">The end of the picture is marked; a file that was cut off lacks this.</param>
internal readonly record struct JpegSegments(Orientation Orientation, bool IsAdobe, int ScanCount, bool HasEnd)
{
    private const byte EndOfImage = 0xD9;
    private const byte StartOfScan = 0xDA;
    private const byte App1 = 0xE1;
    private const byte App14 = 0xEE;

    /// <summary>
    /// Walks the segments of a file up to the end of the picture or to the first that makes no sense. What a phone
    /// appends to the picture, a film for instance, is not looked at.
    /// </summary>
    public static JpegSegments Read(ReadOnlySpan<byte> jpeg)
    {
        var found = new JpegSegments(Orientation.Upright, false, 0, false);
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
                // No marker, or one that stands alone.
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
                found = found with { ScanCount = found.ScanCount + 1 };
            else if (found.ScanCount == 0)
                found = found.With(marker, content);
            rest = rest[(length + 2)..];
        }

        return found;
    }

    private JpegSegments With(byte marker, ReadOnlySpan<byte> content) => marker switch
    {
        App1 when content.StartsWith(Exif.Prefix) => this with { Orientation = Exif.ReadOrientation(content) },
        App14 when content.StartsWith("Adobe"u8) => this with { IsAdobe = true },
        _ => this,
    };
}

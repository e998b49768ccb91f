using System.Buffers.Binary;

namespace Mdfld;

/// <summary>What stands in a JPEG file before its pixels, as far as TurboJPEG does not tell it.</summary>
internal readonly ref struct JpegSegments
{
    private const byte StartOfScan = 0xDA;
    private const byte App1 = 0xE1;
    private const byte App14 = 0xEE;

    private JpegSegments(Orientation orientation, bool isAdobe, ReadOnlySpan<byte> scans)
    {
        Orientation = orientation;
        IsAdobe = isAdobe;
        Scans = scans;
    }

    /// <summary>From the EXIF block, if there is one.</summary>
    public Orientation Orientation { get; }

    /// <summary>Adobe's marker is there: CMYK values are stored inverted.</summary>
    public bool IsAdobe { get; }

    /// <summary>Everything from the first scan on; empty when there is none.</summary>
    public ReadOnlySpan<byte> Scans { get; }

    /// <summary>The end of the picture is marked; a file that was cut off lacks this.</summary>
    public bool HasEnd => Scans.LastIndexOf(EndOfImage) >= 0;

    /// <summary>How often the decoder goes over the picture: once, or about ten times in a progressive file.</summary>
    public int ScanCount => Scans.Count([(byte)0xFF, StartOfScan]);

    private static ReadOnlySpan<byte> EndOfImage => [0xFF, 0xD9];

    /// <summary>Walks the segments of a file up to its pixels or to the first that makes no sense.</summary>
    public static JpegSegments Read(ReadOnlySpan<byte> jpeg)
    {
        var orientation = Orientation.Upright;
        var adobe = false;
        var rest = jpeg[2..];
        while (rest.Length >= 4)
        {
            // Stray bytes between segments are skipped, as libjpeg does.
            var marker = rest[1];
            if (rest[0] != 0xFF || marker == 0xFF)
            {
                rest = rest[1..];
                continue;
            }

            if (marker is 0x00 or 0x01 or (>= 0xD0 and <= 0xD8))
            {
                // No marker, or one that stands alone.
                rest = rest[2..];
                continue;
            }

            if (marker == StartOfScan)
                return new JpegSegments(orientation, adobe, rest);
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (length < 2 || length + 2 > rest.Length)
                break;
            var content = rest[4..(length + 2)];
            if (marker == App1 && content.StartsWith(Exif.Prefix))
                orientation = Exif.ReadOrientation(content);
            adobe |= marker == App14 && content.StartsWith("Adobe"u8);
            rest = rest[(length + 2)..];
        }

        return new JpegSegments(orientation, adobe, []);
    }
}

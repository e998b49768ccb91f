using System.Buffers.Binary;

namespace Mdfld;

/// <summary>Reads the one EXIF tag that changes how a picture looks.</summary>
internal static class Exif
{
    private const int OrientationTag = 0x0112;
    private const int ShortType = 3;
    private const int EntryBytes = 12;

    /// <summary>What precedes the TIFF structure in a JPEG's APP1 segment, and in some WebP files.</summary>
    public static ReadOnlySpan<byte> Prefix => "Exif\0\0"u8;

    /// <summary>The orientation in an EXIF block; upright when there is none or the block makes no sense.</summary>
    /// <param name="block">A TIFF structure, with or without <see cref="Prefix"/>.</param>
    public static Orientation ReadOrientation(ReadOnlySpan<byte> block)
    {
        var tiff = block.StartsWith(Prefix) ? block[Prefix.Length..] : block;
        if (tiff.Length < 8)
            return Orientation.Upright;
        bool little;
        if (tiff.StartsWith("II*\0"u8))
            little = true;
        else if (tiff.StartsWith("MM\0*"u8))
            little = false;
        else
            return Orientation.Upright;

        var start = UInt32(tiff[4..]);
        if (start > tiff.Length - 2)
            return Orientation.Upright;
        var directory = tiff[(int)start..];
        var entries = UInt16(directory);
        directory = directory[2..];
        for (var i = 0; i < entries && directory.Length >= EntryBytes; i++, directory = directory[EntryBytes..])
        {
            if (UInt16(directory) != OrientationTag)
                continue;
            var value = UInt16(directory[8..]);
            return UInt16(directory[2..]) == ShortType && value is >= 1 and <= 8
                ? new Orientation(value)
                : Orientation.Upright;
        }

        return Orientation.Upright;

        ushort UInt16(ReadOnlySpan<byte> at) =>
            little ? BinaryPrimitives.ReadUInt16LittleEndian(at) : BinaryPrimitives.ReadUInt16BigEndian(at);

        uint UInt32(ReadOnlySpan<byte> at) =>
            little ? BinaryPrimitives.ReadUInt32LittleEndian(at) : BinaryPrimitives.ReadUInt32BigEndian(at);
    }
}

using System.Buffers.Binary;

namespace Mdfld;

/// <summary>Reads the one EXIF tag that changes how a picture looks, where Skia does not: in PNG.</summary>
internal static class Exif
{
    private const int OrientationTag = 0x0112;
    private const int ShortType = 3;
    private const int EntryBytes = 12;

    /// <summary>The orientation in a PNG's eXIf chunk; upright when there is none or it makes no sense.</summary>
    public static Orientation OfPng(ReadOnlySpan<byte> png)
    {
        // After eight bytes of signature, a chunk is its length, four letters, the content and a checksum.
        for (var rest = png[8..]; rest.Length >= 12;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - 12)
                break;
            if (rest[4..].StartsWith("eXIf"u8))
                return ReadOrientation(rest.Slice(8, (int)length));
            rest = rest[((int)length + 12)..];
        }
        return default;
    }

    private static Orientation ReadOrientation(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 8)
            return default;
        bool little;
        if (tiff.StartsWith("II*\0"u8))
            little = true;
        else if (tiff.StartsWith("MM\0*"u8))
            little = false;
        else
            return default;

        var start = UInt32(tiff[4..]);
        if (start > tiff.Length - 2)
            return default;
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
                : default;
        }

        return default;

        ushort UInt16(ReadOnlySpan<byte> at) =>
            little ? BinaryPrimitives.ReadUInt16LittleEndian(at) : BinaryPrimitives.ReadUInt16BigEndian(at);

        uint UInt32(ReadOnlySpan<byte> at) =>
            little ? BinaryPrimitives.ReadUInt32LittleEndian(at) : BinaryPrimitives.ReadUInt32BigEndian(at);
    }
}

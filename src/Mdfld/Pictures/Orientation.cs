using System.Buffers.Binary;

namespace Mdfld;

/// <summary>How the stored rows and columns of a picture are to be turned: EXIF's tag 0x0112, values 1 to 8.</summary>
/// <param name="Value">1 upright, 2 mirrored, 3 upside down, 6 to be turned right, 8 to be turned left, ...</param>
internal readonly record struct Orientation(int Value)
{
    public bool IsUpright => Value is < 2 or > 8;

    /// <summary>Whether rows become columns.</summary>
    public bool IsTurned => Value is >= 5 and <= 8;

    /// <summary>Takes stored pixels to seen ones.</summary>
    public Homography ToSeen(int width, int height)
    {
        var (right, bottom) = (width - 1, height - 1);
        return Value switch
        {
            2 => Homography.Affine(-1, 0, right, 0, 1, 0),
            3 => Homography.Affine(-1, 0, right, 0, -1, bottom),
            4 => Homography.Affine(1, 0, 0, 0, -1, bottom),
            5 => Homography.Affine(0, 1, 0, 1, 0, 0),
            6 => Homography.Affine(0, -1, bottom, 1, 0, 0),
            7 => Homography.Affine(0, -1, bottom, -1, 0, right),
            8 => Homography.Affine(0, 1, 0, -1, 0, right),
            _ => Homography.Identity,
        };
    }

    /// <summary>Copies some stored rows to where they are seen.</summary>
    /// <param name="rows">Full rows, R, G, B.</param>
    /// <param name="top">The first one's number.</param>
    /// <param name="width">Columns, as stored.</param>
    /// <param name="height">Rows of the picture, as stored.</param>
    /// <param name="seen">The picture as it is to be seen.</param>
    public void Copy(ReadOnlySpan<byte> rows, int top, int width, int height, Picture seen)
    {
        // Stored pixel (x, y) is number origin + x * stepX + y * stepY of the seen picture.
        var map = ToSeen(width, height);
        var (stepX, stepY) = ((int)((map.M21 * seen.Width) + map.M11), (int)((map.M22 * seen.Width) + map.M12));
        var origin = (int)((map.M23 * seen.Width) + map.M13);
        var count = rows.Length / (width * Picture.Channels);
        var pixels = seen.Data;
        for (var x = 0; x < width; x++)
        {
            // A few rows at a time: where they become columns, these lie side by side.
            for (var y = 0; y < count; y++)
            {
                var from = rows.Slice(((y * width) + x) * Picture.Channels, Picture.Channels);
                var to = pixels.Slice(
                    (origin + (x * stepX) + ((top + y) * stepY)) * Picture.Channels, Picture.Channels);
                (to[0], to[1], to[2]) = (from[0], from[1], from[2]);
            }
        }
    }
}

/// <summary>Reads EXIF's orientation where Skia does not: in PNG.</summary>
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
        var little = tiff.StartsWith("II*\0"u8);
        if (!little && !tiff.StartsWith("MM\0*"u8))
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

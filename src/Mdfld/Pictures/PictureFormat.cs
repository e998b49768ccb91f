namespace Mdfld;

/// <summary>The formats that are read.</summary>
internal enum PictureFormat
{
    Jpeg,
    Png,
    Webp,
    Gif,
    Bmp,
}

/// <summary>Recognises the format of a picture by its first bytes.</summary>
internal static class PictureFormats
{
    /// <summary>Bytes that tell the formats apart.</summary>
    public const int HeadLength = 12;

    /// <summary>Looks at a file's first <see cref="HeadLength"/> bytes, or all there are.</summary>
    /// <exception cref="InvalidDataException">No format starts like this.</exception>
    public static PictureFormat Of(ReadOnlySpan<byte> data, in PictureSource source) => data switch
    {
        [0xFF, 0xD8, 0xFF, ..] => PictureFormat.Jpeg,
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => PictureFormat.Png,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _,
            (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => PictureFormat.Webp,
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] => PictureFormat.Gif,
        // Two reserved zeros after the file's length: two letters alone start many a text.
        [(byte)'B', (byte)'M', _, _, _, _, 0, 0, 0, 0, ..] => PictureFormat.Bmp,
        _ => throw source.Broken($"expected a JPEG, PNG, WebP, GIF or BMP picture, found {Describe(data)}"),
    };

    /// <summary>How messages call a format.</summary>
    public static string NameOf(PictureFormat format) =>
        format == PictureFormat.Webp ? "WebP" : format.ToString().ToUpperInvariant();

    private static string Describe(ReadOnlySpan<byte> data)
    {
        var format = data switch
        {
            [] => "an empty file",
            [(byte)'I', (byte)'I', 42, 0, ..] or [(byte)'M', (byte)'M', 0, 42, ..] => "a TIFF",
            [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', ..] => "an AVIF, HEIF or MP4 file",
            [(byte)'<', ..] => "a text file (HTML, XML or SVG)",
            _ => "something else",
        };
        var start = Convert.ToHexString(data[..Math.Min(8, data.Length)]);
        return data.IsEmpty ? format : $"{format} that starts with {start}";
    }
}

namespace Mdfld;

/// <summary>Recognises the format of a picture by its first bytes and calls the decoder for it.</summary>
internal static class PictureDecoder
{
    /// <summary>Bytes that tell the formats apart.</summary>
    public const int HeadLength = 12;

    private enum Format
    {
        Unknown,
        Jpeg,
        Png,
        Webp,
    }

    public static Picture Decode(ReadOnlySpan<byte> data, in PictureSource source)
    {
        var (image, orientation) = FormatOf(data) switch
        {
            Format.Jpeg => JpegCodec.Decode(data, source),
            Format.Png => PngCodec.Decode(data, source),
            Format.Webp => WebpCodec.Decode(data, source),
            _ => throw Unknown(data, source),
        };
        return orientation.Apply(image);
    }

    /// <summary>Looks at a file's first <see cref="HeadLength"/> bytes, or all there are.</summary>
    /// <exception cref="InvalidDataException">No format starts like this.</exception>
    public static void CheckFormat(ReadOnlySpan<byte> head, in PictureSource source)
    {
        if (FormatOf(head) == Format.Unknown)
            throw Unknown(head, source);
    }

    private static Format FormatOf(ReadOnlySpan<byte> data) => data switch
    {
        [0xFF, 0xD8, 0xFF, ..] => Format.Jpeg,
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Format.Png,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _,
            (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => Format.Webp,
        _ => Format.Unknown,
    };

    private static InvalidDataException Unknown(ReadOnlySpan<byte> data, in PictureSource source) =>
        source.Broken($"expected a JPEG, PNG or WebP picture, found {Describe(data)}");

    private static string Describe(ReadOnlySpan<byte> data)
    {
        var format = data switch
        {
            [] => "an empty file",
            [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => "a GIF",
            [(byte)'B', (byte)'M', ..] => "a BMP",
            [(byte)'I', (byte)'I', 42, 0, ..] or [(byte)'M', (byte)'M', 0, 42, ..] => "a TIFF",
            [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', ..] => "an AVIF, HEIF or MP4 file",
            [(byte)'<', ..] => "a text file (HTML, XML or SVG)",
            _ => "something else",
        };
        var start = Convert.ToHexString(data[..Math.Min(8, data.Length)]);
        return data.IsEmpty ? format : $"{format} that starts with {start}";
    }
}

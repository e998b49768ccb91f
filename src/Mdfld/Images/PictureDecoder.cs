namespace Mdfld;

/// <summary>Recognises the format of a picture by its first bytes and calls the decoder for it.</summary>
internal static class PictureDecoder
{
    public static Image Decode(ReadOnlySpan<byte> data, in PictureSource source)
    {
        var (image, orientation) = data switch
        {
            [0xFF, 0xD8, 0xFF, ..] => JpegCodec.Decode(data, source),
            [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => PngCodec.Decode(data, source),
            [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _,
                (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => WebpCodec.Decode(data, source),
            _ => throw source.Broken($"expected a JPEG, PNG or WebP picture, found {Describe(data)}"),
        };
        return orientation.Apply(image);
    }

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

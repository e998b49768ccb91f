using System.Buffers.Binary;

namespace Mdfld;

/// <summary>WebP through libwebp.</summary>
internal static class WebpCodec
{
    public static (Picture Picture, Orientation Orientation) Decode(ReadOnlySpan<byte> webp, in PictureSource source)
    {
        var size = (nuint)webp.Length;
        var status = NativeCodecs.WebpGetFeatures(webp, size, out var features, NativeCodecs.WebpAbiVersion);
        if (status != 0)
            throw source.Broken($"expected a WebP with a sound header, found: {StatusName(status)}");
        source.CheckSize(features.Width, features.Height);
        if (features.HasAnimation != 0)
            throw source.Broken("expected a still picture, found an animated WebP: save one of its frames");

        var (width, height) = (features.Width, features.Height);
        var hasAlpha = features.HasAlpha != 0;
        var stride = width * (hasAlpha ? Picture.Channels + 1 : Picture.Channels);
        var pixels = GC.AllocateUninitializedArray<byte>(stride * height);
        var written = hasAlpha
            ? NativeCodecs.WebpDecodeRgba(webp, size, pixels, (nuint)pixels.Length, stride)
            : NativeCodecs.WebpDecodeRgb(webp, size, pixels, (nuint)pixels.Length, stride);
        if (written == IntPtr.Zero)
            throw source.Broken("expected a WebP that can be decoded, found broken or missing pixels");

        var image = hasAlpha ? Transparency.OverWhite(pixels, width, height) : new Picture(width, height, pixels);
        return (image, ReadOrientation(webp));
    }

    /// <summary>VP8StatusCode of webp/decode.h.</summary>
    private static string StatusName(int status) => status switch
    {
        1 => "not enough memory",
        2 => "an invalid call",
        3 => "broken data",
        4 => "an unknown kind of WebP",
        7 => "a file that is cut off",
        _ => $"error {status}",
    };

    /// <summary>From the EXIF chunk, if there is one.</summary>
    private static Orientation ReadOrientation(ReadOnlySpan<byte> webp)
    {
        // A chunk is four letters, the length and the content, padded to an even number of bytes.
        for (var rest = webp[12..]; rest.Length >= 8;)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            if (length > rest.Length - 8)
                break;
            if (rest.StartsWith("EXIF"u8))
                return Exif.ReadOrientation(rest.Slice(8, (int)length));
            rest = rest[Math.Min(rest.Length, 8 + (int)length + ((int)length & 1))..];
        }

        return Orientation.Upright;
    }
}

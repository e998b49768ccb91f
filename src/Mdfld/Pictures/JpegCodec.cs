using System.Runtime.InteropServices;

namespace Mdfld;

/// <summary>JPEG through TurboJPEG.</summary>
internal static class JpegCodec
{
    private const int MaxSide = 65500;

    // Even an empty scan costs a pass over all pixels. The largest picture allowed may have this many.
    private const int ScansOfLargest = 16;

    public static (Picture Picture, Orientation Orientation) Decode(ReadOnlySpan<byte> jpeg, in PictureSource source)
    {
        var segments = JpegSegments.Read(jpeg);
        using var decoder = NativeCodecs.JpegInitDecompress();
        var size = new CULong((nuint)jpeg.Length);
        var result = NativeCodecs.JpegDecompressHeader(
            decoder, jpeg, size, out var width, out var height, out _, out var colourSpace);
        if (result != 0 && NativeCodecs.JpegErrorCode(decoder) != NativeCodecs.ErrorCodeWarning)
            throw Broken(decoder, source);
        source.CheckSize(width, height);
        if (!segments.HasEnd)
        {
            throw source.Broken(
                "expected an end-of-image marker (FF D9) after its pixels, found none: the file is cut");
        }
        if ((long)segments.ScanCount * width * height > ScansOfLargest * source.MaxPixels)
        {
            throw source.Broken(
                $"expected about 10 scans of a progressive JPEG, found {segments.ScanCount} of {width} x {height}");
        }

        var isCmyk = colourSpace is NativeCodecs.ColourSpaceCmyk or NativeCodecs.ColourSpaceYcck;
        var channels = isCmyk ? 4 : Picture.Channels;
        var pixels = GC.AllocateUninitializedArray<byte>(width * height * channels);
        result = NativeCodecs.JpegDecompress(
            decoder, jpeg, size, pixels, width, width * channels, height,
            isCmyk ? NativeCodecs.PixelFormatCmyk : NativeCodecs.PixelFormatRgb, NativeCodecs.FlagLimitScans);
        if (result != 0 && !IsTolerable(decoder))
            throw Broken(decoder, source);

        var image = isCmyk
            ? FromCmyk(pixels, width, height, segments.IsAdobe)
            : new Picture(width, height, pixels);
        return (image, segments.Orientation);
    }

    public static byte[] Encode(Picture image, int quality)
    {
        if (image.Width > MaxSide || image.Height > MaxSide)
        {
            throw new InvalidOperationException(
                $"a JPEG has at most {MaxSide} pixels a side, this has {image.Width} x {image.Height}: save a PNG");
        }

        using var encoder = NativeCodecs.JpegInitCompress();
        var (jpeg, size) = (IntPtr.Zero, new CULong(0));
        try
        {
            var result = NativeCodecs.JpegCompress(
                encoder, image.Data, image.Width, image.Width * Picture.Channels, image.Height,
                NativeCodecs.PixelFormatRgb, ref jpeg, ref size,
                quality < 90 ? NativeCodecs.Subsampling420 : NativeCodecs.Subsampling444, quality,
                NativeCodecs.FlagAccurateTransform);
            if (result != 0)
                throw new InvalidOperationException($"TurboJPEG: {NativeCodecs.JpegError(encoder)}");
            var encoded = new byte[checked((int)size.Value)];
            Marshal.Copy(jpeg, encoded, 0, encoded.Length);
            return encoded;
        }
        finally
        {
            NativeCodecs.JpegFree(jpeg);
        }
    }

    /// <summary>
    /// Stray bytes between segments and the like leave a whole picture and are let pass; pixels that ended too early
    /// do not.
    /// </summary>
    private static bool IsTolerable(NativeCodecs.TurboJpegHandle decoder) =>
        NativeCodecs.JpegErrorCode(decoder) == NativeCodecs.ErrorCodeWarning
        && !NativeCodecs.JpegError(decoder).Contains("premature end", StringComparison.OrdinalIgnoreCase);

    private static InvalidDataException Broken(NativeCodecs.TurboJpegHandle decoder, in PictureSource source) =>
        source.Broken($"expected a JPEG that can be decoded, found: {NativeCodecs.JpegError(decoder)}");

    /// <summary>Without a colour profile: each of red, green, blue is what its ink and black let through.</summary>
    private static Picture FromCmyk(ReadOnlySpan<byte> inks, int width, int height, bool isInverted)
    {
        var image = new Picture(width, height);
        var flip = isInverted ? 0 : 255;
        var pixels = image.Data;
        for (int i = 0, j = 0; i < inks.Length; i += 4, j += Picture.Channels)
        {
            var light = inks[i + 3] ^ flip;
            for (var c = 0; c < Picture.Channels; c++)
                pixels[j + c] = (byte)((((inks[i + c] ^ flip) * light) + 127) / 255);
        }

        return image;
    }
}

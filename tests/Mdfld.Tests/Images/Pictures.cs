using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Mdfld.Tests.Images;

/// <summary>Pictures and files for the tests of the decoders.</summary>
internal static partial class Pictures
{
    /// <summary>A smooth picture, different at every corner, that JPEG hardly changes.</summary>
    public static Picture Smooth(int width, int height)
    {
        var picture = new Picture(width, height);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var pixel = picture.Row(y)[(x * 3)..];
                pixel[0] = (byte)(30 + (200 * x / width));
                pixel[1] = (byte)(220 - (180 * y / height));
                pixel[2] = (byte)(40 + (90 * (x + y) / (width + height)));
            }
        }

        return picture;
    }

    public static Picture Noise(int width, int height, int seed)
    {
        var picture = new Picture(width, height);
        new Random(seed).NextBytes(picture.Data);
        return picture;
    }

    public static int[] Pixel(Picture picture, int x, int y) =>
        [picture.Row(y)[x * 3], picture.Row(y)[(x * 3) + 1], picture.Row(y)[(x * 3) + 2]];

    public static void AssertClose(Picture expected, Picture actual, int tolerance)
    {
        Assert.Equal((expected.Width, expected.Height), (actual.Width, actual.Height));
        for (var i = 0; i < expected.Data.Length; i++)
            Assert.InRange(actual.Data[i] - expected.Data[i], -tolerance, tolerance);
    }

    /// <summary>A TIFF structure with a resolution, then the orientation.</summary>
    public static byte[] Exif(int orientation, bool littleEndian)
    {
        var tiff = new byte[8 + 2 + 24 + 4];
        (littleEndian ? "II*\0"u8 : "MM\0*"u8).CopyTo(tiff);
        Write32(4, 8);
        Write16(8, 2);
        Entry(10, 0x0128, 2);
        Entry(22, 0x0112, orientation);
        return tiff;

        void Entry(int at, int tag, int value)
        {
            Write16(at, tag);
            Write16(at + 2, 3);
            Write32(at + 4, 1);
            Write16(at + 8, value);
        }

        void Write16(int at, int value)
        {
            if (littleEndian)
                BinaryPrimitives.WriteInt16LittleEndian(tiff.AsSpan(at), (short)value);
            else
                BinaryPrimitives.WriteInt16BigEndian(tiff.AsSpan(at), (short)value);
        }

        void Write32(int at, int value)
        {
            if (littleEndian)
                BinaryPrimitives.WriteInt32LittleEndian(tiff.AsSpan(at), value);
            else
                BinaryPrimitives.WriteInt32BigEndian(tiff.AsSpan(at), value);
        }
    }

    public static byte[] JpegWithExif(byte[] jpeg, byte[] tiff)
    {
        byte[] content = [.. "Exif\0\0"u8, .. tiff];
        var length = content.Length + 2;
        return [0xFF, 0xD8, 0xFF, 0xE1, (byte)(length >> 8), (byte)length, .. content, .. jpeg.AsSpan(2)];
    }

    /// <summary>A JPEG of other kinds than the library writes. Pixel format, subsampling, flags: turbojpeg.h.</summary>
    public static byte[] TurboJpeg(
        byte[] pixels, int width, int height, int channels, int pixelFormat, int subsampling, int flags = 0)
    {
        using var encoder = NativeCodecs.JpegInitCompress();
        var (jpeg, size) = (IntPtr.Zero, new CULong(0));
        Assert.Equal(0, NativeCodecs.JpegCompress(
            encoder, pixels, width, width * channels, height, pixelFormat, ref jpeg, ref size, subsampling, 95, flags));
        var bytes = new byte[(int)size.Value];
        Marshal.Copy(jpeg, bytes, 0, bytes.Length);
        NativeCodecs.JpegFree(jpeg);
        return bytes;
    }

    public static byte[] WebpLossy(Picture picture, float quality = 95)
    {
        var size = WebPEncodeRGB(picture.Data, picture.Width, picture.Height, picture.Width * 3, quality, out var webp);
        return Take(webp, size);
    }

    public static byte[] WebpLossless(Picture picture)
    {
        var size = WebPEncodeLosslessRGB(picture.Data, picture.Width, picture.Height, picture.Width * 3, out var webp);
        return Take(webp, size);
    }

    public static byte[] WebpWithAlpha(byte[] rgba, int width, int height, bool lossless)
    {
        var size = lossless
            ? WebPEncodeLosslessRGBA(rgba, width, height, width * 4, out var webp)
            : WebPEncodeRGBA(rgba, width, height, width * 4, 95, out webp);
        return Take(webp, size);
    }

    /// <summary>The extended container round a simple WebP file: VP8X, the picture's own chunk, and one more.</summary>
    public static byte[] WebpExtended(byte[] simple, int width, int height, byte flags, string type, byte[] content)
    {
        byte[] vp8x = [flags, 0, 0, 0, .. Little(width - 1)[..3], .. Little(height - 1)[..3]];
        byte[] body = [.. "WEBP"u8, .. Chunk("VP8X", vp8x), .. simple.AsSpan(12), .. Chunk(type, content)];
        return [.. "RIFF"u8, .. Little(body.Length), .. body];

        static byte[] Chunk(string type, byte[] content) =>
        [
            .. System.Text.Encoding.ASCII.GetBytes(type), .. Little(content.Length), .. content,
            .. new byte[content.Length % 2],
        ];

        static byte[] Little(int value)
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
            return bytes;
        }
    }

    private static byte[] Take(IntPtr webp, nuint size)
    {
        Assert.NotEqual(0u, size);
        var bytes = new byte[(int)size];
        Marshal.Copy(webp, bytes, 0, bytes.Length);
        WebPFree(webp);
        return bytes;
    }

    [LibraryImport("libwebp.so.7")]
    private static partial nuint WebPEncodeRGB(
        ReadOnlySpan<byte> rgb, int width, int height, int stride, float quality, out IntPtr webp);

    [LibraryImport("libwebp.so.7")]
    private static partial nuint WebPEncodeRGBA(
        ReadOnlySpan<byte> rgba, int width, int height, int stride, float quality, out IntPtr webp);

    [LibraryImport("libwebp.so.7")]
    private static partial nuint WebPEncodeLosslessRGB(
        ReadOnlySpan<byte> rgb, int width, int height, int stride, out IntPtr webp);

    [LibraryImport("libwebp.so.7")]
    private static partial nuint WebPEncodeLosslessRGBA(
        ReadOnlySpan<byte> rgba, int width, int height, int stride, out IntPtr webp);

    [LibraryImport("libwebp.so.7")]
    private static partial void WebPFree(IntPtr webp);
}

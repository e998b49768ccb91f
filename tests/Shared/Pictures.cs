using System.Buffers.Binary;
using SkiaSharp;

namespace Mdfld.Tests.Images;

/// <summary>Pictures and files for the tests of the decoders.</summary>
internal static class Pictures
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

    /// <summary>A file of tests/golden/pictures.</summary>
    public static byte[] Golden(string name) => File.ReadAllBytes(
        Path.Combine(TestFiles.RepositoryRoot, "tests", "golden", "pictures", name));

    public static byte[] WebpLossy(Picture picture) => picture.EncodeWebp(95);

    public static byte[] WebpLossless(Picture picture)
    {
        using var bitmap = picture.ToBitmap();
        using var pixels = bitmap.PeekPixels();
        using var webp = pixels.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 50));
        return webp!.ToArray();
    }

    public static byte[] WebpWithAlpha(byte[] rgba, int width, int height, bool lossless)
    {
        using var bitmap = WithAlpha(rgba, width, height);
        using var pixels = bitmap.PeekPixels();
        using var webp = pixels.Encode(new SKWebpEncoderOptions(
            lossless ? SKWebpEncoderCompression.Lossless : SKWebpEncoderCompression.Lossy, lossless ? 50 : 95));
        return webp!.ToArray();
    }

    public static byte[] AnimatedWebp(params Picture[] frames)
    {
        var bitmaps = frames.Select(f => f.ToBitmap()).ToArray();
        using var webp = SKWebpEncoder.EncodeAnimated(
            [.. bitmaps.Select(b => new SKWebpEncoderFrame(b, TimeSpan.FromMilliseconds(100)))],
            new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 50));
        foreach (var bitmap in bitmaps)
            bitmap.Dispose();
        return webp!.ToArray();
    }

    /// <summary>
    /// The pixels in a bitmap of another colour space, which its encoder then writes as an ICC profile.
    /// </summary>
    public static SKBitmap InColoursOf(Picture picture, SKColorSpace colours)
    {
        var bitmap = new SKBitmap(new SKImageInfo(
            picture.Width, picture.Height, SKColorType.Rgba8888, SKAlphaType.Opaque, colours));
        using var plain = picture.ToBitmap();
        plain.GetPixelSpan().CopyTo(bitmap.GetPixelSpan());
        return bitmap;
    }

    /// <summary>
    /// A GIF of frames of one size, of grey values under 128 that stand for twice as much, not compressed.
    /// </summary>
    public static byte[] Gif(int width, int height, params byte[][] frames)
    {
        byte[] palette = [.. Enumerable.Range(0, 128).SelectMany(v => Enumerable.Repeat((byte)(2 * v), 3))];
        byte[] size = [(byte)width, (byte)(width >> 8), (byte)height, (byte)(height >> 8)];
        var file = new MemoryStream();
        file.Write([.. "GIF89a"u8, .. size, 0xF6, 0, 0, .. palette]);
        foreach (var frame in frames)
        {
            file.Write([0x21, 0xF9, 4, 0, 10, 0, 0, 0, 0x2C, 0, 0, 0, 0, .. size, 0, 7]);
            // Codes of 8 bits: a value each, and before the decoder's table wants longer codes it is cleared.
            byte[] codes = [.. frame.Chunk(100).SelectMany(values => (byte[])[0x80, .. values]), 0x81];
            foreach (var block in codes.Chunk(255))
                file.Write([(byte)block.Length, .. block]);
            file.WriteByte(0);
        }
        file.WriteByte(0x3B);
        return file.ToArray();
    }

    /// <summary>A BMP of 24 bits, rows from the bottom.</summary>
    public static byte[] Bmp(Picture picture)
    {
        var stride = ((3 * picture.Width) + 3) / 4 * 4;
        var file = new byte[54 + (stride * picture.Height)];
        "BM"u8.CopyTo(file);
        int[] header = [file.Length, 0, 54, 40, picture.Width, picture.Height, 1 | (24 << 16), 0, file.Length - 54];
        for (var i = 0; i < header.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2 + (4 * i)), header[i]);
        for (var y = 0; y < picture.Height; y++)
        {
            var row = file.AsSpan(54 + (stride * (picture.Height - 1 - y)));
            for (var x = 0; x < picture.Width; x++)
            {
                var pixel = Pixel(picture, x, y);
                (row[3 * x], row[(3 * x) + 1], row[(3 * x) + 2]) = ((byte)pixel[2], (byte)pixel[1], (byte)pixel[0]);
            }
        }
        return file;
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

    private static SKBitmap WithAlpha(byte[] rgba, int width, int height)
    {
        var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        rgba.CopyTo(bitmap.GetPixelSpan());
        return bitmap;
    }
}

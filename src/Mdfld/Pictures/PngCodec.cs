using System.Buffers.Binary;

namespace Mdfld;

/// <summary>PNG through libpng's simplified interface.</summary>
internal static unsafe class PngCodec
{
    private const int SignatureBytes = 8;

    public static (Picture Picture, Orientation Orientation) Decode(ReadOnlySpan<byte> png, in PictureSource source)
    {
        NativeCodecs.PngImage image = new() { Version = NativeCodecs.PngImageVersion };
        fixed (byte* bytes = png)
        {
            try
            {
                if (NativeCodecs.PngBeginRead(&image, bytes, (nuint)png.Length) == 0)
                    throw Broken(image, source);
                source.CheckSize(image.Width, image.Height);
                return (ReadPixels(&image, source), ReadOrientation(png));
            }
            finally
            {
                NativeCodecs.PngFree(&image);
            }
        }
    }

    public static byte[] Encode(Picture image)
    {
        NativeCodecs.PngImage header = new()
        {
            Version = NativeCodecs.PngImageVersion,
            Width = (uint)image.Width,
            Height = (uint)image.Height,
            Format = NativeCodecs.PngFormatRgb,
        };
        // Incompressible rows cost a filter byte each and well under 1/128 for deflate's blocks and PNG's chunks.
        var raw = image.Data.Length + (long)image.Height;
        var png = GC.AllocateUninitializedArray<byte>((int)Math.Min(raw + (raw / 128) + 1024, Array.MaxLength));
        var size = (nuint)png.Length;
        fixed (byte* to = png, from = image.Data)
        {
            if (NativeCodecs.PngWrite(&header, to, &size, 0, from, image.Width * Picture.Channels, IntPtr.Zero) == 0)
                throw new InvalidOperationException($"libpng: {header.Error()}");
        }

        return png.AsSpan(0, (int)size).ToArray();
    }

    private static Picture ReadPixels(NativeCodecs.PngImage* image, in PictureSource source)
    {
        var hasAlpha = (image->Format & NativeCodecs.PngFormatAlpha) != 0;
        var channels = hasAlpha ? Picture.Channels + 1 : Picture.Channels;
        image->Format = hasAlpha ? NativeCodecs.PngFormatRgba : NativeCodecs.PngFormatRgb;
        image->Flags |= NativeCodecs.PngFlag16BitSrgb;
        var (width, height) = ((int)image->Width, (int)image->Height);
        var pixels = GC.AllocateUninitializedArray<byte>(width * height * channels);
        fixed (byte* to = pixels)
        {
            if (NativeCodecs.PngFinishRead(image, IntPtr.Zero, to, width * channels, IntPtr.Zero) == 0)
                throw Broken(*image, source);
        }

        return hasAlpha ? Transparency.OverWhite(pixels, width, height) : new Picture(width, height, pixels);
    }

    private static InvalidDataException Broken(NativeCodecs.PngImage image, in PictureSource source) =>
        source.Broken($"expected a PNG that can be decoded, found: {image.Error()}");

    /// <summary>From the eXIf chunk, if there is one.</summary>
    private static Orientation ReadOrientation(ReadOnlySpan<byte> png)
    {
        // A chunk is its length, four letters, the content and a checksum.
        for (var rest = png[SignatureBytes..]; rest.Length >= 12;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - 12)
                break;
            if (rest[4..].StartsWith("eXIf"u8))
                return Exif.ReadOrientation(rest.Slice(8, (int)length));
            rest = rest[((int)length + 12)..];
        }

        return Orientation.Upright;
    }
}

using System.Runtime.InteropServices;

namespace Mdfld;

// libwebp 1.x, webp/decode.h.
internal static partial class NativeCodecs
{
    /// <summary>Only the upper byte, the generation of the interface, has to fit the library.</summary>
    internal const int WebpAbiVersion = 0x0200;

    /// <summary>VP8_STATUS_OK, or the code of an error.</summary>
    [LibraryImport(Webp, EntryPoint = "WebPGetFeaturesInternal")]
    internal static partial int WebpGetFeatures(
        ReadOnlySpan<byte> webp, nuint size, out WebpFeatures features, int abiVersion);

    /// <summary>0 when the picture is broken or its pixels do not fit.</summary>
    [LibraryImport(Webp, EntryPoint = "WebPDecodeRGBInto")]
    internal static partial IntPtr WebpDecodeRgb(
        ReadOnlySpan<byte> webp, nuint size, Span<byte> pixels, nuint pixelBytes, int stride);

    /// <summary>0 when the picture is broken or its pixels do not fit. Colours are not multiplied by alpha.</summary>
    [LibraryImport(Webp, EntryPoint = "WebPDecodeRGBAInto")]
    internal static partial IntPtr WebpDecodeRgba(
        ReadOnlySpan<byte> webp, nuint size, Span<byte> pixels, nuint pixelBytes, int stride);

    /// <summary>WebPBitstreamFeatures.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct WebpFeatures
    {
        public int Width;
        public int Height;
        public int HasAlpha;
        public int HasAnimation;
        public int Format;
        private unsafe fixed uint _reserved[5];
    }
}

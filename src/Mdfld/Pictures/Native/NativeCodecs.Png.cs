using System.Runtime.InteropServices;

namespace Mdfld;

// libpng 1.6, png.h: the simplified interface, which catches the library's long jumps itself.
internal static unsafe partial class NativeCodecs
{
    internal const uint PngImageVersion = 1;
    internal const uint PngFormatAlpha = 1;
    internal const uint PngFormatRgb = 2;
    internal const uint PngFormatRgba = PngFormatRgb | PngFormatAlpha;

    /// <summary>16-bit pictures that do not say otherwise are sRGB, not linear light.</summary>
    internal const uint PngFlag16BitSrgb = 4;

    [LibraryImport(Png, EntryPoint = "png_image_begin_read_from_memory")]
    internal static partial int PngBeginRead(PngImage* image, byte* png, nuint size);

    [LibraryImport(Png, EntryPoint = "png_image_finish_read")]
    internal static partial int PngFinishRead(
        PngImage* image, IntPtr background, byte* pixels, int rowStride, IntPtr colourMap);

    [LibraryImport(Png, EntryPoint = "png_image_free")]
    internal static partial void PngFree(PngImage* image);

    [LibraryImport(Png, EntryPoint = "png_image_write_to_memory")]
    internal static partial int PngWrite(
        PngImage* image, byte* png, nuint* size, int convertTo8Bit, byte* pixels, int rowStride, IntPtr colourMap);

    /// <summary>png_image. The library keeps its address: it must not move before PngFree.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PngImage
    {
        public IntPtr Opaque;
        public uint Version;
        public uint Width;
        public uint Height;
        public uint Format;
        public uint Flags;
        public uint ColourMapEntries;
        public uint WarningOrError;
        public fixed byte Message[64];

        public string Error()
        {
            fixed (byte* message = Message)
                return Marshal.PtrToStringUTF8((IntPtr)message) ?? "unknown error";
        }
    }
}

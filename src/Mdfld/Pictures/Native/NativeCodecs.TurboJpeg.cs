using System.Runtime.InteropServices;

namespace Mdfld;

// TurboJPEG 2.x, turbojpeg.h: the part of its C interface that version 3 still has.
internal static partial class NativeCodecs
{
    internal const int PixelFormatRgb = 0;
    internal const int PixelFormatCmyk = 11;
    internal const int ColourSpaceCmyk = 3;
    internal const int ColourSpaceYcck = 4;
    internal const int Subsampling444 = 0;
    internal const int Subsampling420 = 2;

    /// <summary>Without it, qualities below 96 are coded with a coarser transform.</summary>
    internal const int FlagAccurateTransform = 4096;

    /// <summary>More than 500 scans are an attack on the reader's time.</summary>
    internal const int FlagLimitScans = 32768;

    /// <summary>tjGetErrorCode: the picture was decoded, with a doubt.</summary>
    internal const int ErrorCodeWarning = 0;

    [LibraryImport(TurboJpeg, EntryPoint = "tjInitDecompress")]
    internal static partial TurboJpegHandle JpegInitDecompress();

    [LibraryImport(TurboJpeg, EntryPoint = "tjInitCompress")]
    internal static partial TurboJpegHandle JpegInitCompress();

    [LibraryImport(TurboJpeg, EntryPoint = "tjDestroy")]
    internal static partial int JpegDestroy(IntPtr handle);

    [LibraryImport(TurboJpeg, EntryPoint = "tjDecompressHeader3")]
    internal static partial int JpegDecompressHeader(
        TurboJpegHandle handle, ReadOnlySpan<byte> jpeg, CULong jpegSize,
        out int width, out int height, out int subsampling, out int colourSpace);

    [LibraryImport(TurboJpeg, EntryPoint = "tjDecompress2")]
    internal static partial int JpegDecompress(
        TurboJpegHandle handle, ReadOnlySpan<byte> jpeg, CULong jpegSize,
        Span<byte> pixels, int width, int pitch, int height, int pixelFormat, int flags);

    [LibraryImport(TurboJpeg, EntryPoint = "tjCompress2")]
    internal static partial int JpegCompress(
        TurboJpegHandle handle, ReadOnlySpan<byte> pixels, int width, int pitch, int height, int pixelFormat,
        ref IntPtr jpeg, ref CULong jpegSize, int subsampling, int quality, int flags);

    [LibraryImport(TurboJpeg, EntryPoint = "tjFree")]
    internal static partial void JpegFree(IntPtr buffer);

    [LibraryImport(TurboJpeg, EntryPoint = "tjGetErrorCode")]
    internal static partial int JpegErrorCode(TurboJpegHandle handle);

    [LibraryImport(TurboJpeg, EntryPoint = "tjGetErrorStr2")]
    private static partial IntPtr JpegErrorText(TurboJpegHandle handle);

    internal static string JpegError(TurboJpegHandle handle) =>
        Marshal.PtrToStringUTF8(JpegErrorText(handle)) ?? "unknown error";

    /// <summary>One TurboJPEG compressor or decompressor.</summary>
    internal sealed class TurboJpegHandle : SafeHandle
    {
        public TurboJpegHandle()
            : base(IntPtr.Zero, ownsHandle: true)
        {
        }

        public override bool IsInvalid => handle == IntPtr.Zero;

        protected override bool ReleaseHandle() => JpegDestroy(handle) == 0;
    }
}

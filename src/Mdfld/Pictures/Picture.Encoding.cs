using System.Globalization;
using SkiaSharp;

namespace Mdfld;

public sealed partial class Picture
{
    // From here on an eye sees halved colours sooner than blocks.
    private const int FullColourQuality = 90;

    // libjpeg takes no more, and WebP has 14 bits.
    private const int LargestJpegSide = 65500;
    private const int LargestWebpSide = 16383;

    /// <summary>
    /// Writes a picture as its name ends: <c>.jpg</c>, <c>.jpeg</c> or <c>.webp</c> (quality 92), or <c>.png</c>.
    /// </summary>
    /// <remarks>A file of that name is replaced in one step (<see cref="AtomicFile"/>).</remarks>
    /// <param name="path">The file.</param>
    /// <exception cref="ArgumentException">Another ending.</exception>
    /// <exception cref="InvalidOperationException">A side exceeds the format's limit.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var encoded = Path.GetExtension(path).ToLower(CultureInfo.InvariantCulture) switch
        {
            ".jpg" or ".jpeg" => EncodeJpeg(),
            ".png" => EncodePng(),
            ".webp" => EncodeWebp(),
            var other => throw new ArgumentException(
                $"{path}: cannot write '{other}' pictures, expected .jpg, .jpeg, .png or .webp", nameof(path)),
        };
        AtomicFile.Write(path, encoded);
    }

    /// <summary>The bytes of a PNG file: 8-bit RGB, without loss.</summary>
    public byte[] EncodePng() => Encode(pixels => pixels.Encode(SKPngEncoderOptions.Default), "PNG", int.MaxValue);

    /// <summary>The bytes of a JPEG file; colours at full resolution from quality 90 on, halved below.</summary>
    /// <param name="quality">1 to 100.</param>
    /// <exception cref="ArgumentOutOfRangeException">The quality is out of range.</exception>
    /// <exception cref="InvalidOperationException">A side exceeds JPEG's 65,500 pixels.</exception>
    public byte[] EncodeJpeg(int quality = 92)
    {
        CheckQuality(quality);
        var options = new SKJpegEncoderOptions(
            quality,
            quality < FullColourQuality ? SKJpegEncoderDownsample.Downsample420 : SKJpegEncoderDownsample.Downsample444,
            SKJpegEncoderAlphaOption.Ignore);
        return Encode(pixels => pixels.Encode(options), "JPEG", LargestJpegSide);
    }

    /// <summary>The bytes of a WebP file, with loss.</summary>
    /// <param name="quality">1 to 100.</param>
    /// <exception cref="ArgumentOutOfRangeException">The quality is out of range.</exception>
    /// <exception cref="InvalidOperationException">A side exceeds WebP's 16,383 pixels.</exception>
    public byte[] EncodeWebp(int quality = 92)
    {
        CheckQuality(quality);
        var options = new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossy, quality);
        return Encode(pixels => pixels.Encode(options), "WebP", LargestWebpSide);
    }

    private static void CheckQuality(int quality)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
    }

    private byte[] Encode(Func<SKPixmap, SKData?> encode, string format, int largestSide)
    {
        if (Width > largestSide || Height > largestSide)
        {
            throw new InvalidOperationException(
                $"a {format} has at most {largestSide} pixels a side, this has {Width} x {Height}: save a PNG");
        }
        using var bitmap = ToBitmap();
        using var pixels = bitmap.PeekPixels();
        using var encoded = encode(pixels)
            ?? throw new InvalidOperationException($"a picture of {Width} x {Height} pixels cannot be a {format}");
        return encoded.ToArray();
    }
}

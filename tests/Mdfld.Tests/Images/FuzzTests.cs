using System.Runtime.CompilerServices;

namespace Mdfld.Tests.Images;

/// <summary>
/// Damaged files of each format: a picture or an InvalidDataException, and never much memory, the codecs' own included.
/// </summary>
[Collection(nameof(Alone))]
public sealed class FuzzTests
{
    private const int MaxPixels = 100_000;

    // The decoded pixels (4 channels at most), the picture, its upright copy, and a little.
    private const int MaxAllocated = (MaxPixels * (4 + 3 + 3)) + (1 << 16);

    // In the working set, over all files; what a file may allocate is bounded one by one above.
    private const long MaxGrowth = 200_000_000;

    [Fact]
    public void Jpeg()
    {
        var picture = Pictures.Smooth(24, 20);
        Fuzz(
            [
                picture.EncodeJpeg(),
                picture.EncodeJpeg(40),
                Pictures.JpegWithExif(picture.EncodeJpeg(), Pictures.Exif(6, true)),
                Pictures.Golden("progressive.jpg"),
                Pictures.Golden("grey.jpg"),
                JpegBuilder.Flat(24, 20, [1, 2, 3, 4], adobe: 2),
                JpegBuilder.Flat(24, 20, [90, 120, 140], isProgressive: true),
            ]);
    }

    [Fact]
    public void Png()
    {
        var picture = Pictures.Noise(24, 20, 1);
        var row = new byte[24 * 8];
        new Random(2).NextBytes(row);
        var rows = Enumerable.Repeat(row, 20).ToArray();
        Fuzz(
            [
                picture.EncodePng(),
                PngBuilder.Start(24, 20, 8, PngBuilder.Rgba).Chunk("eXIf", Pictures.Exif(5, false))
                    .Pixels([.. rows.Select(r => r[..96])]),
                PngBuilder.Start(24, 20, 16, PngBuilder.Rgba).Chunk("gAMA", [0, 0, 0xB1, 0x8F]).Pixels(rows),
                PngBuilder.Start(24, 20, 4, PngBuilder.Palette).Chunk("PLTE", row[..48]).Chunk("tRNS", row[..9])
                    .Pixels([.. rows.Select(r => r[..12])]),
                PngBuilder.Start(24, 20, 1, PngBuilder.Grey).Pixels([.. rows.Select(r => r[..3])]),
            ],
            PngBuilder.WithChecksumsRepaired);
    }

    [Fact]
    public void Webp()
    {
        var picture = Pictures.Smooth(24, 20);
        var rgba = new byte[24 * 20 * 4];
        new Random(3).NextBytes(rgba);
        var lossless = Pictures.WebpLossless(picture);
        Fuzz(
            [
                lossless,
                Pictures.AnimatedWebp(picture, Pictures.Noise(24, 20, 8)),
                Pictures.WebpLossy(picture),
                Pictures.WebpWithAlpha(rgba, 24, 20, lossless: true),
                Pictures.WebpWithAlpha(rgba, 24, 20, lossless: false),
                Pictures.WebpExtended(lossless, 24, 20, 0x08, "EXIF", Pictures.Exif(7, true)),
            ]);
    }

    [Fact]
    public void Gif() => Fuzz(
        [
            Pictures.Gif(24, 20, Values(4)),
            Pictures.Gif(24, 20, Values(5), Values(6)),
        ]);

    [Fact]
    public void Bmp() => Fuzz([Pictures.Bmp(Pictures.Noise(24, 20, 7))]);

    private static byte[] Values(int seed) => [.. Pictures.Noise(24, 20, seed).Data[..(24 * 20)].ToArray()
        .Select(v => (byte)(v / 2))];

    /// <param name="seeds">Sound files.</param>
    /// <param name="repair">Makes checksums right again, applied to every other file.</param>
    /// <param name="format">Name of the format.</param>
    private static void Fuzz(byte[][] seeds, Func<byte[], byte[]>? repair = null, [CallerMemberName] string format = "")
    {
        var held = HeldByTheProcess();
        new Fuzz($"picture {format}", typeof(InvalidDataException)) { Allowed = MaxAllocated, AllowedPerByte = 0 }.Run(
            seeds,
            (_, file) =>
            {
                var picture = Picture.Load(file, MaxPixels);
                Assert.InRange((long)picture.Width * picture.Height, 1, MaxPixels);
            },
            repair);
        Assert.InRange(HeldByTheProcess() - held, long.MinValue, MaxGrowth);
    }

    // Without what the garbage collector could give back.
    private static long HeldByTheProcess()
    {
        GC.Collect();
        return Environment.WorkingSet;
    }
}

using System.Buffers.Binary;

namespace Mdfld.Tests.Images;

/// <summary>
/// 10,000 damaged files of each format: a picture or an InvalidDataException, and never much memory, the codecs' own
/// included.
/// </summary>
[Collection(nameof(Alone))]
public sealed class FuzzTests
{
    private const int Files = 10_000;
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
            ],
            repair: file => file);
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
            ],
            repair: file => file);
    }

    [Fact]
    public void Gif() => Fuzz(
        [
            Pictures.Gif(24, 20, Values(4)),
            Pictures.Gif(24, 20, Values(5), Values(6)),
        ],
        repair: file => file);

    [Fact]
    public void Bmp() => Fuzz([Pictures.Bmp(Pictures.Noise(24, 20, 7))], repair: file => file);

    private static byte[] Values(int seed) => [.. Pictures.Noise(24, 20, seed).Data[..(24 * 20)].ToArray()
        .Select(v => (byte)(v / 2))];

    /// <param name="seeds">Sound files.</param>
    /// <param name="repair">Makes checksums right again, applied to every other file.</param>
    private static void Fuzz(byte[][] seeds, Func<byte[], byte[]> repair)
    {
        Assert.All(seeds, seed => Picture.Load(seed, MaxPixels));
        var random = new Random(20261122);
        var (read, refused) = (0, 0);
        var held = HeldByTheProcess();
        for (var i = 0; i < Files; i++)
        {
            var file = Damage(seeds[i % seeds.Length], random);
            if (i % 2 == 0)
                file = repair(file);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                var picture = Picture.Load(file, MaxPixels);
                Assert.InRange((long)picture.Width * picture.Height, 1, MaxPixels);
                read++;
            }
            catch (InvalidDataException)
            {
                refused++;
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxAllocated);
        }

        Assert.InRange(HeldByTheProcess() - held, long.MinValue, MaxGrowth);
        // Both ways were taken often, so the damage was neither harmless nor all in the first bytes.
        Assert.True(read > Files / 100, $"only {read} of {Files} were read");
        Assert.True(refused > Files / 10, $"only {refused} of {Files} were refused");
    }

    // Without what the garbage collector could give back.
    private static long HeldByTheProcess()
    {
        GC.Collect();
        return Environment.WorkingSet;
    }

    private static byte[] Damage(byte[] seed, Random random)
    {
        var file = (byte[])seed.Clone();
        for (var hits = random.Next(1, 5); hits > 0; hits--)
        {
            var at = random.Next(4, file.Length - 4);
            switch (random.Next(7))
            {
                case 0:
                    file[at] = (byte)random.Next(256);
                    break;
                case 1:
                    file[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(at), Extreme(random));
                    break;
                case 3:
                    BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), (ushort)Extreme(random));
                    break;
                case 4 when file.Length > 40:
                    file = random.Next(4) == 0 ? file[..at] : [.. file[..at], .. file[(at + random.Next(4))..]];
                    break;
                case 5:
                    file = [.. file[..at], .. RandomBytes(random, random.Next(1, 9)), .. file[at..]];
                    break;
                default:
                    var from = random.Next(4, file.Length - 4);
                    file.AsSpan(from, Math.Min(random.Next(1, 16), file.Length - Math.Max(from, at)))
                        .CopyTo(file.AsSpan(at));
                    break;
            }

            if (file.Length < 16)
                break;
        }

        return file;
    }

    private static uint Extreme(Random random) => random.Next(6) switch
    {
        0 => 0,
        1 => uint.MaxValue,
        2 => int.MaxValue,
        3 => 0x80000000,
        4 => 0x00010001,
        _ => (uint)random.Next(1000),
    };

    private static byte[] RandomBytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}

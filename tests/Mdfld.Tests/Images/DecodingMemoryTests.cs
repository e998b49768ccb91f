using System.Globalization;
using System.Runtime.CompilerServices;

namespace Mdfld.Tests.Images;

/// <summary>
/// What <see cref="PictureCodec.PeakBytes"/> says is what decoding takes, the codecs' own memory included.
/// </summary>
[Collection(nameof(Alone))]
public sealed class DecodingMemoryTests
{
    private const int Width = 4000;
    private const int Height = 3000;

    // The collector's and the allocator's, and what a codec has beside its pixels; a plane of pixels is 48 MB.
    private const long Slack = 24 << 20;

    [Theory]
    [InlineData("png", 1)]
    [InlineData("interlaced", 1)]
    [InlineData("jpeg", 1)]
    [InlineData("jpeg", 8)]
    [InlineData("lossless", 1, 60_000_000)]
    [InlineData("lossless", 4)]
    [InlineData("lossy", 1)]
    [InlineData("lossy", 4)]
    [InlineData("alpha", 1)]
    [InlineData("gif", 1, 50_000_000)]
    [InlineData("bmp", 1)]
    public unsafe void DecodingTakesNoMoreThanItSays(string kind, int reduction, long least = 0)
    {
        if (!OperatingSystem.IsLinux())
            return;
        var file = Encoded(kind);
        // What another test left in the hands of finalizers must not go, and come again, while this measures.
        for (var i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        fixed (byte* bytes = file)
        {
            using var codec = new PictureCodec(bytes, file.Length, new PictureSource(kind, 100_000_000));
            var before = ResetPeak();
            Assert.Equal(Width / reduction, codec.Decode(reduction).Width);
            var peak = Memory("VmHWM:") - before;
            Assert.InRange(peak, least, codec.PeakBytes(reduction) + Slack);
        }
    }

    /// <summary>What is given up for a finer one is gone before that is decoded.</summary>
    [Fact]
    public void ACoarserPictureDoesNotStay()
    {
        var file = Picture.Open(new MemoryStream(JpegBuilder.Flat(12_000, 7_600, [128]))).BeginUse()!;
        file.Level(0.25);
        var coarse = Decoded(0.5);
        file.Level(1);
        Assert.False(coarse.IsAlive);
        file.EndUse();

        [MethodImpl(MethodImplOptions.NoInlining)]
        WeakReference Decoded(double scale) => new(file.Level(scale).Picture);
    }

    private static byte[] Encoded(string kind)
    {
        var picture = new Picture(Width, Height);
        // More colours than a palette has, which codecs would pack.
        for (var y = 0; y < Height; y++)
        {
            var row = picture.Row(y);
            for (var x = 0; x < Width; x++)
                (row[3 * x], row[(3 * x) + 1], row[(3 * x) + 2]) = ((byte)x, (byte)y, (byte)((x + y) / 8));
        }
        return kind switch
        {
            "jpeg" => picture.EncodeJpeg(),
            "lossless" => Pictures.WebpLossless(picture),
            "lossy" => picture.EncodeWebp(90),
            "alpha" => Pictures.WebpWithAlpha(
                [.. Enumerable.Repeat<byte[]>([9, 9, 9, 90], Width * Height).SelectMany(p => p)], Width, Height, false),
            "gif" => Pictures.Gif(Width, Height, new byte[Width * Height]),
            "bmp" => Pictures.Bmp(picture),
            _ => PngBuilder.Start(Width, Height, 8, PngBuilder.Rgb, kind == "interlaced").Pixels(Passes(kind)),
        };
    }

    // Of Adam7, whose rows in all are as long as the picture's and a filter byte each.
    private static byte[][] Passes(string kind)
    {
        if (kind == "png")
            return [.. Enumerable.Repeat(new byte[Width * 3], Height)];
        (int X, int Y, int StepX, int StepY)[] passes =
            [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];
        return [.. passes.SelectMany(p => Enumerable.Repeat(
            new byte[(Width - p.X + p.StepX - 1) / p.StepX * 3], (Height - p.Y + p.StepY - 1) / p.StepY))];
    }

    private static long ResetPeak()
    {
        File.WriteAllText("/proc/self/clear_refs", "5");
        return Memory("VmRSS:");
    }

    private static long Memory(string entry) => 1024 * long.Parse(
        File.ReadLines("/proc/self/status").First(l => l.StartsWith(entry, StringComparison.Ordinal)).Split(' ')[^2],
        CultureInfo.InvariantCulture);
}

using System.Numerics;

namespace Mdfld.Tests.Detection;

public sealed class LandmarkDetectorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void APointOfTheCropComesBackToItsPixel()
    {
        using var detector = Load(TinyModels.Brightest(new Vector2[68]));
        var image = Spot(200, 160, 90, 70);
        var crop = new FaceCrop(new Vector2(100, 80), 64);
        var found = detector.Detect(image, crop);
        Assert.Equal(68, found.Points.Length);
        Assert.Same(LandmarkScheme.Ibug68, found.Scheme);
        Assert.Equal(crop, found.Crop);
        // A crop pixel is two picture pixels wide; the spot is symmetric, so its mean is exact but for bytes' rounding.
        Assert.All(found.Points, p => Assert.True(Vector2.Distance(p, new Vector2(90, 70)) < 0.3f, $"{p}"));
    }

    [Fact]
    public void FurtherPassesCloseInOnTheFace()
    {
        // A constellation half as wide as the crop: each pass should cut a square of 1.25 x 0.5 of the one before.
        var offsets = new Vector2[68];
        for (var i = 0; i < 68; i++)
            offsets[i] = 0.5f * new Vector2(MathF.Cos(i * MathF.Tau / 68), MathF.Sin(i * MathF.Tau / 68));
        using var detector = Load(TinyModels.Brightest(offsets), passes: 2);
        var image = Spot(256, 200, 150, 90);
        var found = detector.DetectSingle(image);
        Assert.Equal(256 * 0.625f * 0.625f, found.Crop.Side, 0.5f);
        Assert.True(Vector2.Distance(found.Crop.Centre, new Vector2(150, 90)) < 1.5f, $"{found.Crop}");
        Assert.Equal(256, detector.Detect(image, new FaceCrop(new(127.5f, 99.5f), 256)).Crop.Side);
    }

    [Fact]
    public void ALostFaceEndsThePasses()
    {
        using var detector = Load(TinyModels.Brightest(new Vector2[68]));
        var found = detector.DetectSingle(Spot(64, 64, 20, 30));
        Assert.Equal(64, found.Crop.Side);
    }

    [Fact]
    public void ManyCropsGiveWhatEachGivesAlone()
    {
        using var detector = Load(TinyModels.Brightest(new Vector2[68]));
        var image = Spot(120, 120, 61, 57);
        var random = new Random(5);
        var crops = Enumerable.Range(0, 19)
            .Select(_ => new FaceCrop(
                new Vector2(50 + random.Next(20), 50 + random.Next(20)), 40 + random.Next(60))).ToArray();
        var together = detector.Detect(image, crops);
        Assert.Equal(crops, together.Select(f => f.Crop));
        for (var i = 0; i < crops.Length; i++)
            Assert.True(Vector2.Distance(detector.Detect(image, crops[i]).Points[0], together[i].Points[0]) < 1e-3f);
        Assert.Empty(detector.Detect(image, Array.Empty<FaceCrop>()));
    }

    [Fact]
    public void ThreadsShareADetector()
    {
        using var detector = Load(TinyModels.Brightest(new Vector2[68]));
        var images = Enumerable.Range(0, 8).Select(i => Spot(80, 80, 20 + (5 * i), 30)).ToArray();
        var expected = images.Select(i => detector.DetectSingle(i).Points[7]).ToArray();
        var found = new Vector2[200];
        Parallel.For(0, found.Length, i => found[i] = detector.DetectSingle(images[i % 8]).Points[7]);
        for (var i = 0; i < found.Length; i++)
            Assert.Equal(expected[i % 8], found[i]);
    }

    [Theory]
    [InlineData("rgb", 127.5f, 127.5f)]
    [InlineData("bgr", 127.5f, 127.5f)]
    [InlineData("rgb", 100f, 50f)]
    public void BytesBecomeInputAsTheModelSays(string channels, float mean, float std)
    {
        var properties = TinyModels.With("mdfld.channels", channels);
        properties["mdfld.mean"] = FormattableString.Invariant($"{mean}");
        properties["mdfld.std"] = FormattableString.Invariant($"{std}");
        using var detector = Load(TinyModels.Means(properties));
        var image = new Picture(40, 40);
        for (var i = 0; i < image.Data.Length; i += 3)
            (image.Data[i], image.Data[i + 1], image.Data[i + 2]) = (200, 10, 60);
        var found = detector.Detect(image, new FaceCrop(new Vector2(19.5f, 19.5f), 32)).Points[0];
        var (first, last) = channels == "rgb" ? (200f, 60f) : (60f, 200f);
        // The crop has the picture's scale: unit u is pixel ((u + 1) 32 - 1) / 2 of a square that starts at 4.
        Assert.Equal((((((first - mean) / std) + 1) * 32) - 1) / 2 + 4, found.X, 1e-3f);
        Assert.Equal((((((last - mean) / std) + 1) * 32) - 1) / 2 + 4, found.Y, 1e-3f);
    }

    [Fact]
    public void ABoxIsCutAsWideAsTheModelLikes()
    {
        using var detector = Load(TinyModels.Brightest(new Vector2[68], TinyModels.With("mdfld.crop_factor", "1.5")));
        var found = detector.Detect(Spot(100, 100, 50, 50), new FaceBox(30, 40, 40, 20));
        Assert.Equal(new FaceCrop(new Vector2(50, 50), 60), found.Crop);
    }

    [Fact]
    public void ManyBoxesGiveWhatEachGivesAlone()
    {
        using var detector = Load(TinyModels.Brightest(new Vector2[68]));
        var image = Spot(120, 120, 61, 57);
        FaceBox[] boxes = [new(30, 40, 40, 20), new(40, 30, 50, 60), new(-10, 20, 90, 80)];
        var together = detector.Detect(image, boxes);
        Assert.Equal(boxes.Select(b => b.ToCrop(1.25f)), together.Select(f => f.Crop));
        for (var i = 0; i < boxes.Length; i++)
            Assert.True(Vector2.Distance(detector.Detect(image, boxes[i]).Points[0], together[i].Points[0]) < 1e-3f);
        Assert.Empty(detector.Detect(image, Array.Empty<FaceBox>()));
    }

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(1, 2, 30, 0)]
    [InlineData(1, 2, -30, 40)]
    [InlineData(float.NaN, 2, 30, 40)]
    [InlineData(1, 2, 30, float.NaN)]
    [InlineData(1, 2, float.PositiveInfinity, 40)]
    [InlineData(1, 2, 3e38f, 40)]
    public void ABoxThatIsNoneIsNamed(float left, float top, float width, float height)
    {
        using var detector = Load(TinyModels.Brightest(new Vector2[68]));
        var box = new FaceBox(left, top, width, height);
        var refusal = Assert.Throws<ArgumentException>(
            () => detector.Detect(new Picture(50, 50), [new FaceBox(10, 10, 20, 20), box]));
        Assert.Contains($"box 1 is empty or not finite: {box}", refusal.Message);
        Assert.Throws<ArgumentException>(() => detector.Detect(new Picture(50, 50), box));
    }

    [Fact]
    public void TheModelDescribesItself()
    {
        using var detector = Load(TinyModels.Means(TinyModels.With("mdfld.channels", "bgr")));
        var m = detector.Model;
        Assert.Equal(
            ("tiny", LandmarkScheme.Ibug68, 32, true, 127.5f, 127.5f, 1.25f),
            (m.Name, m.Scheme, m.Size, m.IsBgr, m.Mean, m.Std, m.CropFactor));
    }

    [Theory]
    [InlineData("mdfld.points", null, "no property mdfld.points")]
    [InlineData("mdfld.points", "67", "mdfld.points is 67, expected 68, 98 or 29")]
    [InlineData("mdfld.points", "98", "output 'landmarks' is float [N, 68, 2], expected float [N, 98, 2]")]
    [InlineData("mdfld.size", "64", "input 'image' is float [N, 3, 32, 32], expected float [N, 3, 64, 64]")]
    [InlineData("mdfld.size", "2147483647", "mdfld.size is '2147483647', expected a whole number from 8 to 2048")]
    [InlineData("mdfld.size", "32.5", "mdfld.size is '32.5', expected a whole number")]
    [InlineData("mdfld.points", "68.5", "mdfld.points is '68.5', expected a whole number from 1 to 1000")]
    [InlineData("mdfld.channels", "grey", "mdfld.channels is 'grey', expected rgb or bgr")]
    [InlineData("mdfld.std", "0", "mdfld.std is '0', expected a number")]
    [InlineData("mdfld.mean", "NaN", "mdfld.mean is 'NaN', expected a number")]
    [InlineData("mdfld.crop_factor", null, "no property mdfld.crop_factor")]
    public void AWrongModelIsRefusedByName(string key, string? value, string message)
    {
        var refusal = Assert.Throws<InvalidDataException>(() => Load(TinyModels.Means(TinyModels.With(key, value))));
        Assert.Contains(message, refusal.Message);
        Assert.StartsWith(_folder.Path, refusal.Message);
    }

    [Fact]
    public void AFileThatIsNoModelIsRefused()
    {
        var model = TinyModels.Means();
        var random = new Random(11);
        var noise = new byte[5000];
        random.NextBytes(noise);
        byte[][] files = [[], [8], noise, model[..(model.Length / 2)], "GIF89a"u8.ToArray()];
        foreach (var file in files)
        {
            var refusal = Assert.Throws<InvalidDataException>(() => Load(file));
            Assert.StartsWith(_folder.Path, refusal.Message);
            Assert.DoesNotContain('\n', refusal.Message);
        }
        Assert.Throws<FileNotFoundException>(() => LandmarkDetector.Load(_folder["absent.onnx"]));
    }

    [Fact]
    public void AMutatedModelNeverDoesWorseThanAnException()
    {
        var model = TinyModels.Brightest(new Vector2[68]);
        var image = Spot(50, 50, 20, 20);
        var random = new Random(12);
        var refused = 0;
        for (var trial = 0; trial < 60; trial++)
        {
            var mutated = (byte[])model.Clone();
            // The head and tail hold the structure; the middle is the grid's numbers, which may be anything.
            for (var k = 0; k < 3; k++)
            {
                var at = random.Next(600);
                mutated[random.Next(2) == 0 ? at : mutated.Length - 1 - at] = (byte)random.Next(256);
            }
            try
            {
                using var detector = Load(mutated);
                detector.DetectSingle(image);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 10, 60);
    }

    private static Picture Spot(int width, int height, float x, float y)
    {
        var image = new Picture(width, height);
        for (var row = 0; row < height; row++)
        {
            for (var column = 0; column < width; column++)
            {
                var value = (byte)(255 * MathF.Exp(-Vector2.DistanceSquared(new(column, row), new(x, y)) / 120));
                image.Row(row).Slice(3 * column, 3).Fill(value);
            }
        }
        return image;
    }

    private LandmarkDetector Load(byte[] model, int passes = 4)
    {
        var path = _folder["model.onnx"];
        File.WriteAllBytes(path, model);
        return LandmarkDetector.Load(path, new DetectorOptions { Threads = 1, RefinementSteps = passes });
    }
}

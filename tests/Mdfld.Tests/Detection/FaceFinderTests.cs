using System.Numerics;

namespace Mdfld.Tests.Detection;

public sealed class FaceFinderTests : IDisposable
{
    private static readonly DetectorOptions Fast = new() { Threads = 1, Search = "fast" };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Of 1280 x 960 pixels a fast search sees every second one, of 3000 x 200 every fifth.
    [Theory]
    [InlineData(200, 150, 1f)]
    [InlineData(61, 400, 1f)]
    [InlineData(1280, 960, 2f)]
    [InlineData(3000, 200, 4.6875f)]
    public void AFaceComesBackToItsPixel(int width, int height, float reduction)
    {
        // A model that knows faces so large needs a single pass.
        var onePass = new Dictionary<string, string> { ["mdfld.finder"] = "1", ["mdfld.max_face"] = "10000" };
        using var finder = Load(TinyFinders.Bright(properties: onePass), Fast);
        foreach (var place in (Vector2[])[new(0.5f), new(0.1f, 0.9f), new(0, 0), new(1, 0.3f)])
        {
            var at = place * new Vector2(width - 1, height - 1);
            var found = finder.Find(Spot(width, height, at, reduction));
            var face = Assert.Single(found, f => f.Box.Width < 1.5f * TinyFinders.Side * reduction);
            // The middle of a cell of 8 pixels is at most 4 from the spot.
            Assert.True(Vector2.Distance(face.Box.Centre, at) < 8 * reduction, $"{face.Box} for a face at {at}");
            Assert.Equal(TinyFinders.Side * reduction, face.Box.Width, 0.5f);
            Assert.Equal(20 * reduction, Vector2.Distance(face.Points[0], face.Points[1]), 0.5f);
            Assert.True(Vector2.Distance(face.Box.Centre, face.Points[2]) < 0.01f * reduction);
            Assert.Equal(0, face.Roll, 0.001f);
            Assert.InRange(face.Score, 0.5f, 1);
        }
    }

    [Fact]
    public void AFaceThatFillsThePictureIsFoundInACoarserPass()
    {
        using var finder = Load(TinyFinders.Bright());
        var found = finder.Find(Spot(640, 640, new(320, 320), 12));
        // At half the size a box of 40 is 80 wide.
        Assert.Contains(found, f => MathF.Abs(f.Box.Width - 80) < 2);
    }

    [Fact]
    public void NothingIsFoundInTheDark()
    {
        using var finder = Load(TinyFinders.Bright());
        Assert.Empty(finder.Find(new Picture(300, 200)));
        Assert.Empty(finder.Find(new Picture(1, 1)));
    }

    [Fact]
    public void FacesAreKeptApartAndSmallOnesLeftOut()
    {
        var image = new Picture(190, 100);
        foreach (var x in (int[])[20, 92, 156])
            Fill(image, x, 50, 3);
        using (var finder = Load(TinyFinders.Bright()))
            Assert.Equal(3, finder.Find(image).Length);
        using (var finder = Load(TinyFinders.Bright(), new DetectorOptions { MinimumFace = 300 }))
            Assert.Empty(finder.Find(image));
        using (var finder = Load(TinyFinders.Bright(), new DetectorOptions { ScoreThreshold = 1 }))
            Assert.Empty(finder.Find(Spot(200, 200, new(90, 90), 1, peak: 200)));
    }

    [Fact]
    public void YuNetsOutputsAreReadAsOurs()
    {
        using var ours = Load(TinyFinders.Bright());
        var image = Spot(180, 160, new(102, 92), 1);
        var expected = Assert.Single(ours.Find(image));
        using var theirs = Load(TinyFinders.BrightAsYuNet(), name: "theirs.onnx");
        var found = Assert.Single(theirs.Find(image));
        Assert.Equal("theirs", theirs.Name);
        Assert.Equal(expected.Score, found.Score, 1e-3f);
        // They count cells from their corners, we from their middles.
        for (var i = 0; i < 5; i++)
            Assert.True(Vector2.Distance(expected.Points[i], found.Points[i] + new Vector2(3.5f)) < 0.1f);
    }

    [Fact]
    public void AModelOfOneSizeSeesThePictureReduced()
    {
        using var finder = Load(TinyFinders.Bright(side: 160));
        var at = new Vector2(800, 100);
        var found = finder.Find(Spot(1000, 300, at, 8));
        Assert.Contains(found, f => Vector2.Distance(f.Box.Centre, at) < 60);
    }

    [Fact]
    public void ThreadsShareAFinder()
    {
        using var finder = Load(TinyFinders.Bright());
        var images = Enumerable.Range(0, 6)
            .Select(i => Spot(100 + (60 * i), 120, new(30 + (10 * i), 40), 1)).ToArray();
        var expected = images.Select(i => finder.Find(i).Select(f => f.Box).ToArray()).ToArray();
        Parallel.For(0, 120, i => Assert.Equal(expected[i % 6], finder.Find(images[i % 6]).Select(f => f.Box)));
    }

    [Theory]
    [InlineData(float.NaN, 0, 1, 1)]
    [InlineData(0, 0, float.PositiveInfinity, 1)]
    [InlineData(0, 0, 80, 80)]
    [InlineData(1e30f, 0, 1, 1)]
    [InlineData(0, 0, -200, -200)]
    public void ABoxThatIsNoneIsNoFace(float x, float y, float width, float height)
    {
        using var finder = Load(TinyFinders.Bright([x, y, width, height]));
        Assert.Empty(finder.Find(Spot(200, 200, new(90, 90), 1)));
    }

    [Fact]
    public void APictureFullOfFacesEnds()
    {
        using var finder = Load(TinyFinders.Bright());
        var image = new Picture(640, 640);
        image.Data.Fill(255);
        Assert.InRange(finder.Find(image).Length, 1, 1000);
    }

    [Theory]
    [InlineData("mdfld.finder", "2", "mdfld.finder is '2', expected 1")]
    [InlineData("mdfld.threshold", "1.5", "mdfld.threshold is '1.5', expected a number from 0 to 1")]
    [InlineData("mdfld.max_face", "NaN", "mdfld.max_face is 'NaN', expected a number")]
    [InlineData("mdfld.finder", null, "no output 'cls_8' as YuNet has")]
    public void AWrongModelIsRefusedByName(string key, string? value, string message)
    {
        var properties = new Dictionary<string, string> { ["mdfld.finder"] = "1" };
        if (value is null)
            properties.Remove(key);
        else
            properties[key] = value;
        var refusal = Assert.Throws<InvalidDataException>(() => Load(TinyFinders.Bright(properties: properties)));
        Assert.Contains(message, refusal.Message);
        Assert.StartsWith(_folder.Path, refusal.Message);
    }

    [Fact]
    public void OtherFilesAreRefused()
    {
        Assert.Throws<FileNotFoundException>(() => FaceFinder.Load(_folder["absent.onnx"]));
        var refusal = Assert.Throws<InvalidDataException>(() => Load(TinyModels.Means()));
        Assert.Contains("not a face finder of Mdfld, nor YuNet", refusal.Message);
        Assert.Throws<InvalidDataException>(() => Load([1, 2, 3]));
        Assert.Contains(
            "has 100 pixels a side",
            Assert.Throws<InvalidDataException>(() => Load(TinyFinders.Bright(side: 100))).Message);
    }

    [Fact]
    public void AMutatedModelNeverDoesWorseThanAnException()
    {
        var model = TinyFinders.Bright();
        var image = Spot(90, 70, new(40, 30), 1);
        var random = new Random(13);
        for (var trial = 0; trial < 40; trial++)
        {
            var mutated = (byte[])model.Clone();
            for (var k = 0; k < 3; k++)
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            try
            {
                using var finder = Load(mutated);
                finder.Find(image);
            }
            catch (InvalidDataException)
            {
                // As it should be.
            }
        }
    }

    [Theory]
    [InlineData(-0.1f, 640, 8f, 0.4f, 0)]
    [InlineData(0.5f, 0, 8f, 0.4f, 0)]
    [InlineData(0.5f, 640, float.NaN, 0.4f, 0)]
    [InlineData(0.5f, 640, 8f, 0f, 0)]
    [InlineData(0.5f, 640, 8f, 0.4f, -1)]
    public void OptionsThatMakeNoSenseAreRefused(
        float threshold, int longest, float smallest, float overlap, int threads)
    {
        var options = new DetectorOptions
        {
            ScoreThreshold = threshold,
            LongestSide = longest,
            MinimumFace = smallest,
            Overlap = overlap,
            Threads = threads,
        };
        Assert.Throws<ArgumentOutOfRangeException>(() => Load(TinyFinders.Bright(), options));
    }

    [SharedDataTheory]
    [InlineData("yunet_n_dynamic.onnx")]
    [InlineData("yunet_n_320_320.onnx")]
    public void YuNetFindsPhotographedFaces(string file)
    {
        using var finder = FaceFinder.Load(TestFiles.Shared("weights", file), new DetectorOptions { Threads = 1 });
        var faces = FaceFolder.Open(TestFiles.Shared("data", "real-train"));
        var found = 0;
        for (var i = 0; i < 2000; i += 100)
        {
            var face = faces.Faces[i];
            var truth = FaceBox.Around([.. face.Landmarks]);
            var all = finder.Find(Picture.Load(faces.ImagePath(face)));
            found += all.Any(f => f.Box.IntersectionOverUnion(truth) > 0.5f) ? 1 : 0;
        }
        Assert.InRange(found, 18, 20);
    }

    private static Picture Spot(int width, int height, Vector2 at, float reduction, byte peak = 255)
    {
        var image = new Picture(width, height);
        Fill(image, (int)at.X, (int)at.Y, (int)(3 * reduction), peak);
        return image;
    }

    private static void Fill(Picture image, int x, int y, int radius, byte value = 255)
    {
        for (var row = Math.Max(0, y - radius); row <= Math.Min(image.Height - 1, y + radius); row++)
        {
            var (left, right) = (Math.Max(0, x - radius), Math.Min(image.Width - 1, x + radius));
            image.Row(row)[(3 * left)..(3 * (right + 1))].Fill(value);
        }
    }

    private FaceFinder Load(byte[] model, DetectorOptions? options = null, string name = "finder.onnx")
    {
        var path = _folder[name];
        File.WriteAllBytes(path, model);
        return FaceFinder.Load(path, options ?? new DetectorOptions { Threads = 1 });
    }
}

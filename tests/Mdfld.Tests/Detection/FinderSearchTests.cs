using System.Numerics;

namespace Mdfld.Tests.Detection;

/// <summary>How far a picture is searched: passes, tiles, turns.</summary>
public sealed class FinderSearchTests
{
    [Fact]
    public void ASmallFaceOfALargePictureIsFoundWithoutAnOption()
    {
        var picture = new Picture(2400, 1800);
        var at = new Vector2(1514, 1066);
        Dot(picture, at);
        Assert.Empty(Find(picture, "fast"));
        AssertAt(at, Assert.Single(Find(picture, "auto")));
        using var near = Finder(new DetectorOptions { Threads = 1, LongestSide = 2400 });
        AssertAt(at, Assert.Single(near.Find(picture)));
    }

    /// <summary>Wherever tiles of the last pass meet, a face is found once.</summary>
    [Fact]
    public void AFaceOnTheBorderOfTilesIsFoundOnce()
    {
        using var finder = Finder(new DetectorOptions { Threads = 1 });
        for (var x = 2; x < 998; x += 26)
        {
            var picture = new Picture(1000, 640);
            var at = new Vector2(x, 2 + (x * 17 % 634 / 2 * 2));
            Dot(picture, at);
            AssertAt(at, Assert.Single(finder.Find(picture)));
        }
    }

    /// <summary>So is each of many, on the borders of the tiles that cover a pass completely.</summary>
    [Fact]
    public void FacesOfAPanoramaAreEachFoundOnce()
    {
        using var finder = Finder(new DetectorOptions { Threads = 1 });
        var picture = new Picture(6000, 300);
        Vector2[] places = [.. Enumerable.Range(0, 70).Select(i => new Vector2(40 + (i * 84), 50 + (i * 38 % 200)))];
        foreach (var place in places)
            Dot(picture, place);
        var found = finder.Find(picture);
        Assert.Equal(places.Length, found.Length);
        foreach (var place in places)
            Assert.Single(found, f => Vector2.Distance(f.Box.Centre, place) < 8);
    }

    /// <summary>A small face is said by exactly one view of a pass, and lies in it completely.</summary>
    [Theory]
    [InlineData(4000, 3000, null)]
    [InlineData(1900, 500, null)]
    [InlineData(700, 650, null)]
    [InlineData(700, 650, 160)]
    public void TheViewsOfAPassSayEveryFaceOnce(int width, int height, int? side)
    {
        var model = new FinderModel("", "", side, side, 0.5f, 10, 320, FinderLayout.Mdfld);
        var views = new FinderPass(1, width, height).Views(model, null);
        var random = new Random(3);
        for (var i = 0; i < 2000; i++)
        {
            var at = new Vector2(random.NextSingle() * width, random.NextSingle() * height);
            var face = FaceBox.AtCentre(at, 60, 60);
            var view = Assert.Single(
                views, v => v.Says(face with { Left = face.Left + v.Shift.X, Top = face.Top + v.Shift.Y }));
            var (x, y) = (at.X + view.Shift.X, at.Y + view.Shift.Y);
            Assert.InRange(x, Math.Min(30, at.X), view.Width - Math.Min(30, width - at.X));
            Assert.InRange(y, Math.Min(30, at.Y), view.Height - Math.Min(30, height - at.Y));
        }
    }

    [Fact]
    public void ALargeFaceThatIsSureEndsTheSearch()
    {
        // The boxes are 63 pixels of the network's input: six times as large as the smallest it knows.
        var (width, height) = (MathF.Log(63 / 8f), MathF.Log(63 / 8f));
        var picture = new Picture(1000, 1000);
        for (var y = 480; y < 520; y++)
            picture.Row(y)[(3 * 480)..(3 * 520)].Fill(255);
        Dot(picture, new(100, 100));
        using var finder = Finder(new DetectorOptions { Threads = 1 }, [0, 0, width, height]);
        using var thorough = Finder(new DetectorOptions { Threads = 1, Search = "thorough" }, [0, 0, width, height]);
        Assert.DoesNotContain(finder.Find(picture), f => f.Box.Width < 200);
        Assert.Contains(thorough.Find(picture), f => f.Box.Width < 200);
    }

    /// <summary>A thorough search sees a face that lies on its side as it stands in the turned picture.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void AThoroughSearchTurnsThePicture(int quarters)
    {
        using var finder = FaceFinder.Create(new DetectorOptions { Threads = 1, Search = "thorough" });
        var picture = Turns.Of(Picture.Load(TestFiles.Sample("comic.png")), quarters);
        var upright = finder.Find(Picture.Load(TestFiles.Sample("comic.png"))).MaxBy(f => f.Score)!;
        var found = finder.Find(picture).MaxBy(f => f.Score)!;
        Assert.Equal(0, MathF.IEEERemainder(found.Roll - upright.Roll - (quarters * MathF.PI / 2), MathF.Tau), 0.1f);
        var middle = Turns.Point(upright.Box.Centre, picture, quarters);
        Assert.True(Vector2.Distance(middle, found.Box.Centre) < 0.1f * upright.Box.Width, $"{found.Box}");
    }

    [Theory]
    [InlineData("slow", null)]
    [InlineData("", null)]
    [InlineData("auto", 31)]
    [InlineData("auto", 8193)]
    public void OptionsThatMakeNoSenseAreRefused(string search, int? side)
    {
        var options = new DetectorOptions { Search = search, LongestSide = side };
        var refusal = Assert.ThrowsAny<ArgumentException>(() => Finder(options));
        Assert.Contains(side is null ? "expected auto, fast, thorough" : "expected 32 to 8192 pixels", refusal.Message);
    }

    /// <summary>Full score at the picture's size, a little at half of it, none at a quarter.</summary>
    private static void Dot(Picture picture, Vector2 at)
    {
        var (x, y) = ((int)at.X, (int)at.Y);
        for (var row = y; row < y + 4; row++)
            picture.Row(row).Slice(3 * x, 12).Fill(150);
        picture.Row(y + 1).Slice(3 * (x + 1), 3).Fill(255);
    }

    private static void AssertAt(Vector2 at, DetectedFace found)
    {
        Assert.True(Vector2.Distance(at, found.Box.Centre) < 8, $"{found.Box} for a face at {at}");
        Assert.Equal(TinyFinders.Side, found.Box.Width, 0.1f);
    }

    private static DetectedFace[] Find(Picture picture, string search)
    {
        using var finder = Finder(new DetectorOptions { Threads = 1, Search = search });
        return finder.Find(picture);
    }

    private static FaceFinder Finder(DetectorOptions options, float[]? box = null) =>
        FaceFinder.Load(TinyFinders.Bright(box), "bright.onnx", options);
}

using System.Numerics;

namespace Mdfld.Tests.Drawing;

public class DrawnFacesTests
{
    private const int Size = 160;

    public static TheoryData<string> Styles { get; } = [.. Enum.GetNames<DrawingStyle>()];

    [Theory]
    [MemberData(nameof(Styles))]
    public void OneSeedIsOneFace(string style)
    {
        var (first, again, other) = (Draw(style, 5), Draw(style, 5), Draw(style, 6));
        Assert.Equal(first.Landmarks, again.Landmarks);
        Assert.Equal(first.Weights, again.Weights);
        Assert.True(first.Picture.Data.SequenceEqual(again.Picture.Data));
        Assert.NotEqual(first.Landmarks, other.Landmarks);
    }

    [Fact]
    public void ThreadsDrawTheSameFaces()
    {
        var alone = Enumerable.Range(0, 24).Select(i => DrawnFaces.Draw(new Random(i), 96)).ToArray();
        var together = Enumerable.Range(0, 24).AsParallel().AsOrdered().WithDegreeOfParallelism(4)
            .Select(i => DrawnFaces.Draw(new Random(i), 96)).ToArray();
        foreach (var (a, b) in alone.Zip(together))
        {
            Assert.Equal(a.Landmarks, b.Landmarks);
            Assert.True(a.Picture.Data.SequenceEqual(b.Picture.Data));
        }
    }

    /// <summary>Skia leaves out a shape with a point that is no number: here that is an error.</summary>
    [Fact]
    public void ManyFacesOfAnyKindLieInsideTheirPictures()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var drawn = DrawnFaces.Draw(new Random(seed), 64);
            Assert.Equal((68, 68, 64, 64), (
                drawn.Landmarks.Length, drawn.Weights.Length, drawn.Picture.Width, drawn.Picture.Height));
            Assert.All(drawn.Landmarks, p => Assert.True(p.X >= 0 && p.Y >= 0 && p.X < 64 && p.Y < 64, $"{seed}: {p}"));
            Assert.All(drawn.Weights, w => Assert.InRange(w, 0.1f, 1));
        }
    }

    [Theory]
    [InlineData(FaceKind.Modern)]
    [InlineData(FaceKind.Lean)]
    [InlineData(FaceKind.Comic)]
    internal void LinesLieOnTheirLandmarks(FaceKind kind)
    {
        // Where a point is seen, ink is within a pixel of it, darker than the skin of the cheeks.
        var (on, seen) = (new int[68], new int[68]);
        int[] drawnPoints = [.. Enumerable.Range(3, 11), 37, 38, 43, 44, 62];
        for (var seed = 0; seed < 60; seed++)
        {
            var drawn = DrawnFaces.Draw(new Random(seed), 256, kind, MediumKind.Cel);
            var skin = MathF.Max(Cheek(drawn, 4), Cheek(drawn, 12));
            foreach (var i in drawnPoints.Where(i => drawn.Weights[i] == 1))
            {
                seen[i]++;
                on[i] += Grey(drawn.Picture, drawn.Landmarks[i], 1) < 0.8f * skin ? 1 : 0;
            }
        }
        Assert.All(drawnPoints, i => Assert.True(on[i] > 0.85 * seen[i], $"point {i}: ink on {on[i]} of {seen[i]}"));
    }

    /// <summary>
    /// Measured on real anime faces, in face widths: median within a tenth, range at least as wide. Here of frontal ones,
    /// along and across the axis of the head.
    /// </summary>
    [Fact]
    public void ProportionsAreThoseOfRealAnime()
    {
        var rows = new Dictionary<string, (float Median, float Low, float High, List<float> Found)>
        {
            ["eye width"] = (0.305f, 0.24f, 0.34f, []),
            ["eye height"] = (0.29f, 0.15f, 0.41f, []),
            ["between eye centres"] = (0.61f, 0.55f, 0.64f, []),
            ["eyes to chin"] = (0.64f, 0.46f, 0.78f, []),
            ["eyes to mouth"] = (0.4f, 0.27f, 0.52f, []),
            ["mouth width"] = (0.21f, 0.1f, 0.29f, []),
            ["eyes to nose tip"] = (0.22f, 0.13f, 0.36f, []),
        };
        var openings = new List<float>();
        var random = new Random(1);
        for (var n = 0; n < 1000; n++)
        {
            var kind = random.Weighted<FaceKind>((50, FaceKind.Modern), (15, FaceKind.Chibi), (20, FaceKind.Lean));
            var p = DrawnFaces.Draw(random, 64, kind, MediumKind.Ink).Landmarks;
            var right = Vector2.Normalize(p[16] - p[0]);
            var down = new Vector2(-right.Y, right.X);
            var width = Vector2.Distance(p[0], p[16]);
            var (left, far) = ((p[36] + p[39]) / 2, (p[42] + p[45]) / 2);
            // Turned heads are left out, shut eyes have no height.
            if (MathF.Abs(Vector2.Dot(p[27] - ((p[0] + p[16]) / 2), right)) > 0.06f * width)
                continue;
            var height = Vector2.Dot(((p[40] + p[41]) / 2) - ((p[37] + p[38]) / 2), down);
            var line = (p[37] + p[38] + p[40] + p[41] + p[43] + p[44] + p[46] + p[47]) / 8;
            Add("eye width", Vector2.Distance(p[36], p[39]));
            if (height > 0.05f * width)
                Add("eye height", height);
            Add("between eye centres", Vector2.Distance(left, far));
            Add("eyes to chin", Vector2.Dot(p[8] - line, down));
            Add("eyes to mouth", Vector2.Dot(((p[48] + p[54]) / 2) - line, down));
            Add("mouth width", Vector2.Distance(p[48], p[54]));
            Add("eyes to nose tip", Vector2.Dot(p[30] - line, down));
            openings.Add(Vector2.Distance(p[62], p[66]) / width);

            void Add(string row, float length) => rows[row].Found.Add(length / width);
        }
        foreach (var (row, (median, low, high, found)) in rows)
        {
            found.Sort();
            var middle = found[found.Count / 2];
            Assert.True(
                MathF.Abs(middle - median) < 0.1f * median && found[0] <= low && found[^1] >= high,
                $"{row}: {middle:f3} ({found[0]:f2} to {found[^1]:f2}) of {found.Count}");
        }
        Assert.Equal(0, openings.Min());
        Assert.True(openings.Max() >= 0.2f, $"mouths open up to {openings.Max()}");
    }

    [Fact]
    public void TheFinderFindsThem()
    {
        using var finder = FaceFinder.Create();
        const int Faces = 50;
        var found = 0;
        for (var seed = 0; seed < Faces; seed++)
        {
            var drawn = DrawnFaces.Draw(new Random(7000 + seed), 256);
            var box = FaceBox.Around(drawn.Landmarks);
            found += finder.Find(drawn.Picture).Any(f => f.Box.IntersectionOverUnion(box) > 0.3f) ? 1 : 0;
        }
        Assert.True(found >= 0.9 * Faces, $"found {found} of {Faces}");
    }

    /// <summary>samples/ is what <c>mdfld samples</c> draws; a machine may round otherwise.</summary>
    [Theory]
    [MemberData(nameof(Styles))]
    public void TheSamplesAreWhatIsDrawn(string style)
    {
        var samples = FaceFolder.Open(Path.Combine(TestFiles.RepositoryRoot, "samples"));
        var sample = samples.Faces.Single(f => f.Style == style.ToLowerInvariant());
        var (drawn, kept) = (
            Draw(style, 1009 + (int)Enum.Parse<DrawingStyle>(style), 512), Picture.Load(samples.ImagePath(sample)));
        Assert.Equal(drawn.Landmarks, sample.Landmarks, (a, b) => Vector2.Distance(a, b) < 0.01f);
        var difference = drawn.Picture.Data.ToArray().Zip(kept.Data.ToArray(), (a, b) => Math.Abs(a - b)).Average();
        Assert.True(difference < 0.5, $"{style}: mean difference {difference}");
    }

    [Fact]
    public void ALabelledDrawingIsCutToItsTightBox()
    {
        var drawn = Draw("Comic", 1);
        var face = drawn.Label("comic.png", "comic");
        var box = FaceBox.Around(drawn.Landmarks).ToCrop(1.25f);
        var crop = FaceCrop.FromScale(face.Scale, face.Centre, 1.25f);
        Assert.Equal(box.Centre, crop.Centre);
        Assert.Equal(box.Side, crop.Side, 1e-3f);
        Assert.Equal(drawn.Landmarks[48], face.FivePoints[3]);
    }

    private static DrawnFace Draw(string style, int seed, int size = Size) =>
        DrawnFaces.Draw(new Random(seed), size, Enum.Parse<DrawingStyle>(style));

    private static float Cheek(DrawnFace drawn, int jaw) =>
        Grey(drawn.Picture, Vector2.Lerp(drawn.Landmarks[33], drawn.Landmarks[jaw], 0.5f), 0);

    /// <summary>The darkest pixel within a distance.</summary>
    private static float Grey(Picture image, Vector2 p, int within)
    {
        var least = 255f;
        for (var y = (int)MathF.Round(p.Y) - within; y <= (int)MathF.Round(p.Y) + within; y++)
        {
            for (var x = (int)MathF.Round(p.X) - within; x <= (int)MathF.Round(p.X) + within; x++)
            {
                if (x < 0 || y < 0 || x >= image.Width || y >= image.Height)
                    continue;
                var pixel = image.Row(y).Slice(x * 3, 3);
                least = MathF.Min(least, (pixel[0] + pixel[1] + pixel[2]) / 3f);
            }
        }
        return least;
    }
}

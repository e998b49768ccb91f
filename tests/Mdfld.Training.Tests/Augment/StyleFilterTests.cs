using System.Numerics;
using Mdfld.Training.Augment;

namespace Mdfld.Tests.Augment;

/// <summary>Every style filter, and what they are made of.</summary>
public sealed class StyleFilterTests
{
    private const int Size = 64;

    private static readonly StyleFilter[] All = [.. StyleFilters.Media, .. StyleFilters.PostProcessing];

    public static TheoryData<string> Names => [.. All.Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void FilterChangesThePictureAndStaysFinite(string name)
    {
        var filter = All.Single(f => f.Name == name).Apply;
        var changed = 0;
        for (var seed = 0; seed < 20; seed++)
        {
            var canvas = Picture();
            var before = new Picture(Size, Size);
            canvas.CopyTo(before);
            filter(canvas, new Random(seed));
            foreach (var v in canvas.Pixels)
                Assert.True(v.Length() < 3000, $"seed {seed}: {v}");
            var after = new Picture(Size, Size);
            canvas.CopyTo(after);
            changed += before.Data.SequenceEqual(after.Data) ? 0 : 1;
            // Not everything may be lost: a face of one colour teaches nothing.
            Assert.True(Spread(after) > 2, $"seed {seed}: flat");
        }
        Assert.InRange(changed, 15, 20);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void FilterLeavesTheOutlineWhereItIs(string name)
    {
        // One strong upright edge in the middle: wherever rows differ most after the filter, it is still there.
        var filter = All.Single(f => f.Name == name).Apply;
        var canvas = new FilterPicture(Size);
        canvas.Map((i, _) => new Vector3(i % Size < Size / 2 ? 50 : 200));
        filter(canvas, new Random(3));
        var sums = new float[Size];
        for (var x = 0; x < Size; x++)
        {
            for (var y = 0; y < Size; y++)
                sums[x] += Vector3.Dot(Vector3.One, canvas.Pixels[(y * Size) + x]);
        }
        // Compared over a window wider than any print dot or stroke.
        const int Window = 6;
        var steps = Enumerable.Range(Window, Size - (2 * Window) + 1)
            .Select(x => (
                X: x,
                Step: Math.Abs(
                    sums.AsSpan(x - Window, Window).ToArray().Sum() - sums.AsSpan(x, Window).ToArray().Sum())))
            .ToArray();
        var strongest = steps.MaxBy(s => s.Step).X;
        Assert.InRange(strongest, (Size / 2) - Window, (Size / 2) + Window);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void FilterIsAFunctionOfItsDraws(string name)
    {
        var filter = All.Single(f => f.Name == name).Apply;
        var (first, second) = (Picture(), Picture());
        for (var seed = 0; seed < 5; seed++)
        {
            filter(first, new Random(seed));
            filter(second, new Random(seed));
            Assert.Equal(first.Pixels, second.Pixels);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void FilterBearsPicturesWithoutContentOrRoom(string name)
    {
        var filter = All.Single(f => f.Name == name).Apply;
        foreach (var (size, value) in new[] { (16, 0f), (16, 255f), (32, 128f), (64, 0f), (64, 255f) })
        {
            for (var seed = 0; seed < 12; seed++)
            {
                var canvas = new FilterPicture(size);
                Array.Fill(canvas.Pixels, new Vector3(value));
                filter(canvas, new Random(seed));
                foreach (var v in canvas.Pixels)
                    Assert.True(float.IsFinite(v.Length()), $"{size} pixels of {value}, seed {seed}: {v}");
            }
        }
    }

    [Fact]
    public void FiltersAreFoundByName()
    {
        Assert.True(StyleFilters.Media.Count >= 25);
        Assert.Equal(StyleFilters.Names.Count, StyleFilters.Names.Distinct().Count());
        var original = new Picture(Size, Size);
        Picture().CopyTo(original);
        foreach (var name in StyleFilters.Names)
        {
            var filtered = original.Clone();
            StyleFilters.Apply(filtered, [name], new Random(1));
            Assert.Equal(name == "photo", original.Data.SequenceEqual(filtered.Data));
        }
        Assert.Contains("watercolour", Assert.Throws<ArgumentException>(
            () => StyleFilters.Apply(original, ["frescoe"], new Random(1))).Message);
        Assert.Throws<ArgumentException>(() => StyleFilters.Apply(new Picture(64, 48), ["oil"], new Random(1)));
    }

    [Fact]
    public void TrainingDrawsManyFilters()
    {
        var seen = new HashSet<string>();
        for (var seed = 0; seed < 200; seed++)
        {
            var canvas = Picture();
            StyleFilters.ApplyRandom(canvas, new Random(seed), 0.2f);
            var target = new Picture(Size, Size);
            canvas.CopyTo(target);
            seen.Add(Convert.ToHexString(target.Data));
        }
        // A negative, say, has no variants.
        Assert.InRange(seen.Count, 160, 200);
    }

    [Fact]
    public void GaussianAndBoxKeepConstants()
    {
        var (canvas, plane) = (new FilterPicture(Size), new float[Size * Size]);
        Array.Fill(plane, 7);
        canvas.Blur(plane, 6);
        canvas.Mean(plane, 5);
        Assert.All(plane, v => Assert.Equal(7, v, 1e-3f));
        Array.Fill(canvas.Pixels, new Vector3(7, 8, 9));
        canvas.Blur(6);
        Assert.All(canvas.Pixels, v => Assert.True(Vector3.Distance(v, new Vector3(7, 8, 9)) < 1e-3f));
    }

    [Fact]
    public void BoxIsTheMeanOfItsWindow()
    {
        var random = new Random(2);
        float[] plane = [.. Enumerable.Range(0, Size * Size).Select(_ => random.NextSingle() * 255)];
        foreach (var radius in new[] { 1, 4, 40 })
        {
            float[] filtered = [.. plane];
            new FilterPicture(Size).Mean(filtered, radius);
            foreach (var (x, y) in new[] { (0, 0), (30, 20), (63, 63), (2, 61) })
            {
                var sum = 0.0;
                for (var dy = -radius; dy <= radius; dy++)
                {
                    for (var dx = -radius; dx <= radius; dx++)
                        sum += plane[(Math.Clamp(y + dy, 0, Size - 1) * Size) + Math.Clamp(x + dx, 0, Size - 1)];
                }
                Assert.Equal(sum / Math.Pow((2 * radius) + 1, 2), filtered[(y * Size) + x], 0.02);
            }
        }
    }

    [Fact]
    public void CompressionLosesSomeDetailAndNotThePicture()
    {
        var (canvas, original) = (Picture(), Picture());
        Degradation.Compress(canvas, new Random(1));
        var error = canvas.Pixels.Zip(original.Pixels).Average(p => Vector3.DistanceSquared(p.First, p.Second) / 3);
        Assert.InRange(Math.Sqrt(error), 1, 30);
    }

    /// <summary>Soft shapes with some texture, as of a photo.</summary>
    private static FilterPicture Picture()
    {
        var (canvas, random) = (new FilterPicture(Size), new Random(1));
        canvas.Map((i, _) =>
        {
            var (x, y) = (i % Size, i / Size);
            var wave = MathF.Sin(x * 0.2f) * MathF.Cos(y * 0.15f);
            return new Vector3(150 + (90 * wave), 110 + (80 * wave), 90 + (60 * MathF.Cos(x * 0.17f)))
                + new Vector3(random.Next(12), random.Next(12), random.Next(12));
        });
        return canvas;
    }

    private static double Spread(Picture picture)
    {
        var values = picture.Data.ToArray();
        var mean = values.Average(v => v);
        return Math.Sqrt(values.Average(v => Math.Pow(v - mean, 2)));
    }
}

using Mdfld.Training.Augmentation;
using Mdfld.Training.Augmentation.Looks;

namespace Mdfld.Tests.Augmentation;

/// <summary>Every look alone, and the filters they are made of.</summary>
public sealed class LookTests
{
    private const int Size = 64;

    public static TheoryData<string> Names => [.. LookTable.All.Select(look => look.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void LookChangesThePictureAndStaysFinite(string name)
    {
        var look = LookTable.All.Single(l => l.Name == name).Draw;
        var changed = 0;
        for (var seed = 0; seed < 20; seed++)
        {
            var canvas = Picture();
            var before = new Picture(Size, Size);
            canvas.CopyTo(before);
            look(canvas, new Random(seed));
            for (var c = 0; c < 3; c++)
            {
                foreach (var v in canvas.Channel(c))
                    Assert.True(float.IsFinite(v) && Math.Abs(v) < 3000, $"seed {seed}: {v}");
            }
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
    public void LookLeavesTheOutlineInItsPlace(string name)
    {
        // One strong upright edge in the middle: wherever rows differ most after the look, it is still there.
        var look = LookTable.All.Single(l => l.Name == name).Draw;
        var canvas = new Canvas(Size);
        for (var i = 0; i < Size * Size; i++)
            canvas.Red[i] = canvas.Green[i] = canvas.Blue[i] = i % Size < Size / 2 ? 50 : 200;
        look(canvas, new Random(3));
        var sums = new float[Size];
        for (var x = 0; x < Size; x++)
        {
            for (var y = 0; y < Size; y++)
                sums[x] += canvas.Red[(y * Size) + x] + canvas.Green[(y * Size) + x] + canvas.Blue[(y * Size) + x];
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
    public void LookIsAFunctionOfItsDraws(string name)
    {
        var look = LookTable.Named(name)!;
        var (first, second) = (Picture(), Picture());
        // What scratch planes hold from the look before must not matter.
        for (var k = 0; k < Canvas.ScratchPlanes; k++)
            second.Scratch(k).Fill(77);
        for (var seed = 0; seed < 5; seed++)
        {
            look(first, new Random(seed));
            look(second, new Random(seed));
            for (var c = 0; c < 3; c++)
                Assert.Equal(first.Channel(c).ToArray(), second.Channel(c).ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void LookBearsPicturesWithoutContentOrRoom(string name)
    {
        var look = LookTable.Named(name)!;
        foreach (var (size, value) in new[] { (16, 0f), (16, 255f), (32, 128f), (64, 0f), (64, 255f) })
        {
            for (var seed = 0; seed < 12; seed++)
            {
                var canvas = new Canvas(size);
                for (var c = 0; c < 3; c++)
                    canvas.Channel(c).Fill(value);
                look(canvas, new Random(seed));
                for (var c = 0; c < 3; c++)
                {
                    foreach (var v in canvas.Channel(c))
                        Assert.True(float.IsFinite(v), $"{size} pixels of {value}, seed {seed}: {v}");
                }
            }
        }
    }

    [Fact]
    public void StylesAreFoundByNameAndMixed()
    {
        Assert.True(Stylisation.Styles.Count >= 25);
        Assert.Equal(Stylisation.Styles.Count, Stylisation.Styles.Distinct().Count());
        foreach (var style in Stylisation.Styles)
        {
            var (original, weak, full) = (Bytes(), Bytes(), Bytes());
            Stylisation.Apply(weak, style, new Random(1), 0.5f);
            Stylisation.Apply(full, style, new Random(1));
            for (var i = 0; i < original.Data.Length; i++)
                Assert.InRange(weak.Data[i] - ((original.Data[i] + full.Data[i]) / 2f), -1, 1);
            Assert.Equal(style == "photo", original.Data.SequenceEqual(full.Data));
        }
        var picture = Bytes();
        Assert.Contains("watercolour", Assert.Throws<ArgumentException>(
            () => Stylisation.Apply(picture, "frescoe", new Random(1))).Message);
        Assert.Throws<ArgumentException>(() => Stylisation.Apply(picture, "oil", new Random(1), float.NaN));
        Assert.Throws<ArgumentException>(() => Stylisation.Apply(new Picture(64, 48), "oil", new Random(1)));

        static Picture Bytes()
        {
            var image = new Picture(Size, Size);
            Picture().CopyTo(image);
            return image;
        }
    }

    [Fact]
    public void GaussianAndBoxKeepConstantsAndMeans()
    {
        var (plane, scratch) = (new float[Size * Size], new float[Size * Size]);
        Array.Fill(plane, 7);
        PlaneFilters.Gaussian(plane, plane, scratch, Size, 3);
        Assert.All(plane, v => Assert.Equal(7, v, 1e-4f));
        PlaneFilters.Box(plane, plane, scratch, Size, 5);
        Assert.All(plane, v => Assert.Equal(7, v, 1e-3f));
    }

    [Fact]
    public void BoxIsTheMeanOfItsWindow()
    {
        var random = new Random(2);
        var plane = new float[Size * Size];
        foreach (ref var v in plane.AsSpan())
            v = random.NextSingle() * 255;
        var (filtered, scratch) = (new float[Size * Size], new float[Size * Size]);
        foreach (var radius in new[] { 1, 4, 40 })
        {
            PlaneFilters.Box(plane, filtered, scratch, Size, radius);
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
    public void CompressionLosesDetailWithItsStepOnly()
    {
        Assert.InRange(CompressionError(0.1f), 0, 0.3);
        Assert.InRange(CompressionError(6), 1, 6);
        Assert.InRange(CompressionError(60), 1.4 * CompressionError(6), 30);
    }

    private static double CompressionError(float step)
    {
        var (canvas, original) = (Picture(), Picture());
        new BlockCompression().Apply(canvas, step);
        var sum = 0.0;
        for (var c = 0; c < 3; c++)
        {
            for (var i = 0; i < Size * Size; i++)
                sum += Math.Pow(canvas.Channel(c)[i] - original.Channel(c)[i], 2);
        }
        return Math.Sqrt(sum / (3 * Size * Size));
    }

    /// <summary>Soft shapes with some texture, as of a photo.</summary>
    private static Canvas Picture()
    {
        var canvas = new Canvas(Size);
        var random = new Random(1);
        for (var y = 0; y < Size; y++)
        {
            for (var x = 0; x < Size; x++)
            {
                var i = (y * Size) + x;
                var wave = MathF.Sin(x * 0.2f) * MathF.Cos(y * 0.15f);
                canvas.Red[i] = 150 + (90 * wave) + random.Next(12);
                canvas.Green[i] = 110 + (80 * wave) + random.Next(12);
                canvas.Blue[i] = 90 + (60 * MathF.Cos(x * 0.17f)) + random.Next(12);
            }
        }
        return canvas;
    }

    private static double Spread(Picture picture)
    {
        var values = picture.Data.ToArray();
        var mean = values.Average(v => v);
        return Math.Sqrt(values.Average(v => Math.Pow(v - mean, 2)));
    }
}

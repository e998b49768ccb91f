using System.Numerics;
using FsCheck.Xunit;

namespace Mdfld.Tests.Drawing;

public class CoverageTests
{
    [Property(MaxTest = 80)]
    public bool APolygonCoversItsArea(int seed)
    {
        var polygon = Star(new Random(seed), new Vector2(50, 40), 30);
        var area = 0f;
        for (var i = 0; i < polygon.Length; i++)
        {
            var (a, b) = (polygon[i], polygon[(i + 1) % polygon.Length]);
            area += ((a.X * b.Y) - (a.Y * b.X)) / 2;
        }
        return MathF.Abs(Sum(Coverage.Fill(polygon, 100, 80)) - MathF.Abs(area)) < 0.05f;
    }

    [Property(MaxTest = 80)]
    public bool CoverageIsAShareWhereverTheShapeLies(int seed)
    {
        var random = new Random(seed);
        var polygon = Star(random, new Vector2(random.Next(-60, 160), random.Next(-60, 160)), 70);
        Coverage[] shapes =
        [
            Coverage.Fill(polygon, 100, 90),
            Coverage.Stroke(polygon, 9, 0.2f, 100, 90),
            Coverage.Fill(polygon, 100, 90).Blurred(3, 100, 90),
        ];
        return shapes.All(s => Enumerable.Range(0, s.Height).All(y => Inside(s, y)));

        static bool Inside(Coverage shape, int y)
        {
            foreach (var value in shape.Row(y))
            {
                if (!(value >= 0 && value <= 1.0001f))
                    return false;
            }
            return shape.Left >= 0 && shape.Top >= 0
                && shape.Left + shape.Width <= 100 && shape.Top + shape.Height <= 90;
        }
    }

    [Fact]
    public void ASquareOnPixelEdgesIsSharp()
    {
        // From the left edge of column 2 to the right edge of column 4.
        var square = Coverage.Fill([new(1.5f, 1.5f), new(4.5f, 1.5f), new(4.5f, 4.5f), new(1.5f, 4.5f)], 10, 10);
        for (var y = 0; y < square.Height; y++)
        {
            for (var x = 0; x < square.Width; x++)
            {
                var inside = x + square.Left is >= 2 and <= 4 && y + square.Top is >= 2 and <= 4;
                Assert.Equal(inside ? 1 : 0, square.Row(y)[x], 1e-5f);
            }
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(10.5f)]
    public void ADiscCoversItsArea(float radius)
    {
        var disc = Coverage.Stroke([new(30.2f, 29.7f)], 2 * radius, 2 * radius, 60, 60);
        // The edge fades over one pixel, from r - 1/2 to r + 1/2: a twelfth of pi more than the sharp disc.
        Assert.Equal(MathF.PI * ((radius * radius) + (1 / 12f)), Sum(disc), 0.1f);
    }

    [Fact]
    public void ABlurKeepsTheSum()
    {
        var shape = Coverage.Fill([new(40, 40), new(60, 42), new(50, 60)], 100, 100);
        Assert.Equal(Sum(shape), Sum(shape.Blurred(4, 100, 100)), 0.1f);
    }

    [Fact]
    public void WithinAndWithoutPartAShape()
    {
        var a = Coverage.Fill([new(10, 10), new(40, 10), new(40, 40), new(10, 40)], 60, 60);
        var b = Coverage.Fill([new(25, 5), new(55, 5), new(55, 30), new(25, 30)], 60, 60);
        Assert.Equal(15 * 20, Sum(a.Within(b)), 0.01f);
        Assert.Equal(Sum(a), Sum(a.Within(b)) + Sum(a.Without(b)), 0.01f);
    }

    [Property(MaxTest = 50)]
    public bool ACurveGoesThroughItsPoints(int seed, bool closed)
    {
        var points = Star(new Random(seed), Vector2.Zero, 10);
        var curve = Curve.Through(points, closed);
        return points.All(p => curve.Any(c => Vector2.Distance(c, p) < 1e-3f));
    }

    // Corners at growing angles: the outline never crosses itself.
    private static Vector2[] Star(Random random, Vector2 centre, float reach)
    {
        var corners = 3 + random.Next(9);
        return [.. Enumerable.Range(0, corners).Select(i =>
        {
            var (sin, cos) = MathF.SinCos((i + (0.8f * random.NextSingle())) * MathF.Tau / corners);
            return centre + (reach * (0.2f + (0.8f * random.NextSingle())) * new Vector2(cos, sin));
        })];
    }

    private static float Sum(Coverage shape)
    {
        var sum = 0f;
        for (var y = 0; y < shape.Height; y++)
        {
            foreach (var value in shape.Row(y))
                sum += value;
        }
        return sum;
    }
}

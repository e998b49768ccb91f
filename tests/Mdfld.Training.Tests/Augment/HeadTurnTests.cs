using System.Numerics;
using Mdfld.Training.Augment;

namespace Mdfld.Tests.Augment;

/// <summary>A head turned in space: its points are where the mean head's would be, its pixels go with them.</summary>
public sealed class HeadTurnTests
{
    private static readonly Vector2 Centre = new(200, 200);
    private const float Scale = 90;

    [Theory]
    [InlineData(0, 0.8f)]
    [InlineData(0, -0.8f)]
    [InlineData(0.3f, 1.3f)]
    [InlineData(-0.2f, -1.0f)]
    public void InnerPointsGoWhereThoseOfAHeadWouldGo(float before, float after)
    {
        var pose = new HeadView(before, 0.1f, 0.2f);
        var (face, wanted) = (Seen(pose), Seen(pose with { Yaw = after }));
        var fitted = Fit(face, out var scale);

        var (_, points) = HeadTurn.Turn(new Picture(400, 400), face, fitted, scale, after, fitted.Pitch);

        // The middle of all points is the pivot, which a turned head moves in the picture: only the shape is compared.
        var shift = UprightFrame.Centre(wanted[17..]) - UprightFrame.Centre(points[17..]);
        for (var i = 17; i < 68; i++)
            Assert.InRange(Vector2.Distance(points[i] + shift, wanted[i]), 0, 0.03f * Scale);
    }

    [Theory]
    [InlineData(0.9f)]
    [InlineData(-0.9f)]
    public void TheJawOfTheHiddenSideLiesOnTheOutline(float yaw)
    {
        var face = Seen(default);
        var pose = Fit(face, out var scale);
        var (_, points) = HeadTurn.Turn(new Picture(400, 400), face, pose, scale, yaw, 0);
        var sign = MathF.Sign(yaw);
        var hidden = sign > 0 ? points[9..17] : points[..8];
        // No point of brows, eyes or mouth lies beyond it at its height.
        foreach (var p in points[17..])
        {
            var beside = hidden.Where(h => MathF.Abs(h.Y - p.Y) < 0.1f * Scale).ToArray();
            Assert.All(beside, h => Assert.True(sign * (h.X - p.X) > -0.12f * Scale, $"{p} is beyond {h}"));
        }
    }

    [Fact]
    public void PixelsGoWithTheirPoints()
    {
        var face = Seen(default);
        var picture = new Picture(400, 400);
        int[] marked = [30, 36, 45, 48, 54, 8];
        foreach (var i in marked)
        {
            for (var y = -5; y <= 5; y++)
                picture.Row((int)face[i].Y + y).Slice(3 * ((int)face[i].X - 5), 33).Fill(255);
        }
        var pose = Fit(face, out var scale);

        var (turned, points) = HeadTurn.Turn(picture, face, pose, scale, 0.5f, 0);

        foreach (var i in marked.Where(i => i != 45))
        {
            var p = points[i];
            Assert.True(turned.Row((int)p.Y)[3 * (int)p.X] > 128, $"point {i}: nothing at {p}");
        }
    }

    [Fact]
    public void WhatIsNoFaceIsNotTurned() =>
        Assert.Null(HeadTurn.Draw(new Random(1), new Picture(50, 50), new Vector2[68]));

    [Fact]
    public void ATriangulationHoldsNoPointInACircleAndFillsTheHull()
    {
        var random = new Random(3);
        Vector2[] points =
        [
            new(0, 0), new(100, 0), new(100, 100), new(0, 100),
            .. Enumerable.Range(0, 60).Select(_ => new Vector2(1 + (98 * random.NextSingle()), 1 + (98 * random.NextSingle()))),
        ];
        var area = 0f;
        foreach (var t in Delaunay.Triangulate(points))
        {
            var (a, b, c) = (points[t.A], points[t.B], points[t.C]);
            area += MathF.Abs(Vector2.Cross(b - a, c - a)) / 2;
            // The angle at a point beyond the side ab and the angle at c are less than half a turn together.
            foreach (var p in points.Where(p => p != a && p != b && p != c))
                Assert.False(InCircle(a, b, c, p), $"{p} lies in the circle of {a}, {b}, {c}");
        }
        Assert.Equal(100 * 100, area, 1f);
    }

    private static bool InCircle(Vector2 a, Vector2 b, Vector2 c, Vector2 p)
    {
        double ax = a.X - p.X, ay = a.Y - p.Y, bx = b.X - p.X, by = b.Y - p.Y, cx = c.X - p.X, cy = c.Y - p.Y;
        var determinant = (((ax * ax) + (ay * ay)) * ((bx * cy) - (cx * by)))
            - (((bx * bx) + (by * by)) * ((ax * cy) - (cx * ay)))
            + (((cx * cx) + (cy * cy)) * ((ax * by) - (bx * ay)));
        return determinant * Vector2.Cross(b - a, c - a) > 1;
    }

    private static Vector2[] Seen(HeadView pose) =>
        [.. HeadPose.MeanHead.ToArray().Select(p => Centre + (Scale * pose.Rolled(pose.Upright(p))))];

    private static HeadView Fit(Vector2[] face, out float scale)
    {
        Span<Vector2> deviation = stackalloc Vector2[68];
        return HeadView.Fit(face, deviation, out scale)!.Value;
    }
}

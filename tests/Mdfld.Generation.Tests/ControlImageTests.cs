using System.Numerics;
using Mdfld.Generation;
using Mdfld.Tests.Augment;

namespace Mdfld.Tests.Generation;

public sealed class ControlImageTests
{
    private static readonly Vector2[] Face = [.. new SyntheticFace().Landmarks];

    public static TheoryData<string, int, int[]> Colours => new()
    {
        { "mdfld68", 4, [255, 255, 255] }, { "mdfld68", 19, [255, 128, 0] }, { "mdfld68", 24, [255, 255, 0] },
        { "mdfld68", 28, [0, 255, 0] }, { "mdfld68", 33, [0, 255, 0] }, { "mdfld68", 37, [0, 255, 255] },
        { "mdfld68", 44, [0, 96, 255] }, { "mdfld68", 57, [255, 0, 0] }, { "mdfld68", 62, [255, 0, 255] },
        { "mediapipe-face", 4, [10, 200, 10] }, { "mediapipe-face", 19, [180, 220, 10] },
        { "mediapipe-face", 24, [10, 220, 180] }, { "mediapipe-face", 28, [0, 0, 0] },
        { "mediapipe-face", 37, [180, 200, 10] }, { "mediapipe-face", 44, [10, 200, 180] },
        { "mediapipe-face", 57, [10, 180, 10] }, { "mediapipe-face", 62, [10, 180, 10] },
    };

    [Theory]
    [MemberData(nameof(Colours))]
    public void APointLiesOnALineOfItsColour(string name, int point, int[] colour)
    {
        // Points in the middle of a pixel, on lines of several pixels: the colour there is the line's own.
        var points = Array.ConvertAll(Face, p => new Vector2(MathF.Round(3 * p.X), MathF.Round(3 * p.Y)));
        var picture = ControlImage.Draw(points, 1200, 1200, ControlColours.ByName(name));
        Assert.Equal(colour, Pixel(picture, points[point]));
    }

    [Fact]
    public void PupilsAndForeheadAreWhereMediaPipeHasThem()
    {
        var picture = ControlImage.Draw(Face, 400, 400, ControlColours.MediaPipeFace);
        Vector2 Eye(int first) => Face[first..(first + 6)].Aggregate(Vector2.Add) / 6;
        Assert.Equal([250, 200, 10], Pixel(picture, Eye(36)));
        Assert.Equal([10, 200, 250], Pixel(picture, Eye(42)));

        // The oval closes above the brows: straight up from the nose there is one line, of its green.
        var brows = Face[17..27].Min(p => p.Y);
        var column = Enumerable.Range(0, (int)brows - 8).Select(y => Pixel(picture, new(Face[27].X, y))[1]).ToArray();
        Assert.InRange(column.Max(), 190, 200);
        Assert.InRange(column.Count(green => green > 0), 2, 5);
        // Ours has no forehead.
        Assert.Equal(
            [0, 0, 0], Pixel(ControlImage.Draw(Face, 400, 400), new(Face[27].X, Array.IndexOf(column, column.Max()))));
    }

    [Fact]
    public void LinesAreSoftAndAsWideAsTheFaceIsLarge()
    {
        double Ink(float scale)
        {
            var side = (int)(400 * scale);
            var picture = ControlImage.Draw([.. Face.Select(p => scale * p)], side, side);
            var sum = 0.0;
            foreach (var value in picture.Data)
                sum += value / 255.0;
            return sum / (scale * scale);
        }

        var large = Ink(4);
        Assert.Equal(1, Ink(2) / large, 0.03);
        Assert.Equal(1, Ink(1) / large, 0.06);
        // Half a pixel to the side the ink is the same: its edges are areas, not whole pixels.
        var moved = ControlImage.Draw([.. Face.Select(p => p + new Vector2(0.5f, 0.25f))], 400, 400);
        Assert.Equal(
            1, Sum(moved) / Sum(ControlImage.Draw(Face, 400, 400)), 0.01);
        Assert.Contains(moved.Data.ToArray(), value => value is > 60 and < 200);

        static double Sum(Picture picture) => picture.Data.ToArray().Sum(value => (double)value);
    }

    [Fact]
    public void AMirroredFaceIsTheMirroredPictureButForTheSides()
    {
        var picture = ControlImage.Draw(Face, 400, 400);
        var mirrored = ControlImage.Draw(LandmarkScheme.Ibug68.Mirror(Face, 400), 400, 400);
        // Jaw, nose and lips.
        foreach (var point in (int[])[3, 30, 51, 66])
        {
            var p = new Vector2(MathF.Round(Face[point].X), MathF.Round(Face[point].Y));
            Assert.Equal(Pixel(picture, p), Pixel(mirrored, new(399 - p.X, p.Y)), (a, b) => Math.Abs(a - b) <= 8);
        }
    }

    [Fact]
    public void WhatLiesOutsideIsCutOff()
    {
        var far = ControlImage.Draw([.. Face.Select(p => p - new Vector2(5000, 0))], 64, 48);
        Assert.All(far.Data.ToArray(), value => Assert.Equal(0, value));
        var point = ControlImage.Draw(
            [.. Enumerable.Repeat(new Vector2(20, 20), 68)], 64, 48, ControlColours.MediaPipeFace);
        Assert.Equal((64, 48), (point.Width, point.Height));
        Assert.NotEqual([0, 0, 0], Pixel(point, new(20, 20)));
    }

    [Fact]
    public void WhatIsNoFaceIsRefused()
    {
        Assert.Contains("67", Assert.Throws<ArgumentException>(() => ControlImage.Draw(Face[..67], 64, 64)).Message);
        Vector2[] broken = [.. Face];
        broken[5] = new(float.NaN, 3);
        Assert.Contains(
            "landmark 5", Assert.Throws<ArgumentException>(() => ControlImage.Draw(broken, 64, 64)).Message);
        Assert.Contains("mediapipe", Assert.Throws<ArgumentException>(() => ControlColours.ByName("openpose")).Message);
    }

    private static int[] Pixel(Picture picture, Vector2 at)
    {
        var i = (int)MathF.Round(at.X) * Picture.Channels;
        return [.. picture.Row((int)MathF.Round(at.Y)).Slice(i, Picture.Channels).ToArray().Select(value => (int)value)];
    }
}

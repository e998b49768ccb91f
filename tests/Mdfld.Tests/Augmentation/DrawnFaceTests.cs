using System.Numerics;
using Mdfld.Training.Augmentation;

namespace Mdfld.Tests.Augmentation;

/// <summary>A drawn face says where it drew what.</summary>
public sealed class DrawnFaceTests
{
    private const int Size = 128;

    [Fact]
    public void EyesAndMouthAreDrawnAtTheirNewLandmarks()
    {
        var face = new SyntheticFace();
        var toCrop = (face.Crop with { Side = face.Crop.Side * 1.25f }).ToCrop(Size);
        Vector2[] before = [.. face.Landmarks.Select(p => toCrop.Apply(p))];
        var (drawn, moved) = (0, 0);
        for (var seed = 0; seed < 60; seed++)
        {
            var canvas = new Canvas(Size);
            for (var c = 0; c < 3; c++)
                canvas.Channel(c).Fill(128);
            var points = before.ToArray();
            if (!new DrawnFace(canvas).TryDraw(points, new Random(seed)))
            {
                Assert.Equal(before, points);
                continue;
            }
            drawn++;
            Assert.Equal(before[..17], points[..17]);
            Assert.All(points, p => Assert.True(p.X >= 0 && p.Y >= 0 && p.X <= Size - 1 && p.Y <= Size - 1));
            moved += Vector2.Distance(before[37], points[37]) > 0.5f ? 1 : 0;
            // The skin between nose and eyes is flat; lids and lips are lines of another colour.
            var skin = At(canvas, points[29] + ((points[2] - points[29]) * 0.4f));
            foreach (var i in (ReadOnlySpan<int>)[37, 44, 62])
                Assert.True(
                    Contrast(canvas, points[i], skin) > 20, $"seed {seed}: nothing at landmark {i}, {points[i]}");
        }
        Assert.True(drawn > 30, $"only {drawn} faces were drawn");
        Assert.True(moved > drawn / 2, $"only {moved} of {drawn} had eyes of their own");
    }

    private static Vector3 At(Canvas canvas, Vector2 p)
    {
        var i = ((int)MathF.Round(p.Y) * Size) + (int)MathF.Round(p.X);
        return new Vector3(canvas.Red[i], canvas.Green[i], canvas.Blue[i]);
    }

    /// <summary>Largest difference from a colour within a pixel of a place.</summary>
    private static float Contrast(Canvas canvas, Vector2 p, Vector3 colour)
    {
        var most = 0f;
        for (var dy = -1; dy <= 1; dy++)
        {
            for (var dx = -1; dx <= 1; dx++)
                most = MathF.Max(most, Vector3.Distance(At(canvas, p + new Vector2(dx, dy)), colour));
        }
        return most;
    }
}

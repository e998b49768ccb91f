using System.Numerics;
using Mdfld.Training.Augment;

namespace Mdfld.Tests.Augment;

public sealed class FeatureEmphasisTests
{
    private const int Size = 128;

    [Fact]
    public void DetailGrowsOnTheContoursAndNowhereElse()
    {
        Vector2[] points = [.. new SyntheticFace().Landmarks.Select(p => p * Size / SyntheticFace.Side)];
        var plain = Stripes();
        var none = Stripes();
        FeatureEmphasis.Apply(none, points, 0);
        var strong = Stripes();
        FeatureEmphasis.Apply(strong, points, 1);

        Assert.Equal(plain.Data.ToArray(), none.Data.ToArray());
        foreach (var part in (string[])["right brow", "left eye", "outer lips"])
        {
            var middle = LandmarkScheme.Ibug68.Contours.Single(c => c.Name == part).Indices.Select(i => points[i]).First();
            Assert.InRange(Contrast(strong, middle) / Contrast(plain, middle), 1.5, 2.1);
        }
        Assert.Equal(Contrast(plain, new(4, 4)), Contrast(strong, new(4, 4)));

        static Picture Stripes()
        {
            var picture = new Picture(Size, Size);
            for (var i = 0; i < picture.Data.Length; i++)
                picture.Data[i] = (byte)(i / 3 % 2 == 0 ? 100 : 140);
            return picture;
        }

        static double Contrast(Picture picture, Vector2 at)
        {
            var row = picture.Row((int)at.Y);
            return Math.Abs(row[3 * (int)at.X] - row[3 * ((int)at.X + 1)]);
        }
    }
}

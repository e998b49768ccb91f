using System.Numerics;
using Mdfld.Training;

namespace Mdfld.Tests.Finder;

public sealed class TargetTests
{
    private static readonly Vector2[] FivePoints = [new(20, 21), new(40, 22), new(31, 30), new(24, 38), new(37, 39)];

    [Fact]
    public void TheCentresCellHoldsBoxAndPointsAsTheContractReadsThem()
    {
        var face = new SceneFace(new FaceBox(12, 15, 36, 30), FivePoints);
        var map = FinderTargets.Encode([face], 96, 64, 8);
        Assert.Equal([FinderTargetChannels.Count, 8L, 12L], map.Shape);

        // The centre (30, 30) lies in column 3, row 3.
        var (column, row) = (3, 3);
        float At(int channel) => map.Data[(((channel * 8) + row) * 12) + column];
        Assert.Equal(1, At(FinderTargetChannels.Positive));
        Assert.Equal(0, At(FinderTargetChannels.NegativeWeight));
        Assert.Equal(1, map.Data[..(8 * 12)].Sum());
        Assert.Equal(30, ((column + 0.5f + At(FinderTargetChannels.Box)) * 8) - 0.5f, 1e-4f);
        Assert.Equal(30, ((row + 0.5f + At(FinderTargetChannels.Box + 1)) * 8) - 0.5f, 1e-4f);
        Assert.Equal(36, 8 * MathF.Exp(At(FinderTargetChannels.Box + 2)), 1e-3f);
        Assert.Equal(30, 8 * MathF.Exp(At(FinderTargetChannels.Box + 3)), 1e-3f);
        for (var p = 0; p < 5; p++)
        {
            Assert.Equal(FivePoints[p].X, ((column + 0.5f + At(FinderTargetChannels.Points + (2 * p))) * 8) - 0.5f, 1e-4f);
            Assert.Equal(FivePoints[p].Y, ((row + 0.5f + At(FinderTargetChannels.Points + (2 * p) + 1)) * 8) - 0.5f, 1e-4f);
        }
        // An error of one cell is 8 pixels of a face of 36.
        Assert.Equal(8f / 36, At(FinderTargetChannels.PositionWeight), 1e-6f);
        Assert.Equal(8f / 36, At(FinderTargetChannels.PointWeight), 1e-6f);
    }

    [Theory]
    [InlineData(20, true, false, false)]
    [InlineData(42, true, true, false)]
    [InlineData(70, false, true, false)]
    [InlineData(100, false, true, true)]
    [InlineData(200, false, false, true)]
    public void AFaceBelongsToTheStridesOfItsSize(int length, bool at8, bool at16, bool at32)
    {
        var face = new SceneFace(new FaceBox(128 - (length / 2f), 128 - (length / 2f), length, length * 0.9f), null);
        bool IsAsked(int stride) => Plane(
            FinderTargets.Encode([face], 256, 256, stride), FinderTargetChannels.Positive).Contains(1);

        Assert.Equal([at8, at16, at32], [IsAsked(8), IsAsked(16), IsAsked(32)]);
    }

    [Theory]
    [InlineData(27.5f, 27.5f, 1)]
    [InlineData(31.5f, 27.5f, 2)]
    [InlineData(31.5f, 31.5f, 4)]
    public void AFaceBetweenCellsIsAskedOfAllOfThem(float x, float y, int cells)
    {
        var face = new SceneFace(FaceBox.AtCentre(new Vector2(x, y), 14, 14), null);
        var map = FinderTargets.Encode([face], 64, 64, 8);

        Assert.Equal(cells, Plane(map, FinderTargetChannels.Positive).Sum());
        Assert.Equal(cells, Plane(map, FinderTargetChannels.SizeWeight).Count(w => w == 1));
    }

    [Fact]
    public void FacesOfNoPointsTeachNone()
    {
        var map = FinderTargets.Encode([new SceneFace(new FaceBox(12, 12, 30, 30), null)], 64, 64, 8);

        Assert.All(Plane(map, FinderTargetChannels.PointWeight), w => Assert.Equal(0, w));
        Assert.Contains(Plane(map, FinderTargetChannels.SizeWeight), w => w == 1);
    }

    [Fact]
    public void UnsureFacesAreNeitherAskedForNorForbidden()
    {
        var map = FinderTargets.Encode([new SceneFace(new FaceBox(8, 8, 31, 31), null, unsure: true)], 64, 64, 8);

        Assert.All(Plane(map, FinderTargetChannels.Positive), p => Assert.Equal(0, p));
        var weights = Plane(map, FinderTargetChannels.NegativeWeight);
        Assert.Equal(0, weights[(2 * 8) + 2]);
        Assert.Equal(1, weights[(7 * 8) + 7]);
    }

    private static float[] Plane(SamplePart map, int channel)
    {
        var cells = (int)(map.Shape[1] * map.Shape[2]);
        return map.Data.AsSpan(channel * cells, cells).ToArray();
    }
}

namespace Mdfld.Tests.Geometry;

/// <summary>How much two boxes share.</summary>
public sealed class FaceBoxTests
{
    [Theory]
    [InlineData(0, 0, 10, 10, 1, 1)]
    [InlineData(5, 0, 10, 10, 1f / 3, 0.5f)]
    [InlineData(2, 2, 4, 5, 0.2f, 1)]
    [InlineData(10, 0, 10, 10, 0, 0)]
    [InlineData(3, 3, 0, 0, 0, 0)]
    public void SharesOfAnother(float left, float top, float width, float height, float ofUnion, float ofSmaller)
    {
        var (box, other) = (new FaceBox(0, 0, 10, 10), new FaceBox(left, top, width, height));
        Assert.Equal((ofUnion, ofSmaller), (box.IntersectionOverUnion(other), box.IntersectionOverSmaller(other)));
        Assert.Equal((ofUnion, ofSmaller), (other.IntersectionOverUnion(box), other.IntersectionOverSmaller(box)));
    }
}

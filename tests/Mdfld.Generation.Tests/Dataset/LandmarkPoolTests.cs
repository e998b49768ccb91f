using Mdfld.Generation.Dataset;

namespace Mdfld.Tests.Generation.Dataset;

public sealed class LandmarkPoolTests
{
    [Fact]
    public void DrawnFacesHavePicturesThatShowThem()
    {
        var pool = LandmarkPool.Drawn();
        using var detector = LandmarkDetector.Create();

        Assert.Null(pool.MissingPicture());
        Assert.InRange(pool.Count, 150, 200);
        Assert.All(pool.Faces.Take(8), face =>
        {
            var points = detector.Detect(face.LoadPicture(), FaceBox.Around(face.Landmarks)).Points;
            Assert.InRange(Metrics.Nme([.. points], face.Landmarks, LandmarkScheme.Ibug68), 0, 0.08);
        });
    }
}

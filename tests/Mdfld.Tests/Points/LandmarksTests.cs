using System.Collections.Immutable;
using System.Numerics;
using System.Text.Json;

namespace Mdfld.Tests.Points;

public sealed class LandmarksTests
{
    [Fact]
    public void PartsAreTheSubjects()
    {
        var face = Face(LandmarkScheme.Ibug68);
        Assert.Equal<Vector2>(Numbers(36, 6), face.RightEye);
        Assert.Equal<Vector2>(Numbers(42, 6), face.LeftEye);
        Assert.Equal<Vector2>(Numbers(17, 5), face.RightBrow);
        Assert.Equal<Vector2>(Numbers(22, 5), face.LeftBrow);
        Assert.Equal<Vector2>(Numbers(27, 9), face.Nose);
        Assert.Equal<Vector2>(Numbers(48, 12), face.Mouth);
        Assert.Equal<Vector2>(Numbers(60, 8), face.Part("inner lips"));
        Assert.Equal<Vector2>(Numbers(17, 10), face.Part("brows"));
        Assert.Equal<Vector2>(Numbers(0, 17), face.Jaw);
        Assert.Equal<Vector2>(Numbers(60, 8), Face(LandmarkScheme.Wflw98).RightEye);
    }

    [Fact]
    public void APartThatASchemeLacksIsNamed()
    {
        var refusal = Assert.Throws<InvalidOperationException>(() => Face(LandmarkScheme.Cofw29).Part("ears"));
        Assert.StartsWith("COFW (29 points) has no 'ears'; it has right brow, left brow", refusal.Message);
    }

    [Fact]
    public void AFaceIsTheSchemasJsonAndComesBack()
    {
        var face = Face(LandmarkScheme.Ibug68) with
        {
            Score = 0.75f,
            Confidence = 0.5f,
            Uncertainty = [.. Enumerable.Range(0, 68).Select(i => new PointCovariance(i, 0.5f, 2 * i))],
        };
        var json = JsonSerializer.Serialize(new[] { face });
        Assert.StartsWith("[{\"scheme\":\"300W\",\"score\":0.75,\"confidence\":0.5,\"box\":{\"x\":0,", json);
        var read = Assert.Single(JsonSerializer.Deserialize<Landmarks[]>(json)!);
        Assert.Same(LandmarkScheme.Ibug68, read.Scheme);
        Assert.Equal<Vector2>(face.Points, read.Points);
        Assert.Equal<PointCovariance>(face.Uncertainty, read.Uncertainty);
        Assert.Equal((face.Score, face.Confidence, face.Box), (read.Score, read.Confidence, read.Box));
        Assert.Equal(face.Box.ToCrop(1), read.Crop);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("3")]
    [InlineData("{\"scheme\":\"300W\",\"score\":1,\"confidence\":1,\"landmarks\":[[1,2]]}")]
    [InlineData("{\"scheme\":\"mine\",\"score\":1,\"confidence\":1,\"landmarks\":[[1,2,3]]}")]
    [InlineData("{\"scheme\":\"mine\",\"score\":1,\"confidence\":1,\"landmarks\":[]}")]
    public void OtherJsonIsRefused(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Landmarks>(json));

    [Fact]
    public void ASchemeOfOnesOwnWorksLikeTheKnown()
    {
        var scheme = new LandmarkScheme(
            "mine",
            6,
            [new("right eye", [0, 1], true), new("mouth", [3, 5, 4])],
            [new("eyes", [0, 1, 2]), new("mouth", [3, 4, 5])],
            [(0, 2), (3, 4)],
            [new("right", [0]), new("left", [2])],
            [new("", [0]), new("", [2]), new("", [5]), new("", [3]), new("", [4])]);
        Vector2[] points = [new(10, 10), new(15, 12), new(40, 10), new(12, 40), new(36, 40), new(25, 50)];
        Assert.Equal(30, scheme.EyeDistance(points));
        Assert.Equal(
            [new(59, 10), new(84, 12), new(89, 10), new(63, 40), new(87, 40), new(74, 50)],
            scheme.Mirror(points, 100));
        Assert.Equal([points[0], points[2], points[5], points[3], points[4]], scheme.FivePoints(points));
        var face = new Landmarks(scheme, [.. points], new FaceCrop(new(25, 30), 60));
        Assert.Equal<Vector2>([points[0], points[1]], face.RightEye);
        Assert.Equal<Vector2>([points[3], points[5], points[4]], face.Part("mouth"));
        var read = JsonSerializer.Deserialize<Landmarks>(JsonSerializer.Serialize(face))!;
        Assert.Equal(("mine", 6), (read.Scheme.Name, read.Scheme.Count));
        Assert.Equal<Vector2>(face.Points, read.Points);
    }

    [Fact]
    public void ASchemeThatFitsNothingIsRefused()
    {
        Assert.Throws<ArgumentException>(() => new LandmarkScheme("x", 3, [new("a", [3])]));
        Assert.Throws<ArgumentException>(() => new LandmarkScheme("x", 3, [new("a", [])]));
        Assert.Throws<ArgumentException>(() => new LandmarkScheme("x", 3, mirrorPairs: [(0, 1), (1, 2)]));
        Assert.Throws<ArgumentException>(() => new LandmarkScheme("x", 3, mirrorPairs: [(0, 3)]));
        Assert.Throws<ArgumentException>(() => new LandmarkScheme("x", 3, outerEyeCorners: [new("a", [0])]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LandmarkScheme("x", 0));
    }

    /// <summary>Eyes and mouth corners land on ArcFace's template, wherever and however turned the face is.</summary>
    [Theory]
    [InlineData(0, 1, 112, 0)]
    [InlineData(0.7, 2.5, 112, 0)]
    [InlineData(-2.5, 0.8, 224, 0)]
    [InlineData(0.3, 1.5, 168, 0.25)]
    public void AnAlignedFaceIsUprightAndInItsPlace(double roll, double scale, int size, float margin)
    {
        Vector2[] template =
            [new(38.2946f, 51.6963f), new(73.5318f, 51.5014f), new(41.5493f, 92.3655f), new(70.7299f, 92.2041f)];
        var away = Homography.Translation(90, 60) * Homography.Rotation(roll, scale, new(56, 56));
        var points = new Vector2[68];
        int[][] five = [[36, 39], [42, 45], [48], [54], [33, 35]];
        for (var i = 0; i < five.Length; i++)
        {
            foreach (var p in five[i])
                points[p] = away.Apply(i < 4 ? template[i] : new Vector2(56, 72));
        }
        var face = new Landmarks(LandmarkScheme.Ibug68, [.. points], new FaceCrop(new(100, 100), 100));
        var picture = new Picture(400, 400);
        foreach (var p in template)
            Spot(picture, away.Apply(p), (float)(6 * scale));

        var aligned = face.Align(picture, size, margin);
        Assert.Equal((size, size), (aligned.Width, aligned.Height));
        var zoom = size / (112 * (1 + (2 * margin)));
        foreach (var p in template)
        {
            var there = ((p + new Vector2(0.5f + (112 * margin))) * zoom) - new Vector2(0.5f);
            Assert.InRange(Vector2.Distance(there, Bright(aligned, there, 8 * zoom)), 0, 0.6f);
        }
    }

    private static void Spot(Picture picture, Vector2 centre, float radius)
    {
        for (var y = 0; y < picture.Height; y++)
        {
            for (var x = 0; x < picture.Width; x++)
            {
                var value = Math.Clamp(radius + 0.5f - Vector2.Distance(new(x, y), centre), 0, 1);
                if (value > 0)
                    picture.Row(y).Slice(x * Picture.Channels, Picture.Channels).Fill((byte)(255 * value));
            }
        }
    }

    private static Vector2 Bright(Picture picture, Vector2 near, float reach)
    {
        var (sum, weight) = (Vector2.Zero, 0f);
        for (var y = 0; y < picture.Height; y++)
        {
            for (var x = 0; x < picture.Width; x++)
            {
                if (Vector2.Distance(new(x, y), near) > reach)
                    continue;
                var value = picture.Row(y)[x * Picture.Channels];
                (sum, weight) = (sum + (value * new Vector2(x, y)), weight + value);
            }
        }
        Assert.True(weight > 0);
        return sum / weight;
    }

    private static Landmarks Face(LandmarkScheme scheme) =>
        new(scheme, [.. Numbers(0, scheme.Count)], new FaceCrop(new(1, 1), 2));

    private static ImmutableArray<Vector2> Numbers(int first, int count) =>
        [.. Enumerable.Range(first, count).Select(i => new Vector2(i, 2 * i))];
}

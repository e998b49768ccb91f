using System.Numerics;
using Mdfld.Generation.Dataset;
using Mdfld.Tests.Augment;
using Mdfld.Training.Augment;

namespace Mdfld.Tests.Generation.Dataset;

public sealed class StylizeEngineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// Discs at the landmarks of a photo: after the warp they are where the engine says, mirrored ones too.
    /// </summary>
    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    public void DiscsAreWhereTheLandmarksAre(int frame)
    {
        var face = new SyntheticFace();
        var photo = new Picture(SyntheticFace.Side + frame, SyntheticFace.Side + frame);
        face.Picture.WarpInto(Homography.Translation(frame, frame), photo);
        // Grey, so that the black of the frame, and only that, is cut off.
        for (var y = frame; y < photo.Height; y++)
        {
            foreach (ref var v in photo.Row(y)[(frame * 3)..])
                v = Math.Max(v, (byte)40);
        }
        photo.Save(_folder["face.png"]);
        Vector2[] points = [.. face.Landmarks.Select(p => p + new Vector2(frame))];
        MetadataFile.Write(_folder["annotations.tsv"], [LabelledFace.FromLandmarks("face.png", points)]);
        var pool = LandmarkPool.Read([_folder.Path]);
        var (style, variation) = (StyleBook.Default().Select("photo")[0], new LandmarkVariation(pool, 256));
        using var engine = new StylizeEngine(256);
        var measured = 0;
        for (var seed = 0; seed < 12; seed++)
        {
            var varied = variation.Draw(style, new Random(seed));
            var made = engine.Make(new FaceRequest(style, "", varied, seed));
            foreach (var i in SyntheticFace.Marked)
            {
                var p = made.Landmarks[i];
                Assert.True(
                    Vector2.Distance(p, varied.Landmarks[i]) < 12,
                    $"seed {seed}: {i} wanted {varied.Landmarks[i]}, is {p}");
                if (SyntheticFace.Marked.Any(j => j != i && Vector2.Distance(made.Landmarks[j], p) < 16))
                    continue;
                var centre = Centroid(made.Picture, p, 8);
                Assert.True(Vector2.Distance(centre, p) < 1, $"seed {seed}: {i} labelled {p}, seen at {centre}");
                measured++;
            }
        }
        Assert.InRange(measured, 60, 12 * SyntheticFace.Marked.Length);
    }

    [Fact]
    public void PicturesOfAnotherSizeKeepTheirPoints()
    {
        var small = new Picture(64, 64);
        for (var y = 20; y < 24; y++)
            small.Row(y).Slice(30 * 3, 4 * 3).Fill(255);
        var large = Resizing.To(small, 256);
        var p = Resizing.To([new Vector2(31.5f, 21.5f)], 64, 256)[0];
        Assert.InRange(Vector2.Distance(p, Centroid(large, p, 12)), 0, 0.1f);
        Assert.Same(small, Resizing.To(small, 64));
    }

    private static Vector2 Centroid(Picture picture, Vector2 around, float reach)
    {
        var (sum, mass) = (Vector2.Zero, 0f);
        for (var y = 0; y < picture.Height; y++)
        {
            for (var x = 0; x < picture.Width; x++)
            {
                var p = new Vector2(x, y);
                if (Vector2.Distance(p, around) > reach)
                    continue;
                var pixel = picture.Row(y).Slice(3 * x, 3);
                float weight = MathF.Max(0, Math.Max(pixel[0], Math.Max(pixel[1], pixel[2])) - 60);
                (sum, mass) = (sum + (p * weight), mass + weight);
            }
        }
        return sum / MathF.Max(mass, 1e-3f);
    }
}

using Mdfld.Tests.Detection;
using Mdfld.Training;

namespace Mdfld.Tests.Finder;

public sealed class PictureLoaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PictureLoaderTests() => Directory.CreateDirectory(_folder["images"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void MarksSayWhatIsLearnt()
    {
        Write(
            "image\tx\ty\twidth\theight\tkind\tignore", "a.png\t10\t10\t20\t20\tphoto\t0",
            "a.png\t50\t10\t20\t20\tphoto\t1", "b.png\t10\t10\t20\t20\tcomic\t0");
        var pictures = new PictureLoader(null, null).Load(_folder.Path, default);

        Assert.Equal(["a", "b", "c"], pictures.Select(p => p.Name));
        Assert.Equal([1, 1, 0], pictures.Select(p => p.Known.Count));
        Assert.Equal([2, 1, 0], pictures.Select(p => p.Faces.Length));
        Assert.Equal([true, false, true], pictures.Select(p => p.Complete));
    }

    [Fact]
    public void WhatATeacherSeesInAnUnmarkedListIsLeftOut()
    {
        Write("image\tx\ty\twidth\theight", "a.png\t8\t8\t20\t20", "afw_b.png\t8\t8\t20\t20");
        using var teacher = FaceFinder.Load(TinyFinders.Bright(), "tiny.onnx");
        var alone = new PictureLoader(null, null).Load(_folder.Path, default);
        var taught = new PictureLoader(null, teacher).Load(_folder.Path, default);

        // HELEN's lists name one face a picture, AFW's all.
        Assert.Equal([false, true], alone.Take(2).Select(p => p.Complete));
        Assert.Equal([true, true], taught.Take(2).Select(p => p.Complete));
        // The bright spot far from the labelled face, not the one on it.
        var unsure = taught[0].Faces.Where(f => f.Unsure).ToArray();
        Assert.NotEmpty(unsure);
        Assert.All(unsure, f => Assert.InRange(f.Box.Centre.X, 55, 90));
        Assert.Single(taught[0].Known);
    }

    [Fact]
    public void WhatTeacherAndLandmarkModelAreSureOfIsLearnt()
    {
        File.Copy(TestFiles.Sample("comic.png"), _folder["images", "a.png"]);
        File.WriteAllLines(_folder["faces.tsv"], ["image\tx\ty\twidth\theight", "a.png\t2\t2\t12\t12"]);
        using var teacher = FaceFinder.Load(Model("finder.onnx"));
        using var landmarks = LandmarkDetector.Load(Model("compact.onnx"));

        var face = new PictureLoader(landmarks, teacher).Load(_folder.Path, default)[0].Known[1];

        var truth = FaceFolder.Open(Path.Combine(TestFiles.RepositoryRoot, "samples")).Faces
            .Single(f => f.ImagePath.EndsWith("comic.png", StringComparison.Ordinal));
        Assert.True(face.Box.IntersectionOverUnion(FaceBox.Around([.. truth.Landmarks])) > 0.8f);
        Assert.NotNull(face.Points);

        static string Model(string name) => Path.Combine(TestFiles.RepositoryRoot, "models", name);
    }

    [Fact]
    public void WhatAFinderGetsWrongIsAHardExample()
    {
        // The bright spots are at the left and at the right of a picture.
        Write(
            "image\tx\ty\twidth\theight\tkind\tignore", "a.png\t8\t8\t20\t20\tphoto\t0",
            "a.png\t36\t36\t10\t10\tphoto\t0", "b.png\t0\t0\t96\t96\tphoto\t1", "d.png\t8\t8\t20\t20\tcomic\t0");
        using var student = FaceFinder.Load(TinyFinders.Bright(), "tiny.onnx");
        var hard = new PictureLoader(null, null, student).Load(_folder.Path, default)
            .ToDictionary(p => p.Name, p => p.HardExamples);

        // The dark face is missed; the other spot holds no face.
        Assert.Contains(new FaceBox(36, 36, 10, 10), hard["a"]);
        Assert.Contains(hard["a"], box => box.Centre.X > 55);
        // In what is ignored, and on a page whose faces are not all labelled, nothing is false.
        Assert.Empty(hard["b"]);
        Assert.DoesNotContain(hard["d"], box => box.Centre.X > 55);
    }

    [Fact]
    public void LargePicturesAreReducedWithTheirFaces()
    {
        new Picture(1600, 400).Save(_folder["images", "a.png"]);
        File.WriteAllLines(_folder["faces.tsv"], ["image\tx\ty\twidth\theight", "a.png\t99.5\t99.5\t200\t100"]);
        var picture = new PictureLoader(null, null).Load(_folder.Path, default)[0];

        Assert.Equal((800, 200), (picture.Picture.Width, picture.Picture.Height));
        var box = picture.Faces[0].Box;
        Assert.Equal(
            [49.5f, 49.5f, 100, 50],
            new[] { box.Left, box.Top, box.Width, box.Height }.Select(v => MathF.Round(v, 2)));
    }

    private void Write(params string[] lines)
    {
        foreach (var name in lines.Skip(1).Select(l => l.Split('\t')[0]).Append("c.png").Distinct())
        {
            var picture = new Picture(96, 64);
            picture.Data.Fill(0);
            foreach (var (left, top) in ((int, int)[])[(6, 6), (60, 32)])
            {
                for (var y = top; y < top + 24; y++)
                    picture.Row(y)[(3 * left)..(3 * (left + 24))].Fill(255);
            }
            picture.Save(_folder["images", name]);
        }
        File.WriteAllLines(_folder["faces.tsv"], lines);
    }
}

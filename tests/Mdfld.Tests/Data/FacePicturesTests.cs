namespace Mdfld.Tests.Data;

public sealed class FacePicturesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FacePicturesTests()
    {
        Directory.CreateDirectory(_folder["images"]);
        foreach (var name in (string[])["b.png", "a.jpg", "c.webp", "notes.txt"])
            File.WriteAllText(_folder["images", name], "");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void PicturesComeByNameWithTheirFaces()
    {
        Write("b.png\t1\t2\t3.5\t4", "", "a.jpg\t-5\t0\t7\t8", "b.png\t9\t9\t9\t9");
        var pictures = FacePictures.Open(_folder.Path);
        Assert.Equal(["a.jpg", "b.png", "c.webp"], pictures.Select(p => Path.GetFileName(p.Path)));
        Assert.Equal([1, 2, 0], pictures.Select(p => p.Faces.Count));
        Assert.Equal(new FaceBox(1, 2, 3.5f, 4), pictures[1].Faces[0]);
    }

    [Theory]
    [InlineData("b.png\t1\t2\t3")]
    [InlineData("b.png\t1\t2\t3\tx")]
    [InlineData("b.png\t1\t2\t0\t4")]
    [InlineData("b.png\t1\tNaN\t3\t4")]
    public void AMalformedLineIsNamed(string line)
    {
        Write("a.jpg\t1\t2\t3\t4", line);
        Assert.Contains("line 3", Assert.Throws<InvalidDataException>(() => FacePictures.Open(_folder.Path)).Message);
    }

    [Fact]
    public void IgnoredFacesAndKindsComeFromTheColumnsThatTheHeaderNames()
    {
        File.WriteAllLines(
            _folder["faces.tsv"],
            [
                "image\tx\ty\twidth\theight\tkind\tignore", "b.png\t1\t2\t3\t4\tcomic\t0",
                "b.png\t5\t2\t3\t4\tcomic\t1",
            ]);
        var pictures = FacePictures.Open(_folder.Path);
        Assert.Equal([null, "comic", null], pictures.Select(p => p.Kind));
        Assert.Equal([new FaceBox(1, 2, 3, 4)], pictures[1].Faces);
        Assert.Equal([new FaceBox(5, 2, 3, 4)], pictures[1].Ignored);

        File.AppendAllLines(_folder["faces.tsv"], ["b.png\t1\t2\t3\t4\tcomic\tno"]);
        Assert.Contains("line 4", Assert.Throws<InvalidDataException>(() => FacePictures.Open(_folder.Path)).Message);
    }

    [Fact]
    public void WhatLiesOnAnIgnoredFaceCountsNothing()
    {
        FaceBox face = new(0, 0, 10, 10), doubtful = new(50, 0, 10, 10);
        var picture = new FacePicture("a", [face]) { Ignored = [doubtful] };
        var quality = FindingQuality.Of(
            [(picture, [(face, 0.9f), (doubtful, 0.8f)]), (picture with { Faces = [] }, [(doubtful, 0.9f)])], 0.5f);
        Assert.Equal((1, 1), (quality.Recall, quality.Precision));
        Assert.Equal(double.NaN, quality.FalseAlarms);
    }

    [Theory]
    [InlineData("d.png")]
    [InlineData("../images/a.jpg")]
    public void APictureThatIsNotThereIsNamed(string picture)
    {
        Write($"{picture}\t1\t2\t3\t4");
        Assert.Contains(picture, Assert.Throws<InvalidDataException>(() => FacePictures.Open(_folder.Path)).Message);
        var left = new List<string>();
        FacePictures.Open(_folder.Path, left.Add);
        Assert.Contains(picture, Assert.Single(left));
    }

    [Fact]
    public void PrecisionOverRecallIsTheAreaBelow()
    {
        FaceBox one = new(0, 0, 10, 10), two = new(50, 0, 10, 10), none = new(100, 0, 10, 10);
        var quality = FindingQuality.Of(
            [
                (new FacePicture("a", [one, two]), [(one, 0.9f), (none, 0.8f), (two, 0.7f), (one, 0.6f)]),
                (new FacePicture("b", []), [(none, 0.3f)]),
            ],
            0.65f);
        Assert.Equal(1, quality.Recall);
        Assert.Equal(2.0 / 3, quality.Precision, 1e-9);
        // The first face at precision 1, the second at 2 of 3; the second look at the first face is false.
        Assert.Equal((1 + (2.0 / 3)) / 2, quality.AveragePrecision, 1e-9);
        Assert.Equal(0, quality.FalseAlarms);
        Assert.Equal(1, FindingQuality.Of([(new FacePicture("b", []), [(none, 0.3f)])], 0.2f).FalseAlarms);
    }

    private void Write(params string[] lines) =>
        File.WriteAllLines(_folder["faces.tsv"], ["image\tx\ty\twidth\theight", .. lines]);
}

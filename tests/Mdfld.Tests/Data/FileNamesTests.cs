using System.Diagnostics;

namespace Mdfld.Tests.Data;

/// <summary>Labelled pictures under names that are not UTF-8.</summary>
public sealed class FileNamesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FileNamesTests()
    {
        Directory.CreateDirectory(_folder["images"]);
        foreach (var name in (string[])["a", "b"])
            File.Copy(TestFiles.Sample("comic.png"), _folder["images", name + ".png"]);
        Bash("mv images/a.png images/$'\\xe9%.png'");
    }

    public void Dispose()
    {
        // .NET cannot remove them.
        Bash("rm -r -- *");
        _folder.Dispose();
    }

    [Theory]
    [InlineData("caf\u00e9", "caf\u00e9")]
    [InlineData("50%", "50%")]
    public void NamesOfUtf8AreTaken(string name, string expected) =>
        Assert.Equal(expected, FileNames.FromBytes(System.Text.Encoding.UTF8.GetBytes(name)));

    [Fact]
    public void OtherBytesAreEscapedAndFoundAgain()
    {
        Assert.Equal("a%/%E9%25.png", FileNames.FromBytes("a%/"u8.ToArray().Concat((byte[])[0xe9, (byte)'%']).Concat(".png"u8.ToArray()).ToArray()));
        Assert.Equal(["%E9%25.png", "b.png"], FileNames.Entries(_folder["images"]).Select(e => e.Name).Order(StringComparer.Ordinal));
        Assert.True(FileNames.IsFile(_folder["images", "%E9%25.png"]));
        Assert.False(FileNames.IsFile(_folder["images", "%E8%25.png"]));
        Assert.False(FileNames.IsFile(_folder["images", "%62.png"]));
        using var file = new PictureStream(_folder["images", "%E9%25.png"]);
        Assert.Equal(_folder["images", "%E9%25.png"], file.Name);
        Assert.Equal(Picture.Load(TestFiles.Sample("comic.png")).Width, Picture.Load(file).Width);
        var missing = Assert.Throws<FileNotFoundException>(() => new PictureStream(_folder["images", "%E8.png"]));
        Assert.Contains("%E8.png", missing.Message);
    }

    /// <summary>A file is not another whose written name is its own.</summary>
    [Fact]
    public void TwoFilesHaveTwoNames()
    {
        File.WriteAllText(_folder["images", "%E9%25.png"], "another");
        Assert.Equal(
            ["%E9%25%2Epng", "%E9%25.png", "b.png"],
            FileNames.Entries(_folder["images"]).Select(e => e.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void FacesOfSuchPicturesAreReadInspectedAndCopied()
    {
        File.WriteAllLines(_folder["faces.tsv"], ["image\tx\ty\twidth\theight", "%E9%25.png\t1\t2\t30\t40"]);
        Assert.Equal([1, 0], FacePictures.Open(_folder.Path).Select(p => p.Faces.Count));

        var samples = FaceSet.Read(Path.Combine(TestFiles.RepositoryRoot, "samples"));
        var face = samples.Faces.First(f => f.ImagePath == "comic.png");
        var set = samples with { Pictures = _folder["images"], Faces = [face with { ImagePath = "%E9%25.png" }] };
        set.Write(AnnotationFormat.ByName("coco"), _folder["coco"], copy: true);
        var read = FaceSet.Read(_folder["coco"], pictures: _folder["images"]);
        Assert.Empty(DatasetInspection.Of(read).Problems);
        Assert.True(File.Exists(_folder["coco", "images", "%E9%25.png"]));
    }

    public static TheoryData<string> Formats =>
        [.. AnnotationFormat.All.Where(f => f.IsRead && f.IsWritten).Select(f => f.Name)];

    /// <summary>Annotations of every format in a folder of such a name.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void AnnotationsAreFound(string format)
    {
        var samples = FaceSet.Read(Path.Combine(TestFiles.RepositoryRoot, "samples"));
        if (format == "wflw")
            samples = samples with { Faces = [.. samples.Faces.Select(f => f with { Landmarks = [.. f.Landmarks, .. f.Landmarks.Take(30)] })] };
        samples.Write(AnnotationFormat.ByName(format), _folder["set"], copy: true);
        Bash("mkdir in; mv set in/$'\\xff%'");
        var read = FaceSet.Read(_folder["in", "%FF%25"]);
        Assert.Equal(7, read.Faces.Count);
        Assert.All(read.Faces, face => Assert.True(read.HasPicture(face)));
    }

    /// <summary>A file of annotations that is called as its picture is.</summary>
    [Fact]
    public void AnnotationsOfSuchNamesBelongToTheirPictures()
    {
        var samples = FaceSet.Read(Path.Combine(TestFiles.RepositoryRoot, "samples"));
        samples.Write(AnnotationFormat.ByName("pts"), _folder["set"], copy: true);
        Bash("cd set/images; for e in png pts; do mv comic.$e $'caf\\xe9'.$e; done");
        foreach (var path in (string[])[_folder["set"], _folder["set", "images", "caf%E9.pts"]])
        {
            var read = FaceSet.Read(path);
            Assert.Equal("caf%E9.png", read.Faces.Single(f => f.ImagePath.StartsWith("caf", StringComparison.Ordinal)).ImagePath);
            Assert.Empty(DatasetInspection.Of(read).Problems);
            read.Write(AnnotationFormat.ByName("pts"), _folder["again"], copy: true);
            Assert.True(File.Exists(_folder["again", "images", "caf%E9.pts"]) && File.Exists(_folder["again", "images", "caf%E9.png"]));
            Directory.Delete(_folder["again"], recursive: true);
        }
    }

    private void Bash(string command)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", command]) { WorkingDirectory = _folder.Path })!;
        process.WaitForExit();
    }
}

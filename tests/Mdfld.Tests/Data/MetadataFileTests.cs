using System.Globalization;
using System.Numerics;
using FsCheck.Xunit;

namespace Mdfld.Tests.Data;

public sealed class MetadataFileTests : IDisposable
{
    private const string Header = "image\tlandmarks_5pts\tlandmarks_68pts\tscale\tcenter_w\tcenter_h";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheReferencesSampleHasThreeFacesAndNoHeader()
    {
        var faces = MetadataFile.Read(TestFiles.Golden("sample_300W_test.tsv"));
        Assert.Equal(["afw/one.png", "afw/two.png", "afw/one.png"], faces.Select(f => f.ImagePath));
        Assert.Equal(new Vector2(52.006f, 64.163f), faces[0].Landmarks[0]);
        Assert.Equal(new Vector2(99f, 82f), faces[0].FivePoints[2]);
        Assert.All(faces, f => Assert.Equal(68, f.Landmarks.Count));
    }

    [Fact]
    public void AHeaderIsDroppedAndNothingElse()
    {
        Assert.Equal(2, ReadLines(Line(), Line()).Count);
        Assert.Equal(2, ReadLines(Header, Line(), "", Line() + "\r").Count);
        Assert.Equal("manga", ReadLines(Header + "\tstyle", Line() + "\tmanga").Single().Style);
        Assert.Null(ReadLines(Line() + "\t").Single().Style);
    }

    [Theory]
    [InlineData(@"afw\one.png", "afw/one.png")]
    [InlineData("./rawImages/afw/one.png", "afw/one.png")]
    [InlineData("//nas/share/wflw/rawImages/51/a.jpg", "51/a.jpg")]
    [InlineData("./a b.jpg", "a b.jpg")]
    public void PathsBecomeRelativeToThePictureFolder(string written, string read) =>
        Assert.Equal(read, ReadLines(Line(image: written)).Single().ImagePath);

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../secret.png")]
    [InlineData("rawImages/../../secret.png")]
    [InlineData(@"a\..\..\secret.png")]
    [InlineData("C:/secret.png")]
    public void PathsOutOfTheFolderAreRefused(string image) =>
        Assert.Contains("line 1: the picture '" + image + "' lies outside", Refusal(Line(image: image)));

    [Fact]
    public void ABadLineIsNamed()
    {
        Assert.Contains("line 2: 3 fields, expected 6 or 7", Refusal(Line(), "a.png\t1,2\t3,4"));
        Assert.Contains(
            "line 3: 2 landmarks, expected 68, 98 or 29", Refusal(Header, Line(), Line(landmarks: "1,2,3,4")));
        Assert.Contains("line 1: 3 numbers as landmarks, expected pairs", Refusal(Line(landmarks: "1,2,3")));
        Assert.Contains("line 1: 'x' as scale, expected a number", Refusal(Line(scale: "x")));
        Assert.Contains("line 1: a scale of 0, expected more than 0", Refusal(Line(scale: "0")));
        Assert.Contains("line 1: 'NaN' as scale", Refusal(Line(scale: "NaN")));
        Assert.Contains("line 1: 4 points in the second field, expected 5", Refusal(Line(five: "1,2,3,4,5,6,7,8")));
        Assert.Contains(
            "line 2: 98 landmarks, but the faces before have 68", Refusal(Line(), Line(landmarks: Numbers(196))));
        Assert.Contains("names no picture", Refusal(Line(image: "")));
        Assert.Contains(_folder.Path, Refusal("nothing"));
    }

    [Fact]
    public void EmptyFivePointsComeFromTheLandmarks()
    {
        var face = ReadLines(Line(five: "")).Single();
        Assert.Equal(LandmarkScheme.Ibug68.FivePoints(face.Landmarks.ToArray()), face.FivePoints);
    }

    [Property(MaxTest = 60)]
    public bool WhatIsWrittenIsReadBackExactly(int seed, byte faces, bool header)
    {
        var random = new Random(seed);
        var count = new[] { 68, 98, 29 }[random.Next(3)];
        var written = Enumerable.Range(0, faces % 8).Select(i => new LabelledFace(
            $"folder {i}/é{random.Next()}.png",
            Points(random, count),
            Points(random, 5),
            (float)Math.Exp((random.NextDouble() * 20) - 10),
            Points(random, 1)[0],
            random.Next(2) == 0 ? null : $"style {random.Next()}")).ToArray();
        var path = _folder["round.tsv"];
        MetadataFile.Write(path, written, header);
        var read = MetadataFile.Read(path);
        return read.Count == written.Length && read.Zip(written).All(p => Same(p.First, p.Second));
    }

    [Fact]
    public void WhatCannotBeReadBackIsNotWritten()
    {
        var face = ReadLines(Line()).Single();
        var path = _folder["bad.tsv"];
        string[] paths =
        [
            "", "a\tb", "a\nb", "../x.png", "a/../../x.png", "/x.png", "a:b.png", "a\\b.png", "rawImages/x.png",
            "./x.png", "folder/", "\ud800.png", "\0.png",
        ];
        LabelledFace[] bad =
        [
            .. paths.Select(p => face with { ImagePath = p }),
            face with { Style = "" },
            face with { Style = "a\tb" },
            face with { Style = "a\r" },
            face with { Scale = float.NaN },
            face with { Scale = 0 },
            face with { Scale = -1 },
            face with { Centre = new Vector2(0, float.PositiveInfinity) },
            face with { FivePoints = [] },
            face with { FivePoints = [.. face.FivePoints, Vector2.Zero] },
            face with { Landmarks = [] },
            face with { Landmarks = [.. face.Landmarks, Vector2.Zero] },
            face with { Landmarks = new Vector2[98] },
        ];
        foreach (var one in bad)
        {
            foreach (var header in (bool[])[true, false])
                Assert.Throws<ArgumentException>(() => MetadataFile.Write(path, [face, one], header));
        }
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void AFaceFolderSaysWhatIsMissing()
    {
        var folder = _folder["faces"];
        Assert.Contains(
            "no such folder", Assert.Throws<DirectoryNotFoundException>(() => FaceFolder.Open(folder)).Message);
        Directory.CreateDirectory(folder);
        Assert.Contains("annotations.tsv", Assert.Throws<FileNotFoundException>(() => FaceFolder.Open(folder)).Message);
        File.WriteAllText(Path.Combine(folder, "annotations.tsv"), Header + "\n");
        Assert.Contains("images/", Assert.Throws<DirectoryNotFoundException>(() => FaceFolder.Open(folder)).Message);
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        Assert.Contains("no face", Assert.Throws<InvalidDataException>(() => FaceFolder.Open(folder)).Message);
        File.AppendAllText(Path.Combine(folder, "annotations.tsv"), Line() + "\n");
        var faces = FaceFolder.Open(folder);
        Assert.Equal(Path.Combine(folder, "images", "a.png"), faces.ImagePath(faces.Faces.Single()));
        Assert.Same(LandmarkScheme.Ibug68, faces.Scheme);
    }

    private static string Numbers(int count) =>
        string.Join(",", Enumerable.Range(0, count).Select(i => (i * 0.5).ToString(CultureInfo.InvariantCulture)));

    private static string Line(
        string image = "a.png", string five = "1,2,3,4,5,6,7,8,9,10", string? landmarks = null, string scale = "1.5") =>
        string.Join('\t', image, five, landmarks ?? Numbers(136), scale, "20", "30.5");

    private static Vector2[] Points(Random random, int count) =>
        [.. Enumerable.Range(0, count)
            .Select(_ => new Vector2(random.NextSingle() * 1000, (random.NextSingle() - 0.5f) * 1e-6f))];

    private static bool Same(LabelledFace a, LabelledFace b) =>
        a.ImagePath == b.ImagePath && a.Landmarks.SequenceEqual(b.Landmarks) && a.FivePoints.SequenceEqual(b.FivePoints)
        && a.Scale == b.Scale && a.Centre == b.Centre && a.Style == b.Style;

    private IReadOnlyList<LabelledFace> ReadLines(params string[] lines)
    {
        var path = _folder["lines.tsv"];
        File.WriteAllText(path, string.Join('\n', lines));
        return MetadataFile.Read(path);
    }

    private string Refusal(params string[] lines) =>
        Assert.Throws<InvalidDataException>(() => ReadLines(lines)).Message;
}

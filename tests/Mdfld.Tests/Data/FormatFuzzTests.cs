namespace Mdfld.Tests.Data;

/// <summary>
/// Damaged annotations: faces, or an InvalidDataException, and never more memory than the file's length allows.
/// </summary>
public sealed class FormatFuzzTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Formats => [.. AnnotationFormat.All.Where(f => f.IsRead).Select(f => f.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Formats))]
    public void DamageIsRefusedOrRead(string name)
    {
        var format = AnnotationFormat.ByName(name);
        var seeds = Seeds(format);
        new Fuzz($"annotations {name}", typeof(InvalidDataException), typeof(FileNotFoundException)).Run(
            [.. seeds.Select(s => s.Bytes)], (seed, bytes) => Read(format, seeds[seed].File, bytes));
    }

    /// <summary>What the mutations found; zlib has more than one way to refuse.</summary>
    [Fact]
    public void PackedPixelsThatZlibRefusesAreRefused()
    {
        var bytes = File.ReadAllBytes(TestFiles.Case("configs", "zlib-exception.mat"));
        Assert.Throws<InvalidDataException>(() => Read(AnnotationFormat.ByName("cofw"), _folder["a.mat"], bytes));
    }

    /// <summary>What a million mutations of VIA found: looking for a name meets one that is no Unicode.</summary>
    [Theory]
    [InlineData("via")]
    [InlineData("labelstudio")]
    [InlineData("labelme")]
    [InlineData("coco")]
    public void NamesThatAreNoUnicodeAreRefused(string format)
    {
        Directory.CreateDirectory(_folder["names"]);
        var file = _folder["names", "a.json"];
        File.WriteAllText(file, """{"a.png1": {"filename": "a.png", "regions": [], "data": [], "\ud800x": 1}, "\ud800x": [{"\ud800x": 1}]}""");
        var error = Assert.Throws<InvalidDataException>(() => FaceSet.Read(file, AnnotationFormat.ByName(format)));
        Assert.StartsWith(file, error.Message);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void EveryFormatLooksAtAnyFileOfItsName(string name)
    {
        var format = AnnotationFormat.ByName(name);
        var random = new Random(7);
        foreach (var (file, bytes) in Seeds(format))
        {
            for (var round = 0; round < 60; round++)
            {
                File.WriteAllBytes(file, Mutations.Mutated(bytes, random));
                // A broken file may be none of the format's; that is all that may come of it.
                format.Recognises(file);
            }
            File.WriteAllBytes(file, bytes);
            Assert.True(format.Recognises(file));
        }
    }

    private List<(string File, byte[] Bytes)> Seeds(AnnotationFormat format)
    {
        var folder = _folder["seeds"];
        if (format.IsWritten)
        {
            var count = format.Name == "wflw" ? 98 : 68;
            var several = format.Name is not ("cariface" or "facesynthetics");
            var set = AwkwardFaces.Draw(Path.Combine(folder, "images"), 5, count, several);
            if (format.Name == "star")
                set =
                    set with { Faces = [.. set.Faces.Select(f => f with { ImagePath = f.ImagePath.TrimStart('.') })] };
            format.Write(folder, set);
        }
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        new Picture(40, 30).Save(Path.Combine(folder, "images", "a.png"));
        var numbers = string.Concat(Enumerable.Range(0, 68).Select(i => $"{100 + i} {200 + i}\n"));
        switch (format.Name)
        {
            case "cariface":
                File.WriteAllText(Path.Combine(folder, "a.txt"), numbers);
                File.WriteAllBytes(
                    Path.Combine(folder, "b.npy"), FormatLayoutTests.Npy("<f8", true, "(68, 2)", new double[136]));
                break;
            case "cofw":
                var values = Enumerable.Range(0, 3 * 87).Select(i => (double)i).ToArray();
                File.WriteAllBytes(
                    Path.Combine(folder, "a.mat"), new MatBuilder().Cells("IsT", 2).Table("phisT", 3, values).File);
                File.WriteAllBytes(
                    Path.Combine(folder, "b.mat"),
                    new MatBuilder().Table("x", 1, [1], 9, true).Table("phisTr", 3, values, 9, true).File);
                foreach (var made in (string[])["plain.mat", "packed.mat"])
                    File.Copy(TestFiles.Cofw(made), Path.Combine(folder, made));
                break;
            case "lapa":
                File.WriteAllText(
                    Path.Combine(folder, "a.txt"),
                    "106\n" + string.Concat(Enumerable.Range(0, 106).Select(i => $"{100 + i} {200 + i}\n")));
                break;
            case "helen":
                File.WriteAllText(Path.Combine(folder, "1.txt"), "a\n" + numbers.Replace(" ", " , "));
                break;
            case "300wlp":
                File.WriteAllBytes(Path.Combine(folder, "a.mat"), new MatBuilder()
                    .Table("pt2d", 2, [.. Enumerable.Range(0, 136).Select(i => (double)i)]).File);
                break;
            case "openpose":
                File.WriteAllText(
                    Path.Combine(folder, "a_keypoints.json"), "{\"people\":[{\"face_keypoints_2d\":["
                    + string.Join(',', Enumerable.Range(0, 70).Select(i => $"{i},{2 * i},0.5")) + "]}]}");
                break;
            case "mediapipe":
                File.WriteAllText(
                    Path.Combine(folder, "a.json"), "{\"faceLandmarks\":[["
                    + string.Join(',', Enumerable.Range(0, 478).Select(i => $"{{\"x\":0.{i},\"y\":0.5}}")) + "]]}");
                break;
            case "ljson":
                File.WriteAllText(Path.Combine(folder, "v2.ljson"), "{\"version\":2,\"landmarks\":{\"points\":["
                    + string.Join(',', Enumerable.Range(0, 68).Select(i => $"[{i},{i}]")) + "]}}");
                break;
            case "cvat":
                File.WriteAllText(Path.Combine(folder, "skeleton.xml"), "<annotations><image name=\"a.jpg\"><skeleton>"
                    + string.Concat(Enumerable.Range(0, 68).Select(i => $"<points label=\"{i}\" points=\"{i},{i}\"/>"))
                    + "</skeleton></image></annotations>");
                break;
        }
        return
        [
            .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
                .Where(f => format.Recognises(f)).Select(f => (f, File.ReadAllBytes(f))),
        ];
    }

    private void Read(AnnotationFormat format, string file, byte[] bytes)
    {
        File.WriteAllBytes(file, bytes);
        var set = FaceSet.Read(file, format, _folder["seeds", "images"]);
        foreach (var face in set.Faces)
        {
            Assert.NotNull(LandmarkScheme.ForCount(face.Landmarks.Count));
            Assert.All(face.Landmarks, p => Assert.True(
                LabelledFace.IsMissing(p) ? float.IsNaN(p.Y) : float.IsFinite(p.X) && float.IsFinite(p.Y)));
            var path = Path.GetFullPath(set.ImagePath(face));
            Assert.StartsWith(Path.GetFullPath(set.Pictures) + "/", path);
            if (set.Inside is { } pictures)
                Assert.NotEmpty(pictures(face.ImagePath));
        }
    }
}

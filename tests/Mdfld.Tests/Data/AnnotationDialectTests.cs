using System.Globalization;
using System.Numerics;
using System.Text;

namespace Mdfld.Tests.Data;

/// <summary>The same formats as other programs, machines and countries write them.</summary>
public sealed class AnnotationDialectTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public AnnotationDialectTests() => new Picture(640, 480).Save(_folder["a.png"]);

    public void Dispose() => _folder.Dispose();

    /// <summary>Point i is (100.5 + i, 200.25 + i / 2).</summary>
    private static Vector2 Point(int i) => new(100.5f + i, 200.25f + (i / 2f));

    [Theory]
    [InlineData("{0} {1}", "")]
    [InlineData("{0} {1}\r", "\uFEFF")]
    [InlineData("{0},{1}", "")]
    [InlineData("{0}, {1}", "")]
    [InlineData("{0};{1}", "")]
    [InlineData("{0}\t{1}", "68\n")]
    public void PointsOfATextFile(string line, string before)
    {
        var text = before + string.Concat(Enumerable.Range(0, 68).Select(i => Line(line, i) + "\n"));
        Write("a.pts", text);
        AssertRead();
        File.Move(_folder["a.pts"], _folder["a.TXT"]);
        AssertRead();
        Write("a.TXT", text.Replace(',', ';').Replace('.', ','));
        AssertRead();
        File.WriteAllText(_folder["a.TXT"], text.TrimStart('\uFEFF'), Encoding.Unicode);
        AssertRead();
    }

    [Theory]
    [InlineData("x{0}", "y{0}", ",", 0)]
    [InlineData("x{0}", "y{0}", ";", 1)]
    [InlineData("{0}_x", "{0}_y", "\t", 0)]
    [InlineData("landmark_{0}_x", "landmark_{0}_y", ", ", 1)]
    [InlineData("lm.x.{0}", "lm.y.{0}", ",", 0)]
    public void PointsOfATable(string x, string y, string gap, int first)
    {
        var header = string.Join(gap, Enumerable.Range(first, 68)
            .SelectMany(i => (string[])[Name(x, i), Name(y, i)]).Append("file_name"));
        var row = string.Join(gap, Enumerable.Range(0, 68).Select(i => Line("{0}" + gap + "{1}", i)).Append("a.png"));
        Write("t.csv", $"{header}\r\n{row}\r\n\r\n");
        AssertRead();
        File.WriteAllText(_folder["t.csv"], $"{header}\n{row}", Encoding.BigEndianUnicode);
        AssertRead();
        if (gap is ";" or "\t")
        {
            Write("t.csv", $"{header}\n{row.Replace(".png", "#").Replace('.', ',').Replace("#", ".png")}");
            AssertRead();
        }

        if (gap == "\t")
        {
            File.Move(_folder["t.csv"], _folder["t.tsv"]);
            AssertRead();
        }

        static string Name(string format, int i) => string.Format(CultureInfo.InvariantCulture, format, i);
    }

    [Fact]
    public void ATableWithoutAHeaderOrWithMissingPoints()
    {
        Write("t.csv", "a.png," + string.Join(',', Enumerable.Range(0, 68).Select(i => Line("{0},{1}", i))));
        AssertRead();
        var header = string.Join(',', Enumerable.Range(0, 68).Select(i => $"x{i},y{i},v{i}"));
        var row = string.Join(',', Enumerable.Range(0, 68).Select(i => i switch
        {
            3 => ",,2",
            4 => "nan,NaN,2",
            5 => Line("{0},{1},0", i),
            _ => Line("{0},{1},1", i),
        }));
        Write("t.csv", $"image,{header}\na.png,{row}\n");
        AssertRead(3, 4, 5);
        Write("t.csv", $"image,{header}\na.png,{row.Replace(",,2", ",7,2")}\n");
        Assert.Contains("t.csv, line 2: ", Refusal());
    }

    [Theory]
    [InlineData("/home/someone/data/a.png")]
    [InlineData("C:\\Users\\someone\\a.png")]
    [InlineData("..\\set\\a.PNG")]
    [InlineData("../pictures/a.png")]
    [InlineData("file:///data/a.png")]
    [InlineData("https://example.com/set/a.png?size=1")]
    [InlineData("./a.png")]
    [InlineData("images/a.PNG")]
    [InlineData("a")]
    [InlineData("a.jpg.png", "a.jpg.png")]
    public void PicturesAreFoundByWhateverPath(string path, string expected = "a.png")
    {
        if (expected != "a.png")
            new Picture(4, 4).Save(_folder[expected]);
        Write("c.json", Coco($"\"{path.Replace("\\", "\\\\")}\"", "\"i\"", "\"i\""));
        Assert.Equal(expected, FaceSet.Read(_folder.Path).Faces.Single().ImagePath);
    }

    [Fact]
    public void TwoPicturesAreNeverOne()
    {
        var one = Coco("\"/x/a.png\"", "1", "1");
        Write("c.json", one.Replace(
            "\"images\":[", "\"images\":[{\"id\":2,\"file_name\":\"/y/a.png\"},"));
        Assert.Contains("'/y/a.png' and '/x/a.png' would both be the picture a.png", Refusal());
        Write("c.json", Coco("\"../b.png\"", "1", "1"));
        Assert.Contains("lies outside the picture folder", Refusal());
    }

    /// <summary>As LabelMe saves it away from the pictures; where there is none, the file's own name is missed.</summary>
    [Fact]
    public void LabelMeNamesAPictureOfAnotherFolder()
    {
        var shapes = string.Join(',', Enumerable.Range(0, 68).Select(
            i => Line($"{{{{\"label\":\"{i}\",\"points\":[[{{0}},{{1}}]],\"shape_type\":\"point\"}}}}", i)));
        Write("out/b.json", $"{{\"shapes\":[{shapes}],\"imagePath\":\"..\\\\imgs\\\\b.jpg\"}}");
        Assert.Equal("out/b.jpg", FaceSet.Read(_folder.Path).Faces.Single().ImagePath);
        Directory.CreateDirectory(_folder["imgs"]);
        new Picture(640, 480).Save(_folder["imgs", "b.jpg"]);
        Assert.Equal("imgs/b.jpg", FaceSet.Read(_folder.Path).Faces.Single().ImagePath);
    }

    [Fact]
    public void CocoInUtf16WithStringsForNumbersAndSeveralCategories()
    {
        var names = string.Join(',', Enumerable.Range(0, 68).Reverse().Select(i => $"\"face_{i:00}\""));
        var json = Coco("\"a.png\"", "7", "\"7\"", reversed: true)
            .Replace("\"images\"", "\"categories\":[{\"id\":\"hand\",\"keypoints\":[\"thumb\",\"wrist\"]},"
                + $"{{\"id\":1,\"keypoints\":[{names}]}}],\"images\"");
        File.WriteAllText(_folder["c.json"], json, Encoding.Unicode);
        AssertRead();
        File.WriteAllText(_folder["c.json"], json.Replace("face_", "part_of_"), Encoding.UTF8);
        AssertRead();
    }

    [Fact]
    public void NamesThatTellNothingAreListedOrMapped()
    {
        string[] names = [.. Enumerable.Range(0, 68).Select(i => $"{(i < 17 ? "chin" : "part")} {(char)('a' + (i % 26))}{(char)('a' + (i / 26))}")];
        Write("c.json", Coco("\"a.png\"", "1", "1").Replace(
            "\"images\"", $"\"categories\":[{{\"id\":1,\"keypoints\":[{string.Join(',', names.Select(n => $"\"{n}\""))}]}}],\"images\""));
        Assert.Contains("68 names of points that are those of no scheme: chin aa, chin ba, ", Refusal());
        Write("map.txt", "# mine\n" + string.Join('\n', names.Select((n, i) => $"{n} = {i}")));
        AssertRead(PointMap.Read(_folder["map.txt"]));
        Write("map.txt", string.Join('\n', names.Skip(1).Select((n, i) => $"{n}: {i + 1}")));
        AssertRead(PointMap.Read(_folder["map.txt"]), 0);
        Write("map.txt", "chin aa 68");
        Assert.Contains(
            "map.txt, line 1: 'chin aa 68', expected a point's name and its number from 0 to 67",
            Assert.Throws<InvalidDataException>(() => PointMap.Read(_folder["map.txt"])).Message);
    }

    [Fact]
    public void ByNumberAMapChoosesFromLargerSets()
    {
        // The 68 are every second one of 190.
        Write("1.txt", "a\n" + string.Concat(Enumerable.Range(0, 190).Select(i => Line("{0} , {1}\n", i / 2))));
        Assert.Contains("190 points, expected 68, 98 or 29", Refusal());
        Write("map.csv", string.Join('\n', Enumerable.Range(0, 68).Select(i => $"{2 * i},{i}")));
        AssertRead(PointMap.Read(_folder["map.csv"]));
    }

    [Theory]
    [InlineData(0, 50, 51, "51 names of points that are those of no scheme")]
    [InlineData(0, 20, 21, "21 names")]
    [InlineData(1, 66, 66, "numbered 1 to 66: that does not say whether the first is 0 or 1")]
    public void NumbersOfOtherSchemesAreRefused(int low, int high, int count, string message)
    {
        Assert.Equal(count, high - low + 1);
        var parts = Enumerable.Range(low, count).Select(
            i => (Shape: Line("{{\"shape_type\":\"point\",\"points\":[[{0},{1}]],", i), i));
        Write("a.json", "{\"shapes\":["
            + string.Join(',', parts.Select(p => $"{p.Shape}\"label\":\"{p.i}\"}}")) + "],\"imagePath\":\"a.png\"}");
        Assert.Contains(message, Refusal());
    }

    [Fact]
    public void DlibsPartsInAnyOrderSeveralFacesSomeMissing()
    {
        string Box(IEnumerable<int> parts, string more = "") =>
            $"<box width='9' left='1' height='9'{more} top='1'>"
            + string.Concat(parts.Select(i => Line($"<part y='{{1}}' name='{i}' x='{{0}}'/>", i))) + "<label>l</label></box>";
        var all = Enumerable.Range(0, 68).Reverse().ToArray();
        Write("faces.XML", "<?xml version='1.0' encoding='ISO-8859-1'?>\n<?xml-stylesheet type='text/xsl' href='s.xsl'?>\n"
            + "<dataset><name>x</name><images><image file='C:\\faces\\a.png'>"
            + Box(all) + Box(all[1..]) + Box([]) + Box(all, " ignore='1'") + "</image></images></dataset>");
        var faces = FaceSet.Read(_folder.Path).Faces;
        Assert.Equal([true, false], faces.Select(f => f.IsComplete));
        Assert.Equal([-1, 67], faces.Select(f => f.Landmarks.ToList().FindIndex(LabelledFace.IsMissing)));
        AssertFace(faces[0]);
        Write("faces.XML", "<dataset><images><image file='a.png'>" + Box(Enumerable.Range(0, 5)) + "</image></images></dataset>");
        Assert.Contains("5 names of points", Refusal());
        Write("faces.XML", "<dataset><images><image file='a.png'>" + Box([.. all, 3]) + "</image></images></dataset>");
        Assert.Contains("faces.XML, line 1: the point '3' is there twice", Refusal());
    }

    [Fact]
    public void YoloWithTwoNumbersAPointSureOrOfFivePoints()
    {
        Directory.CreateDirectory(_folder["train", "images"]);
        File.Move(_folder["a.png"], _folder["train", "images", "a.png"]);
        string Points(string format) => string.Concat(Enumerable.Range(0, 68).Select(
            i => string.Format(CultureInfo.InvariantCulture, format, Point(i).X / 640.0, Point(i).Y / 480.0)));
        foreach (var line in (string[])[
            $"0 0.5 0.5 0.2 0.2{Points(" {0:0.000000000} {1:0.000000000}")}",
            $"0 0.5 0.5 0.2 0.2{Points(" {0:0.000000000} {1:0.000000000} 0.9")} 0.83",
            $"0 0.5 0.5 0.2 0.2{Points(" {0:0.000000000} {1:0.000000000} 1")}\n0 0.5 0.5 0.1 0.1\n"])
        {
            Write("train/labels/a.txt", line);
            var face = FaceSet.Read(_folder.Path).Faces.Single();
            Assert.Equal("train/images/a.png", face.ImagePath);
            Assert.All(face.Landmarks.Select((p, i) => Vector2.Distance(p, Point(i))), d => Assert.InRange(d, 0, 1e-3f));
        }
        Write("train/labels/a.txt", "0 0.5 0.5 0.2 0.2 0.1 0.1 2 0.1 0.1 2 0.1 0.1 2 0.1 0.1 2 0.1 0.1 2");
        Assert.Contains("a.txt, line 1: 5 points, expected 68, 98 or 29", Refusal());
    }

    [Fact]
    public void MeshesBodiesAndLargerSetsHoldThe68()
    {
        var lapa = Enumerable.Range(0, 106).Select(i => Line("{0} {1}", i));
        Write("a.txt", "106\n" + string.Join('\n', lapa));
        var face = FaceSet.Read(_folder.Path).Faces.Single();
        Assert.Equal([0, 32, 33, 42, 51, 60, 66, 82, 84, 103], new[] { 0, 16, 17, 22, 27, 33, 36, 47, 48, 67 }.Select(
            i => (int)(face.Landmarks[i].X - 100.5f)));
        File.Delete(_folder["a.txt"]);

        Write("a.json", "{\"faceLandmarks\":[["
            + string.Join(',', Enumerable.Range(0, 478).Select(i => Line("{{\"x\":{0},\"y\":{1},\"z\":1}}", i))) + "]]}");
        face = FaceSet.Read(_folder.Path).Faces.Single();
        // Jaw's ends and chin, nose tip, eyes' outer corners, mouth's corners.
        Assert.Equal([162, 389, 152, 4, 33, 263, 61, 291], new[] { 0, 16, 8, 30, 36, 45, 48, 54 }.Select(
            i => (int)MathF.Round((face.Landmarks[i].X / 640) - 100.5f)));
        File.Delete(_folder["a.json"]);

        Write("a_keypoints.json", "{\"version\":1.3,\"people\":[{\"pose_keypoints_2d\":[1,2,3],\"face_keypoints_2d\":["
            + string.Join(',', Enumerable.Range(0, 70).Select(i => Line(i == 9 ? "0,0,0" : "{0},{1},0.7", i))) + "]}]}");
        AssertRead(9);
        File.Delete(_folder["a_keypoints.json"]);

        Write("c.json", "{\"annotations\":[{\"image_id\":1,\"keypoints\":["
            + string.Join(',', Enumerable.Range(0, 133).Select(i => Line("{0},{1},2", i - 23)))
            + "]}],\"images\":[{\"id\":1,\"file_name\":\"a.png\"}]}");
        AssertRead();
    }

    [Fact]
    public void EverythingThatIsWrongIsListed()
    {
        var header = string.Join(',', Enumerable.Range(0, 68).Select(i => $"x{i},y{i}"));
        var good = string.Join(',', Enumerable.Range(0, 68).Select(i => Line("{0},{1}", i)));
        var rows = Enumerable.Range(0, 30).Select(i => i % 10 == 0 ? $"a.png,{good}" : $"a.png,{good.Replace("100.5,", "x,")}");
        Write("t.csv", $"image,{header}\n{string.Join('\n', rows)}");
        var refusal = Refusal();
        Assert.Contains("27 entries are wrong:\n  ", refusal);
        Assert.Contains("t.csv, line 3: 'x', expected a number", refusal);
        Assert.EndsWith("and 7 more", refusal);
        var set = FaceSet.Read(_folder.Path, skipBad: true);
        // 20 problems, and how many more.
        Assert.Equal((3, 27, 21), (set.Faces.Count, set.Bad, set.Problems.Count));
        Assert.Equal("and 7 more", set.Problems[^1]);
    }

    private static string Line(string format, int i) =>
        string.Format(CultureInfo.InvariantCulture, format, Point(i).X, Point(i).Y);

    private static string Coco(string name, string id, string imageId, bool reversed = false)
    {
        var points = Enumerable.Range(0, 68);
        var keypoints = string.Join(',', (reversed ? points.Reverse() : points).Select(i => Line("{0},{1},2", i)));
        return $"{{\"images\":[{{\"id\":{id},\"file_name\":{name}}}],"
            + $"\"annotations\":[{{\"category_id\":1,\"image_id\":{imageId},\"keypoints\":[{keypoints}]}}]}}";
    }

    private static void AssertFace(LabelledFace face, params int[] missing)
    {
        Assert.Equal("a.png", face.ImagePath);
        Assert.Equal(
            Enumerable.Range(0, 68).Select(i => missing.Contains(i) ? "missing" : $"{Point(i)}"),
            face.Landmarks.Select(p => LabelledFace.IsMissing(p) ? "missing" : $"{p}"));
    }

    private void AssertRead(params int[] missing) => AssertRead(null, missing);

    private void AssertRead(PointMap? map, params int[] missing) =>
        AssertFace(Assert.Single(FaceSet.Read(_folder.Path, map: map).Faces), missing);

    private string Refusal() => Assert.Throws<InvalidDataException>(() => FaceSet.Read(_folder.Path)).Message;

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        File.WriteAllText(_folder[name], text);
    }
}

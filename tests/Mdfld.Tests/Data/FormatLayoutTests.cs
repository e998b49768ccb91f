using System.Globalization;
using System.Numerics;
using System.Text;

namespace Mdfld.Tests.Data;

/// <summary>Small files laid out as the data sets and tools of the world lay theirs out.</summary>
public sealed class FormatLayoutTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Point i is (100 + i, 200 + i / 2).</summary>
    private static Vector2 Point(int i) => new(100 + i, 200 + (i / 2f));

    private static void AssertPoints(LabelledFace face, int count) =>
        Assert.Equal(Enumerable.Range(0, count).Select(Point), face.Landmarks);

    [Fact]
    public void PtsOf300W()
    {
        Picture("indoor_001.png");
        Write("indoor_001.pts", $"version: 1\nn_points:  68\n{{\n{Lines(68, "000000")}}}\n");
        var face = Read("pts").Single();
        AssertPoints(face, 68);
        Assert.Equal("indoor_001.png", face.ImagePath);
        Assert.Equal((0.335f, new Vector2(133.5f, 216.75f)), (face.Scale, face.Centre));
    }

    [Fact]
    public void PtsWithCarriageReturnsAndTabs()
    {
        Write("a.pts", $"version: 1\r\nn_points: 68\r\n{{\r\n{Lines(68).Replace(" ", "\t ").Replace("\n", "\r\n")}}}");
        AssertPoints(Read("pts").Single(), 68);
    }

    [Fact]
    public void LjsonOfMenpo()
    {
        string Pairs(int from, int count) => string.Join(',', Enumerable.Range(from, count).Select(
            i => string.Create(CultureInfo.InvariantCulture, $"[{Point(i).Y},{Point(i).X}]")));
        var v1 = string.Join(',', Enumerable.Range(0, 68).Select(
            i => string.Create(CultureInfo.InvariantCulture, $"{{\"point\":[{Point(i).Y},{Point(i).X}]}}"))
            .Chunk(34).Select(
                (c, i) => $"{{\"label\":\"part{i}\",\"connectivity\":[[0,1]],\"landmarks\":[{string.Join(',', c)}]}}"));
        Write("v1.ljson", $"{{\"groups\":[{v1}],\"version\":1}}");
        Write(
            "v2.ljson",
            $"{{\"labels\":[{{\"label\":\"jaw\",\"mask\":[0,1]}}],\"landmarks\":{{\"connectivity\":[[0,1]],"
            + $"\"points\":[{Pairs(0, 68)}]}},\"version\":2}}");
        Write(
            "v3.ljson",
            $"{{\"groups\":{{\"PTS\":{{\"labels\":[],"
            + $"\"landmarks\":{{\"points\":[{Pairs(0, 68)}]}}}}}},\"version\":3}}");
        var faces = Read("ljson");
        Assert.Equal(["v1.jpg", "v2.jpg", "v3.jpg"], faces.Select(f => f.ImagePath));
        Assert.All(faces, f => AssertPoints(f, 68));
        Write("v3.ljson", "{\"groups\":{\"PTS\":{\"labels\":[],\"landmarks\":{\"points\":[[1,null]]}}},\"version\":3}");
        Assert.Contains("v3.ljson: null as a coordinate", Refusal("ljson"));
        Write("v3.ljson", "{\"version\":4}");
        Assert.Contains("version 4, expected 1, 2 or 3", Refusal("ljson"));
    }

    [Fact]
    public void WflwWithAndWithoutBoxAndFlags()
    {
        var numbers = Lines(98).Replace('\n', ' ');
        Write(
            "WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_test.txt",
            $"{numbers}182 268 242 358 0 1 0 0 1 0 37--Soccer/37_Soccer_soccer_ball_37_45.jpg\n"
            + $"{numbers}182 268 242 358 0 0 0 0 0 0 0--Parade/a b.jpg\n");
        Directory.CreateDirectory(_folder["WFLW_images"]);
        var set = FaceSet.Read(_folder["WFLW_annotations", "list_98pt_rect_attr_train_test"]);
        Assert.Equal(
            ["37--Soccer/37_Soccer_soccer_ball_37_45.jpg", "0--Parade/a b.jpg"], set.Faces.Select(f => f.ImagePath));
        Assert.Equal(["expression,occlusion", null], set.Faces.Select(f => f.Style));
        Assert.All(set.Faces, f => AssertPoints(f, 98));
        Assert.Equal(Path.GetFullPath(_folder["WFLW_images"]), Path.GetFullPath(set.Pictures));

        Write("list_98pt_test_blur.txt", $"{numbers}0--Parade/c.jpg\n\n{numbers}0--Parade/d.jpg");
        var subset = FaceSet.Read(_folder["list_98pt_test_blur.txt"]);
        Assert.Equal(["0--Parade/c.jpg", "0--Parade/d.jpg"], subset.Faces.Select(f => f.ImagePath));
        Write("list_98pt_test_blur.txt", $"{numbers}a.jpg\n{numbers.Replace("101 ", "1o1 ")}b.jpg");
        var refusal = Assert.Throws<InvalidDataException>(() => FaceSet.Read(_folder["list_98pt_test_blur.txt"]));
        Assert.Contains("list_98pt_test_blur.txt, line 2: '1o1', expected a number", refusal.Message);
    }

    [Theory]
    [InlineData(9u, false, false)]
    [InlineData(9u, true, false)]
    [InlineData(9u, false, true)]
    [InlineData(7u, true, true)]
    [InlineData(4u, false, false)]
    public void CofwOfMatlab(uint type, bool isCompressed, bool isBig)
    {
        // Two faces; columns are 29 x, 29 y, 29 flags.
        var values = Enumerable.Range(0, 29).SelectMany(i => (double[])[100 + i, 300 + i])
            .Concat(Enumerable.Range(0, 29).SelectMany(i => (double[])[200 + i, 400 + i]))
            .Concat(Enumerable.Repeat(1.0, 58)).ToArray();
        var mat = new MatBuilder(isBig).Cells("IsTr", 2).Table("other", 1, [1, 2, 3], type, isCompressed)
            .Table("phisTr", 2, values, type, isCompressed);
        File.WriteAllBytes(_folder["cofw.mat"], mat.File);
        var faces = Read("cofw");
        Assert.Equal(["000001.jpg", "000002.jpg"], faces.Select(f => f.ImagePath));
        Assert.Equal(Enumerable.Range(0, 29).Select(i => new Vector2(100 + i, 200 + i)), faces[0].Landmarks);
        Assert.Equal(new Vector2(328, 428), faces[1].Landmarks[28]);
    }

    [Theory]
    [InlineData("plain.mat")]
    [InlineData("packed.mat")]
    public void CofwOfMatlab73WithItsPictures(string name)
    {
        File.Copy(TestFiles.Cofw(name), _folder["cofw.mat"]);
        var set = FaceSet.Read(_folder["cofw.mat"]);
        Assert.Equal(["000001.png", "000002.png", "000003.png"], set.Faces.Select(f => f.ImagePath));
        for (var face = 0; face < set.Faces.Count; face++)
        {
            Assert.Equal(
                Enumerable.Range(0, 29).Select(i => new Vector2((100 * face) + i + 0.5f, (200 * face) + i + 0.25f)),
                set.Faces[face].Landmarks);
            using var file = set.OpenPicture(set.Faces[face]);
            var image = Mdfld.Picture.Load(file);
            Assert.Equal((31, 23), (image.Width, image.Height));
            for (var i = 0; i < image.Data.Length; i++)
            {
                // As tests/golden/cofw/make.py draws them: the second one is grey.
                var (x, y, c) = (i / 3 % 31, i / 93, face == 1 ? 0 : i % 3);
                Assert.Equal((byte)((7 * x) + (3 * y) + (50 * c) + (11 * face)), image.Data[i]);
            }
        }
        Assert.Throws<FileNotFoundException>(() => set.Inside!("000004.png"));
    }

    [Fact]
    public void PicturesAreNeverReadFromOtherFiles()
    {
        // plain.mat's first picture: its data layout message, and a message of padding after it.
        const int Layout = 4896;
        const int Padding = 4928;
        var hdf = File.ReadAllBytes(TestFiles.Cofw("plain.mat"));
        Assert.Equal((3, 1, 0), (hdf[Layout], hdf[Layout + 1], hdf[Padding - 8]));
        hdf.AsSpan(Layout + 2, 8).Fill(0xFF);
        hdf[Padding - 8] = 7;
        File.WriteAllBytes(_folder["cofw.mat"], hdf);
        var set = FaceSet.Read(_folder["cofw.mat"]);
        var refusal = Assert.Throws<InvalidDataException>(() => set.OpenPicture(set.Faces[0]));
        Assert.Contains("cofw.mat, picture 1: a data set kept in another file", refusal.Message);
    }

    [Fact]
    public void WhatIsNotCofwIsNamed()
    {
        var hdf = File.ReadAllBytes(TestFiles.Cofw("plain.mat"));
        File.WriteAllBytes(_folder["cofw.mat"], hdf[..700]);
        Assert.Contains("cofw.mat: 32 bytes at 680, beyond the end of the file", Refusal("cofw"));
        hdf[512 + 8] = 3;
        File.WriteAllBytes(_folder["cofw.mat"], hdf);
        Assert.Contains("HDF5 with a superblock of version 3, expected 0 or 1", Refusal("cofw"));
        File.WriteAllBytes(_folder["cofw.mat"], new MatBuilder().Table("phisT", 2, new double[58]).File);
        Assert.Contains("phisT has 29 columns, expected 87", Refusal("cofw"));
        File.WriteAllBytes(_folder["cofw.mat"], new MatBuilder().Cells("IsT", 1).File);
        Assert.Contains("none of the variables phisTr, phisT, phis", Refusal("cofw"));
        File.WriteAllText(_folder["cofw.mat"], "MATLAB");
        Assert.Contains("no MATLAB file of level 5", Refusal("cofw"));
    }

    [Theory]
    [InlineData("<f8", false, false)]
    [InlineData("<f4", true, false)]
    [InlineData(">f8", false, true)]
    [InlineData("<i8", true, true)]
    public void CariFaceArrays(string type, bool isFortran, bool isWide)
    {
        Picture("images/1.jpg");
        // Whole numbers, so that every type holds them.
        var x = Enumerable.Range(0, 68).Select(i => 10.0 + i).ToArray();
        var y = Enumerable.Range(0, 68).Select(i => 500.0 - i).ToArray();
        double[] flat = isWide != isFortran
            ? [.. x, .. y]
            : [.. x.Zip(y, (a, b) => (double[])[a, b]).SelectMany(p => p)];
        Directory.CreateDirectory(_folder["landmarks"]);
        File.WriteAllBytes(_folder["landmarks", "1.npy"], Npy(type, isFortran, isWide ? "(2, 68)" : "(68, 2)", flat));
        var face = Read("cariface").Single();
        Assert.Equal("1.jpg", face.ImagePath);
        Assert.Equal(x.Zip(y, (a, b) => new Vector2((float)a, (float)b)), face.Landmarks);
    }

    [Fact]
    public void CariFaceText()
    {
        Write("Caricature-w-landmark/12.txt", Lines(68));
        Write("readme.txt", "68 landmarks a file");
        var face = Read("cariface").Single();
        AssertPoints(face, 68);
        Assert.Equal("Caricature-w-landmark/12.jpg", face.ImagePath);
        File.WriteAllBytes(_folder["1.npy"], Npy("<f8", false, "(7800, 68, 2)", []));
        Assert.Contains("an array of the shape (7800, 68, 2), expected at most 1434", Refusal("cariface"));
    }

    [Fact]
    public void FaceSynthetics()
    {
        Picture("000000.png");
        Picture("000000_seg.png");
        Write("000000_ldmks.txt", Lines(70));
        var face = Read("facesynthetics").Single();
        AssertPoints(face, 68);
        Assert.Equal("000000.png", face.ImagePath);
        Write("000001_ldmks.txt", Lines(68));
        Assert.Contains("000001_ldmks.txt: 68 points, expected 70", Refusal("facesynthetics"));
    }

    [Fact]
    public void CocoKeypoints()
    {
        var keypoints = Numbers(
            68, i => string.Create(CultureInfo.InvariantCulture, $"{Point(i).X},{Point(i).Y},{1 + (i % 2)}"));
        var blank = Numbers(68, _ => "0,0,0");
        Write("face_landmarks_300w_valid.json", $$"""
            {"info": {"description": "faces"}, "licenses": [],
             "annotations": [
              {"id": 1, "image_id": 7, "category_id": 1, "iscrowd": 0, "bbox": [1, 2, 3, 4], "keypoints": [{{keypoints}}],
               "segmentation": [[1, 2, 3]], "scale": 1.1, "center": [1, 2], "attributes": {"style": "ink", "n": 1} },
              {"id": 2, "image_id": 7, "category_id": 1, "keypoints": [{{blank}}]},
              {"id": 3, "image_id": 7, "category_id": 2}],
             "images": [{"file_name": "helen/testset/3_1.jpg", "id": 7, "height": 9, "width": 9}],
             "categories": [{"id": 1, "name": "face", "keypoints": [], "skeleton": []}]}
            """);
        var face = Read("coco").Single();
        AssertPoints(face, 68);
        Assert.Equal(("helen/testset/3_1.jpg", "ink"), (face.ImagePath, face.Style));

        Write(
            "face_landmarks_300w_valid.json",
            $"{{\"annotations\":[{{\"image_id\":7,\"keypoints\":[{keypoints}]}}]}}");
        Assert.Contains("annotations 1: no picture has its image_id 7", Refusal("coco"));
        Write("face_landmarks_300w_valid.json", "{\"annotations\":[{\"image_id\":7,\"keypoints\":[1,2,1]}],"
            + "\"images\":[{\"id\":7,\"file_name\":\"a.jpg\"}]}");
        Assert.Contains("annotations 1: 1 points, expected 68, 98 or 29", Refusal("coco"));
        Write("face_landmarks_300w_valid.json", "{\"annotations\":[\n{\"id\":,}]}");
        Assert.Contains("LineNumber: 1", Refusal("coco", explicitly: true));
    }

    [Fact]
    public void CvatPointsAndSkeletons()
    {
        string At(int i) =>
            string.Create(CultureInfo.InvariantCulture, $"{Point(i).X:0.00},{Point(i).Y:0.00}");
        var points = string.Join(';', Enumerable.Range(0, 68).Select(At));
        // Sublabels from 1, not in order.
        var elements = string.Join('\n', Enumerable.Range(0, 68).Reverse().Select(
            i => $"<points label=\"{i + 1}\" source=\"manual\" outside=\"0\" occluded=\"0\" "
                + $"points=\"{At(i)}\">\n</points>"));
        Write("annotations.xml", $"""
            <?xml version="1.0" encoding="utf-8"?>
            <annotations>
              <version>1.1</version>
              <meta><task><id>1</id><name>faces</name><size>2</size></task><dumped>2024-01-01</dumped></meta>
              <image id="0" name="one &amp; two.jpg" width="640" height="480">
                <box label="head" occluded="0" xtl="1" ytl="2" xbr="3" ybr="4" z_order="0"></box>
                <points label="face" source="manual" occluded="0" points="{points}" z_order="0">
                  <attribute name="quality">good</attribute>
                  <attribute name="style">ink &lt;wash&gt;</attribute>
                </points>
              </image>
              <image id="1" name="b.jpg" width="640" height="480">
                <skeleton label="face" source="manual" z_order="0">
                  {elements}
                </skeleton>
              </image>
            </annotations>
            """);
        var faces = Read("cvat");
        Assert.Equal([("one & two.jpg", "ink <wash>"), ("b.jpg", null)], faces.Select(f => (f.ImagePath, f.Style)));
        Assert.All(faces, f => AssertPoints(f, 68));

        Write("annotations.xml", "<annotations>\n<track id=\"0\" label=\"face\"></track></annotations>");
        Assert.Contains("annotations.xml, line 2: a track of CVAT for video", Refusal("cvat"));
        Write("annotations.xml", "<annotations><image name=\"a.jpg\"><points points=\"1,2;3\"/></image></annotations>");
        Assert.Contains("line 1: '3' as a point", Refusal("cvat"));
        Write("annotations.xml", "<!DOCTYPE a [<!ENTITY x \"y\">]><annotations/>");
        Assert.Contains("DTD", Refusal("cvat", explicitly: true));
    }

    [Fact]
    public void LabelStudioExports()
    {
        string Region(int i, string? parent) => string.Create(CultureInfo.InvariantCulture, $$"""
            {"original_width": 1000, "original_height": 500, "image_rotation": 0, {{(parent is null ? "" : $"\"parentID\": \"{parent}\",")}}
             "value": {"x": {{(Point(i).X + 0.5) / 10}}, "y": {{(Point(i).Y + 0.5) / 5}}, "width": 0.3, "keypointlabels": ["{{i}}"]},
             "id": "{{parent}}k{{i}}", "from_name": "kp", "to_name": "image", "type": "keypointlabels", "origin": "manual"}
            """);
        var one = string.Join(',', Enumerable.Range(0, 68).Reverse().Select(i => Region(i, null)));
        var two = string.Join(',', Enumerable.Range(0, 68).SelectMany(i => (string[])[Region(i, "A"), Region(i, "B")]));
        Write("project-1-at-2024.json", $$"""
            [{"id": 1, "annotations": [{"id": 4, "was_cancelled": true, "result": []}, {"id": 5, "result": [{{one}}]}],
              "file_upload": "0a1b2c3d-face.png", "drafts": [], "predictions": [],
              "data": {"image": "/data/upload/1/0a1b2c3d-face%201.png"}, "meta": {}, "project": 1},
             {"id": 2, "annotations": [{"result": [
               {"id": "B", "type": "rectanglelabels", "value": {"x": 1, "y": 1, "width": 1, "height": 1,
                "rectanglelabels": ["face"]}, "meta": {"text": ["ink"]} }, {{two}}]}],
              "data": {"image": "/data/local-files/?d=set/two.png"} },
             {"id": 3, "annotations": [], "data": {"image": "https://example.com/a/three.png?x=1"} }]
            """);
        var faces = Read("labelstudio");
        Assert.Equal(
            [("0a1b2c3d-face 1.png", null), ("set/two.png", null), ("set/two.png", "ink")],
            faces.Select(f => (f.ImagePath, f.Style)));
        Assert.All(faces, f => AssertPoints(f, 68));
        Write(
            "project-1-at-2024.json",
            "[{\"id\":1,\"annotations\":[{\"result\":[{\"type\":\"keypointlabels\"}]}],"
            + "\"data\":{\"image\":\"a.png\"}}]");
        Assert.Contains(
            "entry 1: no \"value\", expected an object", Refusal("labelstudio").Replace("a object", "an object"));
    }

    [Fact]
    public void Tables()
    {
        var header = string.Join(',', Enumerable.Range(0, 68).Select(i => $"x{i},y{i}"));
        var row = Lines(68).Trim().Replace(' ', ',').Replace('\n', ',');
        Write(
            "landmarks.csv",
            $"\uFEFFimage,face,score,{header},style\r\n\"a, \"\"b\"\".png\",0,0.5,{row},ink\r\nc.png,1,,{row},\r\n");
        var faces = Read("csv");
        Assert.Equal([("a, \"b\".png", "ink"), ("c.png", null)], faces.Select(f => (f.ImagePath, f.Style)));
        Assert.All(faces, f => AssertPoints(f, 68));
        Write("landmarks.csv", $"image,face,{header}\na.png,0,{row}\n\"b.png,0,{row}\n");
        Assert.Contains("line 3: a quote that does not end", Refusal("csv"));
        Write("landmarks.csv", $"image,face,{header}\na.png,0,{row},7\n");
        Assert.Contains("landmarks.csv, line 2: 139 fields, the header has 138", Refusal("csv"));
    }

    [Fact]
    public void JsonInLinesAndSingly()
    {
        var points = string.Join(',', Enumerable.Range(0, 68).Select(
            i => string.Create(CultureInfo.InvariantCulture, $"[{Point(i).X}, {Point(i).Y}]")));
        string Picture(string name) =>
            $"{{\"image\": \"{name}\", \"width\": 9, "
            + $"\"faces\": [{{\"score\": 1, \"landmarks\": [{points}]}}], \"more\": []}}";
        Write("lines.jsonl", $"{Picture("a.png")}\n{Picture("b.png")}\n");
        Write("c.json", Picture(_folder["sub", "c.png"]));
        Write("other.json", "{\"image\": 1}");
        Write("config.json", "{\"width\": {\"faces\": []}}");
        var faces = Read("json");
        Assert.Equal(["a.png", "b.png", "sub/c.png"], faces.Select(f => f.ImagePath).Order());
        Assert.All(faces, f => AssertPoints(f, 68));
        Write("empty.json", "{\"image\": \"d.png\", \"faces\": []}");
        Assert.Equal(3, Read("json").Count);
        Write("c.json", Picture("/elsewhere/c.png"));
        Assert.Contains("c.json, entry 1: the picture '/elsewhere/c.png' lies outside", Refusal("json"));
    }

    [Fact]
    public void ASetSaysWhatItLacks()
    {
        Assert.Throws<FileNotFoundException>(() => FaceSet.Read(_folder["nothing"]));
        Assert.Contains("no annotations in it, expected star, pts", Refusal(null));
        Write("a.pts", $"version: 1\nn_points: 68\n{{\n{Lines(68)}}}");
        Write("b.pts", $"version: 1\nn_points: 29\n{{\n{Lines(29)}}}");
        Assert.Contains("the face of b.jpg has 29 landmarks, those before have 68", Refusal(null));
        Write("a.ljson", "{}");
        Assert.Contains("holds annotations in", Refusal(null));
        Write("c.pts", "version: 1\nn_points: 999999999\n{\n1 2\n}");
        Assert.Contains("c.pts, line 5: 1 points, expected 68, 98 or 29",
            Assert.Throws<InvalidDataException>(() => FaceSet.Read(_folder["c.pts"])).Message);
        Write("c.pts", "version: 1\nn_points: 68\n{\n1 2,5x\n}");
        Assert.Contains("c.pts, line 4: '5x', expected a number",
            Assert.Throws<InvalidDataException>(() => FaceSet.Read(_folder["c.pts"])).Message);
        Write("c.pts", "version: 1\nn_points: 68\n{\n1 1e30\n}");
        Assert.Contains("a coordinate of 1E+30",
            Assert.Throws<InvalidDataException>(() => FaceSet.Read(_folder["c.pts"])).Message);
    }

    internal static byte[] Npy(string type, bool isFortran, string shape, double[] values)
    {
        var header = $"{{'descr': '{type}', 'fortran_order': {isFortran}, 'shape': {shape}, }}".PadRight(117) + "\n";
        byte[] Element(double v) => type[1..] switch
        {
            "f4" => BitConverter.GetBytes((float)v),
            "i8" => BitConverter.GetBytes((long)v),
            _ => BitConverter.GetBytes(v),
        };
        return
        [
            0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header),
            .. values.SelectMany(v => type[0] == '>' ? Element(v).Reverse() : Element(v)),
        ];
    }

    private static string Lines(int count, string decimals = "###") =>
        string.Concat(Enumerable.Range(0, count).Select(i =>
            Point(i).X.ToString($"0.{decimals}", CultureInfo.InvariantCulture) + " "
            + Point(i).Y.ToString($"0.{decimals}", CultureInfo.InvariantCulture) + "\n"));

    private static string Numbers(int count, Func<int, string> text) =>
        string.Join(',', Enumerable.Range(0, count).Select(text));

    private void Write(string name, string text)
    {
        var path = _folder[name];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private void Picture(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        new Picture(4, 3).Save(_folder[name]);
    }

    private IReadOnlyList<LabelledFace> Read(string expected)
    {
        var faces = FaceSet.Read(_folder.Path).Faces;
        Assert.Equal(
            faces.Select(f => f.ImagePath),
            FaceSet.Read(_folder.Path, AnnotationFormat.ByName(expected)).Faces.Select(f => f.ImagePath));
        return faces;
    }

    private string Refusal(string? format, bool explicitly = false)
    {
        var named = format is null ? null : AnnotationFormat.ByName(format);
        var path = explicitly ? Directory.EnumerateFiles(_folder.Path).Single() : _folder.Path;
        return Assert.Throws<InvalidDataException>(() => FaceSet.Read(path, named)).Message;
    }
}

using System.Globalization;
using System.Numerics;

namespace Mdfld.Tests.Data;

/// <summary>
/// One drawn face as the tools of the world write it down (tests/golden/annotations): each file gives its 68 points.
/// </summary>
public sealed class AnnotationCasesTests
{
    private static readonly string Folder = Path.Combine(TestFiles.RepositoryRoot, "tests", "golden", "annotations");

    private static readonly Vector2[] Truth =
    [
        .. File.ReadLines(Path.Combine(Folder, "truth.csv")).Skip(1).Select(line => line.Split(',')).Select(f => new Vector2(
            float.Parse(f[1], CultureInfo.InvariantCulture), float.Parse(f[2], CultureInfo.InvariantCulture))),
    ];

    /// <summary>Folder, format, how far a coordinate may be off (whole pixels are rounded), and the point that is missing.</summary>
    public static TheoryData<string, string, double, int> Cases => new()
    {
        { "coco_named_order", "coco", 0.01, -1 },
        { "coco_one_missing_kp", "coco", 0.01, 1 },
        { "coco_pathprefix", "coco", 0.01, -1 },
        { "coco_strid", "coco", 0.01, -1 },
        { "coco_wholebody", "coco", 0.01, -1 },
        { "csv_semicolon", "csv", 0.01, -1 },
        { "cvat_skeleton_names", "cvat", 0.01, -1 },
        { "cvat_skeleton_outside", "cvat", 0.01, 5 },
        { "dlib_xml", "dlib", 0.5, -1 },
        { "hrnet_csv", "hrnet", 0.01, -1 },
        { "labelme", "labelme", 0.01, -1 },
        { "ls_jsonmin", "labelstudio", 0.01, -1 },
        { "ls_pred_only", "labelstudio", 0.01, -1 },
        { "mat_300wlp", "300wlp", 0.01, -1 },
        { "mediapipe_json", "mediapipe", 0.01, -1 },
        { "npy_3d68", "cariface", 0.01, -1 },
        { "openface_csv", "csv", 0.06, -1 },
        { "udacity_csv", "csv", 0.06, -1 },
        { "via", "via", 0.5, -1 },
        { "yolo", "yolo", 0.01, -1 },
    };

    [Fact]
    public void EveryFolderIsACase() => Assert.Equal(
        Directory.EnumerateDirectories(Folder).Select(Path.GetFileName).Order(),
        Cases.Select(row => (string)row[0]).Append("pts_69_one_bad").Order());

    [Theory]
    [MemberData(nameof(Cases))]
    public void TheFaceIsRead(string folder, string format, double tolerance, int missing)
    {
        var set = FaceSet.Read(Path.Combine(Folder, folder), null, Folder);
        // Of one missing point there is the whole face before it.
        Assert.Equal(folder == "coco_one_missing_kp" ? 2 : 1, set.Faces.Count);
        var face = set.Faces[^1];
        Assert.Equal("a.jpg", face.ImagePath);
        Assert.Equal(68, face.Landmarks.Count);
        Assert.Equal(
            missing == -1 ? 0 : 1, face.Landmarks.Count(LabelledFace.IsMissing));
        if (missing >= 0)
            Assert.True(LabelledFace.IsMissing(face.Landmarks[missing]));
        for (var i = 0; i < 68; i++)
        {
            var (p, truth) = (face.Landmarks[i], Truth[i]);
            if (!LabelledFace.IsMissing(p))
            {
                Assert.True(
                    Math.Abs(p.X - truth.X) <= tolerance && Math.Abs(p.Y - truth.Y) <= tolerance,
                    $"point {i} is {p}, expected {truth}");
            }
        }
        // Asked for by name it is the same.
        var named = FaceSet.Read(Path.Combine(Folder, folder), AnnotationFormat.ByName(format), Folder);
        Assert.Equal(
            face.Landmarks.Where(p => !LabelledFace.IsMissing(p)),
            named.Faces[^1].Landmarks.Where(p => !LabelledFace.IsMissing(p)));
    }

    [Fact]
    public void OneBadFileIsSaidOrLeftOut()
    {
        var folder = Path.Combine(Folder, "pts_69_one_bad");
        var refusal = Assert.Throws<InvalidDataException>(() => FaceSet.Read(folder, null, Folder)).Message;
        Assert.Contains("b.pts, line 55: 51 points, expected 68, 98 or 29", refusal);
        var set = FaceSet.Read(folder, null, Folder, skipBad: true);
        Assert.Equal((1, refusal), (set.Bad, set.Problems.Single()));
        var face = Assert.Single(set.Faces);
        Assert.Equal(("a.jpg", Truth[30]), (face.ImagePath, face.Landmarks[30]));
    }
}

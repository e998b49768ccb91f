using System.Numerics;
using FsCheck.Xunit;

namespace Mdfld.Tests.Data;

/// <summary>What a format writes, it recognises and reads back.</summary>
public sealed class RoundTripTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private int _count;

    public void Dispose() => _folder.Dispose();

    [Property(MaxTest = 25)]
    public void Pts(int seed) => Check("pts", seed, 68, 98, 29);

    [Property(MaxTest = 25)]
    public void Ljson(int seed) => Check("ljson", seed, 68, 98, 29);

    [Property(MaxTest = 25)]
    public void CariFace(int seed) => Check("cariface", seed, 68);

    [Property(MaxTest = 25)]
    public void FaceSynthetics(int seed) => Check("facesynthetics", seed, 68);

    [Property(MaxTest = 25)]
    public void Coco(int seed) => Check("coco", seed, 68, 98, 29);

    [Property(MaxTest = 25)]
    public void Cvat(int seed) => Check("cvat", seed, 68, 98, 29);

    [Property(MaxTest = 25)]
    public void LabelStudio(int seed) => Check("labelstudio", seed, 68, 98, 29);

    [Property(MaxTest = 25)]
    public void Csv(int seed) => Check("csv", seed, 68, 98, 29);

    [Property(MaxTest = 25)]
    public void Json(int seed) => Check("json", seed, 68, 98, 29);

    [Property(MaxTest = 25)]
    public void Star(int seed) => Check("star", seed, 68, 98, 29);

    [Property(MaxTest = 25)]
    public void Wflw(int seed) => Check("wflw", seed, 98);

    [Property(MaxTest = 25)]
    public void Dlib(int seed) => Check("dlib", seed, 68, 98, 29);

    [Property(MaxTest = 25)]
    public void LabelMe(int seed) => Check("labelme", seed, 68, 98, 29);

    [Property(MaxTest = 25)]
    public void Via(int seed) => Check("via", seed, 68, 98, 29);

    [Property(MaxTest = 25)]
    public void Yolo(int seed) => Check("yolo", seed, 68, 98, 29);

    [Property(MaxTest = 25)]
    public void Hrnet(int seed) => Check("hrnet", seed, 68, 98, 29);

    [Fact]
    public void EveryFormatIsTriedHere() =>
        Assert.Equal(
            AnnotationFormat.All.Where(f => f.IsWritten && f.IsRead).Select(f => f.Name).Order(),
            GetType().GetMethods().Where(m => m.IsDefined(typeof(PropertyAttribute), false))
                .Select(m => m.Name.ToLowerInvariant()).Order());

    [Fact]
    public void TheFlagsOfWflwAreItsStyles()
    {
        var set = AwkwardFaces.Draw(_folder["in"], 1, 98, severalAPicture: false);
        var face = set.Faces[0] with { Style = "pose,make-up,blur" };
        Directory.CreateDirectory(_folder["out"]);
        AnnotationFormat.ByName("wflw").Write(_folder["out"], set with { Faces = [face] });
        Assert.Equal("pose,make-up,blur", FaceSet.Read(_folder["out"]).Faces.Single().Style);
    }

    [Fact]
    public void APathThatCannotBeReadBackIsNotWritten()
    {
        string[] paths = ["a\nb.png", "../a.png", "/a.png", "a\\b.png", "a:b.png", "\ud800.png", ""];
        foreach (var format in AnnotationFormat.All.Where(f => f.IsWritten))
        {
            var count = format.Name == "wflw" ? 98 : 68;
            var set = AwkwardFaces.Draw(_folder["in"], 1, count, severalAPicture: false);
            foreach (var path in paths)
            {
                var face = set.Faces[0] with { ImagePath = path };
                var folder = Directory.CreateDirectory(_folder[$"out{_count++}"]).FullName;
                Assert.Throws<ArgumentException>(() => format.Write(folder, set with { Faces = [face] }));
                Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
            }
        }
    }

    [Fact]
    public void WhatAFormatCannotHoldIsRefused()
    {
        var two = AwkwardFaces.Draw(_folder["in"], 1, 68, severalAPicture: false);
        two = two with { Faces = [two.Faces[0], two.Faces[0]] };
        Refuses("cariface", two, "2 faces; cariface holds one");
        Refuses("facesynthetics", two, "2 faces; facesynthetics holds one");
        Refuses("wflw", two, "a face of 68 points; wflw holds 98");
        var many = AwkwardFaces.Draw(_folder["many"], 1, 98, severalAPicture: false);
        Refuses("cariface", many, "a face of 98 points; cariface holds 68");
        var gone = two with { Pictures = _folder["nowhere"] };
        Refuses("labelstudio", gone, "no such picture; labelstudio needs its size");
        Assert.Throws<NotSupportedException>(() => AnnotationFormat.ByName("cofw").Write(_folder.Path, two));
    }

    /// <summary>The same face without some of its points, but the first and last, which say how they are numbered.</summary>
    private static LabelledFace WithoutSome(LabelledFace face, int seed)
    {
        var random = new Random(seed);
        return LabelledFace.FromLandmarks(
            face.ImagePath,
            [.. face.Landmarks.Select((p, i) => i > 0 && i < face.Landmarks.Count - 1 && random.Next(5) == 0
                ? LabelledFace.Missing : p)],
            face.Style);
    }

    private static void AssertSame(IReadOnlyList<Vector2> expected, IReadOnlyList<Vector2> found)
    {
        Assert.Equal(expected.Select(LabelledFace.IsMissing), found.Select(LabelledFace.IsMissing));
        Assert.Equal(
            expected.Where(p => !LabelledFace.IsMissing(p)), found.Where(p => !LabelledFace.IsMissing(p)));
    }

    private void Refuses(string format, FaceSet set, string message)
    {
        var folder = Directory.CreateDirectory(_folder[$"out{_count++}"]).FullName;
        var refusal = Assert.Throws<ArgumentException>(() => AnnotationFormat.ByName(format).Write(folder, set));
        Assert.Contains(message, refusal.Message);
    }

    private void Check(string name, int seed, params int[] counts)
    {
        using var comma = AwkwardFaces.Comma();
        var format = AnnotationFormat.ByName(name);
        var folder = _folder[$"{_count++}"];
        var set = AwkwardFaces.Draw(
            Path.Combine(folder, "images"), seed, counts[(seed & 0xFF) % counts.Length],
            severalAPicture: name is not ("cariface" or "facesynthetics"));
        if (name == "star")
            set = set with { Faces = [.. set.Faces.Select(f => f with { ImagePath = f.ImagePath.TrimStart('.') })] };
        if (format.KeepsMissing)
            set = set with { Faces = [.. set.Faces.Select(f => WithoutSome(f, seed))] };
        set = set with { Faces = [.. set.Faces.Select(f => f with { Hidden = NotSeen(f) })] };
        format.Write(folder, set);
        var read = FaceSet.Read(folder);

        Assert.Equal(Path.Combine(folder, "images"), read.Pictures);
        // Formats go picture by picture, and those with a file a picture by its name.
        var expected = Ordered(set.Faces);
        var found = Ordered(read.Faces);
        Assert.Equal(expected.Select(f => f.ImagePath), found.Select(f => f.ImagePath));
        for (var i = 0; i < expected.Length; i++)
        {
            AssertSame(expected[i].Landmarks, found[i].Landmarks);
            Assert.Equal(format.KeepsStyles ? expected[i].Style : null, found[i].Style);
            Assert.Equal(name is "coco" or "cvat" or "yolo" ? expected[i].Hidden : [], found[i].Hidden);
        }

        // Some points are labelled but not seen.
        int[] NotSeen(LabelledFace face) =>
            [.. face.Landmarks.Index().Where(p => !LabelledFace.IsMissing(p.Item) && (p.Index + seed) % 4 == 0).Select(p => p.Index)];

        static LabelledFace[] Ordered(IEnumerable<LabelledFace> faces) =>
            [.. faces.OrderBy(f => f.ImagePath, StringComparer.Ordinal)];
    }
}

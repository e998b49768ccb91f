using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Mdfld.Tests.Data;

/// <summary>What the command line's dataset commands do, called as a library.</summary>
public sealed class DatasetApiTests : IDisposable
{
    private static readonly FaceSet Samples = FaceSet.Read(Path.Combine(TestFiles.RepositoryRoot, "samples"));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheDocumentsExampleRuns()
    {
        var console = new StringWriter();

        var set = FaceSet.Read(At("samples"));
        foreach (var problem in DatasetInspection.Of(set).Problems)
            console.WriteLine($"{problem.ImagePath}: {problem.Detail}");
        var parts = DatasetSplit.Divide(set, [new("train", 0.7), new("val", 0.3)], seed: 1);
        (set with { Faces = parts[0] }).Write(AnnotationFormat.ByName("coco"), At("train"), copy: true);
        DatasetPreview.Write(set, At("sheets"), most: 120, side: 192);

        Assert.Equal("", console.ToString());
        Assert.Equal(parts[0].Count, FaceSet.Read(_folder["train"]).Faces.Count);
        Assert.True(File.Exists(_folder["sheets/sheet-001.png"]));
        var document = File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, "docs", "data.md"));
        var start = document.IndexOf("```csharp\n", StringComparison.Ordinal) + "```csharp\n".Length;
        var example = document[start..document.IndexOf("```", start, StringComparison.Ordinal)];
        var here = Regex.Replace(Source(), """At\(("[^"]*")\)""", "$1").Replace("console.", "Console.");
        Assert.All(
            example.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => !l.StartsWith("using ")),
            line => Assert.Contains(line, here));
    }

    [Fact]
    public void AReadSetIsConvertedAndInspected()
    {
        Samples.Moved(Vector2.One).Write(AnnotationFormat.ByName("coco"), _folder["coco"], copy: true);
        var set = FaceSet.Read(_folder["coco"]).Moved(-Vector2.One);
        Assert.All(Samples.Faces, f => Assert.All(
            f.Landmarks.Zip(set.Faces.Single(Same(f)).Landmarks),
            p => Assert.InRange(Vector2.Distance(p.First, p.Second), 0, 0.001f)));
        var found = DatasetInspection.Of(set);
        Assert.Empty(found.Problems);
        Assert.Equal(Samples.Faces.Count, found.FaceSizes.Count);
        using var json = JsonDocument.Parse(found.ToJson());
        Assert.Equal(Samples.Faces.Count, json.RootElement.GetProperty("faces").GetInt32());
        var counts = json.RootElement.GetProperty("problem_counts");
        Assert.Equal(DatasetInspection.Kinds, counts.EnumerateObject().Select(p => p.Name));

        static Func<LabelledFace, bool> Same(LabelledFace face) => f => f.ImagePath == face.ImagePath;
    }

    [Fact]
    public void PointsOfAnotherSchemeAreMadeForAllFaces()
    {
        var points = Enumerable.Range(0, 98).Select(i => new Vector2(i, i * i % 97)).ToArray();
        var set = new FaceSet(_folder.Path, [LabelledFace.FromLandmarks("a.png", points, "ink")]);
        var face = Assert.Single(set.To(LandmarkScheme.Ibug68).Faces);
        Assert.Equal(LandmarkScheme.Wflw98.Convert(points, LandmarkScheme.Ibug68), face.Landmarks);
        Assert.Equal("ink", face.Style);
        Assert.Throws<ArgumentException>(() => Samples.To(LandmarkScheme.Wflw98));
    }

    [Fact]
    public void WhatAFormatCannotHoldIsRefused()
    {
        var refusal = Assert.Throws<InvalidDataException>(
            () => Samples.Write(AnnotationFormat.ByName("wflw"), _folder["out"]));
        Assert.Contains("cannot be written as wflw: ", refusal.Message);
        Assert.Throws<InvalidDataException>(
            () => Samples.Write(AnnotationFormat.ByName("cofw"), _folder["out"]));
    }

    [Theory]
    [InlineData(0.5, 0.4)]
    [InlineData(1.5, -0.5)]
    [InlineData(double.NaN, 0.5)]
    [InlineData(1, 0)]
    public void SharesMustSumToOne(double first, double second) => Assert.Throws<ArgumentException>(
        () => DatasetSplit.Divide(Samples, [new SplitPart("train", first), new SplitPart("val", second)]));

    [Fact]
    public void AnEmptySetIsNotInspected() =>
        Assert.Throws<ArgumentException>(() => DatasetInspection.Of(new FaceSet(_folder.Path, [])));

    [Fact]
    public void PreviewTellsOfPicturesThatCannotBeRead()
    {
        File.WriteAllText(_folder["a.png"], "no picture");
        var face = LabelledFace.FromLandmarks("a.png", Samples.Faces[0].Landmarks);
        var set = new FaceSet(_folder.Path, [face, face with { ImagePath = "none.png" }]);
        var told = new List<(string, Exception)>();
        var sheets = DatasetPreview.Write(set, _folder.Path, 10, 64, (f, e) => told.Add((f.ImagePath, e)));
        Assert.Equal(1, sheets);
        Assert.Equal(["a.png", "none.png"], told.Select(t => t.Item1));
        Assert.IsType<InvalidDataException>(told[0].Item2);
        Assert.IsType<FileNotFoundException>(told[1].Item2);
        Assert.Equal((128, 64), (Size(_folder["sheet-001.png"]).Width, Size(_folder["sheet-001.png"]).Height));
        DatasetPreview.Write(set, _folder.Path, 1, 64);

        static Picture Size(string path) => Mdfld.Picture.Load(path);
    }

    private string At(string path) =>
        path == "samples" ? Path.Combine(TestFiles.RepositoryRoot, path) : _folder[path];

    private static string Source([CallerFilePath] string path = "") => File.ReadAllText(path);
}

using System.Numerics;
using System.Runtime.InteropServices;
using Mdfld.Training;
using Mdfld.Training.Onnx;
using static Mdfld.Training.Onnx.TensorProto.Types;

namespace Mdfld.Tests.Onnx;

/// <summary>The shipped weights in float and, quantised on the drawn samples, in integers.</summary>
public sealed class QuantisationTests : IDisposable
{
    private static readonly string Samples = Path.Combine(TestFiles.RepositoryRoot, "samples");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ALandmarkModelFindsTheSamePointsInAThirdOfTheSize()
    {
        var (path, quantised) = (Export("compact"), _folder["int8.onnx"]);
        OnnxExport.SetProperty(path, "mdfld.note", "kept");
        var faces = FaceFolder.Open(Samples);
        ModelQuantisation.Landmarks(path, quantised, [faces], count: 40);
        using var one = LandmarkDetector.Load(path, new DetectorOptions { Threads = 1 });
        using var other = LandmarkDetector.Load(quantised, new DetectorOptions { Threads = 1 });
        foreach (var face in faces.Faces)
        {
            var picture = Picture.Load(faces.ImagePath(face));
            var crop = FaceCrop.FromScale(face.Scale, face.Centre, one.Model.CropFactor);
            var (a, b) = (one.Detect(picture, crop), other.Detect(picture, crop));
            var apart = a.Points.Zip(b.Points, Vector2.Distance).Average() / crop.Side;
            // Never equal: then it would not be quantised.
            Assert.InRange(apart, 1e-5, 0.006);
        }
        Assert.Equal(OnnxExport.Read(path).MetadataProps, OnnxExport.Read(quantised).MetadataProps);
        Assert.InRange(new FileInfo(quantised).Length, 0, new FileInfo(path).Length / 3);
    }

    [Fact]
    public void AFinderGivesTheSameScores()
    {
        var (path, quantised) = (Export("finder"), _folder["int8.onnx"]);
        var faces = FaceFolder.Open(Samples);
        FacePicture[] pictures =
            [.. faces.Faces.Select(f => new FacePicture(faces.ImagePath(f), [FaceBox.Around([.. f.Landmarks])]))];
        ModelQuantisation.Finder(path, quantised, pictures, count: 20);
        using var one = FaceFinder.Load(path);
        using var other = FaceFinder.Load(quantised);
        foreach (var picture in pictures.Select(p => Picture.Load(p.Path)))
        {
            var (a, b) = (one.Find(picture)[0], other.Find(picture)[0]);
            Assert.Equal(a.Score, b.Score, 0.1);
            Assert.InRange(a.Box.IntersectionOverUnion(b.Box), 0.9, 1);
        }
    }

    [Fact]
    public void OnlyTheFirstAndTheLastConvolutionComputeInFloatAndWeightsHaveSevenBits()
    {
        var (path, quantised) = (Export("compact"), _folder["int8.onnx"]);
        ModelQuantisation.Landmarks(path, quantised, [FaceFolder.Open(Samples)], count: 2);
        var graph = OnnxExport.Read(quantised).Graph;
        var makers = graph.Node.ToDictionary(n => n.Output[0]);
        var inFloat = graph.Node.Where(n => n.OpType == "Conv" && !makers.ContainsKey(n.Input[1])).ToArray();
        Assert.Equal(["image", "landmarks"], [inFloat[0].Input[0], graph.Output[0].Name]);
        Assert.Equal(2, inFloat.Length);
        var weights = graph.Initializer.Where(c => c.DataType == (int)DataType.Int8).ToArray();
        Assert.Equal(graph.Node.Count(n => n.OpType == "Conv") - 2, weights.Length);
        Assert.All(weights, w => Assert.Equal(
            63, MemoryMarshal.Cast<byte, sbyte>(w.RawData.Span).ToArray().Max(v => Math.Abs((int)v))));
    }

    [Fact]
    public void WhatIsInIntegersOrHasOtherPointsIsRefused()
    {
        var (path, quantised) = (Export("compact"), _folder["int8.onnx"]);
        var faces = FaceFolder.Open(Samples);
        ModelQuantisation.Landmarks(path, quantised, [faces], count: 2);
        var before = File.ReadAllBytes(quantised);
        Assert.Contains("in integers already", Assert.Throws<InvalidDataException>(
            () => ModelQuantisation.Landmarks(quantised, _folder["twice.onnx"], [faces], count: 2)).Message);
        var other = FaceFolder.Of("98 points", Samples, [faces.Faces[0] with { Landmarks = new Vector2[98] }]);
        Assert.Contains("the model finds 68", Assert.Throws<InvalidDataException>(
            () => ModelQuantisation.Landmarks(path, quantised, [other], count: 2)).Message);
        Assert.Equal(before, File.ReadAllBytes(quantised));
        Assert.False(File.Exists(_folder["twice.onnx"]));
    }

    private string Export(string model)
    {
        var path = _folder[$"{model}.onnx"];
        DetectorExport.Save(Path.Combine(TestFiles.RepositoryRoot, "models", $"{model}.safetensors"), path);
        return path;
    }
}

using System.Numerics;
using System.Runtime.InteropServices;
using Mdfld.Training;

namespace Mdfld.Tests.Star;

/// <summary>From pictures to samples and landmarks: golden section 6 and the data set samples of section 10.</summary>
public sealed class PictureTests
{
    private const int Size = StarOptions.CropSize;

    private static readonly GoldenTensors Golden = GoldenTensors.Open("crop.safetensors");

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, 6)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void NetworkUnitsComeBackToThePicture(int number)
    {
        var face = Face(number);
        var matrix = Golden.Floats($"case{number}.matrix");
        Near.AssertWithin(1e-4, matrix, StarGolden.ToArray(StarPicture.CropMatrix(face)), "matrix");
        var inverse = StarGolden.ToArray(StarPicture.CropMatrix(face).Invert());
        Near.AssertWithin(1e-4, Golden.Floats($"case{number}.inverse"), inverse, "inverse");
        Near.AssertWithin(
            1e-3,
            Golden.Floats($"case{number}.backprojected"),
            MemoryMarshal.Cast<Vector2, float>(ToPicture(Golden.Floats("net_landmarks"), face)),
            "points");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void TinyNetworkFindsWhatTheOriginalFinds(int number)
    {
        // Holds the tensors between two operators, which the collector could free under one's hands.
        using var scope = NewDisposeScope();
        using var network = StarGolden.TinyNetwork();
        using var noGrad = no_grad();
        network.Eval();
        var planes = StarPicture.ToPlanes(StarPicture.Crop(StarGolden.CropPicture(), Face(number)));
        var found = network.Forward(Tensor.From<float>(planes, 1, 3, Size, Size))[^1].Landmarks.ToArray<float>();
        var points = ToPicture(found, Face(number));
        var expected = Golden.Floats($"case{number}.star_tiny_landmarks");
        Near.AssertWithin(0.01, expected, MemoryMarshal.Cast<Vector2, float>(points), "landmarks");
    }

    [Theory]
    [InlineData(0, "two.png")]
    [InlineData(1, "one.png")]
    public void SamplesAreThoseOfTheOriginalsDataSet(int sample, string picture)
    {
        var golden = GoldenTensors.Open("dataset_sample.safetensors");
        var face = MetadataFile.Read(TestFiles.Golden("sample_300W_test.tsv"))[sample + 1];
        Assert.Equal($"afw/{picture}", face.ImagePath);
        var image = StarGolden.CropPicture();
        if (picture == "two.png")
            UpsideDown(image);

        var square = FaceCrop.FromScale(face.Scale, face.Centre, factor: 1);
        var matrix = StarPicture.CropMatrix(square);
        Near.AssertWithin(1e-4, golden.Floats($"sample{sample}.matrix"), StarGolden.ToArray(matrix), "matrix");

        var landmarks = face.Landmarks.Select(matrix.Apply).ToArray();
        var made = StarSample.From(StarPicture.Crop(image, square), landmarks, LandmarkScheme.Ibug68);
        Near.AssertWithin(1e-5, golden.Floats($"sample{sample}.landmarks"), made.Landmarks, "labels");
        Near.AssertWithin(1e-6, golden.Floats($"sample{sample}.data_every8"), Every8th(made.Picture), "input");
        Near.AssertEdgeMaps(
            Array.ConvertAll(golden.Bytes($"sample{sample}.edgemaps_x64"), v => v / 64f), made.EdgeMaps);
        var sums = made.PointMaps.Chunk(64 * 64).Select(map => (float)map.Sum(v => (double)v)).ToArray();
        var expected = Array.ConvertAll(golden.Doubles($"sample{sample}.pointmap_sum"), v => (float)v);
        Near.AssertWithin(1e-5, expected, sums, "point map sums");
    }

    private static Vector2[] ToPicture(float[] units, FaceCrop face)
    {
        var back = StarPicture.CropMatrix(face).Invert();
        return [.. units.Chunk(2).Select(u => back.Apply(StarCoordinates.ToPixel(new Vector2(u[0], u[1]), Size)))];
    }

    private static FaceCrop Face(int number)
    {
        var facts = StarGolden.Json("crop.json").GetProperty("cases")[number];
        return FaceCrop.FromScale(Value("scale"), new Vector2(Value("center_w"), Value("center_h")), factor: 1);

        float Value(string name) => facts.GetProperty(name).GetSingle();
    }

    private static void UpsideDown(Picture image)
    {
        var before = image.Clone();
        for (var y = 0; y < image.Height; y++)
            before.Row(image.Height - 1 - y).CopyTo(image.Row(y));
    }

    /// <summary>Every 8th value from 4 on, both ways, of three planes of 256 x 256.</summary>
    private static float[] Every8th(float[] planes) =>
        [.. planes.Where((_, i) => i / 256 % 8 == 4 && i % 8 == 4)];
}

using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Mdfld.Training;

namespace Mdfld.Tests.Star;

/// <summary>Training targets against golden section 5.</summary>
public sealed class TargetTests
{
    private const int Size = 256;

    private static readonly GoldenTensors Golden = GoldenTensors.Open("encoder.safetensors");
    private static readonly JsonElement Facts =
        JsonDocument.Parse(File.ReadAllText(TestFiles.Golden("encoder.json"))).RootElement;

    [Fact]
    public void PointHeatmapsSitWhereTheOriginalPutsThem()
    {
        var points = Points("points");
        var maps = new float[points.Length * 64 * 64];
        PointHeatmaps.Draw(points, Size, maps);
        Assert.True(Near.MaxError(Golden.Floats("point_heatmaps"), maps) <= 1e-5);
    }

    [Theory]
    [InlineData("300W", 68)]
    [InlineData("WFLW", 98)]
    [InlineData("COFW", 29)]
    public void PointHeatmapsOfWholeFaces(string name, int count)
    {
        var maps = new float[count * 64 * 64];
        PointHeatmaps.Draw(Points(name + ".landmarks"), Size, maps);
        for (var n = 0; n < count; n++)
        {
            var map = maps[(n * 4096)..((n + 1) * 4096)];
            var peak = Array.IndexOf(map, map.Max());
            var at = Facts.GetProperty(name).GetProperty("pointmap_argmax_yx")[n];
            Assert.Equal((at[0].GetInt32(), at[1].GetInt32()), (peak / 64, peak % 64));
            Assert.Equal(Facts.GetProperty(name).GetProperty("pointmap_maxima")[n].GetDouble(), map[peak], 1e-5);
            Assert.Equal(Facts.GetProperty(name).GetProperty("pointmap_sums")[n].GetDouble(), map.Sum(), 1e-4);
        }
    }

    [Theory]
    [InlineData("300W", 68)]
    [InlineData("WFLW", 98)]
    [InlineData("COFW", 29)]
    public void EdgeCurvesAgreeWithTheReferenceFit(string name, int count)
    {
        var landmarks = Points(name + ".landmarks");
        var edges = LandmarkScheme.ForCount(count).Contours;
        for (var e = 0; e < edges.Length; e++)
        {
            var curve = EdgeCurve.Sample([.. edges[e].Indices.Select(i => landmarks[i])], edges[e].IsClosed);
            var expected = Pairs(Golden.Doubles($"{name}.curve.{e}"));
            Assert.Equal(expected.Length, curve.Length);
            Assert.True(CurveError(expected, curve) <= 1e-4, $"edge {e}");
        }
    }

    [Fact]
    public void CoincidingLandmarksAreJoinedByLines()
    {
        var curve = EdgeCurve.Sample(Points("degenerate.landmarks_17_21"), closed: false);
        var expected = Pairs(Golden.Doubles("degenerate.curve"));
        Assert.Equal(expected.Length, curve.Length);
        Assert.True(CurveError(expected, curve) <= 1e-4);
    }

    [Theory]
    [InlineData("300W", 68)]
    [InlineData("WFLW", 98)]
    [InlineData("COFW", 29)]
    [InlineData("outside", 68)]
    public void EdgeMapsAgreeWithinOneRasteriser(string name, int count)
    {
        var scheme = LandmarkScheme.ForCount(count);
        var maps = new float[scheme.Contours.Length * 64 * 64];
        EdgeMaps.Draw(Points(name + ".landmarks"), scheme, Size, maps);
        var expected = Array.ConvertAll(Golden.Bytes(name + ".edgemaps_x64"), v => v / 64f);
        Near.AssertEdgeMaps(expected, maps);
    }

    [Fact]
    public void LabelsAreClampedAndComeBack()
    {
        var golden = GoldenTensors.Open("crop.safetensors");
        var points = MemoryMarshal.Cast<float, Vector2>(golden.Floats("dataset.points"));
        var labels = MemoryMarshal.Cast<float, Vector2>(golden.Floats("dataset.norm_points"));
        for (var i = 0; i < points.Length; i++)
            Assert.True(Vector2.Distance(labels[i], StarCoordinates.ToLabel(points[i], Size)) <= 1e-6);

        var units = MemoryMarshal.Cast<float, Vector2>(golden.Floats("net_landmarks"));
        var pixels = MemoryMarshal.Cast<float, Vector2>(golden.Floats("denorm_align_corners_false"));
        for (var i = 0; i < units.Length; i++)
            Assert.True(Vector2.Distance(pixels[i], StarCoordinates.ToPixel(units[i], Size)) <= 1e-3);
    }

    private static Vector2[] Points(string name) => MemoryMarshal.Cast<float, Vector2>(Golden.Floats(name)).ToArray();

    private static (double X, double Y)[] Pairs(double[] values) =>
        MemoryMarshal.Cast<double, (double, double)>(values).ToArray();

    private static double CurveError((double X, double Y)[] expected, (double X, double Y)[] actual) =>
        expected.Zip(actual, (e, a) => Math.Max(Math.Abs(e.X - a.X), Math.Abs(e.Y - a.Y))).Max();
}

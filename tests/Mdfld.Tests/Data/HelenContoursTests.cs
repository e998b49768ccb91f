using System.Globalization;
using System.Numerics;

namespace Mdfld.Tests.Data;

/// <summary>Helen's 194 points made of faces with 68, and back.</summary>
public sealed class HelenContoursTests : IDisposable
{
    private static readonly IReadOnlyList<LabelledFace> Faces =
        FaceFolder.Open(Path.Combine(TestFiles.RepositoryRoot, "samples")).Faces;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WhatHelenHasComesBackAndTheBridgeIsMissing()
    {
        foreach (var truth in Faces.Select(f => f.Landmarks.ToArray()))
        {
            var found = HelenContours.To68(Contours(truth));
            Assert.All(found[27..31], p => Assert.True(LabelledFace.IsMissing(p)));
            var eyes = Vector2.Distance(truth[36], truth[45]);
            var errors = truth.Zip(found, (a, b) => 100 * Vector2.Distance(a, b) / eyes).ToArray();
            // Corners and the ends of the jaw are there, as near as the contours' points; what lies between is resampled.
            Assert.All((int[])[0, 16, 36, 39, 42, 45, 48, 54], i => Assert.InRange(errors[i], 0, 3.5));
            Assert.InRange(errors.Where(e => !double.IsNaN(e)).Average(), 0, 3);
        }
    }

    /// <summary>Where a contour begins and which way it runs, which eye comes first, how the head is turned.</summary>
    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public void TheOrderWithinContoursDoesNotMatter(bool isReversed, int quarters)
    {
        var contours = Contours([.. Faces[0].Landmarks]);
        var expected = HelenContours.To68(contours);
        Vector2[] other =
        [
            .. Run(contours[..41], 0), .. Run(contours[41..58], 0), .. Run(contours[58..86], 9),
            .. Run(contours[86..114], 5), .. Run(contours[134..154], 3), .. Run(contours[114..134], 11),
            .. Run(contours[174..], 1), .. Run(contours[154..174], 19),
        ];
        var found = HelenContours.To68([.. other.Select(Turned)]);
        Assert.All(Enumerable.Range(0, 68).Where(i => i is < 27 or > 30), i =>
            Assert.InRange(Vector2.Distance(Turned(expected[i]), found[i]), 0, 0.05f));

        Vector2[] Run(Vector2[] line, int start)
        {
            Vector2[] turned = [.. line[start..], .. line[..start]];
            return isReversed ? [.. turned.Reverse()] : turned;
        }

        Vector2 Turned(Vector2 p) => quarters switch { 0 => p, 1 => new(-p.Y, p.X), _ => -p };
    }

    [Fact]
    public void AFileIsReadWithoutAMap()
    {
        Directory.CreateDirectory(_folder["images"]);
        File.Copy(TestFiles.Sample("comic.png"), _folder["images", "100_1.png"]);
        var contours = Contours([.. Faces.First(f => f.ImagePath == "comic.png").Landmarks]);
        File.WriteAllLines(_folder["1.txt"], [
            "100_1", .. contours.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.X} , {p.Y}"))]);
        var face = Assert.Single(FaceSet.Read(_folder.Path).Faces);
        Assert.Equal(64, face.Landmarks.Count(p => !LabelledFace.IsMissing(p)));
        Assert.Equal("100_1.png", face.ImagePath);
        Assert.Empty(DatasetInspection.Of(FaceSet.Read(_folder.Path)).Problems);
    }

    /// <summary>Smooth contours through the 68 points, of Helen's numbers of points, evenly spaced.</summary>
    internal static Vector2[] Contours(Vector2[] p)
    {
        var wing = (p[31] - p[35]) * 0.12f;
        return
        [
            .. Even(Polyline.Smooth(p[..17]), 41),
            .. Even(Polyline.Smooth([Vector2.Lerp(p[27], p[39], 0.4f), Vector2.Lerp(p[29], p[31], 0.6f), p[31] + wing,
                .. p[31..36], p[35] - wing, Vector2.Lerp(p[29], p[35], 0.6f), Vector2.Lerp(p[27], p[42], 0.4f)]), 17),
            .. Closed(p[48..60], 28), .. Closed(p[60..68], 28), .. Closed(p[36..42], 20), .. Closed(p[42..48], 20),
            .. Brow(p[17..22]), .. Brow(p[22..27]),
        ];

        static Vector2[] Closed(Vector2[] knots, int count) => Even(Polyline.Smooth(knots, closed: true), count);

        static Vector2[] Brow(Vector2[] upper) => Even(
            [.. Polyline.Smooth(upper), .. upper[1..^1].Reverse().Select(q => q + new Vector2(0, 4)), upper[0]], 20);
    }

    private static Vector2[] Even(Vector2[] line, int count)
    {
        var lengths = new float[line.Length];
        for (var i = 1; i < line.Length; i++)
            lengths[i] = lengths[i - 1] + Vector2.Distance(line[i - 1], line[i]);
        return [.. Enumerable.Range(0, count).Select(n =>
        {
            var at = lengths[^1] * n / (count - 1);
            var i = Math.Max(1, Array.FindIndex(lengths, l => l >= at - 1e-4f));
            var step = lengths[i] - lengths[i - 1];
            return step == 0 ? line[i] : Vector2.Lerp(line[i - 1], line[i], (at - lengths[i - 1]) / step);
        })];
    }
}

using System.Numerics;
using Mdfld.Training.Augment;

namespace Mdfld.Tests.Augment;

/// <summary>
/// Wherever a warp takes the picture it takes the points: discs drawn at landmarks are found at their labels.
/// </summary>
public sealed class LabelConsistencyTests
{
    private const double Tolerance = 0.75;

    private static readonly SyntheticFace Face = new();

    /// <summary>No style filter, no degradation, and no geometry but what a test turns on.</summary>
    private static readonly AugmentationOptions Still = new()
    {
        PlainProbability = 0,
        CropFactorSpread = 0,
        RotationSpread = 0,
        ShiftSpread = 0,
        MirrorProbability = 0,
        AxisScaleSpread = 0,
        ShearSpread = 0,
        WarpProbability = 0,
        ExaggerationProbability = 0,
        BorderProbability = 0,
        PoorCopyProbability = 0,
        DrawingProbability = 0,
        StyleFilterProbability = 0,
        ToneProbability = 0,
        LightProbability = 0,
        BlurProbability = 0,
        NoiseProbability = 0,
        OcclusionProbability = 0,
    };

    public static TheoryData<string, int> Warps
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var name in Kinds.Keys)
            {
                data.Add(name, 128);
                data.Add(name, 256);
            }
            return data;
        }
    }

    private static Dictionary<string, AugmentationOptions> Kinds => new()
    {
        ["nothing"] = Still,
        ["scale"] = Still with { CropFactorSpread = 0.3f },
        ["rotation"] = Still with { RotationSpread = 40 },
        ["shift"] = Still with { ShiftSpread = 0.15f },
        ["mirror"] = Still with { MirrorProbability = 1 },
        ["stretch and shear"] = Still with { AxisScaleSpread = 0.3f, ShearSpread = 0.2f },
        ["smooth warp"] = Still with { WarpProbability = 1 },
        ["strong smooth warp"] = Still with { WarpProbability = 1, WarpMinimum = 8, WarpMaximum = 14 },
        ["exaggeration"] = Still with { ExaggerationProbability = 1 },
        ["plain"] =
            Still with { PlainProbability = 1, RotationSpread = 18, ShiftSpread = 0.05f, CropFactorSpread = 0.12f },
        ["all"] = new AugmentationOptions
        {
            PlainProbability = 0,
            WarpProbability = 1,
            ExaggerationProbability = 1,
            BorderProbability = 0,
            PoorCopyProbability = 0,
            DrawingProbability = 0,
            StyleFilterProbability = 0,
            ToneProbability = 0,
            LightProbability = 0,
            BlurProbability = 0,
            NoiseProbability = 0,
            OcclusionProbability = 0,
        },
    };

    [Theory]
    [MemberData(nameof(Warps))]
    public void DiscsAreWhereTheirLabelsSay(string warp, int size)
    {
        var augmenter = new Augmenter(Kinds[warp], LandmarkScheme.Ibug68, size);
        var target = new Picture(size, size);
        var points = new Vector2[68];
        var measured = 0;
        for (var seed = 0; seed < 25; seed++)
        {
            augmenter.Apply(Face.Picture, Face.Landmarks, Face.Crop, new Random(seed), target, points);
            foreach (var i in SyntheticFace.Marked)
            {
                // A disc cut by the border has its centre elsewhere; one that touches another, too.
                var margin = size * 0.05f;
                var p = points[i];
                if (Math.Min(p.X, p.Y) < margin || Math.Max(p.X, p.Y) > size - 1 - margin)
                    continue;
                if (SyntheticFace.Marked.Any(j => j != i && Vector2.Distance(points[j], p) < 2 * margin))
                    continue;
                var (centre, mass) = Centroid(target, p, margin);
                Assert.True(mass > 0, $"seed {seed}: nothing at landmark {i}, {p}");
                // Tolerance is meant for 128; a disc of 256 is twice as wide and bent by the same map.
                Assert.True(
                    Vector2.Distance(centre, p) < Tolerance * size / 128,
                    $"seed {seed}, landmark {i}: labelled {p}, seen at {centre}");
                measured++;
            }
        }
        Assert.True(measured > 100, $"only {measured} discs could be measured");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void MirrorExchangesLeftAndRight(int mirrored)
    {
        var augmenter = new Augmenter(Still with { MirrorProbability = mirrored }, LandmarkScheme.Ibug68, 128);
        var target = new Picture(128, 128);
        var points = new Vector2[68];
        augmenter.Apply(Face.Picture, Face.Landmarks, Face.Crop, new Random(5), target, points);
        foreach (var i in SyntheticFace.Marked)
        {
            // The label "left eye" stays on the picture's left, on what was drawn as the right eye.
            var drawn = mirrored == 1 ? LandmarkScheme.Ibug68.MirrorPermutation[i] : i;
            var (red, green, blue) = SyntheticFace.Colour(drawn);
            var pixel = target.Row((int)MathF.Round(points[i].Y)).Slice(3 * (int)MathF.Round(points[i].X), 3);
            Assert.True(
                pixel[0] > 128 == red > 128 && pixel[1] > 128 == green > 128 && pixel[2] > 128 == blue > 128,
                $"landmark {i} sits on ({pixel[0]}, {pixel[1]}, {pixel[2]})");
        }
        Assert.True(points[36].X < points[45].X);
    }

    [Fact]
    public void NoLandmarkIsLost()
    {
        var options = new AugmentationOptions { TurnProbability = 0.3f, UndrawnCheekProbability = 0.3f };
        var augmenter = new Augmenter(options, LandmarkScheme.Ibug68, 64);
        var target = new Picture(64, 64);
        var points = new Vector2[68];
        var slack = (options.OutsideTolerance * 64) + 0.01f;
        for (var seed = 0; seed < 300; seed++)
        {
            augmenter.Apply(Face.Picture, Face.Landmarks, Face.Crop, new Random(seed), target, points);
            Assert.All(points, p => Assert.True(
                p.X >= -slack && p.Y >= -slack && p.X <= 63 + slack && p.Y <= 63 + slack, $"seed {seed}: {p}"));
        }
    }

    [Fact]
    public void PlainFacesKeepTheirProportions()
    {
        var augmenter = new Augmenter(new AugmentationOptions { PlainProbability = 1 }, LandmarkScheme.Ibug68, 128);
        var target = new Picture(128, 128);
        var points = new Vector2[68];
        for (var seed = 0; seed < 20; seed++)
        {
            augmenter.Apply(Face.Picture, Face.Landmarks, Face.Crop, new Random(seed), target, points);
            // Ratios of lengths in two directions: equal under a similarity (mirrored or not: the face is symmetric).
            var before = Vector2.Distance(Face.Landmarks[0], Face.Landmarks[16])
                / Vector2.Distance(Face.Landmarks[8], Face.Landmarks[27]);
            var after = Vector2.Distance(points[0], points[16]) / Vector2.Distance(points[8], points[27]);
            Assert.Equal(before, after, 1e-4f);
        }
    }

    [Fact]
    public void LandmarksOutsideTheCropFollowTheMesh()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var mesh = new WarpMesh(128, PointWarp.Random(random, 128, 12).At);
            for (var n = 0; n < 50; n++)
            {
                var source = new Vector2(random.Next(-60, 190), random.Next(-60, 190));
                var target = mesh.Target(source);
                var back = mesh.Source(target);
                Assert.True(Vector2.Distance(back, source) < 0.02f, $"seed {seed}: {source} came back as {back}");
            }
        }
    }

    private static (Vector2 Centre, float Mass) Centroid(Picture picture, Vector2 around, float reach)
    {
        var (sum, mass) = (Vector2.Zero, 0f);
        for (var y = 0; y < picture.Height; y++)
        {
            for (var x = 0; x < picture.Width; x++)
            {
                var p = new Vector2(x, y);
                if (Vector2.Distance(p, around) > reach)
                    continue;
                var pixel = picture.Row(y).Slice(3 * x, 3);
                float weight = pixel[0] + pixel[1] + pixel[2];
                (sum, mass) = (sum + (p * weight), mass + weight);
            }
        }
        return (mass > 0 ? sum / mass : Vector2.Zero, mass);
    }
}

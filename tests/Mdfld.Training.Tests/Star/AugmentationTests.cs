using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Mdfld.Training;

namespace Mdfld.Tests.Star;

/// <summary>The original's augmentation against golden section 7.</summary>
public sealed class AugmentationTests
{
    private static readonly GoldenTensors Golden = GoldenTensors.Open("augmentation.safetensors");
    private static readonly JsonElement Facts = StarGolden.Json("augmentation.json");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void GeometryMovesPictureAndPoints(int number)
    {
        var facts = Facts.GetProperty("geometry")[number];
        var face = FaceCrop.FromScale(
            (float)Number("crop_scale"), new Vector2((float)Number("center_w"), (float)Number("center_h")), factor: 1);
        var shift = facts.GetProperty("shift_fraction_xy");
        var matrix = new StarAugmenter(LandmarkScheme.Ibug68).Matrix(
            face, Number("angle_degrees"), Number("scale"), shift[0].GetDouble(), shift[1].GetDouble());

        Near.AssertWithin(1e-4, Golden.Floats($"geo{number}.matrix"), StarGolden.ToArray(matrix), "matrix");
        var points = Golden.Floats("points").Chunk(2).Select(p => matrix.Apply(new Vector2(p[0], p[1]))).ToArray();
        Near.AssertWithin(
            1e-3, Golden.Floats($"geo{number}.points"), MemoryMarshal.Cast<Vector2, float>(points), "points");

        var crop = StarGolden.CropPicture().Warp(matrix, 256, 256);
        Assert.Equal(Golden.Bytes($"geo{number}.image_every4"), Every4th(crop));

        double Number(string name) => facts.GetProperty(name).GetDouble();
    }

    [Theory]
    [InlineData("300W", 68)]
    [InlineData("WFLW", 98)]
    [InlineData("COFW", 29)]
    public void MirrorsExchangePointsAndMoveTheCentre(string name, int count)
    {
        var facts = Facts.GetProperty("flip").GetProperty(name);
        var face = new FaceCrop(
            new Vector2(facts.GetProperty("center_w_in").GetSingle(), facts.GetProperty("center_h").GetSingle()), 100);
        var points = MemoryMarshal.Cast<float, Vector2>(Golden.Floats($"flip.{name}.in"));
        var (mirrored, mirroredFace) = new StarAugmenter(LandmarkScheme.ForCount(count))
            .Mirror(points, face, facts.GetProperty("image_width").GetInt32());

        Near.AssertWithin(
            1e-3, Golden.Floats($"flip.{name}.out"), MemoryMarshal.Cast<Vector2, float>(mirrored), "points");
        Assert.Equal(facts.GetProperty("center_w_out").GetSingle(), mirroredFace.Centre.X);
        Assert.Equal(face.Centre.Y, mirroredFace.Centre.Y);
    }

    [Theory]
    [InlineData("occ")]
    [InlineData("occ_big")]
    [InlineData("blur2")]
    [InlineData("blur_max")]
    [InlineData("gamma_low")]
    [InlineData("gamma_high")]
    [InlineData("noise")]
    [InlineData("gray")]
    [InlineData("all")]
    [InlineData("none")]
    public void TexturesAreThoseOfTheOriginal(string name)
    {
        var facts = Facts.GetProperty("texture").EnumerateArray()
            .Single(t => t.GetProperty("name").GetString() == name);
        var draws = facts.GetProperty("random_numbers_in_order").EnumerateArray().Select(v => v.GetDouble()).ToArray();
        var random = new Script(draws, Exchanged(Golden.Bytes("texture.noise_bytes")));
        var crop = new Picture(64, 64, Exchanged(Golden.Bytes("texture.image")));
        switch (name)
        {
            case "occ" or "occ_big":
                StarTextures.Occlude(crop, random);
                break;
            case "blur2" or "blur_max":
                StarTextures.Blur(crop, random);
                break;
            case "gamma_low" or "gamma_high":
                StarTextures.Gamma(crop, random);
                break;
            case "noise":
                StarTextures.Noise(crop, random);
                break;
            case "gray":
                StarTextures.Grey(crop);
                break;
            default:
                StarTextures.Apply(crop, random);
                break;
        }

        Assert.Equal(Golden.Bytes($"texture.{name}"), Exchanged(crop.Data.ToArray()));
        Assert.Equal(0, random.Left);
    }

    [Fact]
    public void LandmarksStayOnTheirPixelsWhateverIsDrawn()
    {
        // A white dot at every landmark of a black picture must be found where the landmark went.
        var scheme = LandmarkScheme.Ibug68;
        var picture = new Picture(300, 300);
        var points = Enumerable.Range(0, 68)
            .Select(i => new Vector2(80 + (18 * (i % 9)), 80 + (18 * (i / 9)))).ToArray();
        foreach (var p in points)
        {
            for (var d = 0; d < 9; d++)
                picture.Row((int)p.Y - 1 + (d / 3)).Slice(((int)p.X - 1 + (d % 3)) * 3, 3).Fill(255);
        }

        var augmenter = new StarAugmenter(scheme);
        var crop = new Picture(256, 256);
        var moved = new Vector2[68];
        var seen = 0;
        for (var seed = 0; seed < 20; seed++)
        {
            // One draw for the mirror, eight for the geometry; then nothing happens to the pixels.
            var face = new FaceCrop(new Vector2(150, 150), 200);
            augmenter.Apply(picture, points, face, new GeometryOnly(seed), crop, moved);
            foreach (var p in moved)
            {
                var (x, y) = ((int)MathF.Round(p.X), (int)MathF.Round(p.Y));
                if (x is < 1 or > 254 || y is < 1 or > 254)
                    continue;
                Assert.True(crop.Row(y)[x * 3] > 127, $"seed {seed}: nothing at {p}");
                seen++;
            }
        }

        Assert.True(seen > 600);
    }

    /// <summary>Every 4th pixel from 2 on, both ways, B, G, R.</summary>
    private static byte[] Every4th(Picture crop)
    {
        var bytes = new List<byte>();
        for (var y = 2; y < 256; y += 4)
        {
            for (var x = 2; x < 256; x += 4)
                bytes.AddRange([crop.Row(y)[(x * 3) + 2], crop.Row(y)[(x * 3) + 1], crop.Row(y)[x * 3]]);
        }

        return [.. bytes];
    }

    /// <summary>R, G, B from B, G, R and back.</summary>
    private static byte[] Exchanged(byte[] pixels) =>
        [.. pixels.Chunk(3).SelectMany(p => new[] { p[2], p[1], p[0] })];

    /// <summary>Gives prescribed numbers.</summary>
    private sealed class Script(double[] draws, byte[] noise) : Random
    {
        private int _next;

        public int Left => draws.Length - _next;

        public override double NextDouble() => draws[_next++];

        public override void NextBytes(byte[] buffer) => noise.CopyTo(buffer, 0);
    }

    /// <summary>Nine random numbers, then only ones that let no texture happen.</summary>
    private sealed class GeometryOnly(int seed) : Random
    {
        private readonly Random _random = new(seed);
        private int _count;

        public override double NextDouble() => _count++ < 9 ? _random.NextDouble() : 0.999;
    }
}

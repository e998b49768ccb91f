using System.Numerics;
using System.Text.Json;
using Mdfld.Training.Augmentation;

namespace Mdfld.Tests.Augmentation;

/// <summary>STAR's own augmentation against golden section 7: matrices 1e-4, points 1e-3, bytes equal.</summary>
public sealed class OriginalAugmentationTests
{
    private static readonly GoldenTensors Golden = GoldenTensors.Open("augmentation.safetensors");
    private static readonly JsonElement Facts = JsonDocument.Parse(File.ReadAllText(TestFiles.Golden("augmentation.json"))).RootElement;

    public static TheoryData<int> Geometries => [.. Enumerable.Range(0, 4)];

    public static TheoryData<string> Schemes => ["300W", "WFLW", "COFW"];

    public static TheoryData<string> Textures =>
        [.. Facts.GetProperty("texture").EnumerateArray().Select(t => t.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Geometries))]
    public void GeometryIsTheOriginals(int number)
    {
        var facts = Facts.GetProperty("geometry")[number];
        double Number(string name) => facts.GetProperty(name).GetDouble();
        var (angle, factor) = (Number("angle_degrees"), Number("scale"));
        var shift = facts.GetProperty("shift_fraction_xy");
        var (shiftX, shiftY) = (shift[0].GetDouble(), shift[1].GetDouble());
        var centre = new Vector2((float)Number("center_w"), (float)Number("center_h"));
        var crop = FaceCrop.FromScale((float)Number("crop_scale"), centre, 1);

        AssertMatrix($"geo{number}.matrix_geometry", OriginalAugmentation.Geometry(angle, factor, shiftX, shiftY, 256));
        AssertMatrix($"geo{number}.matrix_crop", crop.ToCrop(256));
        var total = OriginalAugmentation.Total(crop, angle, factor, shiftX, shiftY, 256);
        AssertMatrix($"geo{number}.matrix", total);

        var points = Golden.Floats("points");
        var expected = Golden.Floats($"geo{number}.points");
        for (var i = 0; i < points.Length; i += 2)
        {
            var p = total.Apply(new Vector2(points[i], points[i + 1]));
            Assert.Equal(expected[i], p.X, 1e-3f);
            Assert.Equal(expected[i + 1], p.Y, 1e-3f);
        }

        var source = FromBlueGreenRed(200, 160, GoldenTensors.Open("crop.safetensors").Bytes("image_hwc_bgr"));
        var warped = Warp.Apply(source, total, 256, 256);
        Assert.Equal(facts.GetProperty("image_sum").GetInt64(), Sum(warped));
        var every4 = FromBlueGreenRed(64, 64, Golden.Bytes($"geo{number}.image_every4"));
        for (var y = 0; y < 64; y++)
        {
            for (var x = 0; x < 64; x++)
                Assert.True(every4.Row(y).Slice(3 * x, 3).SequenceEqual(warped.Row(2 + (4 * y)).Slice(3 * (2 + (4 * x)), 3)), $"{x}, {y}");
        }
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void MirrorIsTheOriginals(string name)
    {
        var facts = Facts.GetProperty("flip").GetProperty(name);
        var points = Points(Golden.Floats($"flip.{name}.in"));
        var expected = Points(Golden.Floats($"flip.{name}.out"));
        var scheme = LandmarkScheme.ForCount(points.Length);
        var width = facts.GetProperty("image_width").GetInt32();
        OriginalAugmentation.Flip(points, scheme, width);
        for (var i = 0; i < points.Length; i++)
            Assert.True(Vector2.Distance(points[i], expected[i]) < 1e-3f, $"landmark {i}: {points[i]}, expected {expected[i]}");
        var centre = OriginalAugmentation.Flip(new Vector2(facts.GetProperty("center_w_in").GetSingle(), 77.5f), scheme, width);
        Assert.Equal(new Vector2(facts.GetProperty("center_w_out").GetSingle(), 77.5f), centre);
    }

    [Theory]
    [MemberData(nameof(Textures))]
    public void TexturesAreTheOriginalsToTheByte(string name)
    {
        var facts = Facts.GetProperty("texture").EnumerateArray().Single(t => t.GetProperty("name").GetString() == name);
        var draws = facts.GetProperty("random_numbers_in_order").EnumerateArray().Select(v => v.GetDouble()).ToArray();
        var random = new Script(draws, FromBlueGreenRed(64, 64, Golden.Bytes("texture.noise_bytes")).Data.ToArray());
        var picture = FromBlueGreenRed(64, 64, Golden.Bytes("texture.image"));
        switch (name)
        {
            case "occ" or "occ_big":
                OriginalTextures.Occlude(picture, random);
                break;
            case "blur2" or "blur_max":
                OriginalTextures.Blur(picture, random);
                break;
            case "gamma_low" or "gamma_high":
                OriginalTextures.Gamma(picture, random);
                break;
            case "noise":
                OriginalTextures.Noise(picture, random);
                break;
            case "gray":
                OriginalTextures.Grey(picture);
                break;
            default:
                OriginalTextures.Apply(picture, random);
                break;
        }
        Assert.Equal(FromBlueGreenRed(64, 64, Golden.Bytes($"texture.{name}")).Data.ToArray(), picture.Data.ToArray());
        Assert.Equal(facts.GetProperty("sum").GetInt64(), Sum(picture));
        Assert.Equal(0, random.Left);
    }

    [Fact]
    public void WholeSampleMovesLandmarksWithThePicture()
    {
        var face = new SyntheticFace();
        var augmentation = new OriginalAugmentation(LandmarkScheme.Ibug68);
        var target = new Image(256, 256);
        var points = new Vector2[68];
        // No flip, no texture; normal draws by Box and Muller: u2 = 0.25 makes each of them zero.
        var draws = new[] { 0.6, 0.5, 0.25, 0.5, 0.25, 0.5, 0.25, 0.5, 0.25, 0.9, 0.9, 0.9, 0.9, 0.9 };
        var random = new Script(draws, []);
        augmentation.Apply(face.Picture, face.Landmarks, face.Crop, random, target, points);
        Assert.Equal(0, random.Left);
        var plain = face.Crop.ToCrop(256);
        for (var i = 0; i < 68; i++)
            Assert.True(Vector2.Distance(plain.Apply(face.Landmarks[i]), points[i]) < 1e-3f);
        var unturned = target.Data.ToArray();

        draws[0] = 0.4;
        var mirrored = new Vector2[68];
        augmentation.Apply(face.Picture, face.Landmarks, face.Crop, new Script(draws, []), target, mirrored);
        // The face is symmetric: mirrored landmarks lie where the plain ones did, left red discs where right blue ones were.
        for (var i = 0; i < 68; i++)
            Assert.True(Vector2.Distance(points[i], mirrored[i]) < 0.01f, $"{i}: {points[i]} {mirrored[i]}");
        var eye = 3 * (((int)MathF.Round(points[36].Y) * 256) + (int)MathF.Round(points[36].X));
        Assert.True(unturned[eye] > 200 && unturned[eye + 2] < 50 && target.Data[eye] < 50 && target.Data[eye + 2] > 200);
    }

    private static void AssertMatrix(string name, Homography m)
    {
        var expected = Golden.Floats(name);
        double[] found = [m.M11, m.M12, m.M13, m.M21, m.M22, m.M23, m.M31, m.M32, m.M33];
        for (var i = 0; i < 9; i++)
            Assert.Equal(expected[i], found[i], 1e-4);
    }

    private static Image FromBlueGreenRed(int width, int height, byte[] bytes)
    {
        var picture = new Image(width, height);
        for (var i = 0; i < bytes.Length; i += 3)
            (picture.Data[i], picture.Data[i + 1], picture.Data[i + 2]) = (bytes[i + 2], bytes[i + 1], bytes[i]);
        return picture;
    }

    private static Vector2[] Points(float[] values) =>
        [.. values.Chunk(2).Select(pair => new Vector2(pair[0], pair[1]))];

    private static long Sum(Image picture)
    {
        var sum = 0L;
        foreach (var v in picture.Data)
            sum += v;
        return sum;
    }

    /// <summary>Draws what it is told.</summary>
    private sealed class Script(double[] draws, byte[] bytes) : Random
    {
        private int _next;

        public int Left => draws.Length - _next;

        public override double NextDouble() => draws[_next++];

        public override void NextBytes(byte[] buffer) => bytes.CopyTo(buffer, 0);

        public override void NextBytes(Span<byte> buffer) => bytes.CopyTo(buffer);
    }
}

using System.Numerics;
using Mdfld.Training.Augment;

namespace Mdfld.Training;

/// <summary>
/// The variants of a face that STAR trains on: mirrored half of the time, always turned, scaled and shifted a
/// little (unbounded normal draws), then <see cref="StarTextures"/>. No landmark is kept inside the crop.
/// </summary>
/// <remarks>
/// The rules are the original's; its draws came from three generators, here they come from one. Any number of threads
/// may share an augmenter.
/// </remarks>
/// <param name="scheme">Which points change places in a mirror.</param>
internal sealed class StarAugmenter(LandmarkScheme scheme, int size = StarOptions.CropSize)
{
    private const double MirrorRate = 0.5;
    private const double ShiftSpread = 0.05;
    private const double AngleSpread = 18;
    private const double ScaleSpread = 0.1;

    /// <summary>Draws one variant of a face.</summary>
    /// <param name="landmarks">Points of the scheme, pixels of the picture.</param>
    /// <param name="face">The square of the crop; STAR's own factor is 1.</param>
    /// <param name="target">Receives the crop, size x size.</param>
    /// <param name="targetLandmarks">Receives the points, pixels of the crop.</param>
    /// <returns>Never restyled: STAR's changes of colour and blur leave a photo one.</returns>
    /// <exception cref="ArgumentException">Points or target have another number or size than expected.</exception>
    public FaceChanges Apply(
        Picture picture,
        IReadOnlyList<Vector2> landmarks,
        FaceCrop face,
        Random random,
        Picture target,
        Span<Vector2> targetLandmarks)
    {
        if (landmarks.Count != scheme.Count || targetLandmarks.Length != scheme.Count)
        {
            throw new ArgumentException(
                $"expected {scheme.Count} landmarks, found {landmarks.Count} and room for {targetLandmarks.Length}");
        }
        if (target.Width != size || target.Height != size)
            throw new ArgumentException(
                $"expected a target of {size} x {size}, found {target.Width} x {target.Height}");

        Vector2[] points = [.. landmarks];
        var picturePixels = Homography.Identity;
        var isMirrored = random.NextDouble() < MirrorRate;
        if (isMirrored)
        {
            (points, face) = Mirror(points, face, picture.Width);
            picturePixels = Homography.Mirror(picture.Width);
        }

        var (shiftX, shiftY) = (ShiftSpread * Normal(random), ShiftSpread * Normal(random));
        var angle = AngleSpread * Normal(random);
        var matrix = Matrix(face, angle, 1 + (ScaleSpread * Normal(random)), shiftX, shiftY);
        picture.WarpInto(matrix * picturePixels, target);
        for (var i = 0; i < points.Length; i++)
            targetLandmarks[i] = matrix.Apply(points[i]);
        StarTextures.Apply(target, random);
        return isMirrored ? FaceChanges.Mirrored : 0;
    }

    /// <summary>
    /// The mirrored face. Points and centre move by the scheme's offset (for COFW one pixel more than the
    /// picture moves, as in the original).
    /// </summary>
    internal (Vector2[] Points, FaceCrop Face) Mirror(ReadOnlySpan<Vector2> points, FaceCrop face, int width)
    {
        var centre = new Vector2(width - face.Centre.X + scheme.MirrorOffset, face.Centre.Y);
        return (scheme.Mirror(points, width), face with { Centre = centre });
    }

    /// <summary>
    /// Crop, then turn and scale about its middle, then shift. Multiplied in single precision with fused steps, as the
    /// original's library does it: only then are the pictures the same to the byte.
    /// </summary>
    /// <param name="angle">Degrees, clockwise as seen.</param>
    /// <param name="shiftX">Share of the crop's side less one pixel, to the right.</param>
    /// <param name="shiftY">The same, downwards.</param>
    internal Homography Matrix(FaceCrop face, double angle, double scale, double shiftX, double shiftY)
    {
        var g = Homography.Translation(shiftX * (size - 1), shiftY * (size - 1))
            * Homography.Rotation(angle * Math.PI / 180, scale, new Vector2((size - 1) / 2f));
        var c = face.ToCrop(size);
        return Homography.Affine(
            Sum(g.M11, c.M11, g.M12, c.M21),
            Sum(g.M11, c.M12, g.M12, c.M22),
            Sum(g.M11, c.M13, g.M12, c.M23) + (float)g.M13,
            Sum(g.M21, c.M11, g.M22, c.M21),
            Sum(g.M21, c.M12, g.M22, c.M22),
            Sum(g.M21, c.M13, g.M22, c.M23) + (float)g.M23);

        static float Sum(double a, double b, double c, double d) =>
            MathF.FusedMultiplyAdd((float)c, (float)d, (float)a * (float)b);
    }

    /// <summary>Standard normal (Box and Muller 1958), unbounded.</summary>
    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());
}

/// <summary>
/// What STAR's training does to the pixels of a crop, byte for byte and draw for draw: a black rectangle, blur, gamma,
/// noise, grey, each by chance, in this order.
/// </summary>
internal static class StarTextures
{
    private const double OcclusionRate = 0.4;
    private const double BlurRate = 0.3;
    private const double GammaRate = 0.2;
    private const double NoiseRate = 0.2;
    private const double GreyRate = 0.2;

    /// <summary>Draws for each effect whether it happens; an effect's own draws follow its first one.</summary>
    public static void Apply(Picture crop, Random random)
    {
        if (random.NextDouble() < OcclusionRate)
            Occlude(crop, random);
        if (random.NextDouble() < BlurRate)
            Blur(crop, random);
        if (random.NextDouble() < GammaRate)
            Gamma(crop, random);
        if (random.NextDouble() < NoiseRate)
            Noise(crop, random);
        if (random.NextDouble() < GreyRate)
            Grey(crop);
    }

    /// <summary>A black rectangle of up to 40 % of the height and 50 % of the width.</summary>
    public static void Occlude(Picture crop, Random random)
    {
        var relativeHeight = 0.2 + (0.6 * random.NextDouble());
        var relativeWidth = relativeHeight - 0.2 + (0.4 * random.NextDouble());
        var (left, right) = Range(
            (int)((crop.Width - 1) * random.NextDouble()), (int)(crop.Width / 2 * relativeWidth), crop.Width);
        var (top, bottom) = Range(
            (int)((crop.Height - 1) * random.NextDouble()), (int)(crop.Height / 2 * relativeHeight), crop.Height);
        for (var y = top; y <= bottom; y++)
            crop.Row(y)[(left * Picture.Channels)..((right + 1) * Picture.Channels)].Clear();

        static (int First, int Last) Range(int centre, int length, int limit) =>
            (Math.Max(centre - (length / 2), 0), Math.Min(centre + (length / 2), limit - 1));
    }

    /// <summary>A box filter of up to 5 % of the width; borders are mirrored, the outermost pixel once.</summary>
    public static void Blur(Picture crop, Random random)
    {
        var kernel = (int)(crop.Width * 0.05 * random.NextDouble());
        if (kernel < 2)
            return;

        var (width, height) = (crop.Width, crop.Height);
        var rows = new int[width * height * Picture.Channels];
        for (var y = 0; y < height; y++)
        {
            var row = crop.Row(y);
            for (var i = 0; i < row.Length; i++)
            {
                var (x, c) = (i / Picture.Channels, i % Picture.Channels);
                for (var k = 0; k < kernel; k++)
                    rows[(y * row.Length) + i] += row[(Mirrored(x - (kernel / 2) + k, width) * Picture.Channels) + c];
            }
        }

        var mean = new BoxMean(kernel * kernel);
        for (var y = 0; y < height; y++)
        {
            var row = crop.Row(y);
            for (var i = 0; i < row.Length; i++)
            {
                var sum = 0;
                for (var k = 0; k < kernel; k++)
                    sum += rows[(Mirrored(y - (kernel / 2) + k, height) * row.Length) + i];
                row[i] = mean.Of(sum);
            }
        }

        static int Mirrored(int i, int n) => i < 0 ? -i : i >= n ? (2 * (n - 1)) - i : i;
    }

    /// <summary>255 (v / 255)^gamma, rounded down; gamma is 0.25 to 1 or 1 to 4, equally often.</summary>
    public static void Gamma(Picture crop, Random random)
    {
        var gamma = random.NextDouble() < 0.5 ? 0.25 + (0.75 * random.NextDouble()) : 1 + (3 * random.NextDouble());
        Span<byte> table = stackalloc byte[256];
        for (var v = 0; v < table.Length; v++)
            table[v] = (byte)(255 * Math.Pow(v / 255.0, gamma));
        foreach (ref var v in crop.Data)
            v = table[v];
    }

    /// <summary>A mixture with uniform noise of up to a half, rounded down.</summary>
    public static void Noise(Picture crop, Random random)
    {
        var share = 0.5 * random.NextDouble();
        var data = crop.Data;
        var noise = new byte[data.Length];
        random.NextBytes(noise);
        for (var i = 0; i < data.Length; i++)
            data[i] = (byte)(((1 - share) * data[i]) + (share * noise[i]));
    }

    /// <summary>Grey with the weights of red and blue exchanged: the original takes B, G, R for R, G, B.</summary>
    public static void Grey(Picture crop)
    {
        var data = crop.Data;
        for (var i = 0; i < data.Length; i += Picture.Channels)
        {
            var (red, green, blue) = (data[i], data[i + 1], data[i + 2]);
            data.Slice(i, Picture.Channels).Fill((byte)(((9798 * blue) + (19235 * green) + (3735 * red) + 16384) >> 15));
        }
    }

    /// <summary>Division of a sum by a constant in fixed point, with the rounding of OpenCV's box filter.</summary>
    private readonly struct BoxMean
    {
        private const int Bits = 23;

        private readonly long _factor;
        private readonly long _offset;

        public BoxMean(int count)
        {
            var exact = (double)(1 << Bits) / count;
            var below = (long)exact;
            (_factor, _offset) = exact - below < 0.5 ? (below, (count / 2) + 1) : (below + 1, count / 2);
        }

        public byte Of(int sum) => (byte)(((sum + _offset) * _factor) >> Bits);
    }
}

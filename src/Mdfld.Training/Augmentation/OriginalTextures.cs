namespace Mdfld.Training.Augmentation;

/// <summary>
/// STAR's five textures, each by its own draw and in this order; the sizes grow with the picture. Draws are consumed one
/// after the other, first whether, then how.
/// </summary>
internal static class OriginalTextures
{
    private const int Red = 0;
    private const int Green = 1;
    private const int Blue = 2;

    public static void Apply(Image picture, Random random)
    {
        if (random.NextDouble() < 0.4)
            Occlude(picture, random);
        if (random.NextDouble() < 0.3)
            Blur(picture, random);
        if (random.NextDouble() < 0.2)
            Gamma(picture, random);
        if (random.NextDouble() < 0.2)
            Noise(picture, random);
        if (random.NextDouble() < 0.2)
            Grey(picture);
    }

    /// <summary>A black rectangle.</summary>
    public static void Occlude(Image picture, Random random)
    {
        var height = 0.2 + (0.6 * random.NextDouble());
        var width = height - 0.2 + (0.4 * random.NextDouble());
        var x = (int)((picture.Width - 1) * random.NextDouble());
        var y = (int)((picture.Height - 1) * random.NextDouble());
        var (halfHeight, halfWidth) = ((int)(picture.Height / 2 * height) / 2, (int)(picture.Width / 2 * width) / 2);
        var left = Math.Max(0, x - halfWidth) * Image.Channels;
        var right = Math.Min(picture.Width, x + halfWidth + 1) * Image.Channels;
        for (var row = Math.Max(0, y - halfHeight); row < Math.Min(picture.Height, y + halfHeight + 1); row++)
            picture.Row(row)[left..right].Clear();
    }

    /// <summary>A box filter; borders are mirrored without repeating the last pixel, means rounded as OpenCV's integers do.</summary>
    public static void Blur(Image picture, Random random)
    {
        var side = (int)(picture.Width * 0.05 * random.NextDouble());
        if (side < 2)
            return;
        var source = picture.Clone();
        var sums = new int[picture.Width * Image.Channels];
        var area = side * side;
        var inverse = (double)(1 << 23) / area;
        var up = inverse - Math.Floor(inverse) >= 0.5;
        var factor = (long)inverse + (up ? 1 : 0);
        var bias = (area / 2) + (up ? 0 : 1);
        for (var y = 0; y < picture.Height; y++)
        {
            Array.Clear(sums);
            for (var k = 0; k < side; k++)
            {
                var row = source.Row(Mirror(y - (side / 2) + k, picture.Height));
                for (var i = 0; i < row.Length; i++)
                    sums[i] += row[i];
            }
            var output = picture.Row(y);
            for (var x = 0; x < picture.Width; x++)
            {
                for (var c = 0; c < Image.Channels; c++)
                {
                    var sum = 0L;
                    for (var k = 0; k < side; k++)
                        sum += sums[(Mirror(x - (side / 2) + k, picture.Width) * Image.Channels) + c];
                    output[(x * Image.Channels) + c] = (byte)(((sum + bias) * factor) >> 23);
                }
            }
        }
    }

    public static void Gamma(Image picture, Random random)
    {
        var darker = random.NextDouble() >= 0.5;
        var draw = random.NextDouble();
        var gamma = darker ? 1 + (3 * draw) : 0.25 + (0.75 * draw);
        Span<byte> table = stackalloc byte[256];
        for (var v = 0; v < table.Length; v++)
            table[v] = (byte)(255 * Math.Pow(v / 255.0, gamma));
        foreach (ref var v in picture.Data)
            v = table[v];
    }

    /// <summary>A random byte for every value, mixed in by up to a half.</summary>
    public static void Noise(Image picture, Random random)
    {
        var alpha = 0.5 * random.NextDouble();
        var data = picture.Data;
        var noise = new byte[data.Length];
        random.NextBytes(noise);
        for (var i = 0; i < data.Length; i++)
            data[i] = (byte)(((1 - alpha) * data[i]) + (alpha * noise[i]));
    }

    /// <summary>Luma with the weights of red and blue exchanged, as the original's slip has it.</summary>
    public static void Grey(Image picture)
    {
        var data = picture.Data;
        for (var i = 0; i < data.Length; i += Image.Channels)
        {
            var grey = ((9798 * data[i + Blue]) + (19235 * data[i + Green]) + (3735 * data[i + Red]) + 16384) >> 15;
            data.Slice(i, Image.Channels).Fill((byte)grey);
        }
    }

    private static int Mirror(int i, int count)
    {
        if (count == 1)
            return 0;
        var period = 2 * (count - 1);
        var m = ((i % period) + period) % period;
        return m < count ? m : period - m;
    }
}

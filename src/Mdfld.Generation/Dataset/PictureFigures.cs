namespace Mdfld.Generation.Dataset;

/// <summary>Edge energy and mean chroma of a picture.</summary>
internal static class PictureFigures
{
    private const double Range = 255;

    /// <summary>Mean squared difference of neighbours, across and down, the range as 1.</summary>
    public static double EdgeEnergy(Picture picture)
    {
        var (across, down) = (0L, 0L);
        for (var y = 0; y < picture.Height; y++)
        {
            var row = picture.Row(y);
            for (var i = 3; i < row.Length; i++)
                across += (row[i] - row[i - 3]) * (row[i] - row[i - 3]);
            if (y == 0)
                continue;
            var above = picture.Row(y - 1);
            for (var i = 0; i < row.Length; i++)
                down += (row[i] - above[i]) * (row[i] - above[i]);
        }
        double width = picture.Width, height = picture.Height;
        return ((across / (3 * (width - 1) * height)) + (down / (3 * width * (height - 1)))) / (Range * Range);
    }

    /// <summary>Mean |Cb| and |Cr| of JFIF, as a share of the range.</summary>
    public static double Chroma(Picture picture)
    {
        var sum = 0.0;
        var data = picture.Data;
        for (var i = 0; i < data.Length; i += 3)
        {
            var (r, g, b) = (data[i], data[i + 1], data[i + 2]);
            sum += Math.Abs((-0.168736 * r) - (0.331264 * g) + (0.5 * b))
                + Math.Abs((0.5 * r) - (0.418688 * g) - (0.081312 * b));
        }
        return sum / (2.0 / 3 * data.Length) / Range;
    }
}

namespace Mdfld.Generation;

/// <summary>How much of pictures an autoencoder gives back.</summary>
/// <param name="Error">Mean absolute error as a share of the range.</param>
/// <param name="Psnr">Mean peak signal-to-noise ratio, dB.</param>
/// <param name="Edges">
/// Edge energy (mean squared difference of neighbours across, and down) given back / original, of all pictures together.
/// </param>
/// <param name="MedianEdges">The median of that of each picture.</param>
/// <param name="Colour">Mean |Cb| and |Cr| given back / original, of the pictures that have colour; NaN: none has.</param>
public sealed record ReconstructionFigures(double Error, double Psnr, double Edges, double MedianEdges, double Colour)
{
    // Mean |Cb| and |Cr| from which on a picture has colour to lose, as a share of the range.
    private const double Coloured = 0.02;

    private const double Range = 255;

    /// <summary>Compares pictures with what came back, in the same order and of the same sizes.</summary>
    public static ReconstructionFigures Of(IReadOnlyList<Picture> originals, IReadOnlyList<Picture> reconstructions)
    {
        var pairs = originals.Zip(reconstructions).Select(p =>
        {
            var (sum, squares) = (0L, 0L);
            for (var i = 0; i < p.First.Data.Length; i++)
            {
                var d = p.First.Data[i] - p.Second.Data[i];
                (sum, squares) = (sum + Math.Abs(d), squares + (d * d));
            }
            double count = p.First.Data.Length;
            return (
                Error: sum / count / Range, Psnr: -10 * Math.Log10(squares / count / (Range * Range)),
                Edges: (Of: EdgeEnergy(p.First), Kept: EdgeEnergy(p.Second)),
                Colour: (Of: Chroma(p.First), Kept: Chroma(p.Second)));
        }).ToArray();
        var coloured = pairs.Where(p => p.Colour.Of > Coloured).ToArray();
        var kept = pairs.Select(p => p.Edges.Kept / p.Edges.Of).Order().ToArray();
        return new(
            pairs.Average(p => p.Error), pairs.Average(p => p.Psnr),
            pairs.Sum(p => p.Edges.Kept) / pairs.Sum(p => p.Edges.Of),
            (kept[kept.Length / 2] + kept[(kept.Length - 1) / 2]) / 2,
            coloured.Length == 0 ? double.NaN : coloured.Sum(p => p.Colour.Kept) / coloured.Sum(p => p.Colour.Of));
    }

    /// <summary>Mean squared difference of neighbours, across and down, the range as 1.</summary>
    internal static double EdgeEnergy(Picture picture)
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
    internal static double Chroma(Picture picture)
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

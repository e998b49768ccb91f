using Mdfld.Generation.Dataset;

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
                Edges: (Of: PictureFigures.EdgeEnergy(p.First), Kept: PictureFigures.EdgeEnergy(p.Second)),
                Colour: (Of: PictureFigures.Chroma(p.First), Kept: PictureFigures.Chroma(p.Second)));
        }).ToArray();
        var coloured = pairs.Where(p => p.Colour.Of > Coloured).ToArray();
        var kept = pairs.Select(p => p.Edges.Kept / p.Edges.Of).Order().ToArray();
        return new(
            pairs.Average(p => p.Error), pairs.Average(p => p.Psnr),
            pairs.Sum(p => p.Edges.Kept) / pairs.Sum(p => p.Edges.Of),
            (kept[kept.Length / 2] + kept[(kept.Length - 1) / 2]) / 2,
            coloured.Length == 0 ? double.NaN : coloured.Sum(p => p.Colour.Kept) / coloured.Sum(p => p.Colour.Of));
    }
}

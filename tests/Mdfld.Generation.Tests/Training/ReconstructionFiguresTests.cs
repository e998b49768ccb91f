using Mdfld.Generation;

namespace Mdfld.Tests.Generation.Training;

/// <summary>The figures of an autoencoder, by hand; <c>bench/run.sh autoencoders</c> gives those of the teachers.</summary>
public sealed class ReconstructionFiguresTests
{
    [Fact]
    public void TheyAreAsDefined()
    {
        // Columns of 0 and 100 across, red; of half the height given back: a quarter of the energy, half of the colour.
        var (stripes, faint) = (Stripes(100), Stripes(50));

        var figures = ReconstructionFigures.Of([stripes, Stripes(200)], [faint, Stripes(200)]);

        Assert.Equal(50 / 255.0 / 6 / 2, figures.Error, 1e-9);
        Assert.Equal((0.25 * 1 + 4) / (1 + 4), figures.Edges, 1e-9);
        Assert.Equal((0.25 + 1) / 2, figures.MedianEdges, 1e-9);
        Assert.Equal((0.5 + 2) / (1 + 2), figures.Colour, 1e-9);
        Assert.Equal(
            -10 * Math.Log10(50 * 50 / 6.0 / (255 * 255)), ReconstructionFigures.Of([stripes], [faint]).Psnr, 1e-9);
    }

    [Fact]
    public void GreyPicturesHaveNoColourToKeep()
    {
        var grey = new Picture(4, 4);
        grey.Data.Fill(90);

        Assert.True(double.IsNaN(ReconstructionFigures.Of([grey], [grey]).Colour));
        Assert.Equal(0.5, ReconstructionFigures.Of([grey, Stripes(100)], [grey, Stripes(50)]).Colour, 1e-9);
    }

    private static Picture Stripes(byte red)
    {
        var picture = new Picture(8, 4);
        for (var i = 0; i < picture.Data.Length; i += 6)
            picture.Data[i] = red;
        return picture;
    }
}

using Mdfld.Generation;

namespace Mdfld.Tests.Generation;

public sealed class SeededNoiseTests
{
    private static readonly int[] KnownBits =
    [
        1064990990, -1090347497, -1115165624, 1067676849, 1069192795, -1095691014, -1112063925, 1065644638, 1060443180,
        -1081683255, 1050050053,
    ];

    /// <summary>The known answers of Random123, the generator's own library.</summary>
    [Theory]
    [InlineData(0UL, 0UL, 0UL, new uint[] { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 })]
    [InlineData(
        ulong.MaxValue, ulong.MaxValue, ulong.MaxValue,
        new uint[] { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd })]
    [InlineData(
        0x299f31d0a4093822UL, 0x85a308d3243f6a88UL, 0x0370734413198a2eUL,
        new uint[] { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 })]
    public void BitsArePhiloxs(ulong seed, ulong place, ulong stream, uint[] expected)
    {
        var block = new uint[4];
        new SeededNoise(seed).Block(place, stream, block);
        Assert.Equal(expected, block);
    }

    [Fact]
    public void NumbersAreNormal()
    {
        const int Count = 200_000;
        var numbers = Draw(7, 0, Count);
        double Moment(int n) => numbers.Average(v => Math.Pow(v, n));

        // Each within five standard errors.
        Assert.Equal(0, Moment(1), 5 * Math.Sqrt(1.0 / Count));
        Assert.Equal(1, Moment(2), 5 * Math.Sqrt(2.0 / Count));
        Assert.Equal(0, Moment(3), 5 * Math.Sqrt(15.0 / Count));
        Assert.Equal(3, Moment(4), 5 * Math.Sqrt(96.0 / Count));
        Assert.Equal(0.6826895, numbers.Count(v => Math.Abs(v) < 1) / (double)Count, 0.006);
        Assert.Equal(0.0026998, numbers.Count(v => Math.Abs(v) > 3) / (double)Count, 0.0006);
    }

    [Fact]
    public void NeighboursStreamsAndSeedsAreIndependent()
    {
        const int Count = 50_000;
        var numbers = Draw(7, 0, Count);
        Assert.Equal(0, Correlation(numbers, numbers[1..]), 0.025);
        Assert.Equal(0, Correlation(numbers, numbers[2..]), 0.025);
        Assert.Equal(0, Correlation(numbers, Draw(7, 1, Count)), 0.025);
        Assert.Equal(0, Correlation(numbers, Draw(8, 0, Count)), 0.025);
        Assert.Equal(0, Correlation(numbers, Draw(7UL << 32, 0, Count)), 0.025);

        static double Correlation(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Average();
    }

    /// <summary>
    /// Whatever is generated from a seed depends on these: they may never change. They agree with Math.Log, Math.Sin
    /// and Math.Cos.
    /// </summary>
    [Fact]
    public void NumbersStayWhatTheyAre()
    {
        var numbers = Draw(1234, 2, 11);
        var bits = new uint[4];
        for (var i = 0; i < 8; i += 2)
        {
            new SeededNoise(1234).Block((ulong)(i / 4), 2, bits);
            var (a, b) = ((bits[i % 4] + 0.5) / 4294967296, (bits[(i % 4) + 1] + 0.5) / 4294967296);
            var radius = Math.Sqrt(-2 * Math.Log(a));
            Assert.Equal(radius * Math.Cos(Math.Tau * b), numbers[i], 1e-6);
            Assert.Equal(radius * Math.Sin(Math.Tau * b), numbers[i + 1], 1e-6);
        }
        Assert.Equal(numbers[..5], Draw(1234, 2, 5));
        Assert.Equal(KnownBits, Array.ConvertAll(numbers, BitConverter.SingleToInt32Bits));
    }


    private static float[] Draw(ulong seed, uint stream, int count)
    {
        var numbers = new float[count];
        new SeededNoise(seed).Fill(numbers, stream);
        return numbers;
    }
}

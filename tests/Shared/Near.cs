namespace Mdfld.Tests.Star;

/// <summary>Distances between a golden array and what was computed. NaN is infinitely far away.</summary>
internal static class Near
{
    /// <summary>Largest absolute difference.</summary>
    public static double MaxError(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var worst = 0.0;
        for (var i = 0; i < expected.Length; i++)
        {
            var error = Math.Abs((double)expected[i] - actual[i]);
            worst = double.IsNaN(error) ? double.PositiveInfinity : Math.Max(worst, error);
        }

        return worst;
    }

    /// <summary>|actual - expected| / |expected| in the Euclidean norm.</summary>
    public static double RelativeL2(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var (difference, norm) = (0.0, 0.0);
        for (var i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow((double)actual[i] - expected[i], 2);
            norm += Math.Pow(expected[i], 2);
        }

        return double.IsNaN(difference) ? double.PositiveInfinity : Math.Sqrt(difference / norm);
    }

    public static void AssertWithin(
        double tolerance, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what)
    {
        var error = MaxError(expected, actual);
        Assert.True(error <= tolerance, $"{what}: {error:g3} away, allowed {tolerance:g3}");
    }

    /// <summary>Two rasterisers of thick lines: mean error 5e-4, largest 0.2 (golden README, section 5).</summary>
    public static void AssertEdgeMaps(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        AssertWithin(0.2, expected, actual, "edge maps");
        var sum = 0.0;
        for (var i = 0; i < expected.Length; i++)
            sum += Math.Abs(expected[i] - actual[i]);
        Assert.True(sum / expected.Length <= 5e-4, $"edge maps differ by {sum / expected.Length:g3} on average");
    }
}

namespace Mdfld.Diffusion.Sampling;

/// <summary>Sums of latents with coefficients, in double precision: what samplers are made of.</summary>
internal static class Floats
{
    /// <summary>result = a x + b y; the result may be x or y.</summary>
    public static void Sum(double a, ReadOnlySpan<float> x, double b, ReadOnlySpan<float> y, Span<float> result)
    {
        if (x.Length != result.Length || y.Length != result.Length)
            throw new ArgumentException(
                $"{x.Length}, {y.Length} and {result.Length} numbers, expected as many each time");
        for (var i = 0; i < result.Length; i++)
            result[i] = (float)((a * x[i]) + (b * y[i]));
    }

    /// <summary>target += b y.</summary>
    public static void Add(Span<float> target, double b, ReadOnlySpan<float> y) => Sum(1, target, b, y, target);

    /// <summary>Holds numbers within [-limit, limit].</summary>
    public static void Clamp(Span<float> numbers, double limit)
    {
        foreach (ref var number in numbers)
            number = Math.Clamp(number, (float)-limit, (float)limit);
    }
}

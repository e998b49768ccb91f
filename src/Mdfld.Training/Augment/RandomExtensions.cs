namespace Mdfld.Training.Augment;

/// <summary>The draws augmentation is made of.</summary>
public static class RandomExtensions
{
    public static bool Chance(this Random random, float probability) => random.NextSingle() < probability;

    public static float Uniform(this Random random, float low, float high) =>
        low + ((high - low) * random.NextSingle());

    /// <summary>Standard normal, cut at 2.5: extremes teach nothing.</summary>
    public static float Normal(this Random random)
    {
        var radius = MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle()));
        return Math.Clamp(radius * MathF.Cos(MathF.Tau * random.NextSingle()), -2.5f, 2.5f);
    }

    public static T Pick<T>(this Random random, params ReadOnlySpan<T> values) => values[random.Next(values.Length)];
}

/// <summary>Noise for every pixel (SplitMix64, Steele et al. 2014), ten times as fast as System.Random.</summary>
internal struct NoiseSource(Random random)
{
    private ulong _state = (ulong)random.NextInt64();

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Noise of mean 0 and variance 1: the sum of four uniform bytes, close to normal.</summary>
    public float NextNormal()
    {
        const float Deviation = 147.8f; // sqrt(4 * (256^2 - 1) / 12)
        var bits = (uint)Next();
        var sum = (bits & 255) + ((bits >> 8) & 255) + ((bits >> 16) & 255) + (bits >> 24);
        return (sum - 510f) / Deviation;
    }
}

namespace Mdfld.Data;

/// <summary>Draws that augmentation and drawn faces have in common.</summary>
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

    /// <summary>One of several values, each as often as its weight says.</summary>
    public static T Weighted<T>(this Random random, params ReadOnlySpan<(float Weight, T Value)> values)
    {
        var sum = 0f;
        foreach (var (weight, _) in values)
            sum += weight;
        var at = sum * random.NextSingle();
        foreach (var (weight, value) in values)
        {
            if ((at -= weight) < 0)
                return value;
        }
        return values[^1].Value;
    }
}

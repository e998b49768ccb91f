namespace Mdfld.Training.Augmentation;

/// <summary>What is seen beyond the edge of a picture.</summary>
public enum BorderMode
{
    Colour,
    Replicate,
    Reflect,
}

/// <summary>
/// The surroundings of a picture: a rule and, for <see cref="BorderMode.Colour"/>, a colour of 0..255.
/// </summary>
public readonly record struct BorderFill(BorderMode Mode, float Red = 0, float Green = 0, float Blue = 0)
{
    public static BorderFill Draw(Random random) => random.Next(3) switch
    {
        0 => new(BorderMode.Replicate),
        1 => new(BorderMode.Reflect),
        _ => new(BorderMode.Colour, random.Next(256), random.Next(256), random.Next(256)),
    };

    /// <summary>The index that stands for one outside; -1 where the colour does.</summary>
    public int Index(int i, int count)
    {
        if ((uint)i < (uint)count)
            return i;
        switch (Mode)
        {
            case BorderMode.Replicate:
                return i < 0 ? 0 : count - 1;
            case BorderMode.Reflect:
                var period = 2 * count;
                var m = ((i % period) + period) % period;
                return m < count ? m : period - 1 - m;
            default:
                return -1;
        }
    }
}

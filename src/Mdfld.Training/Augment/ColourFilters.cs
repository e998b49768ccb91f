namespace Mdfld.Training.Augment;

/// <summary>Style filters that change tones and colours and draw nothing.</summary>
internal static class ColourFilters
{
    private static readonly Vector3 White = new(255);

    public static void Grey(FilterPicture picture, Random random) =>
        picture.Map((_, colour) => new Vector3(FilterPicture.Luma(colour)));

    public static void Posterise(FilterPicture picture, Random random)
    {
        var step = 256f / random.Next(2, 7);
        var phase = random.Chance(0.5f) ? new Vector3(random.NextSingle()) : Palette.Any(random, 0, 1);
        var half = new Vector3(0.5f);
        picture.Map((_, colour) =>
            FilterPicture.Clamped((Floor((colour / step) + phase - half) + Vector3.One - phase) * step));

        static Vector3 Floor(Vector3 v) => new(MathF.Floor(v.X), MathF.Floor(v.Y), MathF.Floor(v.Z));
    }

    /// <summary>Grey values painted with a ramp of two to four random colours, mostly from dark to light.</summary>
    public static void ColourMap(FilterPicture picture, Random random)
    {
        var ramp = new Vector3[random.Next(2, 5)];
        var ordered = random.Chance(0.8f) ? 0.62f : 0;
        for (var k = 0; k < ramp.Length; k++)
            ramp[k] = Vector3.Lerp(Palette.Any(random), new Vector3(255f * k / (ramp.Length - 1)), ordered);
        picture.Map((_, colour) =>
        {
            var at = Math.Clamp(FilterPicture.Luma(colour) / 255, 0, 1) * (ramp.Length - 1);
            var k = Math.Min((int)at, ramp.Length - 2);
            return Vector3.Lerp(ramp[k], ramp[k + 1], at - k);
        });
    }

    public static void ShuffleChannels(FilterPicture picture, Random random)
    {
        var (a, b, c) = random.Pick((0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0));
        picture.Map((_, colour) => new Vector3(colour[a], colour[b], colour[c]));
    }

    /// <summary>Turns the colours about the grey axis and changes their strength.</summary>
    public static void RotateHue(FilterPicture picture, Random random)
    {
        var turn = Quaternion.CreateFromAxisAngle(Vector3.Normalize(Vector3.One), random.Uniform(0, MathF.Tau));
        var saturation = random.Uniform(0.3f, 1.8f);
        picture.Map((_, colour) =>
        {
            var grey = new Vector3((colour.X + colour.Y + colour.Z) / 3);
            return grey + (saturation * Vector3.Transform(colour - grey, turn));
        });
    }

    public static void Negative(FilterPicture picture, Random random) => picture.Map((_, colour) => White - colour);

    /// <summary>Everything lighter than a threshold is turned over (Man Ray's prints).</summary>
    public static void Solarise(FilterPicture picture, Random random)
    {
        var threshold = random.Uniform(110, 220);
        var slope = 1 + (threshold / (256 - threshold));
        picture.Map((_, colour) => colour - (slope * Vector3.Max(Vector3.Zero, colour - new Vector3(threshold))));
    }

    /// <summary>
    /// Takes part of the light out, then brings the tones to a mean and spread near 140 and 55: what a medium shows
    /// well, whatever the photo's exposure.
    /// </summary>
    public static void EvenLight(FilterPicture picture, Random random)
    {
        Unshade(picture, random.Uniform(0.45f, 0.7f), random.Uniform(140, 165));
        var (mean, spread) = DrawingFilters.Tones(picture.Grey());
        var gain = Math.Clamp(55 / spread, 0.7f, 1.9f);
        picture.Map((_, colour) => FilterPicture.Clamped(new Vector3(140) + (gain * (colour - new Vector3(mean)))));
    }

    /// <summary>Takes out the light that falls on a face: brightness relative to the surroundings'.</summary>
    public static void Unshade(FilterPicture picture, float amount, float level)
    {
        var around = picture.Blur(picture.Grey(), 10);
        picture.Map((i, colour) => FilterPicture.Clamped(
            colour * float.Lerp(1, (level + 15) / (MathF.Max(around[i], 0) + 15), amount)));
    }

    /// <summary>Stronger colours; a grey photo gets the warm ones of skin.</summary>
    public static void Vivid(FilterPicture picture, Random random)
    {
        var strength = random.Uniform(0.3f, 0.7f);
        var colourfulness = picture.Pixels.Average(c => MathF.Abs(c.X - c.Z));
        var warm = Math.Clamp(1 - (colourfulness / 14), 0, 1) * new Vector3(34, -3.4f, -27);
        picture.Map((_, colour) =>
        {
            var grey = FilterPicture.Luma(colour);
            var hue = colour - new Vector3(grey);
            // What is strong already grows less: skin in evening light is to stay skin.
            hue *= Vector3.One + (strength * Vector3.Max(Vector3.Zero, Vector3.One - (Vector3.Abs(hue) / 60)));
            var tint = MathF.Sin(MathF.PI * Math.Clamp(grey / 255, 0, 1));
            return FilterPicture.Clamped(new Vector3(grey) + hue + (tint * warm));
        });
    }
}

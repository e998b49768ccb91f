namespace Mdfld.Training.Augmentation.Looks;

/// <summary>Light and colour brought to what a medium shows well, whatever the photo's exposure.</summary>
internal static class ToneBalance
{
    /// <summary>
    /// Takes part of the light out (brightness relative to the surroundings'), then brings the tones to a mean and
    /// spread near 140 and 55. Overwrites scratch planes 0 and 1.
    /// </summary>
    public static void Even(Canvas canvas, Random random)
    {
        PrintLooks.Unshade(canvas, random.Uniform(0.45f, 0.7f), random.Uniform(140, 165));
        var grey = canvas.Scratch(0);
        canvas.Grey(grey);
        var (mean, spread) = InkLines.Tones(grey);
        var gain = Math.Clamp(55 / spread, 0.7f, 1.9f);
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = canvas.Channel(c);
            for (var i = 0; i < plane.Length; i++)
                plane[i] = Math.Clamp(140 + (gain * (plane[i] - mean)), 0, 255);
        }
    }

    /// <summary>Stronger colours; a grey photo gets the warm ones of skin. Overwrites scratch plane 0.</summary>
    public static void Vivid(Canvas canvas, Random random)
    {
        var grey = canvas.Scratch(0);
        canvas.Grey(grey);
        var saturation = random.Uniform(1.3f, 1.7f);
        var colour = 0f;
        for (var i = 0; i < grey.Length; i++)
            colour += MathF.Abs(canvas.Red[i] - canvas.Blue[i]);
        var warm = Math.Clamp(1 - (colour / grey.Length / 14), 0, 1);
        // What is strong already grows less: skin in evening light is to stay skin.
        float Stronger(float difference) =>
            difference * (1 + ((saturation - 1) * MathF.Max(0, 1 - (MathF.Abs(difference) / 60))));
        for (var i = 0; i < grey.Length; i++)
        {
            var tint = warm * 34 * MathF.Sin(MathF.PI * Math.Clamp(grey[i] / 255, 0, 1));
            canvas.Red[i] = Math.Clamp(grey[i] + Stronger(canvas.Red[i] - grey[i]) + tint, 0, 255);
            canvas.Green[i] = Math.Clamp(grey[i] + Stronger(canvas.Green[i] - grey[i]) - (0.1f * tint), 0, 255);
            canvas.Blue[i] = Math.Clamp(grey[i] + Stronger(canvas.Blue[i] - grey[i]) - (0.8f * tint), 0, 255);
        }
    }
}

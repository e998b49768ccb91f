using System.Numerics;

namespace Mdfld.Training.Augmentation.Looks;

/// <summary>Looks that change each pixel by its own colour only.</summary>
internal static class ToneLooks
{
    public static void Grey(Canvas canvas, Random random)
    {
        var grey = canvas.Scratch(0);
        canvas.Grey(grey);
        canvas.SetGrey(grey);
    }

    /// <summary>Two to seven steps a channel, with steps of one phase or of another for each channel.</summary>
    public static void Posterise(Canvas canvas, Random random)
    {
        var levels = random.Next(2, 7);
        var common = random.Chance(0.5f);
        var phase = random.NextSingle();
        for (var c = 0; c < Picture.Channels; c++)
        {
            if (!common)
                phase = random.NextSingle();
            var step = 256f / levels;
            foreach (ref var v in canvas.Channel(c))
                v = Math.Clamp((MathF.Floor((v / step) + phase - 0.5f) + 0.5f - phase + 0.5f) * step, 0, 255);
        }
    }

    /// <summary>Evenly spaced steps of all channels.</summary>
    public static void Banding(Canvas canvas, int levels)
    {
        var step = 255f / (levels - 1);
        for (var c = 0; c < Picture.Channels; c++)
        {
            foreach (ref var v in canvas.Channel(c))
                v = MathF.Round(v / step) * step;
        }
    }

    /// <summary>Grey values painted with a ramp of two to four random colours, mostly from dark to light.</summary>
    public static void ColourMap(Canvas canvas, Random random)
    {
        var stops = random.Next(2, 5);
        Span<float> colours = stackalloc float[stops * Picture.Channels];
        var ordered = random.Chance(0.8f);
        for (var i = 0; i < stops; i++)
        {
            for (var c = 0; c < Picture.Channels; c++)
            {
                var free = random.Uniform(0, 255);
                var along = 255f * i / (stops - 1);
                colours[(i * Picture.Channels) + c] = ordered ? (0.38f * free) + (0.62f * along) : free;
            }
        }
        Span<float> table = stackalloc float[256 * Picture.Channels];
        for (var v = 0; v < 256; v++)
        {
            var at = v / 255f * (stops - 1);
            var stop = Math.Min((int)at, stops - 2);
            for (var c = 0; c < Picture.Channels; c++)
            {
                var from = colours[(stop * Picture.Channels) + c];
                var to = colours[((stop + 1) * Picture.Channels) + c];
                table[(c * 256) + v] = from + ((to - from) * (at - stop));
            }
        }
        var grey = canvas.Scratch(0);
        canvas.Grey(grey);
        for (var c = 0; c < Picture.Channels; c++)
        {
            var ramp = table.Slice(c * 256, 256);
            var plane = canvas.Channel(c);
            for (var i = 0; i < plane.Length; i++)
                plane[i] = ramp[Canvas.ToByte(grey[i])];
        }
    }

    public static void ShuffleChannels(Canvas canvas, Random random)
    {
        var saved = canvas.Scratch(0);
        var (a, b) = (random.Next(Picture.Channels), random.Next(1, Picture.Channels));
        b = (a + b) % Picture.Channels;
        canvas.Channel(a).CopyTo(saved);
        canvas.Channel(b).CopyTo(canvas.Channel(a));
        if (random.Chance(0.5f))
        {
            saved.CopyTo(canvas.Channel(b));
            return;
        }
        var c = 3 - a - b;
        canvas.Channel(c).CopyTo(canvas.Channel(b));
        saved.CopyTo(canvas.Channel(c));
    }

    /// <summary>Turns the colours about the grey axis and changes their strength.</summary>
    public static void RotateHue(Canvas canvas, Random random)
    {
        var (sin, cos) = MathF.SinCos(random.Uniform(0, MathF.Tau));
        var saturation = random.Uniform(0.3f, 1.8f);
        // Rotation about (1,1,1)/sqrt 3 (Rodrigues), the part across the axis scaled.
        var third = 1 / 3f;
        var diagonal = third + (saturation * cos * 2 * third);
        var next = third - (saturation * ((cos * third) + (sin / MathF.Sqrt(3))));
        var previous = third - (saturation * ((cos * third) - (sin / MathF.Sqrt(3))));
        Span<Vector<float>> red = Canvas.Lanes(canvas.Red), green = Canvas.Lanes(canvas.Green),
            blue = Canvas.Lanes(canvas.Blue);
        for (var i = 0; i < red.Length; i++)
        {
            var (r, g, b) = (red[i], green[i], blue[i]);
            red[i] = (r * diagonal) + (g * next) + (b * previous);
            green[i] = (r * previous) + (g * diagonal) + (b * next);
            blue[i] = (r * next) + (g * previous) + (b * diagonal);
        }
    }

    public static void Negative(Canvas canvas, Random random)
    {
        for (var c = 0; c < Picture.Channels; c++)
        {
            foreach (ref var v in Canvas.Lanes(canvas.Channel(c)))
                v = new Vector<float>(255) - v;
        }
    }

    /// <summary>Everything lighter than a threshold is turned over (Man Ray's prints).</summary>
    public static void Solarise(Canvas canvas, Random random)
    {
        var threshold = random.Uniform(110, 220);
        for (var c = 0; c < Picture.Channels; c++)
        {
            foreach (ref var v in canvas.Channel(c))
                v = v > threshold ? threshold - ((v - threshold) * threshold / (256 - threshold)) : v;
        }
    }
}

namespace Mdfld.Training.Augmentation.Looks;

/// <summary>Redraws a face in another medium; the outlines stay where they are.</summary>
internal delegate void Look(Canvas canvas, Random random);

/// <summary>All looks and how often each is drawn.</summary>
internal static class LookTable
{
    /// <summary>Name, drawing and relative frequency.</summary>
    public static IReadOnlyList<(string Name, Look Draw, float Weight)> All { get; } =
    [
        ("smooth", PaintLooks.Smooth, 1.5f),
        ("oil", PaintLooks.Oil, 1.5f),
        ("median", PaintLooks.MedianSharpen, 0.7f),
        ("watercolour", PaintLooks.Watercolour, 1.2f),
        ("pencil", LineLooks.Pencil, 1.2f),
        ("ink", LineLooks.Ink, 1.2f),
        ("cel", LineLooks.Cel, 2f),
        ("hatching", LineLooks.Hatching, 1f),
        ("posterise", ToneLooks.Posterise, 1f),
        ("colour map", ToneLooks.ColourMap, 1.2f),
        ("grey", ToneLooks.Grey, 1f),
        ("shuffle", ToneLooks.ShuffleChannels, 0.6f),
        ("hue", ToneLooks.RotateHue, 1f),
        ("negative", ToneLooks.Negative, 0.25f),
        ("solarise", ToneLooks.Solarise, 0.3f),
        ("halftone", TextureLooks.Halftone, 0.8f),
        ("canvas", TextureLooks.Weave, 0.7f),
        ("paper", TextureLooks.Paper, 0.7f),
        ("pixelate", TextureLooks.Pixelate, 0.4f),
    ];

    /// <summary>One of them, by frequency.</summary>
    public static Look Pick(Random random)
    {
        var total = 0f;
        foreach (var (_, _, weight) in All)
            total += weight;
        var at = random.NextSingle() * total;
        foreach (var (_, draw, weight) in All)
        {
            at -= weight;
            if (at < 0)
                return draw;
        }
        return All[^1].Draw;
    }
}

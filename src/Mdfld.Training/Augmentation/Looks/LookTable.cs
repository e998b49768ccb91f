namespace Mdfld.Training.Augmentation.Looks;

/// <summary>Redraws a face in another medium; the outlines stay where they are.</summary>
internal delegate void Look(Canvas canvas, Random random);

/// <summary>All looks and how often each is drawn.</summary>
internal static class LookTable
{
    /// <summary>Name, drawing and relative frequency.</summary>
    public static IReadOnlyList<(string Name, Look Draw, float Weight)> All => [.. Media, .. Finishes];

    /// <summary>How the face is painted or drawn: at most one of them.</summary>
    public static IReadOnlyList<(string Name, Look Draw, float Weight)> Media { get; } =
    [
        ("smooth", PaintLooks.Smooth, 1.5f),
        ("oil", PaintLooks.Oil, 1.5f),
        ("median", PaintLooks.MedianSharpen, 0.7f),
        ("watercolour", PaintLooks.Watercolour, 1.2f),
        ("pencil", LineLooks.Pencil, 1.2f),
        ("ink", LineLooks.Ink, 1.2f),
        ("cel", LineLooks.Cel, 2f),
        ("hatching", LineLooks.Hatching, 1f),
    ];

    /// <summary>What becomes of the finished work: its colours, its ground, its print.</summary>
    public static IReadOnlyList<(string Name, Look Draw, float Weight)> Finishes { get; } =
    [
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

    /// <summary>Draws a medium or a finish, or one after the other.</summary>
    /// <remarks><c>both</c>: how often a medium gets a finish, too.</remarks>
    public static void Draw(Canvas canvas, Random random, float both)
    {
        var two = random.Chance(both);
        var medium = two || random.Chance(0.62f);
        if (medium)
            Pick(Media, random)(canvas, random);
        if (two || !medium)
            Pick(Finishes, random)(canvas, random);
    }

    private static Look Pick(IReadOnlyList<(string Name, Look Draw, float Weight)> looks, Random random)
    {
        var total = 0f;
        foreach (var (_, _, weight) in looks)
            total += weight;
        var at = random.NextSingle() * total;
        foreach (var (_, draw, weight) in looks)
        {
            at -= weight;
            if (at < 0)
                return draw;
        }
        return looks[^1].Draw;
    }
}

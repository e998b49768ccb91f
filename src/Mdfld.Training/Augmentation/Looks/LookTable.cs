namespace Mdfld.Training.Augmentation.Looks;

/// <summary>Redraws a face in another medium; the outlines stay where they are.</summary>
internal delegate void Look(Canvas canvas, Random random);

/// <summary>Draws over a face whose landmarks are known, which stay where they are.</summary>
internal delegate void FaceLook(Canvas canvas, ReadOnlySpan<System.Numerics.Vector2> landmarks, Random random);

/// <summary>All looks and how often each is drawn.</summary>
internal static class LookTable
{
    /// <summary>Name, drawing and relative frequency.</summary>
    public static IReadOnlyList<(string Name, Look Draw, float Weight)> All => [.. Media, .. Finishes];

    /// <summary>How the face is painted, drawn or rendered: at most one of them. Each is a style with a name.</summary>
    public static IReadOnlyList<(string Name, Look Draw, float Weight)> Media { get; } =
    [
        ("pencil", LineLooks.Pencil, 1f),
        ("charcoal", LineLooks.Charcoal, 0.8f),
        ("ink", LineLooks.Ink, 1f),
        ("newspaper caricature", LineLooks.Newspaper, 1f),
        ("hatching", PrintLooks.Hatching, 0.6f),
        ("engraving", PrintLooks.Engraving, 0.8f),
        ("woodblock", PrintLooks.Woodblock, 1.6f),
        ("comic", ComicLooks.Comic, 0.8f),
        ("cel", ComicLooks.Cel, 1.2f),
        ("manga", ComicLooks.Manga, 1f),
        ("anime", ComicLooks.Anime, 1f),
        ("muted anime", ComicLooks.MutedAnime, 0.8f),
        ("vector", FlatLooks.Vector, 1f),
        ("pop art", FlatLooks.PopArt, 0.7f),
        ("pixel art", FlatLooks.PixelArt, 0.5f),
        ("smooth", PaintLooks.Smooth, 0.8f),
        ("median", PaintLooks.MedianSharpen, 0.4f),
        ("oil", PaintLooks.Oil, 1.4f),
        ("watercolour", PaintLooks.Watercolour, 1f),
        ("impressionist", StrokeLooks.Impressionist, 1f),
        ("expressionist", StrokeLooks.Expressionist, 1f),
        ("pastel", StrokeLooks.Pastel, 0.7f),
        ("cubist", FacetLooks.Cubist, 0.7f),
        ("mosaic", FacetLooks.Mosaic, 0.4f),
        ("renaissance", SolidLooks.Renaissance, 1f),
        ("3d film", SolidLooks.Film, 0.8f),
        ("3d game", SolidLooks.Game, 0.7f),
        ("clay", SolidLooks.Clay, 0.6f),
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

    /// <summary>
    /// What stands for one style of a generated data set and never for another; the trainer draws none of them.
    /// </summary>
    public static IReadOnlyList<(string Name, Look Draw)> Settled { get; } =
    [
        ("even light", ToneBalance.Even),
        ("vivid", ToneBalance.Vivid),
        ("graphite", PaperLooks.Graphite),
        ("charcoal on paper", PaperLooks.Charcoal),
        ("newsprint", PaperLooks.Newsprint),
        ("banknote", PaperLooks.Banknote),
        ("wash", PaperLooks.Wash),
        ("chalk", PaperLooks.Chalk),
        ("low polygon", PlaneLooks.LowPolygon),
        ("cubist planes", PlaneLooks.CubistPlanes),
        ("plasticine", MaterialLooks.Plasticine),
        ("impasto", MaterialLooks.Impasto),
        ("old panel", MaterialLooks.OldPanel),
        ("film skin", MaterialLooks.FilmSkin),
        ("airbrush", MaterialLooks.Airbrush),
        ("retro cel", FlatComicLooks.RetroCel),
        ("bright cel", FlatComicLooks.BrightCel),
        ("clear line", FlatComicLooks.ClearLine),
        ("bold shapes", FlatComicLooks.BoldShapes),
    ];

    /// <summary>What is drawn where the landmarks of a face of 68 points say.</summary>
    public static IReadOnlyList<(string Name, FaceLook Draw)> OnFaces { get; } =
    [
        ("anime eyes", (canvas, landmarks, random) => new EyeDrawing(canvas).DrawAnime(landmarks, random)),
        ("manga eyes", (canvas, landmarks, random) => new EyeDrawing(canvas).DrawManga(landmarks, random)),
        ("glossy eyes", (canvas, landmarks, random) => new EyeDrawing(canvas).DrawGlossy(landmarks, random)),
    ];

    /// <summary>
    /// The look of a style: one of <see cref="All"/> or <see cref="Settled"/>, or "photo", which changes nothing; null
    /// for another name.
    /// </summary>
    public static Look? Named(string style)
    {
        if (style == "photo")
            return (_, _) => { };
        foreach (var (name, draw, _) in All)
        {
            if (name == style)
                return draw;
        }
        foreach (var (name, draw) in Settled)
        {
            if (name == style)
                return draw;
        }
        return null;
    }

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

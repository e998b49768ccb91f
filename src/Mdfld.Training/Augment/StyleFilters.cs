namespace Mdfld.Training.Augment;

/// <summary>
/// Redraws a picture in another medium; outlines stay where they are. Weights, within a list, say how often training
/// draws it; a drawing leaves one ink on one paper.
/// </summary>
internal sealed record StyleFilter(
    string Name, Action<FilterPicture, Random> Apply, float Weight, bool IsDrawing = false);

/// <summary>All style filters: what training augmentation draws from and what generated styles are made of.</summary>
public static class StyleFilters
{
    /// <summary>How a face is painted, drawn or rendered.</summary>
    internal static IReadOnlyList<StyleFilter> Media { get; } =
    [
        new("pencil", DrawingFilters.Pencil, 1, IsDrawing: true),
        new("charcoal", DrawingFilters.Charcoal, 0.8f, IsDrawing: true),
        new("ink", DrawingFilters.Ink, 1, IsDrawing: true),
        new("newspaper", DrawingFilters.Newspaper, 1, IsDrawing: true),
        new("hatching", DrawingFilters.Hatching, 0.6f, IsDrawing: true),
        new("engraving", DrawingFilters.Engraving, 0.8f, IsDrawing: true),
        new("woodblock", ComicFilters.Woodblock, 1.6f),
        new("cel", ComicFilters.Cel, 1.2f),
        new("comic", ComicFilters.Comic, 0.8f),
        new("clear line", ComicFilters.ClearLine, 0.8f),
        new("manga", ComicFilters.Manga, 1),
        new("anime", ComicFilters.Anime, 1),
        new("retro anime", ComicFilters.RetroAnime, 0.8f),
        new("vector", ComicFilters.Vector, 1),
        new("pop art", ComicFilters.PopArt, 0.7f),
        new("pixel art", ComicFilters.PixelArt, 0.5f),
        new("smooth", PaintFilters.Smooth, 0.8f),
        new("sharpened", PaintFilters.Sharpened, 0.4f),
        new("airbrush", PaintFilters.Airbrush, 0.5f),
        new("oil", PaintFilters.Oil, 1.4f),
        new("watercolour", PaintFilters.Watercolour, 1),
        new("impressionist", PaintFilters.Impressionist, 1),
        new("expressionist", PaintFilters.Expressionist, 1),
        new("pastel", PaintFilters.Pastel, 0.7f),
        new("renaissance", PaintFilters.Renaissance, 1),
        new("cubist", ModelFilters.Cubist, 0.7f),
        new("mosaic", ModelFilters.Mosaic, 0.4f),
        new("3d film", ModelFilters.Film, 0.8f),
        new("low polygon", ModelFilters.LowPolygon, 0.7f),
        new("clay", ModelFilters.Clay, 0.6f),
    ];

    /// <summary>What is done after a medium or without one: colours, ground, print.</summary>
    internal static IReadOnlyList<StyleFilter> PostProcessing { get; } =
    [
        new("posterise", ColourFilters.Posterise, 1),
        new("colour map", ColourFilters.ColourMap, 1.2f),
        new("grey", ColourFilters.Grey, 1),
        new("shuffle", ColourFilters.ShuffleChannels, 0.6f),
        new("hue", ColourFilters.RotateHue, 1),
        new("negative", ColourFilters.Negative, 0.25f),
        new("solarise", ColourFilters.Solarise, 0.3f),
        new("even light", ColourFilters.EvenLight, 0.4f),
        new("vivid", ColourFilters.Vivid, 0.4f),
        new("halftone", TextureFilters.Halftone, 0.8f),
        new("canvas", TextureFilters.Canvas, 0.7f),
        new("paper", (picture, random) => TextureFilters.Paper(picture, random), 0.7f),
        new("pixelate", TextureFilters.Pixelate, 0.4f),
    ];

    /// <summary>Names of all filters, "photo" (nothing changes) first.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["photo", .. Media.Concat(PostProcessing).Select(f => f.Name)];

    /// <summary>Redraws a picture, filter after filter.</summary>
    /// <param name="picture">A square whose side is a multiple of 16 pixels; changed in place.</param>
    /// <param name="filters">Some of <see cref="Names"/>.</param>
    /// <param name="random">Stroke, ink and paper are drawn from it; same draws, same bytes.</param>
    /// <exception cref="ArgumentException">A filter is unknown or the picture has another shape.</exception>
    public static void Apply(Picture picture, IReadOnlyList<string> filters, Random random)
    {
        if (picture.Width != picture.Height || picture.Width % 16 != 0)
            throw new ArgumentException(
                $"expected a square whose side is a multiple of 16, found {picture.Width} x {picture.Height}",
                nameof(picture));
        foreach (var name in filters.Where(f => f != "photo"))
        {
            var filter = Media.Concat(PostProcessing).FirstOrDefault(f => f.Name == name)
                ?? throw new ArgumentException(
                    $"no style filter is called '{name}'; known are {string.Join(", ", Names)}", nameof(filters));
            var work = new FilterPicture(picture);
            filter.Apply(work, random);
            work.CopyTo(picture);
        }
    }

    /// <summary>Draws a medium or a post-processing filter, or one after the other, as training does.</summary>
    internal static void ApplyRandom(FilterPicture picture, Random random, float both)
    {
        var isBoth = random.Chance(both);
        var isMedium = isBoth || random.Chance(0.62f);
        if (isMedium)
        {
            var medium = Pick(Media, random);
            Vector3[] before = medium.IsDrawing ? [.. picture.Pixels] : [];
            medium.Apply(picture, random);
            if (medium.IsDrawing && random.Chance(0.6f))
                DrawingFilters.Recolour(picture, before, random);
        }
        if (isBoth || !isMedium)
            Pick(PostProcessing, random).Apply(picture, random);
    }

    private static StyleFilter Pick(IReadOnlyList<StyleFilter> filters, Random random)
    {
        var at = random.NextSingle() * filters.Sum(f => f.Weight);
        return filters.FirstOrDefault(f => (at -= f.Weight) < 0) ?? filters[^1];
    }
}

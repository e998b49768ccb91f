using Mdfld.Training.Augment;

namespace Mdfld.Bench;

/// <summary>
/// The picture of results on the README: a row of faces that the program draws, and a row of them restyled, with what
/// the default model finds.
/// </summary>
internal static class ResultsPicture
{
    private const int Columns = 6;
    private const int Side = 200;

    private static readonly DrawingStyle[] Drawn =
        [DrawingStyle.Comic, DrawingStyle.Anime, DrawingStyle.Manga, DrawingStyle.Cartoon, DrawingStyle.Caricature, DrawingStyle.Pencil];

    private static readonly string[] Filters =
    [
        "oil", "watercolour", "charcoal", "pop art", "woodblock", "cubist", "renaissance", "pastel", "engraving",
        "expressionist", "3d film", "pixel art", "impressionist", "ink", "low polygon", "clear line",
    ];

    /// <summary>Draws, detects, and says how many of all that were tried the picture's first are of.</summary>
    public static void Run(string file)
    {
        using var detector = LandmarkDetector.Create();
        var drawn = Found(Drawn.Select((style, i) => DrawnFaces.Draw(new Random(i), 2 * Side, style).Picture));
        var restyled = Found(Filters.Select((filter, i) =>
        {
            var picture = DrawnFaces.Draw(new Random(100 + i), 2 * Side, DrawingStyle.Comic).Picture;
            StyleFilters.Apply(picture, [filter], new Random(i));
            return picture;
        }));
        SheetCell[] cells = [.. drawn.Concat(restyled.Take(Columns)).Select(p => new SheetCell(p))];
        ContactSheet.Draw(cells, Columns, Side).Save(file);
        Console.WriteLine(
            $"{file}: of {Drawn.Length} drawn faces {drawn.Count} found, of {Filters.Length} restyled {restyled.Count}");

        List<Picture> Found(IEnumerable<Picture> pictures) => [.. pictures.Where(picture =>
        {
            var faces = detector.Detect(picture);
            new Overlay().Draw(picture, faces);
            return faces.Length == 1;
        })];
    }
}

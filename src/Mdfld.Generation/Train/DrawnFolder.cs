using Mdfld.Generation.Dataset;

namespace Mdfld.Generation;

/// <summary>A folder of drawn faces, whose landmarks are exact, in those styles that our drawings have.</summary>
internal static class DrawnFolder
{
    private static readonly (DrawingStyle Drawing, string Style)[] Styles =
    [
        (DrawingStyle.Anime, "anime-modern"), (DrawingStyle.Chibi, "anime-modern"), (DrawingStyle.Manga, "manga"),
        (DrawingStyle.Comic, "european-comic"), (DrawingStyle.Caricature, "painted-caricature"),
        (DrawingStyle.Pencil, "pencil"),
    ];

    /// <summary>Draws what is not there yet: the same draws give the same bytes.</summary>
    /// <param name="size">Side of the pictures, pixels.</param>
    /// <exception cref="InvalidDataException">The book has none of the styles.</exception>
    public static void Make(string folder, int count, int seed, int size, StyleBook book, CancellationToken stop)
    {
        var annotations = Path.Combine(folder, SampleWriter.Annotations);
        if (File.Exists(annotations))
            return;
        var styles = Styles.Where(s => book.Styles.Any(b => b.Id == s.Style)).ToArray();
        if (styles.Length == 0)
            throw new InvalidDataException($"{book.Source}: has none of the styles of drawn faces");
        var images = Directory.CreateDirectory(Path.Combine(folder, SampleWriter.Images)).FullName;
        var faces = ParallelMap.Select([.. Enumerable.Range(0, count)], i =>
        {
            var (drawing, style) = styles[i % styles.Length];
            var drawn = DrawnFaces.Draw(new SampleOrder(1, seed).RandomAt(i), size, drawing);
            var name = string.Create(CultureInfo.InvariantCulture, $"{i:000000}.png");
            drawn.Picture.Save(Path.Combine(images, name));
            return drawn.Label(name, style);
        }, stop: stop);
        MetadataFile.Write(annotations, faces, header: true);
    }
}

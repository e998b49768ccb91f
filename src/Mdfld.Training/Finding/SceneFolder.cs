using System.Globalization;
using System.Text;
using SkiaSharp;

namespace Mdfld.Training;

/// <summary>
/// A test for face finders: composed pictures of faces that were never trained on, and as many without a face, as files
/// that any finder can be measured on.
/// </summary>
public static class SceneFolder
{
    /// <summary>Longer side of the smallest face, pixels: what every finder should see.</summary>
    private const float SmallestFace = 20;

    private const int Size = 320;

    /// <summary>
    /// Writes <c>images/</c> and <c>faces.tsv</c>, see <see cref="FacePictures"/>. The recipe's validation folders take
    /// turns; surroundings come from the pictures it holds out.
    /// </summary>
    /// <param name="dataRoots">Folders in which the recipe's data folders are looked for, in turn.</param>
    /// <param name="folder">Where to write; made if missing.</param>
    /// <param name="count">Pictures of each kind.</param>
    /// <param name="seed">Decides on all of them.</param>
    /// <param name="onBad">Told of each face that is left out because it is malformed; null leaves none out.</param>
    /// <exception cref="DirectoryNotFoundException">A data folder is in none of the roots.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static void Write(
        FinderRecipe recipe, IReadOnlyList<string> dataRoots, string folder, int count, int seed,
        Action<string>? onBad = null)
    {
        var folders = DataFolders.Open(recipe.Validation, dataRoots, onBad);
        var pictures = DataFolders.Find(recipe.Scenes.Pictures[0], dataRoots);
        var images = Path.Combine(folder, "images");
        Directory.CreateDirectory(images);
        var order = new SampleOrder(1, seed);
        var list = new StringBuilder("image\tx\ty\twidth\theight\n");
        foreach (var (kind, empty) in ((string, float)[])[("faces", 0), ("empty", 1)])
        {
            var shares =
                recipe with { Scenes = recipe.Scenes with { EmptyShare = empty, SmallestFace = SmallestFace } };
            var composers = FinderJob.ValidationComposers(
                folders, pictures, shares, Size, onBad, CancellationToken.None);
            var lines = new string[count];
            ParallelMap.For(count, n =>
            {
                var scene = Compose(composers[n % composers.Count].Composer, order.RandomAt(n));
                var name = string.Create(CultureInfo.InvariantCulture, $"{kind}-{n:00000}.png");
                scene.Picture.Save(Path.Combine(images, name));
                lines[n] = string.Concat(scene.Faces.Select(f => string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name}\t{f.Box.Left:0.0}\t{f.Box.Top:0.0}\t{f.Box.Width:0.0}\t{f.Box.Height:0.0}\n")));
            });
            list.AppendJoin("", lines);
        }
        AtomicFile.Write(Path.Combine(folder, "faces.tsv"), Encoding.UTF8.GetBytes(list.ToString()));
    }

    /// <summary>A scene whose faces are all well seen: in a file, none can be called unsure.</summary>
    private static Scene Compose(SceneComposer composer, Random random)
    {
        Scene scene;
        do
        {
            scene = composer.Compose(random);
        }
        while (scene.Faces.Any(f => f.Unsure));
        return scene;
    }
}

/// <summary>Composed pictures side by side with their boxes and points, for the eye.</summary>
internal static class SceneSheet
{
    private const int Columns = 5;
    private const int Rows = 4;
    private const float LineWidth = 1.5f;

    /// <summary>Draws a sheet.</summary>
    public static Picture Draw(SceneComposer composer, int size, Random random)
    {
        var cells = new SheetCell[Columns * Rows];
        for (var n = 0; n < cells.Length; n++)
        {
            var scene = composer.Compose(new Random(random.Next()));
            scene.Picture.Draw(canvas => Mark(canvas, scene.Faces));
            cells[n] = new SheetCell(scene.Picture);
        }
        return ContactSheet.Draw(cells, Columns, size);
    }

    private static void Mark(SKCanvas canvas, IEnumerable<SceneFace> faces)
    {
        canvas.Translate(0.5f, 0.5f);
        using var paint = new SKPaint { IsAntialias = true, StrokeWidth = LineWidth };
        foreach (var face in faces)
        {
            paint.Color = face.Unsure ? new SKColor(255, 160, 0) : new SKColor(64, 255, 64);
            paint.Style = SKPaintStyle.Stroke;
            canvas.DrawRect(face.Box.Left, face.Box.Top, face.Box.Width, face.Box.Height, paint);
            paint.Style = SKPaintStyle.Fill;
            foreach (var point in face.Points ?? [])
                canvas.DrawCircle(point.X, point.Y, LineWidth, paint);
        }
    }
}

using SkiaSharp;

namespace Mdfld.Training.Finder;

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

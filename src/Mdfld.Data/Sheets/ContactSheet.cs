using SkiaSharp;

namespace Mdfld.Data;

/// <summary>One picture of a contact sheet.</summary>
/// <param name="Picture">Shown as wide and as high as its cell.</param>
/// <param name="Points">In its pixels; each becomes a dot, all of one size.</param>
/// <param name="Caption">Written under it.</param>
public sealed record SheetCell(Picture Picture, IReadOnlyList<Vector2>? Points = null, string? Caption = null);

/// <summary>Pictures of faces with their points side by side, to check labels by eye.</summary>
public static class ContactSheet
{
    private const float DotRadius = 1;

    private static readonly SKColor Dot = new(64, 255, 64);
    private static readonly SKColor Letters = new(235, 235, 235);

    /// <summary>
    /// Draws a sheet, row by row, on black. Where a cell has a caption there is room for a line of text under each; all
    /// are written in one size, and cut off where the cell ends.
    /// </summary>
    /// <param name="cells">What is shown.</param>
    /// <param name="columns">Cells in a row.</param>
    /// <param name="side">Side of a cell, pixels.</param>
    public static Picture Draw(IReadOnlyList<SheetCell> cells, int columns, int side)
    {
        ArgumentNullException.ThrowIfNull(cells);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 1);
        var letterHeight = MathF.Round(Math.Clamp(side / 14f, 7, 18));
        var caption = cells.Any(cell => cell.Caption is not null) ? (int)(2 * letterHeight) : 0;
        var rows = (cells.Count + columns - 1) / columns;
        var sheet = new Picture(columns * side, Math.Max(1, rows) * (side + caption));
        sheet.Draw(canvas =>
        {
            using var paint = new SKPaint { IsAntialias = true, StrokeCap = SKStrokeCap.Round };
            foreach (var (n, cell) in cells.Index())
            {
                canvas.Save();
                canvas.Translate(n % columns * side, n / columns * (side + caption));
                if (cell.Caption is { } text)
                    Write(canvas, text);
                canvas.ClipRect(new SKRect(0, 0, side, side));
                DrawCell(canvas, cell);
                canvas.Restore();
            }

            void Write(SKCanvas canvas, string text)
            {
                var topLeft = new Vector2(0.5f * letterHeight, side + (0.4f * letterHeight));
                using var letters = Overlay.Text(text, topLeft, letterHeight, side - letterHeight);
                paint.Style = SKPaintStyle.Stroke;
                paint.StrokeWidth = MathF.Max(1.1f, 0.13f * letterHeight);
                paint.Color = Letters;
                canvas.DrawPath(letters, paint);
            }

            void DrawCell(SKCanvas canvas, SheetCell cell)
            {
                var (x, y) = ((float)side / cell.Picture.Width, (float)side / cell.Picture.Height);
                using (var bitmap = cell.Picture.ToBitmap())
                {
                    // Enlarged, pixels stay visible.
                    canvas.DrawBitmap(bitmap, new SKRect(0, 0, side, side), x >= 1 && y >= 1
                        ? new SKSamplingOptions(SKFilterMode.Nearest)
                        : new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
                }
                paint.Style = SKPaintStyle.Fill;
                foreach (var point in (cell.Points ?? []).Where(p => !float.IsNaN(p.X)))
                {
                    var centre = new SKPoint((point.X + 0.5f) * x, (point.Y + 0.5f) * y);
                    // A dark rim: visible on light and dark alike.
                    paint.Color = SKColors.Black;
                    canvas.DrawCircle(centre, 2 * DotRadius, paint);
                    paint.Color = Dot;
                    canvas.DrawCircle(centre, DotRadius, paint);
                }
            }
        });
        return sheet;
    }
}

/// <summary>Contact sheets of labelled faces with their points, style by style.</summary>
public static class DatasetPreview
{
    private const int Columns = 6;
    private const int Rows = 5;

    /// <summary>Side of a crop, in longest sides of the tight landmark box.</summary>
    private const float Margin = 1.5f;

    /// <summary>Writes sheet-001.png, sheet-002.png, ...</summary>
    /// <param name="set">The faces.</param>
    /// <param name="folder">Where to write; made if need be.</param>
    /// <param name="most">Faces shown; of more, evenly spread ones.</param>
    /// <param name="side">Side of a face on the sheet, pixels.</param>
    /// <param name="onUnreadable">Called for each picture that cannot be read: a black face.</param>
    /// <param name="stop">Ends it between two faces.</param>
    /// <returns>Sheets written.</returns>
    /// <exception cref="IOException">A sheet cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    public static int Write(
        FaceSet set,
        string folder,
        int most = 120,
        int side = 192,
        Action<LabelledFace, Exception>? onUnreadable = null,
        CancellationToken stop = default)
    {
        Directory.CreateDirectory(folder);
        var faces = set.Faces.OrderBy(f => f.Style, StringComparer.Ordinal).ToArray();
        if (faces.Length > most)
            faces = [.. Enumerable.Range(0, most).Select(i => faces[(long)i * faces.Length / most])];
        var sheets = faces.Chunk(Columns * Rows).ToArray();
        for (var n = 0; n < sheets.Length; n++)
        {
            var cells = new List<SheetCell>();
            foreach (var face in sheets[n])
            {
                stop.ThrowIfCancellationRequested();
                cells.Add(Cell(set, face, side, onUnreadable));
            }
            ContactSheet.Draw(cells, Math.Min(Columns, cells.Count), side)
                .Save(Path.Combine(folder, $"sheet-{n + 1:000}.png"));
        }
        return sheets.Length;
    }

    private static SheetCell Cell(
        FaceSet set, LabelledFace face, int side, Action<LabelledFace, Exception>? onUnreadable)
    {
        Vector2[] points = [.. face.Landmarks];
        var crop = face.Box.ToCrop(Margin);
        if (crop.Side < 1)
            crop = crop with { Side = 1 };
        var map = crop.ToCrop(side);
        var picture = new Picture(side, side);
        try
        {
            using var file = set.OpenPicture(face);
            Picture.Load(file).WarpInto(map, picture, antialias: true);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            onUnreadable?.Invoke(face, e);
        }
        return new SheetCell(picture, [.. points.Select(map.Apply)], face.Style);
    }
}

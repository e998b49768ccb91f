using System.Numerics;

namespace Mdfld.Data;

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
    /// <param name="onUnreadable">Told of each picture that cannot be read; its face stays black on the sheet.</param>
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
        var crop = FaceBox.Around(points).ToCrop(Margin);
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

using System.Numerics;

namespace Mdfld.Cli.DataSets;

/// <summary>Sheets of labelled faces with their points, style by style.</summary>
internal static class DataSetPreview
{
    private const int Columns = 6;
    private const int Rows = 5;

    /// <summary>What is seen round the tight landmark box, in its longest sides.</summary>
    private const float Margin = 1.5f;

    /// <summary>Writes sheet-001.png, sheet-002.png, ...</summary>
    /// <param name="set">The faces.</param>
    /// <param name="most">Faces shown; of more, evenly spread ones.</param>
    /// <param name="side">Side of a face on the sheet, pixels.</param>
    /// <param name="folder">Where to write.</param>
    /// <param name="complain">Told of each picture that cannot be shown.</param>
    /// <param name="stop">Ends it between two faces.</param>
    /// <returns>Sheets written.</returns>
    public static int Write(
        FaceSet set, int most, int side, string folder, Action<string> complain, CancellationToken stop)
    {
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
                cells.Add(Cell(set, face, side, complain));
            }
            ContactSheet.Draw(cells, Math.Min(Columns, cells.Count), side)
                .Save(Path.Combine(folder, $"sheet-{n + 1:000}.png"));
        }
        return sheets.Length;
    }

    private static SheetCell Cell(FaceSet set, LabelledFace face, int side, Action<string> complain)
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
            Warp.Into(Picture.Load(file), map, picture, Sampling.Antialiased);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            complain(CommandLine.Describe(e));
        }
        return new SheetCell(picture, [.. points.Select(map.Apply)], face.Style);
    }
}

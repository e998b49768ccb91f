
namespace Mdfld.Diffusion.Synthesis;

/// <summary>A sheet of one style's first pictures: a row of faces, the same with their points, and so on.</summary>
internal static class StyleSheet
{
    private const int Columns = 6;
    private const int Most = 12;

    /// <summary>Draws the sheet.</summary>
    /// <param name="records">Pairs of one style; at least one.</param>
    /// <param name="load">Opens a pair's picture.</param>
    public static Picture Draw(IReadOnlyList<SampleRecord> records, Func<SampleRecord, Picture> load)
    {
        SampleRecord[] shown = [.. records.Take(Most)];
        var columns = Math.Min(Columns, shown.Length);
        var rows = 2 * ((shown.Length + columns - 1) / columns);
        var sheet = new ContactSheet(columns, rows, SynthesisOptions.Size);
        for (var i = 0; i < shown.Length; i++)
        {
            var (picture, cell) = (load(shown[i]), (2 * columns * (i / columns)) + (i % columns));
            sheet.Place(cell, picture, []);
            sheet.Place(cell + columns, picture, shown[i].Points());
        }
        return sheet.Picture;
    }
}

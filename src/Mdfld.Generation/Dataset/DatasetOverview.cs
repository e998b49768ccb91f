using System.Text;

namespace Mdfld.Generation.Dataset;

/// <summary>
/// What people and trainers read of a data set: annotations, card, and a sheet of each style. Written as often as wanted while
/// the set grows; a sheet only where its faces are others than before.
/// </summary>
internal sealed class DatasetOverview(string folder)
{
    private const int SheetFaces = 12;
    private const int SheetColumns = 6;

    private readonly Dictionary<string, string[]> _drawn = [];

    /// <param name="records">Of what is made, in the order of styles and numbers.</param>
    /// <param name="missing">Samples that are still to be made.</param>
    public void Write(DatasetSettings settings, StyleBook book, IReadOnlyList<SampleRecord> records, int missing)
    {
        SampleRecord[] kept = [.. records.Where(r => r.Picture is not null)];
        MetadataFile.Write(
            Path.Combine(folder, SampleWriter.Annotations),
            kept.Select(r => LabelledFace.FromLandmarks(r.Picture!, r.Points(), r.Style)));
        Directory.CreateDirectory(Path.Combine(folder, SampleWriter.Sheets));
        foreach (var style in kept.GroupBy(r => r.Style))
            WriteSheet(style.Key, [.. style.Take(SheetFaces)], settings.Size);
        AtomicFile.Write(
            Path.Combine(folder, SampleWriter.Card),
            Encoding.UTF8.GetBytes(DatasetCard.Write(settings, book, records, missing)));
    }

    private void WriteSheet(string style, SampleRecord[] faces, int size)
    {
        var hashes = Array.ConvertAll(faces, f => f.Sha256!);
        if (_drawn.TryGetValue(style, out var before) && before.SequenceEqual(hashes))
            return;
        // Each face twice: as it is, and with its points.
        var cells = new List<SheetCell>();
        foreach (var face in faces)
        {
            var picture = Picture.Load(Path.Combine(folder, SampleWriter.Images, face.Picture!));
            cells.AddRange([new SheetCell(picture), new SheetCell(picture, face.Points())]);
        }
        var sheet = ContactSheet.Draw(cells, Math.Min(SheetColumns, cells.Count), size);
        AtomicFile.Write(Path.Combine(folder, SampleWriter.Sheets, style + ".png"), sheet.EncodePng());
        _drawn[style] = hashes;
    }
}

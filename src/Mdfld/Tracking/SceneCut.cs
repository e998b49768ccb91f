namespace Mdfld;

/// <summary>Notices that a frame shows another scene than the one before: nearly all of it has changed at once.</summary>
internal sealed class SceneCut
{
    private const int Columns = 16;
    private const int Rows = 12;
    private const int Samples = 4;

    // Share of the cells that must have changed, and by how many of 255.
    private const float Changed = 0.7f;
    private const float Difference = 18;

    private float[]? _before;

    /// <summary>Whether this frame follows a cut; of a picture of another size, always.</summary>
    public bool Next(Picture frame)
    {
        var cells = new float[(Columns * Rows) + 1];
        for (var y = 0; y < Rows * Samples; y++)
        {
            var row = frame.Row((int)(((y + 0.5f) / (Rows * Samples)) * frame.Height));
            for (var x = 0; x < Columns * Samples; x++)
            {
                var at = (int)(((x + 0.5f) / (Columns * Samples)) * frame.Width) * Picture.Channels;
                cells[(y / Samples * Columns) + (x / Samples)] +=
                    ((0.3f * row[at]) + (0.59f * row[at + 1]) + (0.11f * row[at + 2])) / (Samples * Samples);
            }
        }
        cells[^1] = frame.Width / (float)frame.Height;
        var before = _before;
        _before = cells;
        if (before is null)
            return false;
        var changed = 0;
        for (var i = 0; i < cells.Length - 1; i++)
            changed += MathF.Abs(cells[i] - before[i]) > Difference ? 1 : 0;
        return before[^1] != cells[^1] || changed > Changed * (cells.Length - 1);
    }
}

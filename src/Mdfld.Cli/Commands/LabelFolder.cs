namespace Mdfld.Cli.Commands;

/// <summary>
/// The folder that <c>mdfld label</c> writes: pictures as they are labelled, annotations.tsv when all are. What is done
/// is in its record, so that a run which ends at any moment can go on.
/// </summary>
internal sealed class LabelFolder : IDisposable
{
    private readonly RunRecord _record;
    private readonly string? _style;
    private readonly SortedDictionary<int, LabelledFace> _kept = [];

    private LabelFolder(RunRecord record, string? style) => (_record, _style) = (record, style);

    /// <summary>See <see cref="RunRecord.Difference"/>.</summary>
    public string? Difference => _record.Difference;

    private string Annotations => Path.Combine(_record.Folder, "annotations.tsv");

    /// <inheritdoc cref="RunRecord.Open"/>
    /// <param name="style">Style of all labels; null keeps that of labelled faces.</param>
    public static LabelFolder Open(
        string folder, IReadOnlyDictionary<string, string?> settings, string? style, bool resume, bool force)
    {
        if (!RunRecord.Has(folder, "label") && !force)
            SamplesCommand.CheckNoFaces(folder);
        var target = new LabelFolder(RunRecord.Open(folder, "label", settings, resume, force), style);
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        foreach (var name in target._record.Replaced)
            File.Delete(Path.Combine(folder, "images", name));
        return target;
    }

    /// <summary>
    /// Takes what an earlier run made of the same picture: whether it kept a face; null where it is to be done.
    /// </summary>
    public bool? TakeEarlier(int number, LabelSource source, string hash)
    {
        if (_record.Earlier(NameOf(number, source)) is not [var path, var bytes, var label, var points]
            || path != source.File || bytes != hash || label != Text(source.Label?.Landmarks))
            return null;
        if (points.Length == 0)
            return false;
        if (Parse(points) is not { } parsed || !File.Exists(ImageOf(number, source)))
            return null;
        Keep(number, source, parsed);
        return true;
    }

    /// <summary>Writes a picture with its points, if it has any; notes that it is done.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Add(int number, LabelSource source, byte[] picture, string hash, IReadOnlyList<Vector2>? points)
    {
        if (points is not null)
        {
            _record.Save(ImageOf(number, source), picture);
            Keep(number, source, points);
        }
        _record.Add(NameOf(number, source), source.File, hash, Text(source.Label?.Landmarks), Text(points));
    }

    /// <summary>Writes annotations.tsv: all faces that were kept, in the order of the pictures.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Complete() => MetadataFile.Write(Annotations, _kept.Values);

    public void Dispose() => _record.Dispose();

    private static string NameOf(int number, LabelSource source) =>
        string.Create(CultureInfo.InvariantCulture, $"{number:000000}{Path.GetExtension(source.File)}");

    private string ImageOf(int number, LabelSource source) =>
        Path.Combine(_record.Folder, "images", NameOf(number, source));

    private void Keep(int number, LabelSource source, IReadOnlyList<Vector2> points)
    {
        var face = LabelledFace.FromLandmarks(NameOf(number, source), points, _style ?? source.Label?.Style);
        lock (_kept)
            _kept[number] = face;
    }

    private static string Text(IReadOnlyList<Vector2>? points) => points is null ? "" : string.Join(
        ' ', points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.X:R} {p.Y:R}")));

    /// <summary>The points of a text; null where it is none of <see cref="Text"/>'s.</summary>
    private static Vector2[]? Parse(string text)
    {
        var numbers = text.Split(' ').Select(word => float.TryParse(
            word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : float.NaN).ToArray();
        return numbers.Length % 2 > 0 || numbers.Any(float.IsNaN)
            ? null : [.. numbers.Chunk(2).Select(p => new Vector2(p[0], p[1]))];
    }
}

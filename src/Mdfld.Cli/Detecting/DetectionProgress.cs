namespace Mdfld.Cli.Detecting;

/// <summary>Chooses among the faces of a picture, which come in the order of their confidence.</summary>
/// <param name="Threshold">Those of less confidence are hidden.</param>
/// <param name="Most">Only so many are kept.</param>
internal readonly record struct FaceChoice(float Threshold, int? Most)
{
    public ChosenFaces Of(Landmarks[] faces)
    {
        var threshold = Threshold;
        var sure = faces.Where(f => f.Confidence >= threshold).ToArray();
        var kept = sure[..Math.Min(sure.Length, Most ?? sure.Length)];
        return new ChosenFaces(kept, [.. faces.Where(f => !(f.Confidence >= threshold))], sure.Length - kept.Length);
    }
}

/// <summary>Faces that are results, those below the threshold, and how many were too many.</summary>
internal readonly record struct ChosenFaces(Landmarks[] Kept, Landmarks[] Hidden, int TooMany);

/// <summary>Counts the pictures and faces of a run, and says what became of each and of all.</summary>
/// <param name="lines">Where each picture has a line; null for nowhere.</param>
internal sealed class DetectionProgress(
    TextWriter error, TextWriter? lines, PictureList pictures, FaceChoice choice)
    : RunProgress(error, "pictures", pictures.Count)
{
    private const int MostNumbers = 8;

    private int _faces;
    private int _with;
    private int _without;
    private int _hidden;
    private int _tooMany;

    protected override string Counts => string.Create(
        CultureInfo.InvariantCulture,
        $"{Seen}{OfTotal} pictures, {_faces} faces, {_faces / Elapsed.TotalSeconds:0.0} faces/s");

    /// <summary>All files of the run, and what was left out.</summary>
    /// <param name="hint">What finds more faces, or nothing.</param>
    public string Summary(string hint)
    {
        var text = $"{Number(Seen + pictures.Others, "file")}: {_with} with {Number(_faces, "face")}";
        if (_without > 0)
            text += $", {_without} without a face{(hint.Length > 0 ? $" ({hint})" : "")}";
        if (Earlier > 0)
            text += $", {Earlier} done before";
        if (Failed > 0)
            text += $", {Failed} broken";
        if (pictures.Others > 0)
            text += $", {pictures.Others} of other kinds passed over";
        if (pictures.Unread.Count > 0)
            text += $"; {Number(pictures.Unread.Count, "folder")} not read";
        if (_hidden > 0)
            text += $"; {Number(_hidden, "face")} below {Text(choice.Threshold)} hidden (--threshold 0 shows all)";
        if (_tooMany > 0)
            text += $"; {Number(_tooMany, "face")} more than --max-faces {choice.Most} left out";
        return text;
    }

    /// <summary>A picture has its faces.</summary>
    public void Add(string title, Picture picture, ChosenFaces faces)
    {
        _faces += faces.Kept.Length;
        _with += faces.Kept.Length > 0 ? 1 : 0;
        _without += faces.Kept.Length > 0 ? 0 : 1;
        _hidden += faces.Hidden.Length;
        _tooMany += faces.TooMany;
        Add();
        if (lines is not null)
            Print(lines, Line(title, picture, faces));
    }

    /// <summary>Name, size, faces with their confidence: a line on a terminal.</summary>
    private static string Line(string title, Picture picture, ChosenFaces faces)
    {
        var found = faces.Kept.Length == 0 ? "no face"
            : $"{Number(faces.Kept.Length, "face")} ({Confidences(faces.Kept)})";
        var hidden = faces.Hidden.Length == 0 ? "" : $", {faces.Hidden.Length} hidden ({Confidences(faces.Hidden)})";
        return $"{title}: {picture.Width} x {picture.Height}, {found}{hidden}";
    }

    private static string Confidences(Landmarks[] faces) => faces.Length <= MostNumbers
        ? string.Join(", ", faces.Select(f => Text(f.Confidence)))
        : $"{Text(faces[0].Confidence)} to {Text(faces[^1].Confidence)}";

    // Rounded down: 0.996 is not certain, and 0.499 not the threshold.
    private static string Text(float confidence) =>
        (MathF.Floor(100 * confidence) / 100).ToString("0.00", CultureInfo.InvariantCulture);

    private static string Number(int count, string thing) => $"{count} {thing}{(count == 1 ? "" : "s")}";
}

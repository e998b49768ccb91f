namespace Mdfld.Data;

/// <summary>A face as its file has it, before its points are put into the order of a scheme.</summary>
/// <param name="Where">File and line or entry, for errors.</param>
/// <param name="Picture">As <see cref="LabelledFace.ImagePath"/>.</param>
/// <param name="Points">Pixels, in the file's order; <see cref="LabelledFace.Missing"/> where one is not there.</param>
internal sealed record ReadFace(string Where, string Picture, IReadOnlyList<Vector2> Points)
{
    /// <summary>What the file calls each point; null where it says nothing.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>Numbers, in the file's order, of points that are labelled but not seen.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [];

    /// <summary>See <see cref="LabelledFace.Style"/>.</summary>
    public string? Style { get; init; }

    /// <summary>See <see cref="LabelledFace.AnnotatedBox"/>.</summary>
    public FaceBox? Box { get; init; }

    /// <summary>The face with its own five points and square, of a format that keeps them.</summary>
    public LabelledFace? Whole { get; init; }
}

/// <summary>What the readers of a set share: where its pictures are, and what could not be read.</summary>
/// <param name="pictures">The folder that image paths are relative to.</param>
internal sealed class Reading(string pictures)
{
    private readonly PictureFinder _finder = new(pictures);
    private readonly ProblemList _problems = new();
    private readonly Dictionary<string, (int Width, int Height)> _sizes = [];

    /// <summary>Entries that could not be read.</summary>
    public int Bad => _problems.Count;

    /// <inheritdoc cref="ProblemList.Lines"/>
    public IReadOnlyList<string> Problems => _problems.Lines;

    /// <summary>The path of a picture that a file names; see <see cref="PictureFinder.Find"/>.</summary>
    public string Picture(string field) => _finder.Find(field);

    /// <summary>The same; null where there is none.</summary>
    public string? PictureThere(string field) => _finder.There(field);

    /// <summary>Whether there is such a picture.</summary>
    public bool Has(string picture) => FileNames.IsFile(Path.Combine(pictures, picture));

    /// <summary>The picture that a file is called after; see <see cref="PictureFinder.FindFor"/>.</summary>
    public string PictureOf(string file, string suffix) => _finder.FindFor(file, suffix);

    /// <summary>The size of a picture, for coordinates that are shares of it.</summary>
    /// <exception cref="FormatException">It is missing or broken.</exception>
    public (int Width, int Height) SizeOf(string picture)
    {
        if (_sizes.TryGetValue(picture, out var known))
            return known;
        var path = Path.Combine(pictures, picture);
        if (!Has(picture))
            throw new FormatException($"{path}: no such picture; its points are shares of the picture's size");
        using var stream = new PictureStream(path);
        return _sizes[picture] = PictureSize.Of(stream)
            ?? throw new FormatException($"{path}: no picture that can be read");
    }

    /// <summary>Runs a part of a reader; where something does not fit, that is noted and the part is empty.</summary>
    public IReadOnlyList<T> Each<T>(string where, Func<IEnumerable<T>> read)
    {
        try
        {
            return AnnotationText.At(where, () => read().ToArray());
        }
        catch (InvalidDataException e)
        {
            Note(e.Message);
            return [];
        }
    }

    /// <summary>As <see cref="Each"/>, of one thing or none.</summary>
    public IReadOnlyList<T> One<T>(string where, Func<T?> read)
        where T : class => Each(where, () => read() is { } one ? (T[])[one] : []);

    public void Note(string problem) => _problems.Add(problem);

    /// <inheritdoc cref="ProblemList.First"/>
    public string First => _problems.First;

    /// <inheritdoc cref="ProblemList.Error"/>
    public InvalidDataException Error(string path) => _problems.Error(path);
}

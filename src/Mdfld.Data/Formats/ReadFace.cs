namespace Mdfld.Data;

/// <summary>A face as its file has it, before its points are put into the order of a scheme.</summary>
/// <param name="Where">File and line or entry, for errors.</param>
/// <param name="Picture">As <see cref="LabelledFace.ImagePath"/>.</param>
/// <param name="Points">Pixels, in the file's order; <see cref="LabelledFace.Missing"/> where one is not there.</param>
internal sealed record ReadFace(string Where, string Picture, IReadOnlyList<Vector2> Points)
{
    /// <summary>What the file calls each point; null where it says nothing.</summary>
    public IReadOnlyList<string>? Names { get; init; }

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
    private const int MostListed = 20;

    private readonly PictureFinder _finder = new(pictures);
    private readonly List<string> _problems = [];
    private readonly Dictionary<string, (int Width, int Height)> _sizes = [];

    /// <summary>Entries that could not be read.</summary>
    public int Bad { get; private set; }

    /// <summary>The first of them, each with file, line or entry, and reason.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>The path of a picture that a file names; see <see cref="PictureFinder.Find"/>.</summary>
    public string Picture(string field) => _finder.Find(field);

    /// <summary>The picture that a file is called after; see <see cref="PictureFinder.FindFor"/>.</summary>
    public string PictureOf(string file, string suffix) => _finder.FindFor(file, suffix);

    /// <summary>The size of a picture, for coordinates that are shares of it.</summary>
    /// <exception cref="FormatException">It is missing or broken.</exception>
    public (int Width, int Height) SizeOf(string picture)
    {
        if (_sizes.TryGetValue(picture, out var known))
            return known;
        var path = Path.Combine(pictures, picture);
        if (!File.Exists(path))
            throw new FormatException($"{path}: no such picture; its points are shares of the picture's size");
        using var stream = File.OpenRead(path);
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

    public void Note(string problem)
    {
        Bad++;
        if (_problems.Count < MostListed)
            _problems.Add(problem);
    }

    /// <summary>One message of all that is wrong.</summary>
    public string Summary(string path)
    {
        if (Bad == 1)
            return _problems[0];
        var more = Bad > _problems.Count ? $"\n  and {Bad - _problems.Count} more" : "";
        return $"{path}: {Bad} entries are wrong:\n  {string.Join("\n  ", _problems)}{more}";
    }
}

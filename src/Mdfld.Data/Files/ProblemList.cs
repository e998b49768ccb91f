namespace Mdfld.Data;

/// <summary>What is wrong in a file or folder, each with file, line or entry, and reason; the first of many.</summary>
internal sealed class ProblemList
{
    private const int MostListed = 20;

    private readonly List<string> _problems = [];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The first of them; then how many more there are.</summary>
    public IReadOnlyList<string> Lines =>
        Count > _problems.Count ? [.. _problems, $"and {Count - _problems.Count} more"] : _problems;

    public void Add(string problem)
    {
        Count++;
        if (_problems.Count < MostListed)
            _problems.Add(problem);
    }

    /// <summary>One line, where nothing is right.</summary>
    public string First => Count == 1 ? _problems[0] : $"{_problems[0]}; all {Count} entries are wrong";

    /// <summary>The error that lists them.</summary>
    /// <param name="path">What they are in.</param>
    public InvalidDataException Error(string path)
    {
        if (Count == 1)
            return new InvalidDataException(_problems[0]);
        var list = new ProblemListException($"{path}: {Count} entries are wrong:", Lines);
        return new InvalidDataException(list.Message, list);
    }
}

/// <summary>
/// What is wrong in a file or folder, each for itself: the inner exception of an <see cref="InvalidDataException"/> of
/// several things.
/// </summary>
/// <param name="title">The file or folder, and how many are wrong.</param>
/// <param name="problems">Each with file, line or entry, and reason; of many the first, then how many more.</param>
public sealed class ProblemListException(string title, IReadOnlyList<string> problems)
    : Exception(string.Join("\n  ", [title, .. problems]))
{
    /// <summary>The file or folder, and how many are wrong.</summary>
    public string Title => title;

    /// <summary>Each with file, line or entry, and reason; of many the first, then how many more.</summary>
    public IReadOnlyList<string> Problems => problems;
}

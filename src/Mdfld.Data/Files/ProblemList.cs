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

    /// <summary>One message of all.</summary>
    public string Summary(string path) => Count == 1
        ? _problems[0] : $"{path}: {Count} entries are wrong:\n  {string.Join("\n  ", Lines)}";
}

namespace Mdfld.Data;

/// <summary>A folder that is there whole or not at all: made beside its place under another name, then moved.</summary>
public sealed class AtomicFolder : IDisposable
{
    private readonly string _target;

    /// <summary>Begins a folder; nothing is at its place before <see cref="Publish"/>.</summary>
    /// <param name="target">Its place. What is there then is replaced.</param>
    /// <exception cref="IOException">The disk refuses.</exception>
    public AtomicFolder(string target)
    {
        _target = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(target));
        Path = Beside("tmp");
        Directory.CreateDirectory(Path);
    }

    /// <summary>Where to write; not yet the folder's place.</summary>
    public string Path { get; }

    /// <summary>Moves what was written to its place.</summary>
    /// <exception cref="IOException">The disk refuses; what was at that place is there still.</exception>
    public void Publish()
    {
        var old = Beside("old");
        if (Directory.Exists(_target))
            Directory.Move(_target, old);
        try
        {
            Directory.Move(Path, _target);
        }
        catch when (Directory.Exists(old))
        {
            Directory.Move(old, _target);
            throw;
        }
        if (Directory.Exists(old))
            Directory.Delete(old, recursive: true);
    }

    /// <summary>Removes what was written and not published.</summary>
    public void Dispose()
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }

    private string Beside(string ending) =>
        $"{_target}.{Environment.ProcessId}-{Environment.CurrentManagedThreadId}.{ending}";
}

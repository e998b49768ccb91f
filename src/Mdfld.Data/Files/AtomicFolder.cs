namespace Mdfld.Data;

/// <summary>A folder that is complete or absent: written under another name beside it, then moved.</summary>
public sealed class AtomicFolder : IDisposable
{
    private readonly string _target;

    /// <summary>Begins a folder; nothing has its name before <see cref="Publish"/>.</summary>
    /// <param name="target">The folder; one of that name is replaced.</param>
    /// <exception cref="IOException">The disk refuses.</exception>
    public AtomicFolder(string target)
    {
        _target = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(target));
        Path = Beside("tmp");
        Directory.CreateDirectory(Path);
    }

    /// <summary>Where to write: another name, until it is published.</summary>
    public string Path { get; }

    /// <summary>Gives what was written the folder's name.</summary>
    /// <exception cref="IOException">The disk refuses; a former folder is there still.</exception>
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

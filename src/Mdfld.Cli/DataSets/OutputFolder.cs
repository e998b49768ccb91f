namespace Mdfld.Cli.DataSets;

/// <summary>A folder that is there whole or not at all: made beside its place under another name, then moved.</summary>
internal sealed class OutputFolder : IDisposable
{
    private readonly string _target;

    private OutputFolder(string target)
    {
        _target = target;
        Path = $"{target}.{Environment.ProcessId}.tmp";
        Directory.CreateDirectory(Path);
    }

    /// <summary>Where to write; not yet the folder's place.</summary>
    public string Path { get; }

    /// <exception cref="UsageException">There is a file of that name, or a folder with something in it.</exception>
    public static OutputFolder Create(string path)
    {
        if (File.Exists(path))
            throw new UsageException($"{path}: this is a file, expected a folder to be made");
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
            throw new UsageException($"{path}: this folder holds something already; name a new or empty one");
        return new OutputFolder(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path)));
    }

    /// <summary>Moves what was written to its place.</summary>
    public void Publish()
    {
        if (Directory.Exists(_target))
            Directory.Delete(_target);
        Directory.Move(Path, _target);
    }

    /// <summary>Removes what was written and not published.</summary>
    public void Dispose()
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }
}

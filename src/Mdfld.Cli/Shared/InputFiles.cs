namespace Mdfld.Cli;

/// <summary>Files and folders that a command reads, and must not replace by what it writes.</summary>
internal static class InputFiles
{
    /// <summary>Refuses inputs that are or lie in what the command writes.</summary>
    /// <param name="output">A folder or file that is written or replaced.</param>
    /// <param name="inputs">Files and folders that are read; null for what is not given.</param>
    /// <exception cref="UsageException">One of them lies there.</exception>
    public static void Keep(string output, params IEnumerable<string?> inputs)
    {
        if (inputs.FirstOrDefault(input => input is not null && IsIn(input, output)) is { } inside)
            throw new UsageException($"{output} is or holds {inside}, which is in use; name another output");
    }

    /// <summary>
    /// Writes a file that is no input; one that is there already stays, unless the user says otherwise.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="bytes">Its content.</param>
    /// <param name="inputs">Full paths of what is read.</param>
    /// <param name="replaces">Whether what is there may go.</param>
    /// <exception cref="IOException">There is a file, or the disk refuses.</exception>
    public static void Write(string path, ReadOnlyMemory<byte> bytes, IReadOnlySet<string> inputs, bool replaces)
    {
        if (inputs.Contains(Path.GetFullPath(path)))
            throw new IOException($"{path}: is a picture that is read; name another folder");
        if (!replaces && File.Exists(path))
            throw new IOException($"{path}: is there already; name another folder, or replace it with --force");
        AtomicFile.Write(path, bytes);
    }

    private static bool IsIn(string input, string output)
    {
        var path = Path.GetRelativePath(Target(output), Target(input));
        return path != ".." && !path.StartsWith(".." + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            && !Path.IsPathRooted(path);
    }

    /// <summary>The target of a link; any other path as it is.</summary>
    private static string Target(string path)
    {
        FileSystemInfo file = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        return (file.Exists ? file.ResolveLinkTarget(returnFinalTarget: true) : null)?.FullName ?? file.FullName;
    }
}

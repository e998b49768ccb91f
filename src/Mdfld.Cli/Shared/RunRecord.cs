using System.Text;
using System.Text.Json;

namespace Mdfld.Cli;

/// <summary>
/// The file <c>.mdfld-COMMAND</c> of an output folder: a line with the settings of the run that wrote into it, then a
/// line for each thing done. One process at a time has it open; one that dies lets go of it.
/// </summary>
internal sealed class RunRecord : IDisposable
{
    private const int MostBytes = 1 << 30;

    private readonly FileStream _file;
    private readonly Dictionary<string, string[]> _earlier = new(StringComparer.Ordinal);

    private readonly bool _replaces;

    private RunRecord(FileStream file, string folder, bool replaces) =>
        (_file, Folder, _replaces) = (file, folder, replaces);

    /// <summary>The output folder.</summary>
    public string Folder { get; }

    /// <summary>What of the settings was another in the run that was to go on; null where nothing was.</summary>
    public string? Difference { get; private set; }

    /// <summary>What an earlier run did that is not gone on with: its results are to be removed.</summary>
    public IReadOnlyList<string> Replaced { get; private set; } = [];

    /// <summary>
    /// Opens the record of a folder, which is made if missing. It goes on with what is there if the settings are the
    /// same; else all is begun anew.
    /// </summary>
    /// <param name="folder">The output folder.</param>
    /// <param name="command">Name of the command, whose results these are.</param>
    /// <param name="settings">All on which the results depend.</param>
    /// <param name="resume">Goes on with what is there.</param>
    /// <param name="force">Begins anew whatever is there.</param>
    /// <exception cref="UsageException">The folder is a file, or holds results and is neither to be resumed nor
    /// replaced.</exception>
    /// <exception cref="IOException">Another process writes into the folder, or it cannot be written to.</exception>
    public static RunRecord Open(
        string folder, string command, IReadOnlyDictionary<string, string?> settings, bool resume, bool force)
    {
        if (File.Exists(folder))
            throw new UsageException($"--out {folder}: this is a file, expected a folder");
        var record = new RunRecord(FolderLock.Take(folder, ".mdfld-" + command), folder, resume || force);
        try
        {
            record.Read(settings, resume, force);
            return record;
        }
        catch
        {
            record.Dispose();
            throw;
        }
    }

    /// <summary>Whether a run of the command has written into the folder.</summary>
    public static bool Has(string folder, string command) => File.Exists(Path.Combine(folder, ".mdfld-" + command));

    /// <summary>All that an earlier run did, whether it is gone on with or replaced.</summary>
    public IEnumerable<string> Names => [.. _earlier.Keys, .. Replaced];

    /// <summary>What an earlier run noted of a thing; null where it did not do it.</summary>
    public string[]? Earlier(string name) => _earlier.GetValueOrDefault(name);

    /// <summary>Notes that a thing is done: its result is on the disk. Any thread may call it.</summary>
    public void Add(string name, params string[] facts) => Write(JsonSerializer.Serialize((string[])[name, .. facts]));

    /// <summary>Writes a result; a file that no run of the command wrote stays, unless the user says otherwise.</summary>
    /// <exception cref="IOException">There is one, or the disk refuses.</exception>
    public void Save(string path, ReadOnlyMemory<byte> bytes)
    {
        CheckFree(path);
        AtomicFile.Write(path, bytes);
    }

    /// <exception cref="IOException">There is a file of that name that no run of the command wrote.</exception>
    public void CheckFree(string path)
    {
        if (!_replaces && File.Exists(path))
            throw new IOException($"{path}: is there already; name another --out, or replace it with --force");
    }

    public void Dispose() => _file.Dispose();

    private void Read(IReadOnlyDictionary<string, string?> settings, bool resume, bool force)
    {
        var (lines, end) = Lines();
        var earlier = lines.Length > 0 ? Settings(lines[0]) : null;
        if (earlier is not null && !resume && !force)
        {
            throw new UsageException(
                $"--out {Folder}: holds the results of an earlier run; --resume goes on with it, --force replaces it");
        }
        if (earlier is not null && !force)
            Difference = Compare(earlier, settings);
        foreach (var line in lines.Skip(1))
        {
            // Whatever a record says, nothing outside the folder is touched.
            if (Parse<string[]>(line) is [var name, .. var facts] && Path.GetFileName(name) == name)
                _earlier[name] = facts;
        }
        if (earlier is null || force || Difference is not null)
        {
            Replaced = [.. _earlier.Keys];
            _earlier.Clear();
            _file.SetLength(0);
            Write(JsonSerializer.Serialize(settings));
            return;
        }
        // What a killed process wrote of its last line is cut off.
        _file.SetLength(end);
        _file.Position = end;
    }

    private static string? Compare(
        IReadOnlyDictionary<string, string?> earlier, IReadOnlyDictionary<string, string?> settings)
    {
        var names = settings.Keys.Union(earlier.Keys)
            .Where(name => earlier.GetValueOrDefault(name) != settings.GetValueOrDefault(name));
        return string.Join(", ", names) is { Length: > 0 } list ? list : null;
    }

    private static Dictionary<string, string?>? Settings(string line) => Parse<Dictionary<string, string?>>(line);

    private static T? Parse<T>(string line)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(line);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The complete lines, and where the last ends.</summary>
    private (string[] Lines, long End) Lines()
    {
        if (_file.Length > MostBytes)
            return ([], 0);
        var bytes = new byte[_file.Length];
        _file.ReadExactly(bytes);
        var end = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        return (Encoding.UTF8.GetString(bytes, 0, end).Split('\n', StringSplitOptions.RemoveEmptyEntries), end);
    }

    private void Write(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line + "\n");
        lock (_file)
            _file.Write(bytes);
    }
}

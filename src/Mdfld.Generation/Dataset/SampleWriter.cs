using System.Text;

namespace Mdfld.Generation.Dataset;

/// <summary>
/// Writes the folder of a data set. A sample is its picture, written atomically, and then a line of its shard's
/// <c>samples.I-of-N.partial</c>: without a line it is made again. Annotations, sheets and card are written from the lines, now
/// and then while the set grows; when every sample asked for has one in any shard, the records, too, and the partial files are
/// deleted.
/// </summary>
public sealed class SampleWriter : IDisposable
{
    public const string Images = "images";
    public const string Annotations = "annotations.tsv";
    public const string Records = "samples.jsonl";
    public const string Settings = "generate.json";
    public const string Card = "README.md";
    public const string Sheets = "sheets";

    private readonly string _folder;
    private readonly DatasetOverview _overview;
    private readonly DatasetShard _shard;
    private readonly FileStream _lock;
    private readonly FileStream _partial;
    private readonly Dictionary<(string, int), SampleRecord> _done;

    private SampleWriter(string folder, DatasetShard shard, FileStream held, FileStream partial)
    {
        (_folder, _shard, _lock, _partial) = (folder, shard, held, partial);
        _overview = new DatasetOverview(folder);
        _done = All().ToDictionary(r => (r.Style, r.Index));
    }

    /// <summary>Opens a folder, new, of other shards, or to go on with.</summary>
    /// <param name="resume">Continues an earlier run of this shard.</param>
    /// <param name="force">Removes the data set that is there and begins anew; of one shard only.</param>
    /// <exception cref="InvalidOperationException">
    /// The folder holds something else, or follows from other settings, or has samples of this shard and
    /// <paramref name="resume"/> is not set.
    /// </exception>
    /// <exception cref="IOException">The disk refuses; another process is at this shard.</exception>
    /// <exception cref="InvalidDataException">A file of an earlier run is broken.</exception>
    public static SampleWriter Open(
        string folder, DatasetSettings settings, DatasetShard shard, bool resume, bool force = false)
    {
        if (File.Exists(folder))
            throw new InvalidOperationException($"{folder}: this is a file, expected a folder");
        if (force && shard.Count > 1)
        {
            throw new InvalidOperationException(
                $"{folder}: one of several shards cannot replace what the others write; remove it before they start");
        }
        var isCleared = force && File.Exists(Path.Combine(folder, Settings));
        if (isCleared)
        {
            Clear(folder);
            resume = false;
        }
        var path = Path.Combine(folder, Settings);
        var partial = Path.Combine(folder, $"samples.{shard.Number + 1}-of-{shard.Count}.partial");
        var isStarted = File.Exists(path);
        var isEmpty = isCleared || !Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any();
        if (!resume && !isEmpty && (shard.Count == 1 || !isStarted))
            throw new InvalidOperationException(
                $"{folder}: holds something already; name a new folder, or go on with --resume, or replace a data set "
                + "with --force");
        if (!resume && (File.Exists(partial) || File.Exists(Path.Combine(folder, Records))))
            throw new InvalidOperationException($"{folder}: holds samples already; go on with --resume");
        if (!isStarted && !isEmpty)
            throw new InvalidOperationException(
                $"{folder}: nothing to resume: no {Settings} in it; name a new folder");
        if (isStarted && settings.DifferenceFrom(DatasetSettings.Read(path)) is { } difference)
        {
            throw new InvalidOperationException(
                $"{path}: this run differs in {difference}; go on with the same options, or name a new folder");
        }
        if (!isStarted)
        {
            Directory.CreateDirectory(folder);
            WriteText(path, settings.Text());
        }
        foreach (var style in shard.Styles)
            Directory.CreateDirectory(Path.Combine(folder, Images, style.Id));
        var held = Hold(Path.ChangeExtension(partial, ".lock"));
        try
        {
            return new SampleWriter(folder, shard, held, OpenPartial(partial));
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Removes what a data set is made of, and nothing else, unless a process is at work on it.</summary>
    private static void Clear(string folder)
    {
        foreach (var held in Directory.GetFiles(folder, "samples.*.lock"))
            Hold(held).Dispose();
        foreach (var sub in ((string[])[Images, Sheets]).Select(s => Path.Combine(folder, s)).Where(Directory.Exists))
            Directory.Delete(sub, recursive: true);
        foreach (var file in Directory.GetFiles(folder, "samples.*"))
            File.Delete(file);
        foreach (var file in (string[])[Annotations, Card, Settings])
            File.Delete(Path.Combine(folder, file));
    }

    public bool Has(Style style, int index) =>
        _done.TryGetValue((style.Id, index), out var record)
        && (record.Picture is null || File.Exists(PathOf(record.Picture)));

    /// <summary>Adds a sample of <see cref="SampleGenerator.Make"/>; after that it is not made again.</summary>
    /// <exception cref="IOException">The disk refuses; the folder is as it was.</exception>
    public void Add(SampleRecord record, byte[]? png)
    {
        if (png is not null)
            AtomicFile.Write(PathOf(record.Picture!), png);
        var start = _partial.Position;
        try
        {
            _partial.Write(Encoding.UTF8.GetBytes(record.Line()));
            _partial.Flush();
        }
        catch
        {
            _partial.SetLength(start);
            throw;
        }
    }

    /// <summary>Writes annotations, sheets and card of what there is so far, if anything; one thread at a time.</summary>
    /// <param name="book">The order of the styles.</param>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void ShowProgress(DatasetSettings settings, StyleBook book) => Show(settings, book);

    /// <summary>Writes the data set's files; its records only if no sample is missing.</summary>
    /// <param name="book">The order of the styles.</param>
    /// <returns>The records, or null where other shards are still at work; and how many samples are missing.</returns>
    public (IReadOnlyList<SampleRecord>? Records, int Missing) Complete(DatasetSettings settings, StyleBook book)
    {
        var (records, missing) = Show(settings, book);
        if (missing > 0)
            return (null, missing);

        WriteText(Path.Combine(_folder, Records), string.Concat(records.Select(r => r.Line())));
        // Temporary files of killed runs.
        foreach (var torn in Directory.EnumerateFiles(
            Path.Combine(_folder, Images), "*.tmp", SearchOption.AllDirectories))
            File.Delete(torn);
        // Last: at any moment every record is in one of the files.
        foreach (var partial in Partials())
            File.Delete(partial);
        return (records, 0);
    }

    /// <summary>Gives the records in the order of styles and numbers, and how many samples are missing.</summary>
    private (IReadOnlyList<SampleRecord> Records, int Missing) Show(DatasetSettings settings, StyleBook book)
    {
        var order = book.Styles.Select((s, i) => (s.Id, i)).ToDictionary(s => s.Id, s => s.i);
        SampleRecord[] records = [.. All().OrderBy(r => order[r.Style]).ThenBy(r => r.Index)];
        var there = records.Select(r => (r.Style, r.Index)).ToHashSet();
        var missing = _shard.Styles.Sum(
            s => Enumerable.Range(0, _shard.PerStyle).Count(i => !there.Contains((s.Id, i))));
        // A shard may have no sample at all, and be done first.
        if (records.Length > 0)
            _overview.Write(settings, book, records, missing);
        return (records, missing);
    }

    public void Dispose()
    {
        _partial.Dispose();
        _lock.Dispose();
    }

    /// <summary>A file that no other process can open while this one lives.</summary>
    private static FileStream Hold(string path)
    {
        try
        {
            return new FileStream(
                path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 0, FileOptions.DeleteOnClose);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new IOException($"{path}: another process is at this shard ({e.Message})", e);
        }
    }

    private static void WriteText(string path, string text) => AtomicFile.Write(path, Encoding.UTF8.GetBytes(text));

    private static FileStream OpenPartial(string path)
    {
        var stream = new FileStream(
            path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 0);
        try
        {
            stream.SetLength(SampleRecord.ReadAll(path).Length);
            stream.Seek(0, SeekOrigin.End);
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Every record there is, one of each sample.</summary>
    private IEnumerable<SampleRecord> All()
    {
        var all = new Dictionary<(string, int), SampleRecord>();
        foreach (var path in Partials().Append(Path.Combine(_folder, Records)))
        {
            try
            {
                foreach (var record in SampleRecord.ReadAll(path).Records)
                    all[(record.Style, record.Index)] = record;
            }
            catch (FileNotFoundException)
            {
                // Another shard has completed the set since: what was here is in the records, which come last.
            }
        }
        return all.Values;
    }

    private string[] Partials() =>
        [.. Directory.EnumerateFiles(_folder, "samples.*-of-*.partial").Order(StringComparer.Ordinal)];

    private string PathOf(string image) => Path.Combine(_folder, Images, image);
}

using System.Runtime.CompilerServices;
using System.Text;

namespace Mdfld.Cli.Detecting;

/// <summary>A picture to look at.</summary>
/// <param name="Path">As the user named it; "-" is standard input.</param>
/// <param name="Name">What files about it are called, less folder and extension.</param>
internal sealed record PictureInput(string Path, string Name)
{
    public const string StandardInput = "-";

    /// <summary>How errors call it.</summary>
    public string Title => Path == StandardInput ? "standard input" : Path;

    /// <summary>Reads it; its pixels are decoded as far as the detector needs them.</summary>
    /// <param name="maxPixels">The largest width x height to accept.</param>
    /// <exception cref="InvalidDataException">It is no picture, or too large.</exception>
    public Picture Load(long maxPixels)
    {
        if (Path != StandardInput)
            return Picture.Open(Path, maxPixels);
        using var input = Console.OpenStandardInput();
        return Picture.Open(input, maxPixels);
    }
}

/// <summary>The pictures of a run, in order.</summary>
/// <param name="Paths">They may come while the first are being looked at.</param>
/// <param name="Count">How many, where that is known beforehand.</param>
internal sealed record PictureList(IAsyncEnumerable<string> Paths, int? Count)
{
    /// <summary>Paths that are all known.</summary>
    public static PictureList Of(IReadOnlyList<string> paths) => new(paths.ToAsyncEnumerable(), paths.Count);

    /// <summary>
    /// Paths from a text file, which is read now, or from standard input ("-") as they come; empty ones do not count.
    /// </summary>
    /// <param name="file">The list.</param>
    /// <param name="end">What ends a path: a line break or NUL.</param>
    /// <param name="stop">Ends the reading.</param>
    public static async Task<PictureList> ReadAsync(string file, char end, CancellationToken stop)
    {
        if (file == PictureInput.StandardInput)
            return new PictureList(SplitAsync(Console.OpenStandardInput(), end), null);
        await using var stream = File.OpenRead(file);
        return Of(await SplitAsync(stream, end).ToListAsync(stop));
    }

    /// <summary>
    /// The pictures with a name each: face.png and face.jpg, or two folders' face.png, share none. Names follow from
    /// the paths and their order alone, so that a resumed run finds its files.
    /// </summary>
    public async IAsyncEnumerable<PictureInput> NamedAsync([EnumeratorCancellation] CancellationToken stop = default)
    {
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        await foreach (var path in Paths.WithCancellation(stop))
        {
            var file = path == PictureInput.StandardInput ? "stdin" : Path.GetFileName(path);
            var name = Path.GetFileNameWithoutExtension(file);
            for (var i = 1; !taken.Add(name); i++)
                name = i == 1 ? file : $"{file}-{i}";
            yield return new PictureInput(path, name);
        }
    }

    private static async IAsyncEnumerable<string> SplitAsync(
        Stream stream, char end, [EnumeratorCancellation] CancellationToken stop = default)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var (path, buffer) = (new StringBuilder(), new char[4096]);
        int read;
        // A read from a pipe cannot be called off: it is left behind.
        while ((read = await reader.ReadAsync(buffer, CancellationToken.None).AsTask().WaitAsync(stop)) > 0)
        {
            for (var (rest, at) = (buffer.AsMemory(0, read), 0); !rest.IsEmpty; rest = rest[at..])
            {
                at = rest.Span.IndexOf(end) + 1;
                if (at == 0)
                {
                    path.Append(rest);
                    break;
                }
                path.Append(rest[..(at - 1)]);
                if (Finished() is { Length: > 0 } whole)
                    yield return whole;
            }
        }
        if (Finished() is { Length: > 0 } last)
            yield return last;

        string Finished()
        {
            var text = path.ToString();
            path.Clear();
            return end == '\n' ? text.TrimEnd('\r') : text;
        }
    }
}

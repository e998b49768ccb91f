using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Mdfld.Data;

/// <summary>A folder that was made of a downloaded data set.</summary>
/// <param name="Name">Its name; one that ends in -val is measured on, never trained on.</param>
/// <param name="Faces">Faces in it.</param>
/// <param name="HeldOut">Faces left out because a picture of a -val folder is the same.</param>
/// <param name="NotNamed">Faces left out because the list of wanted pictures does not name theirs.</param>
/// <param name="Without">Faces left out because their picture is not there.</param>
/// <param name="Bad">Annotations left out because they are malformed or of another number of points.</param>
public sealed record PreparedFolder(string Name, int Faces, int HeldOut, int NotNamed, int Without, int Bad);

/// <summary>
/// Makes of public data sets, as they are downloaded, the folders of faces that recipes and model cards name: pictures
/// as they are, <c>annotations.tsv</c>, and <c>SHA256SUMS</c> of all files.
/// </summary>
public static partial class DatasetPreparation
{
    /// <summary>The list of hashes in a prepared folder.</summary>
    public const string Sums = "SHA256SUMS";

    // Of the pictures of CariFace that others measure on (Liang et al., CVPR 2024).
    private const string TestList = "test_list.txt";

    // Where in the unpacked archives annotations are, by the end of the path; what comes before pictures' names. Menpo
    // has trainset/ and testset/, each with semifrontal/ and profile/ (39 points, which are left out); CariFace
    // images/00005.jpg, landmarks/00005.jpg.npy and lists; Wu et al. Caricature_w_landmark/1.jpg and 1.txt.
    private static readonly Source[] Sources =
    [
        new("300w", "real-train", "pts", "(^|/)afw$", "afw_"),
        new("300w", "real-train", "pts", "(^|/)helen(/helen)?/trainset$", "helen_"),
        new("300w", "real-train", "pts", "(^|/)lfpw(/lfpw)?/trainset$", "lfpw_"),
        new("300w", "real-val", "pts", "(^|/)lfpw(/lfpw)?/testset$", "lfpw_"),
        new("300w", "helen-val", "pts", "(^|/)helen(/helen)?/testset$", "helen_"),
        new("300w", "ibug-val", "pts", "(^|/)ibug$", "ibug_"),
        new("300w", "300w-val", "pts", "(^|/)01_indoor$", ""),
        new("300w", "300w-val", "pts", "(^|/)02_outdoor$", ""),
        new("wflw", "wflw-train", "wflw", @"(^|/)list_98pt_rect_attr_train\.txt$", ""),
        new("wflw", "wflw-val", "wflw", @"(^|/)list_98pt_rect_attr_test\.txt$", ""),
        new("cofw", "cofw-train", "cofw", @"(^|/)cofw_train(_color)?\.mat$", ""),
        new("cofw", "cofw-val", "cofw", @"(^|/)cofw_test(_color)?\.mat$", ""),
        new("menpo", "menpo-train", "pts", "^$", "", Tested: false),
        new("menpo", "menpo-val", "pts", "^$", "", Tested: true),
        new("caricature", "caricature-faces-train", "cariface", "^$", "", Tested: false),
        new("caricature", "caricature-faces-val", "cariface", "^$", "", Tested: true),
    ];

    /// <summary>The data sets that are understood.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Sources.Select(s => s.Set).Distinct()];

    /// <summary>Makes the folders of a data set.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="source">What was downloaded: an archive, or a folder with archives or unpacked.</param>
    /// <param name="output">The folder to make them in; each is there whole or not at all.</param>
    /// <param name="wanted">Names of pictures, without endings, to be taken; null takes all.</param>
    /// <param name="replace">Whether folders that are there already are replaced.</param>
    /// <param name="stop">Ends it between two pictures.</param>
    /// <returns>The folders, those to measure on first.</returns>
    /// <exception cref="InvalidDataException">
    /// Nothing of the data set is there, an archive is broken, or a folder to be made is there already.
    /// </exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static IReadOnlyList<PreparedFolder> Prepare(
        string name, string source, string output, IReadOnlySet<string>? wanted = null, bool replace = false,
        CancellationToken stop = default)
    {
        var parts = Sources.Where(s => s.Set == name).ToArray();
        Directory.CreateDirectory(output);
        using var archive = ArchiveFolder.Open(
            source, Path.Combine(output, $".unpacked-{Environment.ProcessId}"), stop);
        var paths = Directory.EnumerateFileSystemEntries(archive.Path, "*", SearchOption.AllDirectories)
            .Select(p => (Path: p, Name: Path.GetRelativePath(archive.Path, p).Replace('\\', '/').ToLowerInvariant()))
            .Prepend((Path: archive.Path, Name: "")).OrderBy(p => p.Name, StringComparer.Ordinal).ToArray();
        if (Array.Find(parts, p => Path.GetFullPath(source + "/").StartsWith(
            Path.GetFullPath(Path.Combine(output, p.Folder)) + "/", StringComparison.Ordinal)) is { } inside)
        {
            throw new InvalidDataException(
                $"{source}: lies in {Path.Combine(output, inside.Folder)}, which is made anew; name another --out");
        }
        if (!replace && Array.Find(
            parts, p => Directory.Exists(Path.Combine(output, p.Folder)) && Places(p, paths).Any()) is { } old)
        {
            throw new InvalidDataException(
                $"{Path.Combine(output, old.Folder)}: is there already; name another --out, or --force");
        }
        var held = HeldOut(output);
        var tested = paths.Where(p => Path.GetFileName(p.Name) == TestList && File.Exists(p.Path))
            .SelectMany(p => ReadNames(p.Path)).ToHashSet(StringComparer.Ordinal);
        var made = new List<PreparedFolder>();
        var counted = new HashSet<string>();
        // What is measured on first: nothing of it may be trained on.
        foreach (var folder in parts.GroupBy(p => p.Folder).OrderByDescending(f => IsHeldOut(f.Key)))
        {
            if (Prepare(folder.Key, [.. folder], paths, tested, output, held, counted, wanted, stop) is { } prepared)
                made.Add(prepared);
        }
        return made.Count > 0 ? made : throw new InvalidDataException(
            $"{source}: nothing of {name} in it; expected {string.Join(", ", parts.Select(p => p.Words).Distinct())}");
    }

    /// <summary>Reads a list of pictures, a name a line; endings and folders do not count.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IReadOnlySet<string> ReadNames(string path) =>
        File.ReadLines(path).Select(l => l.Trim()).Where(l => l.Length > 0).Select(NameOf)
            .ToHashSet(StringComparer.Ordinal);

    private static PreparedFolder? Prepare(
        string name, Source[] sources, (string Path, string Name)[] paths, HashSet<string> tested, string output,
        HashSet<string> held, HashSet<string> counted, IReadOnlySet<string>? wanted, CancellationToken stop)
    {
        var (heldOut, notNamed, without, bad) = (0, 0, 0, 0);
        using var folder = new AtomicFolder(Path.Combine(output, name));
        var faces = new List<LabelledFace>();
        var sums = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var refused = new HashSet<string>();
        foreach (var part in sources)
        {
            foreach (var path in Places(part, paths))
            {
                var set = Read(path, part, paths);
                // Of one place two folders may be made.
                bad += counted.Contains(path) ? 0 : set.Bad;
                foreach (var face in set.Faces.Where(f => part.Takes(f.ImagePath, tested)))
                {
                    stop.ThrowIfCancellationRequested();
                    var image = part.Prefix + face.ImagePath;
                    if (!set.HasPicture(face))
                        without++;
                    else if (wanted is not null && !wanted.Contains(NameOf(image)))
                        notNamed++;
                    else if (!sums.ContainsKey(image) && (refused.Contains(image) || !Copy(set, face, image)))
                        heldOut++;
                    else
                        faces.Add(face with { ImagePath = image });
                }
            }
        }
        if (faces.Count == 0)
            return null;
        counted.UnionWith(sources.SelectMany(part => Places(part, paths)));
        var annotations = Path.Combine(folder.Path, "annotations.tsv");
        MetadataFile.Write(annotations, faces);
        AnnotationText.Write(Path.Combine(folder.Path, Sums), text =>
        {
            // As sha256sum writes it, and checks it with -c.
            foreach (var (image, sum) in sums.Select(s => ($"images/{s.Key}", s.Value))
                .Append(("annotations.tsv", Hash(annotations))))
                text.WriteLine($"{sum}  {image}");
        });
        folder.Publish();
        return new PreparedFolder(name, faces.Count, heldOut, notNamed, without, bad);

        bool Copy(FaceSet set, LabelledFace face, string image)
        {
            var target = Path.Combine(folder.Path, "images", image);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            using (var from = set.OpenPicture(face))
            using (var to = File.Create(target))
                from.CopyTo(to);
            var sum = Hash(target);
            if (IsHeldOut(name))
                held.Add(sum);
            else if (held.Contains(sum))
            {
                File.Delete(target);
                refused.Add(image);
                return false;
            }
            sums[image] = sum;
            return true;
        }
    }

    /// <summary>Where a source is: the deepest folders with annotations of its format, or files.</summary>
    private static IEnumerable<string> Places(Source part, (string Path, string Name)[] paths)
    {
        var format = AnnotationFormat.ByName(part.Format);
        var places = paths.Where(p => Regex.IsMatch(p.Name, part.At)).ToArray();
        return places.Where(p => !places.Any(other => other.Name.StartsWith(p.Name + "/", StringComparison.Ordinal)))
            .Select(p => p.Path).Where(p => File.Exists(p) || paths.Any(f => IsBelow(f.Path, p) && File.Exists(f.Path)
                && format.Recognises(f.Path)));

        static bool IsBelow(string file, string folder) =>
            file.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);
    }

    private static FaceSet Read(string path, Source part, (string Path, string Name)[] paths)
    {
        // An archive's own folder may have the name, too: the pictures are in the deepest.
        var pictures = Directory.Exists(path) ? null : paths.OrderByDescending(p => p.Name.Length).FirstOrDefault(
            p => p.Name == "wflw_images" || p.Name.EndsWith("/wflw_images", StringComparison.Ordinal)).Path;
        return FaceSet.Read(path, AnnotationFormat.ByName(part.Format), pictures, skipBad: true);
    }

    /// <summary>The hashes of pictures that are measured on, of folders made before.</summary>
    private static HashSet<string> HeldOut(string output) =>
        Directory.EnumerateDirectories(output).Where(IsHeldOut).Select(d => Path.Combine(d, Sums)).Where(File.Exists)
            .SelectMany(File.ReadLines).Select(line => line.Split(' ')[0]).ToHashSet();

    private static bool IsHeldOut(string folder) => folder.EndsWith("-val", StringComparison.Ordinal);

    private static string NameOf(string picture) => Path.GetFileNameWithoutExtension(picture.Replace('\\', '/'));

    private static string Hash(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    [GeneratedRegex("(^|/)(test|val)[^/]*/", RegexOptions.IgnoreCase)]
    private static partial Regex Test();

    /// <param name="Set">The data set.</param>
    /// <param name="Folder">The folder that is made of it.</param>
    /// <param name="Format">Of the annotations.</param>
    /// <param name="At">Matches the path of a folder or file of annotations, in lower case.</param>
    /// <param name="Prefix">Comes before the pictures' names.</param>
    /// <param name="Tested">
    /// Only pictures that test_list.txt names or, without one, below a folder called test or val; or only others; null
    /// takes both.
    /// </param>
    private sealed record Source(
        string Set, string Folder, string Format, string At, string Prefix, bool? Tested = null)
    {
        public bool Takes(string picture, HashSet<string> listed) => Tested is not { } tested
            || tested == (listed.Count > 0 ? listed.Contains(NameOf(picture)) : Test().IsMatch(picture));

        public string Words => At is "^$" ? $"files of {Format}"
            : Regex.Replace(At, @"\(\^\|/\)|\(/\w+\)\?|[\\$]", "").Replace("(_color)?", "");
    }
}

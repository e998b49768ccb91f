using System.Security.Cryptography;

namespace Mdfld.Generation.Dataset;

public sealed record Defect(string File, string Detail);

/// <summary>The result of checking every file of a generated data set.</summary>
public sealed record DatasetVerification(int Pairs, int Styles, IReadOnlyList<Defect> Defects)
{
    /// <summary>
    /// Compares annotations, records and pictures: every picture is there, undamaged, of the right size and in both;
    /// landmarks agree, lie inside and draw a face.
    /// </summary>
    /// <param name="folder">What <c>mdfld generate</c> wrote, complete.</param>
    /// <exception cref="FileNotFoundException">It is no generated data set, or not complete.</exception>
    /// <exception cref="InvalidDataException">Annotations, records or settings are malformed.</exception>
    public static DatasetVerification Of(string folder, CancellationToken stop = default)
    {
        foreach (var name in (string[])[SampleWriter.Settings, SampleWriter.Records, SampleWriter.Annotations])
        {
            if (!File.Exists(Path.Combine(folder, name)))
                throw new FileNotFoundException(
                    $"{folder}: no {name} in it; expected a complete data set of mdfld generate", name);
        }
        var settings = DatasetSettings.Read(Path.Combine(folder, SampleWriter.Settings));
        var (records, length) = SampleRecord.ReadAll(Path.Combine(folder, SampleWriter.Records));
        var defects = new List<Defect>();
        if (new FileInfo(Path.Combine(folder, SampleWriter.Records)).Length != length)
            Add(SampleWriter.Records, "the last line is not finished");
        foreach (var twice in records.GroupBy(r => (r.Style, r.Index)).Where(g => g.Count() > 1))
            Add(SampleWriter.Records, $"{twice.Key.Style} {twice.Key.Index} is there {twice.Count()} times");

        var pairs = records.Where(r => r.Picture is not null).ToArray();
        var labels = MetadataFile.Read(Path.Combine(folder, SampleWriter.Annotations)).ToLookup(f => f.ImagePath);
        foreach (var record in pairs)
        {
            stop.ThrowIfCancellationRequested();
            var (picture, points) = (record.Picture!, record.Points());
            LabelledFace[] faces = [.. labels[picture]];
            if (faces.Length == 0)
                Add(SampleWriter.Annotations, $"no line for {picture}");
            else if (faces is not [var face] || face.Style != record.Style || !face.Landmarks.SequenceEqual(points))
                Add(SampleWriter.Annotations, $"another label for {picture} than {SampleWriter.Records}");
            if (ContourCheck.Problem(points, settings.Size) is { } wrong)
                Add(picture, wrong);
            var path = Path.Combine(folder, SampleWriter.Images, picture);
            if (OfPicture(path, record, settings.Size) is { } broken)
                Add(picture, broken);
        }
        var known = pairs.Select(r => r.Picture!).ToHashSet();
        foreach (var unknown in labels.Select(l => l.Key).Where(i => !known.Contains(i)))
            Add(SampleWriter.Annotations, $"{unknown} is in no record");
        foreach (var unknown in Pictures(folder).Where(i => !known.Contains(i)))
            Add(unknown, "a picture of no record");
        return new DatasetVerification(pairs.Length, pairs.DistinctBy(r => r.Style).Count(), defects);

        void Add(string file, string detail) => defects.Add(new Defect(file, detail));
    }

    private static string? OfPicture(string path, SampleRecord record, int size)
    {
        if (!File.Exists(path))
            return "the picture is missing";
        try
        {
            var bytes = File.ReadAllBytes(path);
            if (Convert.ToHexStringLower(SHA256.HashData(bytes)) != record.Sha256)
                return $"the picture has another SHA-256 than {SampleWriter.Records} tells";
            var image = Picture.Load(bytes);
            return image.Width == size && image.Height == size
                ? null : $"expected a picture of {size} x {size}, found {image.Width} x {image.Height}";
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private static IEnumerable<string> Pictures(string folder)
    {
        var images = Path.Combine(folder, SampleWriter.Images);
        return Directory.Exists(images)
            ? Directory.EnumerateFiles(images, "*", SearchOption.AllDirectories)
                .Select(f => Path.GetRelativePath(images, f).Replace('\\', '/')).Order(StringComparer.Ordinal)
            : [];
    }
}

using System.Security.Cryptography;

namespace Mdfld.Diffusion.Synthesis;

/// <summary>A defect of a generated data set.</summary>
/// <param name="File">The file, below the data set's folder.</param>
/// <param name="Detail">Expected and found.</param>
public sealed record Defect(string File, string Detail);

/// <summary>The result of checking every file of a generated data set.</summary>
/// <param name="Pairs">Pairs in the records.</param>
/// <param name="Styles">Their styles.</param>
/// <param name="Defects">In the order of the records.</param>
public sealed record DatasetVerification(int Pairs, int Styles, IReadOnlyList<Defect> Defects)
{
    /// <summary>
    /// Compares annotations, records and pictures: every picture is there, undamaged, of the right size and in both;
    /// landmarks agree, lie inside and draw a face.
    /// </summary>
    /// <param name="folder">What <c>mdfld generate</c> wrote, complete.</param>
    /// <param name="stop">Cancels between two pictures.</param>
    /// <exception cref="FileNotFoundException">It is no generated data set, or not complete.</exception>
    /// <exception cref="InvalidDataException">Annotations, records or settings are malformed.</exception>
    public static DatasetVerification Of(string folder, CancellationToken stop = default)
    {
        foreach (var name in (string[])[SampleWriter.Settings, SampleWriter.Records, SampleWriter.Annotations])
        {
            if (!File.Exists(Path.Combine(folder, name)))
            {
                throw new FileNotFoundException(
                    $"{folder}: no {name} in it; expected a complete data set of mdfld generate", name);
            }
        }
        var settings = DatasetSettings.Read(Path.Combine(folder, SampleWriter.Settings));
        var (records, length) = SampleRecord.ReadAll(Path.Combine(folder, SampleWriter.Records));
        var defects = new List<Defect>();
        if (new FileInfo(Path.Combine(folder, SampleWriter.Records)).Length != length)
            defects.Add(new Defect(SampleWriter.Records, "the last line is not finished"));
        foreach (var twice in records.GroupBy(r => (r.Style, r.Index)).Where(g => g.Count() > 1))
            defects.Add(new Defect(
                SampleWriter.Records, $"{twice.Key.Style} {twice.Key.Index} is there {twice.Count()} times"));

        var kept = records.Where(r => r.Picture is not null).ToArray();
        var labels = MetadataFile.Read(Path.Combine(folder, SampleWriter.Annotations))
            .GroupBy(f => f.ImagePath).ToDictionary(g => g.Key, g => g.ToArray());
        foreach (var record in kept)
        {
            stop.ThrowIfCancellationRequested();
            if (!labels.Remove(record.Picture!, out var faces))
                defects.Add(new Defect(SampleWriter.Annotations, $"no line for {record.Picture}"));
            else if (faces.Length > 1 || faces[0].Style != record.Style
                || !faces[0].Landmarks.SequenceEqual(record.Points()))
                defects.Add(new Defect(
                    SampleWriter.Annotations, $"another label for {record.Picture} than {SampleWriter.Records}"));
            if (ContourCheck.Problem(record.Points(), settings.Size) is { } wrong)
                defects.Add(new Defect(record.Picture!, wrong));
            if (OfPicture(Path.Combine(folder, SampleWriter.Images, record.Picture!), record, settings.Size) is { } broken)
                defects.Add(new Defect(record.Picture!, broken));
        }
        defects.AddRange(labels.Keys.Select(i => new Defect(SampleWriter.Annotations, $"{i} is in no record")));
        defects.AddRange(
            Strays(folder, [.. kept.Select(r => r.Picture!)]).Select(i => new Defect(i, "a picture of no record")));
        return new DatasetVerification(kept.Length, kept.DistinctBy(r => r.Style).Count(), defects);
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

    private static IEnumerable<string> Strays(string folder, HashSet<string> known)
    {
        var images = Path.Combine(folder, SampleWriter.Images);
        return Directory.Exists(images)
            ? Directory.EnumerateFiles(images, "*", SearchOption.AllDirectories)
                .Select(f => Path.GetRelativePath(images, f).Replace('\\', '/'))
                .Where(f => !known.Contains(f)).Order(StringComparer.Ordinal)
            : [];
    }
}

using System.Security.Cryptography;
using System.Text;

namespace Mdfld.Data;

/// <summary>A part of a split: train, val, test, ...</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Share">Its share of the pictures, above 0.</param>
public sealed record SplitPart(string Name, double Share);

/// <summary>
/// Divides a dataset so that no picture is in two parts, a copy of it under another name included. The same faces,
/// parts and seed give the same division, in whatever order the faces come.
/// </summary>
public static class DatasetSplit
{
    /// <summary>The faces of each part, in their order; a part of a small set may come out empty.</summary>
    /// <param name="set">All faces; their pictures are read, not decoded.</param>
    /// <param name="parts">Shares sum to 1.</param>
    /// <param name="seed">Decides which picture goes where.</param>
    /// <param name="byStyle">
    /// Whether all pictures of a style go to one part; else each style is divided as the set is.
    /// </param>
    /// <exception cref="ArgumentException">A share is not above 0, or they do not sum to 1.</exception>
    /// <exception cref="IOException">A picture cannot be read; one that is missing counts by its path.</exception>
    public static IReadOnlyList<LabelledFace>[] Divide(
        FaceSet set, IReadOnlyList<SplitPart> parts, int seed = 0, bool byStyle = false)
    {
        var sum = parts.Sum(p => p.Share);
        if (!parts.All(p => p.Share > 0) || Math.Abs(sum - 1) > 1e-6)
            throw new ArgumentException($"shares sum to {sum}, expected shares above 0 that sum to 1", nameof(parts));
        var pictures = set.Faces.DistinctBy(f => f.ImagePath).ToDictionary(f => f.ImagePath, f => Content(set, f));
        // Of a picture whose faces have several styles, the first by name counts.
        var styles = set.Faces.GroupBy(f => pictures[f.ImagePath])
            .ToDictionary(g => g.Key, g => g.Select(f => f.Style ?? "").Min(StringComparer.Ordinal)!);
        var units =
            (from picture in styles
             let key = byStyle ? picture.Value : picture.Key
             group picture.Key by key into unit
             orderby byStyle ? "" : styles[unit.Key], Hash($"{seed}/{unit.Key}"), unit.Key
             select (unit.Key, Pictures: unit.ToArray())).ToArray();

        // Each unit goes where most is lacking: so parts grow together through every style, and by their shares.
        var (partOf, counts, total) = (new Dictionary<string, int>(), new int[parts.Count], 0);
        foreach (var unit in byStyle ? units.OrderByDescending(u => u.Pictures.Length) : units.AsEnumerable())
        {
            total += unit.Pictures.Length;
            var part = Enumerable.Range(0, parts.Count).MaxBy(p => (parts[p].Share * total) - counts[p]);
            counts[part] += unit.Pictures.Length;
            foreach (var picture in unit.Pictures)
                partOf[picture] = part;
        }
        return
        [
            .. parts.Select((_, p) => set.Faces.Where(f => partOf[pictures[f.ImagePath]] == p).ToArray()),
        ];
    }

    /// <summary>
    /// What is the same for pictures that are the same: a hash of the file, or the path where it is missing.
    /// </summary>
    private static string Content(FaceSet set, LabelledFace face)
    {
        if (!set.HasPicture(face))
            return face.ImagePath;
        using var file = set.OpenPicture(face);
        return Convert.ToHexString(SHA256.HashData(file));
    }

    private static string Hash(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}

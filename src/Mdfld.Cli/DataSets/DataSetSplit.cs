using System.Security.Cryptography;
using System.Text;

namespace Mdfld.Cli.DataSets;

/// <summary>A part of a set: its name and its share of the pictures.</summary>
internal sealed record SplitPart(string Name, double Share);

/// <summary>
/// Divides a set of faces so that no picture is in two parts, a copy of it under another name included. The same faces,
/// parts and seed give the same division, in whatever order the faces come.
/// </summary>
internal static class DataSetSplit
{
    /// <summary>The faces of each part, in their order.</summary>
    /// <param name="set">All faces.</param>
    /// <param name="parts">Shares sum to 1.</param>
    /// <param name="seed">Decides which picture goes where.</param>
    /// <param name="wholeStyles">
    /// Whether all pictures of a style go to one part; else each style is divided as the whole is.
    /// </param>
    public static IReadOnlyList<LabelledFace>[] Divide(
        FaceSet set, IReadOnlyList<SplitPart> parts, int seed, bool wholeStyles)
    {
        var pictures = set.Faces.DistinctBy(f => f.ImagePath).ToDictionary(f => f.ImagePath, f => Content(set, f));
        // Of a picture whose faces have several styles, the first by name counts.
        var styles = set.Faces.GroupBy(f => pictures[f.ImagePath])
            .ToDictionary(g => g.Key, g => g.Select(f => f.Style ?? "").Min(StringComparer.Ordinal)!);
        var units =
            (from picture in styles
             let key = wholeStyles ? picture.Value : picture.Key
             group picture.Key by key into unit
             orderby wholeStyles ? "" : styles[unit.Key], Hash($"{seed}/{unit.Key}"), unit.Key
             select (unit.Key, Pictures: unit.ToArray())).ToArray();

        // Each unit goes where most is lacking: so parts grow together through every style, and by their shares.
        var (places, counts, total) = (new Dictionary<string, int>(), new int[parts.Count], 0);
        foreach (var unit in wholeStyles ? units.OrderByDescending(u => u.Pictures.Length) : units.AsEnumerable())
        {
            total += unit.Pictures.Length;
            var place = Enumerable.Range(0, parts.Count).MaxBy(p => (parts[p].Share * total) - counts[p]);
            counts[place] += unit.Pictures.Length;
            foreach (var picture in unit.Pictures)
                places[picture] = place;
        }
        return
        [
            .. parts.Select((_, p) => set.Faces.Where(f => places[pictures[f.ImagePath]] == p).ToArray()),
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

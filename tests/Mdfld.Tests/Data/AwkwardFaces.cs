using System.Globalization;
using System.Numerics;

namespace Mdfld.Tests.Data;

/// <summary>Random faces whose names, styles and coordinates are as awkward as files allow.</summary>
internal static class AwkwardFaces
{
    private static readonly string[] Names =
    [
        "a.png", "sub/a b.jpg", "ä/é 1.png", "комикс/漫画 3.webp", "x.tar.png", "quote\"s'.png", "a,b;c.jpg",
        "<&>.png", "#%20+=?.jpeg", "UPPER.JPG", "-dash.png", "same.png", "same.jpg", ".hidden.png", "a.png.jpg",
        "none", "trailing.dot.", "{}.png", "1 2 3.png", "\u2028line.png",
    ];

    private static readonly string[] Styles =
        ["manga", "a, \"b\"; c", "<ü & ö>", " space ", "1", "{}", "naïve\u2028art"];

    /// <param name="folder">Gets a small picture for each face's.</param>
    /// <param name="seed">Decides.</param>
    /// <param name="points">Points of a face.</param>
    /// <param name="severalAPicture">Whether pictures may have more than one face.</param>
    public static FaceSet Draw(string folder, int seed, int points, bool severalAPicture)
    {
        var random = new Random(seed);
        var names = random.GetItems(Names, random.Next(1, 9));
        if (!severalAPicture)
            names = [.. names.Distinct()];
        foreach (var name in names)
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, new Picture(random.Next(1, 50), random.Next(1, 50)).EncodePng());
        }
        return new FaceSet(
            folder,
            [.. names.Select(name => LabelledFace.FromLandmarks(
                name, Points(random, points), random.Next(3) == 0 ? null : Styles[random.Next(Styles.Length)]))]);
    }

    /// <summary>A culture that writes 1,5 for one and a half, for the time of a test.</summary>
    public static IDisposable Comma() => new Culture();

    private static Vector2[] Points(Random random, int count)
    {
        var size = (float)Math.Pow(10, random.Next(-2, 7));
        return [.. Enumerable.Range(0, count)
            .Select(_ => new Vector2(random.NextSingle() - 0.5f, random.NextSingle() - 0.3f) * size)];
    }

    private sealed class Culture : IDisposable
    {
        private readonly CultureInfo _before = CultureInfo.CurrentCulture;

        public Culture()
        {
            // As de-DE; the program itself carries no cultures.
            var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            (comma.NumberFormat.NumberDecimalSeparator, comma.NumberFormat.NumberGroupSeparator) = (",", ".");
            comma.NumberFormat.NegativeSign = "\u2212";
            CultureInfo.CurrentCulture = comma;
        }

        public void Dispose() => CultureInfo.CurrentCulture = _before;
    }
}

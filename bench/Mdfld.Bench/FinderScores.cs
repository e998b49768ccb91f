using System.Diagnostics;
using System.Globalization;

namespace Mdfld.Bench;

/// <summary>
/// Face finders side by side on a folder of <c>mdfld train scenes</c>, or any with <c>faces/</c> and <c>empty/</c>: faces
/// found (intersection / union with the tight landmark box at least 0.4) and boxes where no face is.
/// </summary>
internal static class FinderScores
{
    private const float LeastIou = 0.4f;

    // Scores below this are never looked at.
    private const float Least = 0.05f;

    // The rate of false boxes at which finders are compared, whatever their own thresholds.
    private const double FalsePerPicture = 0.02;

    private static readonly float[] Sizes = [0, 32, 96, float.MaxValue];

    public static int Run(string folder, IReadOnlyList<string> models)
    {
        var pictures = Read(folder);
        Console.WriteLine($"{pictures.Count} pictures, {pictures.Sum(p => p.Faces.Count)} faces\n");
        Console.WriteLine("| finder | threshold | found % | false, 100 pictures with faces | false, 100 without | found % of < 32, < 96, larger "
            + "| found % at 2 false in 100 | ms |\n|---|---|---|---|---|---|---|---|");
        foreach (var model in models)
            Report(model, pictures);
        return 0;
    }

    private static void Report(string model, IReadOnlyList<Picture> pictures)
    {
        float threshold;
        using (var usual = FaceFinder.Load(model))
            threshold = usual.Threshold;
        using var finder = FaceFinder.Load(model, new FaceFinderOptions { Threshold = Least, Threads = 2 });
        var hits = new List<(float Score, float Size)>();
        var wrong = new List<(float Score, bool Empty)>();
        var watch = new Stopwatch();
        foreach (var picture in pictures)
        {
            var image = Image.Load(picture.Path);
            watch.Start();
            var found = finder.Find(image);
            watch.Stop();
            var free = picture.Faces.ToList();
            foreach (var face in found)
            {
                var best = free.Count == 0 ? default : free.MaxBy(f => Iou(f, face.Box));
                if (free.Count > 0 && Iou(best, face.Box) >= LeastIou)
                {
                    free.Remove(best);
                    hits.Add((face.Score, MathF.Max(best.Width, best.Height)));
                }
                else
                {
                    wrong.Add((face.Score, picture.Faces.Count == 0));
                }
            }
        }
        var faces = pictures.SelectMany(p => p.Faces).Select(f => MathF.Max(f.Width, f.Height)).ToArray();
        var (full, empty) = (pictures.Count(p => p.Faces.Count > 0), pictures.Count(p => p.Faces.Count == 0));
        var allowed = (int)(FalsePerPicture * pictures.Count);
        var strict = wrong.Select(w => w.Score).OrderDescending().ElementAtOrDefault(allowed);
        var bySize = Enumerable.Range(0, Sizes.Length - 1).Select(i => Share(
            hits.Count(h => h.Score >= threshold && h.Size >= Sizes[i] && h.Size < Sizes[i + 1]),
            faces.Count(s => s >= Sizes[i] && s < Sizes[i + 1])));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {Path.GetFileNameWithoutExtension(model)} | {threshold:0.00} | {Share(hits.Count(h => h.Score >= threshold), faces.Length)} "
            + $"| {Share(wrong.Count(w => !w.Empty && w.Score >= threshold), full)} | {Share(wrong.Count(w => w.Empty && w.Score >= threshold), empty)} "
            + $"| {string.Join(" / ", bySize)} | {Share(hits.Count(h => h.Score > strict), faces.Length)} "
            + $"| {watch.Elapsed.TotalMilliseconds / pictures.Count:0.0} |"));
    }

    private static string Share(int part, int whole) =>
        whole == 0 ? "-" : (100.0 * part / whole).ToString("0.0", CultureInfo.InvariantCulture);

    private static List<Picture> Read(string folder)
    {
        var pictures = new List<Picture>();
        foreach (var part in (string[])["faces", "empty"])
        {
            var root = Path.Combine(folder, part);
            if (!Directory.Exists(root))
                continue;
            var boxes = File.ReadLines(Path.Combine(root, "faces.tsv")).Skip(1).Select(line => line.Split('\t'))
                .ToLookup(f => f[0], f => new FaceBox(Number(f[1]), Number(f[2]), Number(f[3]), Number(f[4])));
            pictures.AddRange(Directory.GetFiles(Path.Combine(root, "images")).Order(StringComparer.Ordinal)
                .Select(path => new Picture(path, [.. boxes[Path.GetFileName(path)]])));
        }
        return pictures;

        static float Number(string text) => float.Parse(text, CultureInfo.InvariantCulture);
    }

    private static float Iou(FaceBox a, FaceBox b)
    {
        var across = MathF.Max(0, MathF.Min(a.Left + a.Width, b.Left + b.Width) - MathF.Max(a.Left, b.Left));
        var down = MathF.Max(0, MathF.Min(a.Top + a.Height, b.Top + b.Height) - MathF.Max(a.Top, b.Top));
        return across * down / ((a.Width * a.Height) + (b.Width * b.Height) - (across * down));
    }

    private sealed record Picture(string Path, IReadOnlyList<FaceBox> Faces);
}

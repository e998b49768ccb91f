using System.Diagnostics;
using System.Numerics;
using Mdfld.Generation;

namespace Mdfld.Bench;

/// <summary>
/// What autoencoders give back of the 80 faces of <c>golden/taesd</c> (its README has the teachers' figures), and what a
/// landmark detector loses on the 40 real ones.
/// </summary>
internal static class Autoencoders
{
    private const int Tile = 256;
    private const int Columns = 8;
    private const string Real = "real", Stylised = "stylised";

    /// <summary>Prints a table a size.</summary>
    /// <param name="shared">Holds golden/taesd and data/real-val.</param>
    /// <param name="autoencoders">Folders, or encoder files of TAESD.</param>
    public static void Run(string shared, string[] autoencoders)
    {
        set_num_threads(Environment.ProcessorCount);
        using var detector = LandmarkDetector.Create();
        var golden = Path.Combine(shared, "golden", "taesd");
        var names = File.ReadLines(Path.Combine(golden, "faces.tsv")).Skip(1).Select(line => line.Split('\t'))
            .ToLookup(f => f[0], f => f[2]);
        var sets = new[] { Real, Stylised }.ToDictionary(n => n, n => Tiles(Path.Combine(golden, $"faces-{n}.jpg")));
        var framing = new FaceFraming(Tile, 1.5f, 0);
        var data = FaceFolder.Open(Path.Combine(shared, "data", "real-val"));
        var labels = names[Real].Select(name => data.Faces.First(f => f.ImagePath == Path.GetFileName(name)))
            .Select(f => framing.Cut(Picture.Load(data.ImagePath(f)), f, 0, 0).Landmarks).ToArray();

        foreach (var size in (int[])[Tile, Tile / 2])
        {
            var pictures = sets.ToDictionary(s => s.Key, s => s.Value.Select(p => Shrunk(p, size)).ToArray());
            Console.WriteLine(
                $"## {size} x {size}\n\nError, % / PSNR, dB / edges kept (median) / colour kept; of pop art the colour kept; "
                + "NME, %; encoding and decoding a picture, ms.\n\n"
                + "| autoencoder | numbers | real | stylised | pop art | NME | ms |\n"
                + $"|---|---|---|---|---|---|---|\n| none | {3 * size * size} | | | | {Nme(pictures[Real]):0.00} | |");
            foreach (var path in autoencoders)
            {
                using var autoencoder = ModelParts.ReadAutoencoder(path);
                var watch = Stopwatch.StartNew();
                var made = pictures.ToDictionary(
                    s => s.Key, s => s.Value.Select(p => Through(autoencoder, p)).ToArray());
                var ms = watch.Elapsed.TotalMilliseconds / made.Sum(s => s.Value.Length);
                var side = size / autoencoder.Config.Reduction;
                var pop = names[Stylised].Index().Where(n => n.Item.Contains("pop-art", StringComparison.Ordinal))
                    .Select(n => n.Index).ToArray();
                var ofPop = ReconstructionFigures.Of(
                    [.. pop.Select(i => pictures[Stylised][i])], [.. pop.Select(i => made[Stylised][i])]);
                Console.WriteLine(
                    $"| {path} | {autoencoder.Config.LatentChannels * side * side} | {Words(Real)} | {Words(Stylised)} "
                    + $"| {ofPop.Colour:0.00} | {Nme(made[Real]):0.00} | {ms:0} |");

                string Words(string set)
                {
                    var f = ReconstructionFigures.Of(pictures[set], made[set]);
                    return $"{100 * f.Error:0.00} / {f.Psnr:0.0} / {f.Edges:0.00} ({f.MedianEdges:0.00}) / "
                        + $"{f.Colour:0.00}";
                }
            }
            Console.WriteLine();

            double Nme(Picture[] faces) => 100 * faces.Zip(labels).Average(f =>
            {
                // Pixel centres are at whole numbers.
                var half = new Vector2(0.5f);
                Vector2[] points = [.. f.Second.Select(p => ((p + half) * size / Tile) - half)];
                var found = detector.Detect(f.First, FaceBox.Around(points)).Points;
                return Metrics.Nme([.. found], points, LandmarkScheme.Ibug68);
            });
        }
    }

    private static Picture[] Tiles(string sheet)
    {
        var picture = Picture.Load(sheet);
        return [.. Enumerable.Range(0, picture.Width * picture.Height / (Tile * Tile)).Select(i =>
        {
            var tile = new Picture(Tile, Tile);
            for (var y = 0; y < Tile; y++)
                picture.Row((i / Columns * Tile) + y).Slice(3 * Tile * (i % Columns), 3 * Tile).CopyTo(tile.Row(y));
            return tile;
        })];
    }

    /// <summary>A picture of which each pixel is the mean of a square.</summary>
    private static Picture Shrunk(Picture picture, int size)
    {
        using var scope = NewDisposeScope();
        return PictureTensors.ToImage(avg_pool2d(PictureTensors.Signed(picture), picture.Width / size));
    }

    private static Picture Through(Autoencoder autoencoder, Picture picture)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        return PictureTensors.ToImage(autoencoder.Decode(autoencoder.Latent(autoencoder.Encode(
            PictureTensors.Signed(picture)))));
    }
}

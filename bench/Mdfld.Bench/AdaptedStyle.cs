using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using Mdfld.Data;
using Mdfld.Training;

namespace Mdfld.Bench;

/// <summary>
/// What adapting to 30 faces of a style does: drawn faces in neon, which the default model has never seen. The
/// error on 60 further faces of the style, and on every validation set, before and after.
/// </summary>
internal static class AdaptedStyle
{
    private const int Learnt = 30;
    private const int Measured = 60;
    private const int Tube = 6;
    private const int Side = 256;

    private static readonly string[] Others = ["real-val", "art-val", "caricature-val", "cartoon-val"];

    /// <param name="data">The folder of the data sets.</param>
    /// <param name="replay">Names of folders in it to replay; none: drawn faces.</param>
    /// <param name="changes">Of the recipe, as KEY=VALUE; share=N is the command's --share.</param>
    public static void Run(string data, string[] replay, string[] changes)
    {
        const string Share = "share=";
        using var work = new WorkFolder();
        Write(Path.Combine(work.Path, "learnt"), Learnt, seed: 1);
        Write(Path.Combine(work.Path, "measured"), Measured, seed: 2);
        var start = Repository.File("models", "compact.safetensors");
        var (before, model) = (Path.Combine(work.Path, "before.onnx"), Path.Combine(work.Path, "adapted.onnx"));
        DetectorExport.Save(start, before);
        var settings = new AdaptationSettings(Repository.File("recipes", "adapt.yaml"), start)
        {
            Calibrated = Repository.File("models", "compact.onnx"),
            Replay = [.. replay.Select(name => FaceFolder.Open(Path.Combine(data, name)))],
            Changes = [.. changes.Where(c => !c.StartsWith(Share, StringComparison.Ordinal))],
        };
        if (changes.FirstOrDefault(c => c.StartsWith(Share, StringComparison.Ordinal)) is { } share)
            settings = settings with { Share = double.Parse(share[Share.Length..], CultureInfo.InvariantCulture) };
        var clock = Stopwatch.StartNew();
        var result = Adaptation.Run(
            settings, FaceSet.Read(Path.Combine(work.Path, "learnt")), Path.Combine(work.Path, "run"), model,
            resume: false, new Silent(), CancellationToken.None);
        Say($"adapted in {clock.Elapsed.TotalSeconds:0} s; learnt from {result.Learnt} faces");
        foreach (var error in result.Errors)
            Say(Line(error.Name, error.Faces, error.Before, error.After));
        Compare("the style", FaceFolder.Open(Path.Combine(work.Path, "measured")));
        foreach (var name in Others.Where(n => Directory.Exists(Path.Combine(data, n))))
            Compare(name, FaceFolder.Open(Path.Combine(data, name)));

        void Compare(string name, FaceFolder folder) => Say(Line(name, folder.Faces.Count, Nme(before, folder), Nme(model, folder)));
    }

    /// <summary>Writes faces of the style, with their points.</summary>
    public static void Write(string folder, int count, int seed)
    {
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        var random = new Random(seed);
        var faces = new LabelledFace[count];
        for (var i = 0; i < count; i++)
        {
            var drawn = DrawnFaces.Draw(random, Side);
            Neon(drawn.Picture).Save(Path.Combine(folder, "images", $"{i}.png"));
            faces[i] = LabelledFace.FromLandmarks($"{i}.png", drawn.Landmarks, "neon");
        }
        MetadataFile.Write(Path.Combine(folder, "annotations.tsv"), faces);
    }

    /// <summary>Upright tubes of light on black, the thicker the darker the picture is: neon, as a negative.</summary>
    private static Picture Neon(Picture picture)
    {
        var neon = new Picture(picture.Width, picture.Height);
        for (var y = 0; y < picture.Height; y++)
        {
            var from = picture.Row(y);
            var to = neon.Row(y);
            for (var x = 0; x < picture.Width; x++)
            {
                var at = 3 * Math.Min(picture.Width - 1, (x / Tube * Tube) + (Tube / 2));
                var grey = (0.3f * from[at]) + (0.59f * from[at + 1]) + (0.11f * from[at + 2]);
                if (Math.Abs((x % Tube) - ((Tube - 1) / 2f)) <= (255 - grey) / 255 * Tube / 2)
                    (to[3 * x], to[(3 * x) + 1], to[(3 * x) + 2]) = (30, 200, 255);
            }
        }
        return neon;
    }

    private static double Nme(string model, FaceFolder folder)
    {
        using var detector = new LandmarkDetector(LandmarkModel.Load(model));
        return 100 * Evaluation.Run(detector, folder).All.Mean;
    }

    private static string Line(string name, int faces, double before, double after) => string.Create(
        CultureInfo.InvariantCulture, $"{name,-16} {faces,4} faces  NME {before,6:0.00} % -> {after,6:0.00} %  ({100 * ((after / before) - 1):+0.0;-0.0} %)");

    private static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private static void Say(string line) => Console.WriteLine(line);

    private sealed class Silent : ITrainingObserver
    {
        public void Begin(TrainingHeader header)
        {
        }

        public void Report(TrainingReport report)
        {
            if (report.Validation is [var aside, ..])
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"step {report.Step}: loss {report.Loss:0.00}, kept aside {aside.Value:0.00} %, {report.SamplesPerSecond:0.0} faces/s"));
        }
    }

    private sealed class WorkFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("mdfld-adapt-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}

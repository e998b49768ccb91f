using System.Text;
using Microsoft.ML.OnnxRuntime;

namespace Mdfld.Bench;

/// <summary>
/// From JPEG files of one megapixel to JSON files, on one thread: what each step takes, and how much of that is a
/// network.
/// </summary>
internal static class WholeRoad
{
    private const int Width = 1200;
    private const int Height = 840;

    public static void Run(int rounds)
    {
        var folder = Directory.CreateTempSubdirectory("mdfld-bench-").FullName;
        try
        {
            Measure(rounds, folder, WritePictures(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Measure(int rounds, string folder, string[] files)
    {
        using var once = LandmarkDetector.Create(new DetectorOptions { Threads = 1, RefinementSteps = 1 });
        using var twice = LandmarkDetector.Create(new DetectorOptions { Threads = 1, RefinementSteps = 2 });
        using var model = LandmarkModel.Load(
            Repository.File("models", "compact.onnx"), new DetectorOptions { Threads = 1 });
        var images = Array.ConvertAll(files, file => Picture.Load(file));
        var places = Array.ConvertAll(images, image => once.Finder.Find(image));
        var detections = new Landmarks[files.Length][];
        for (var i = 0; i < files.Length; i++)
            detections[i] = twice.Detect(images[i], places[i]);

        var m = Measurement.Interleaved(
            rounds,
            ("read and decode", () => Each(i => Picture.Load(files[i]))),
            ("find", () => Each(i => once.Finder.Find(images[i]))),
            ("one step", () => Each(i => once.Detect(images[i], places[i]))),
            ("two steps", () => Each(i => twice.Detect(images[i], places[i]))),
            ("a step's network", () => Each(i => Run(model, places[i].Length))),
            ("output", () => Each(i => Write(folder, files[i], Width, Height, detections[i]))),
            ("everything", () => Each(i =>
            {
                var image = Picture.Open(files[i]);
                Write(folder, files[i], image.Width, image.Height, twice.Detect(image));
            }
        )),
            ("a stream on all cores", () => Stream(twice, files)));

        var seconds = Array.ConvertAll(m, x => x.Median / files.Length);
        var whole = seconds[6];
        var faces = places.Sum(p => p.Length) / (double)files.Length;
        Console.WriteLine($"## {Width} x {Height} JPEG to JSON, {faces:0.0} places a picture, one thread\n");
        Console.WriteLine("| step | ms a picture | share |\n|---|---|---|");
        Row("read and decode", seconds[0]);
        Row("find", seconds[1]);
        Row("landmarks, first step", seconds[2]);
        Row("landmarks, refinement", seconds[3] - seconds[2]);
        Row("a step's network", seconds[4]);
        Row("output", seconds[5]);
        Row("everything", whole);
        var stream = seconds[7];
        Console.WriteLine(
            $"\nA stream on {Environment.ProcessorCount} cores: {1 / stream:0.0} pictures/s, "
            + $"{stream / faces * 1e3:0.0} ms a place.\n");

        void Each(Action<int> step)
        {
            for (var i = 0; i < files.Length; i++)
                step(i);
        }

        void Row(string name, double all) =>
            Console.WriteLine($"| {name} | {all * 1e3:0.0} | {all / whole:0 %} |");
    }

    /// <summary>Two of the program's own faces a picture, one large and one small.</summary>
    private static string[] WritePictures(string folder)
    {
        var samples = Repository.Samples();
        var files = new string[samples.Length];
        for (var i = 0; i < files.Length; i++)
        {
            var picture = new Picture(Width, Height);
            picture.Data.Fill(200);
            Paste(samples[i].Picture, picture, 0, 0, Height);
            Paste(samples[(i + 1) % samples.Length].Picture, picture, Height, 240, Width - Height);
            files[i] = Path.Combine(folder, $"{i}.jpg");
            picture.Save(files[i]);
        }
        return files;
    }

    private static void Paste(Picture source, Picture target, int left, int top, int side)
    {
        var scale = side / (double)source.Width;
        var sized = source.Warp(
            Homography.Affine(scale, 0, (scale - 1) / 2, 0, scale, (scale - 1) / 2), side, side, antialias: true);
        for (var y = 0; y < side; y++)
            sized.Row(y).CopyTo(target.Row(top + y)[(left * Picture.Channels)..]);
    }

    private static void Run(LandmarkModel model, int count)
    {
        if (count == 0)
            return;
        var points = count * model.Scheme.Count;
        model.Run(
            new float[count * Picture.Channels * model.Size * model.Size], count,
            new System.Numerics.Vector2[points], new PointCovariance[points], CancellationToken.None);
    }

    private static void Write(string folder, string file, int width, int height, Landmarks[] faces) => AtomicFile.Write(
        Path.Combine(folder, Path.GetFileName(file) + ".json"),
        Encoding.UTF8.GetBytes(ResultWriter.Json(file, width, height, "", faces)));

    private static void Stream(LandmarkDetector detector, string[] files) =>
        Task.Run(async () =>
        {
            await foreach (var result in detector.DetectAsync(files))
                GC.KeepAlive(result);
        }).GetAwaiter().GetResult();
}

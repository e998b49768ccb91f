using System.Text;
using Mdfld.Cli.Detecting;
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
        using var once = LandmarkDetector.Create(new LandmarkDetectorOptions { Threads = 1, Passes = 1 });
        using var twice = LandmarkDetector.Create(new LandmarkDetectorOptions { Threads = 1, Passes = 2 });
        using var landmarks = OnnxNetwork.OfResource(LandmarkDetector.DefaultModel, 1);
        using var finder = new FinderRun();
        var images = Array.ConvertAll(files, file => Image.Load(file));
        var places = Array.ConvertAll(images, once.Finder.Find);
        var detections = new Detection[files.Length];
        for (var i = 0; i < files.Length; i++)
            detections[i] = new Detection(files[i], Width, Height, "", twice.Detect(images[i], places[i]));

        var m = Measurement.Interleaved(
            rounds,
            ("read and decode", () => Each(i => Image.Load(files[i]))),
            ("find", () => Each(i => once.Finder.Find(images[i]))),
            ("finder's network", () => Each(_ => finder.Run())),
            ("first look", () => Each(i => once.Detect(images[i], places[i]))),
            ("both looks", () => Each(i => twice.Detect(images[i], places[i]))),
            ("a look's network", () => Each(i => Look(landmarks, places[i].Length))),
            ("output", () => Each(i => Write(folder, detections[i]))),
            ("everything", () => Each(i =>
            {
                var image = Image.Load(files[i]);
                Write(folder, new Detection(files[i], image.Width, image.Height, "", twice.Detect(image)));
            }
        )),
            ("a stream on all cores", () => Stream(twice, files)));

        var seconds = Array.ConvertAll(m, x => x.Median / files.Length);
        var whole = seconds[7];
        var faces = places.Sum(p => p.Length) / (double)files.Length;
        Console.WriteLine($"## {Width} x {Height} JPEG to JSON, {faces:0.0} places a picture, one thread\n");
        Console.WriteLine("| step | ms a picture | share | without the network, ms | share |\n|---|---|---|---|---|");
        Row("read and decode", seconds[0], 0);
        Row("find", seconds[1], seconds[2]);
        Row("landmarks, first look", seconds[3], seconds[5]);
        Row("landmarks, refinement", seconds[4] - seconds[3], seconds[5]);
        Row("output", seconds[6], 0);
        Row("everything", whole, seconds[2] + (2 * seconds[5]));
        var stream = seconds[8];
        Console.WriteLine(
            $"\nA stream on {Environment.ProcessorCount} cores: {1 / stream:0.0} pictures/s, "
            + $"{stream / faces * 1e3:0.0} ms a place.\n");

        void Each(Action<int> step)
        {
            for (var i = 0; i < files.Length; i++)
                step(i);
        }

        void Row(string name, double all, double network)
        {
            var rest = all - network;
            Console.WriteLine(
                $"| {name} | {all * 1e3:0.0} | {all / whole:0 %} | {rest * 1e3:0.0} | {rest / whole:0 %} |");
        }
    }

    /// <summary>Two of the program's own faces a picture, one large and one small.</summary>
    private static string[] WritePictures(string folder)
    {
        var samples = Repository.Samples();
        var files = new string[samples.Length];
        for (var i = 0; i < files.Length; i++)
        {
            var picture = new Image(Width, Height);
            picture.Data.Fill(200);
            Paste(samples[i].Image, picture, 0, 0, Height);
            Paste(samples[(i + 1) % samples.Length].Image, picture, Height, 240, Width - Height);
            files[i] = Path.Combine(folder, $"{i}.jpg");
            picture.Save(files[i]);
        }
        return files;
    }

    private static void Paste(Image source, Image target, int left, int top, int side)
    {
        var scale = side / (double)source.Width;
        var sized = Warp.Apply(
            source, Homography.Affine(scale, 0, (scale - 1) / 2, 0, scale, (scale - 1) / 2), side, side,
            Sampling.Antialiased);
        for (var y = 0; y < side; y++)
            sized.Row(y).CopyTo(target.Row(top + y)[(left * Image.Channels)..]);
    }

    private static void Look(OnnxNetwork network, int count)
    {
        if (count == 0)
            return;
        var (size, points) = (network.Model.Size, count * network.Model.Scheme.Count);
        network.Run(
            new float[count * Image.Channels * size * size], count, new System.Numerics.Vector2[points],
            network.Model.HasSpread ? new PointCovariance[points] : []);
    }

    private static void Write(string folder, Detection detection) => WholeFile.Write(
        Path.Combine(folder, Path.GetFileName(detection.Path) + ".json"), Encoding.UTF8.GetBytes(detection.ToJson()));

    private static void Stream(LandmarkDetector detector, string[] files) =>
        Task.Run(async () =>
        {
            await foreach (var result in detector.DetectAsync(files))
                GC.KeepAlive(result);
        }).GetAwaiter().GetResult();

    /// <summary>The finder's network alone, on inputs of the sizes that a picture is looked at in.</summary>
    private sealed class FinderRun : IDisposable
    {
        private readonly InferenceSession _session = OnnxModel.OpenResource(FaceFinder.DefaultModel, 1);
        private readonly RunOptions _options = new();
        private readonly FinderModel _model;
        private readonly (float[] Values, long[] Shape)[] _inputs;

        public FinderRun()
        {
            _model = FinderModel.Of(_session, FaceFinder.DefaultModel);
            var levels = FinderPyramid.Of(Width, Height, _model, new FaceFinderOptions());
            _inputs = [.. levels.Select(l =>
                (new float[Image.Channels * l.Width * l.Height], (long[])[1, Image.Channels, l.Height, l.Width]))];
        }

        public void Run()
        {
            foreach (var (values, shape) in _inputs)
            {
                using var input = OrtValue.CreateTensorValueFromMemory(values, shape);
                using var results = _session.Run(_options, [_model.Input], [input], _model.Layout.Outputs);
            }
        }

        public void Dispose()
        {
            _options.Dispose();
            _session.Dispose();
        }
    }
}

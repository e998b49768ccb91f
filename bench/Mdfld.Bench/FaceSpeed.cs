using Mdfld.Training;

namespace Mdfld.Bench;

/// <summary>
/// From a decoded picture and a face's box to its points: the default model, STAR in both engines, dlib. Small networks
/// use two threads best on two faces side by side, STAR on one face; dlib's predictor has one thread only.
/// </summary>
internal static class FaceSpeed
{
    private const int Faces = 28;
    private const int StarFaces = 2;

    public static void Run(int rounds)
    {
        Console.WriteLine("## A face, from its box to its points\n");
        Console.WriteLine(
            "| | 1 thread, ms a face | faces/s | 2 threads, ms a face | faces/s | time / default model's, 2 threads |");
        Console.WriteLine("|---|---|---|---|---|---|");
        var samples = Repository.Samples();
        var star = Path.Combine(Path.GetTempPath(), $"mdfld-bench-{Environment.ProcessId}.onnx");
        using var network = new StarNetwork(new StarOptions(LandmarkScheme.Ibug68));
        try
        {
            ExportStar(network, star);
            var one = Measure(rounds, samples, network, star, threads: 1);
            var two = Measure(rounds, samples, network, star, threads: 2);
            for (var i = 0; i < one.Length; i++)
            {
                Console.WriteLine(
                    $"| {one[i].Name} | {Cells(one[i].Median)} | {Cells(two[i].Median)} "
                    + $"| {two[i].Median / two[0].Median:0.00} |");
            }
        }
        finally
        {
            File.Delete(star);
        }
        Console.WriteLine();
    }

    private static Measurement[] Measure(
        int rounds, (Picture Picture, LabelledFace Face)[] samples, StarNetwork network, string star, int threads)
    {
        set_num_threads(threads);
        using var ours = LandmarkDetector.Create(new DetectorOptions { Threads = 1 });
        using var starDetector = LandmarkDetector.Load(star, new DetectorOptions { Threads = threads });
        network.Eval();
        using var dlib = new DlibPredictor();
        var pictures = Array.ConvertAll(samples, s => dlib.Picture(s.Picture));
        var boxes = Array.ConvertAll(samples, s => FaceBox.Around([.. s.Face.Landmarks]));
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        var measured = Measurement.Interleaved(
            rounds,
            ("Mdfld, default model", () => Parallel.For(0, Faces, parallel, i =>
                ours.Detect(samples[i % samples.Length].Picture, boxes[i % boxes.Length]))),
            ("STAR in ONNX Runtime", () =>
            {
                for (var i = 0; i < StarFaces; i++)
                    starDetector.Detect(samples[i].Picture, boxes[i]);
            }
        ),
            ("STAR in libtorch", () =>
            {
                for (var i = 0; i < StarFaces; i++)
                    RunInLibtorch(network, samples[i].Picture, boxes[i].ToCrop(1));
            }
        ),
            ("dlib, 68 points", () => Parallel.For(0, Faces, parallel, i =>
                dlib.Find(pictures[i % pictures.Length], boxes[i % boxes.Length], new float[2 * 68]))));
        foreach (var picture in pictures)
            dlib.Free(picture);
        return
        [
            PerFace(measured[0], Faces), PerFace(measured[1], StarFaces), PerFace(measured[2], StarFaces),
            PerFace(measured[3], Faces),
        ];
    }

    private static void RunInLibtorch(StarNetwork network, Picture picture, FaceCrop face)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var planes = StarPicture.ToPlanes(StarPicture.Crop(picture, face));
        var input = Tensor.From<float>(planes, 1, Picture.Channels, StarOptions.CropSize, StarOptions.CropSize);
        network.Forward(input)[^1].Landmarks.ToArray<float>();
    }

    private static void ExportStar(StarNetwork network, string path)
    {
        const int Size = StarOptions.CropSize;
        network.Eval();
        OnnxExport.Save(
            path, network, Size, Size, new Dictionary<string, string>
            {
                ["mdfld.name"] = "star",
                ["mdfld.points"] = "68",
                ["mdfld.size"] = $"{Size}",
                ["mdfld.channels"] = "bgr",
                ["mdfld.mean"] = "127.5",
                ["mdfld.std"] = "127.5",
                ["mdfld.crop_factor"] = "1",
            });
    }

    private static Measurement PerFace(Measurement round, int faces) =>
        round with { Seconds = Array.ConvertAll(round.Seconds, s => s / faces) };

    private static string Cells(double seconds) => $"{seconds * 1e3:0.00} | {1 / seconds:0.0}";
}

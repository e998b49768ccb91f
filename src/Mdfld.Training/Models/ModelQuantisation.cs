using System.Numerics;
using Google.Protobuf;
using Mdfld.Training.Augment;
using Mdfld.Training.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Mdfld.Training;

/// <summary>
/// Makes an int8 model of a float one: a quarter of the size, about half of the time. The activations' ranges are
/// measured on inputs like those of training; properties such as crop factor and calibration stay.
/// </summary>
public static class ModelQuantisation
{
    // Sides of the pictures that a finder is shown.
    private const int SmallestSide = 160;
    private const int LargestSide = 640;

    private static readonly AugmentationOptions Variation = new() { PlainProbability = 0.4f };

    /// <summary>Quantises a landmark model.</summary>
    /// <param name="path">An .onnx landmark model in float.</param>
    /// <param name="target">The file to write, whole or not at all.</param>
    /// <param name="folders">
    /// Labelled faces, on whose varied crops the ranges are measured; folders count alike.
    /// </param>
    /// <param name="count">Crops.</param>
    /// <param name="seed">Decides on them.</param>
    /// <param name="workers">Crops worked on at a time.</param>
    /// <param name="progress">Called after each crop.</param>
    /// <param name="stop">Ends it; nothing is written then.</param>
    /// <exception cref="InvalidDataException">
    /// It is no such model, in integers already, or has other points than the faces.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    public static void Landmarks(
        string path, string target, IReadOnlyList<FaceFolder> folders, int count = 400, int seed = 1, int workers = 1,
        Action? progress = null, CancellationToken stop = default)
    {
        using var model = LandmarkModel.Load(path);
        if (folders.FirstOrDefault(f => f.Scheme.Count != model.Scheme.Count) is { } other)
        {
            throw new InvalidDataException(
                $"{other.Path}: its faces have {other.Scheme.Count} points, the model finds {model.Scheme.Count}");
        }
        var augmenter = new Augmenter(Variation with { CropFactor = model.CropFactor }, model.Scheme, model.Size);
        var values = new float[256];
        for (var i = 0; i < values.Length; i++)
            values[i] = (i - model.Mean) / model.Std;
        var draws = new SampleOrder(count, seed);
        Run(path, target, count, workers, progress, stop, i =>
        {
            var random = draws.RandomAt(i);
            var folder = folders[i % folders.Count];
            var label = folder.Faces[random.Next(folder.Faces.Count)];
            var face = FaceStore.Reduce(
                folder.LoadPicture(label), label, model.Size, model.CropFactor);
            var crop = new Picture(model.Size, model.Size);
            augmenter.Apply(
                face.Picture, face.Landmarks, face.Crop, random, crop, new Vector2[model.Scheme.Count]);
            var planes = new float[Picture.Channels * model.Size * model.Size];
            crop.ToPlanes(planes, values, model.IsBgr);
            return (planes, [1, Picture.Channels, model.Size, model.Size]);
        });
    }

    /// <summary>Quantises a face finder of Mdfld.</summary>
    /// <param name="pictures">Whole pictures, shown at several sizes.</param>
    /// <inheritdoc cref="Landmarks"/>
    public static void Finder(
        string path, string target, IReadOnlyList<FacePicture> pictures, int count = 400, int seed = 1,
        int workers = 1, Action? progress = null, CancellationToken stop = default)
    {
        FaceFinder.ReadHeader(path).Dispose();
        var draws = new SampleOrder(count, seed);
        Run(path, target, count, workers, progress, stop, i =>
        {
            var random = draws.RandomAt(i);
            var picture = FileNames.LoadPicture(pictures[random.Next(pictures.Count)].Path);
            var side = SmallestSide * MathF.Pow(LargestSide / (float)SmallestSide, random.NextSingle());
            var scale = Math.Min(1, side / Math.Max(picture.Width, picture.Height));
            var (width, height) = (Multiple(picture.Width * scale), Multiple(picture.Height * scale));
            var shown = picture.Warp(Homography.Scale(scale, scale), width, height, antialias: true);
            return (PicturePlanes.Of(shown).Data, [1, Picture.Channels, height, width]);
        });

        static int Multiple(double pixels) =>
            (int)Math.Ceiling(pixels / FinderNetwork.Strides[^1]) * FinderNetwork.Strides[^1];
    }

    private static void Run(
        string path, string target, int count, int workers, Action? progress, CancellationToken stop,
        Func<int, (float[] Input, long[] Shape)> sample)
    {
        var model = OnnxExport.Read(path);
        if (model.Graph.Node.Any(n => n.OpType == "QuantizeLinear"))
            throw new InvalidDataException($"{path}: expected a model in float, found one in integers already");
        var graph = new QuantisedGraph(model.Graph);
        var ranges = Ranges(model, graph.Values, count, workers, progress, stop, sample);
        var quantised = model.Clone();
        quantised.Graph = graph.Write(ranges);
        AtomicFile.Write(target, quantised.WriteTo);
    }

    /// <summary>
    /// The range of each value over all samples. Narrower ones, as of 95 % of the samples, cost a finder faint faces.
    /// </summary>
    private static Dictionary<string, (float Low, float High)> Ranges(
        ModelProto model, IReadOnlyList<string> values, int count, int workers, Action? progress,
        CancellationToken stop, Func<int, (float[] Input, long[] Shape)> sample)
    {
        var observed = model.Clone();
        observed.Graph.Output.Clear();
        observed.Graph.Output.Add(values.Select(v => new ValueInfoProto { Name = v }));
        using var options = new SessionOptions { IntraOpNumThreads = 1 };
        using var session = new InferenceSession(observed.ToByteArray(), options);
        using var run = new RunOptions();
        var input = model.Graph.Input[0].Name;
        var extremes = new (float Low, float High)[count][];
        ParallelMap.For(
            count,
            i =>
            {
                var (numbers, shape) = sample(i);
                using var tensor = OrtValue.CreateTensorValueFromMemory(numbers, shape);
                using var results = session.Run(run, [input], [tensor], values);
                extremes[i] = [.. results.Select(r => Extremes(r.GetTensorDataAsSpan<float>()))];
                progress?.Invoke();
            },
            workers,
            stop);
        return values.Index().ToDictionary(
            v => v.Item, v => (extremes.Min(e => e[v.Index].Low), extremes.Max(e => e[v.Index].High)));
    }

    private static (float Low, float High) Extremes(ReadOnlySpan<float> numbers)
    {
        var (low, high) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (var number in numbers)
            (low, high) = (MathF.Min(low, number), MathF.Max(high, number));
        return (low, high);
    }
}

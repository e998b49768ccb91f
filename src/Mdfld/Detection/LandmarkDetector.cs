using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Mdfld;

/// <summary>
/// Finds faces and their landmarks with ONNX models. One detector serves any number of threads at once.
/// </summary>
public sealed class LandmarkDetector : IDisposable
{
    internal const string DefaultModel = "compact.onnx";

    // Crops this small, or found so far away, hold no face; a model that asks for one has lost it.
    private const float SmallestSide = 4;
    private const float LargestReach = 1e6f;

    // Landmark boxes whose intersection / union is above this are of one face.
    private const float SameFace = 0.5f;

    // An eye and a mouth can pass for a small face: what lies this far inside a surer face is a part of it.
    private const float PartOfFace = 0.8f;

    // A face that fills the picture is nowhere in particular: its first look only says where to look.
    private const int MorePassesOfWhole = 1;

    // A square that moves by less than this share of its side shows the network what it has seen.
    private const float Settled = 0.02f;

    private readonly LandmarkCrops _crops;
    private readonly Lazy<FaceFinder> _finder;
    private readonly Telemetry _telemetry;
    private readonly LandmarkDetectorOptions _options;

    private LandmarkDetector(LandmarkNetwork network, LandmarkDetectorOptions options)
    {
        (_crops, _options) = (new LandmarkCrops(network, options.Mirror), options);
        // A file that the caller names is opened, and refused, at once; the library's own finder when it is needed.
        _finder = options.FinderFile is { } file
            ? new Lazy<FaceFinder>(FaceFinder.Load(file, options.FinderOptions))
            : new Lazy<FaceFinder>(() => FaceFinder.Create(options.FinderOptions));
        _telemetry = new Telemetry(options.Logging, options.Meters);
    }

    /// <summary>What the model says about itself.</summary>
    public LandmarkModel Model => _crops.Model;

    /// <summary>What finds the faces; it lives as long as the detector.</summary>
    public FaceFinder Finder => _finder.Value;

    /// <summary>The confidence from which <see cref="Detect(Image, CancellationToken)"/> keeps a face.</summary>
    public float Threshold => _options.Threshold ?? Model.Confidence?.Threshold ?? 0;

    /// <summary>Loads the default model, which is inside the library.</summary>
    /// <param name="options">How it runs.</param>
    /// <exception cref="FileNotFoundException">The finder's file is not there.</exception>
    /// <exception cref="InvalidDataException">The finder's file is no face finder.</exception>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public static LandmarkDetector Create(LandmarkDetectorOptions? options = null) =>
        Open(options, threads => OnnxNetwork.OfResource(DefaultModel, threads));

    /// <summary>Loads a model.</summary>
    /// <param name="path">An .onnx file written by Mdfld.</param>
    /// <param name="options">How it runs.</param>
    /// <exception cref="FileNotFoundException">The file, or the finder's, is not there.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is no landmark model, or the finder's no face finder.
    /// </exception>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public static LandmarkDetector Load(string path, LandmarkDetectorOptions? options = null) =>
        Open(options, threads => OnnxNetwork.Load(path, threads));

    /// <summary>A detector round a network of any engine, which it then owns.</summary>
    internal static LandmarkDetector Over(LandmarkNetwork network, LandmarkDetectorOptions? options = null) =>
        Open(options, _ => network);

    /// <summary>
    /// Finds every face of the picture and its landmarks: the finder says where to look, and each further look
    /// (<see cref="LandmarkDetectorOptions.Passes"/>) is cut upright round what the last one found.
    /// </summary>
    /// <returns>Faces of at least <see cref="Threshold"/>, the most trustworthy first.</returns>
    /// <exception cref="InvalidDataException">A model fails on this picture.</exception>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    public Landmarks[] Detect(Image image, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        stop.ThrowIfCancellationRequested();
        var start = Stopwatch.GetTimestamp();
        var places = Finder.Find(image);
        var found = Stopwatch.GetTimestamp();
        var faces = Distinct(Detect(image, places, stop)).Where(f => f.Confidence >= Threshold).ToArray();
        _telemetry.Picture(image, places.Length, faces.Length, start, found);
        return faces;
    }

    /// <summary>Finds the landmarks of faces that a finder has found: none is left out.</summary>
    /// <returns>One face for each, in their order.</returns>
    /// <exception cref="InvalidDataException">The model fails on this picture.</exception>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    public Landmarks[] Detect(Image image, IReadOnlyList<FoundFace> places, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(places);
        var crops = places.Select(p => p.Box.ToCrop(Model.CropFactor) with { Roll = p.Roll }).ToArray();
        var faces = _crops.Look(image, crops, stop);
        for (var pass = 1; pass < _options.Passes; pass++)
        {
            var moved = Enumerable.Range(0, faces.Length).Select(i => (Face: i, Crop: Next(faces[i])))
                .Where(m => m.Crop is { } next && !next.IsNear(faces[m.Face].Crop, Settled)).ToArray();
            if (moved.Length == 0)
                break;
            var looks = _crops.Look(image, [.. moved.Select(m => m.Crop!.Value)], stop);
            for (var i = 0; i < moved.Length; i++)
                faces[moved[i].Face] = looks[i];
        }
        return [.. faces.Zip(places, (face, place) => face with
        {
            Score = place.Score,
            Confidence = Model.Confidence?.Of(face) ?? place.Score,
        })];
    }

    /// <summary>Finds the landmarks of one face in its box.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="box">The tight box of its landmarks, as near as it is known.</param>
    /// <exception cref="ArgumentException">The box is empty or not finite.</exception>
    /// <exception cref="InvalidDataException">The model fails on this picture.</exception>
    public Landmarks Detect(Image image, FaceBox box) => Detect(image, [box])[0];

    /// <summary>Finds the landmarks of several faces in their boxes, one look each.</summary>
    /// <param name="image">The picture; boxes may reach beyond it, where all is black.</param>
    /// <param name="boxes">The tight boxes of their landmarks, as near as they are known.</param>
    /// <returns>One face for each box, in their order.</returns>
    /// <exception cref="ArgumentException">A box is empty or not finite; nothing has been looked at.</exception>
    /// <exception cref="InvalidDataException">The model fails on this picture.</exception>
    public Landmarks[] Detect(Image image, IReadOnlyList<FaceBox> boxes)
    {
        ArgumentNullException.ThrowIfNull(boxes);
        var crops = new FaceCrop[boxes.Count];
        for (var i = 0; i < crops.Length; i++)
        {
            var box = boxes[i];
            crops[i] = box.ToCrop(Model.CropFactor);
            if (!(box.Width > 0 && box.Height > 0 && crops[i].IsUsable))
                throw new ArgumentException($"box {i} is empty or not finite: {box}", nameof(boxes));
        }
        return Detect(image, crops);
    }

    /// <summary>Finds the landmarks in a square of the picture.</summary>
    /// <param name="image">The picture; the square may reach beyond it, where all is black.</param>
    /// <param name="crop">The square; <see cref="LandmarkModel.CropFactor"/> says how wide the model likes it.</param>
    /// <param name="passes">
    /// Further passes cut the square upright round what the last one found, until it no longer moves.
    /// </param>
    /// <exception cref="InvalidDataException">The model fails on this picture.</exception>
    public Landmarks Detect(Image image, FaceCrop crop, int passes = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(passes, 1);
        var found = Detect(image, [crop])[0];
        for (var pass = 1; pass < passes && Next(found) is { } next; pass++)
        {
            if (next.IsNear(found.Crop, Settled))
                break;
            found = Detect(image, [next])[0];
        }
        return found;
    }

    /// <summary>Finds the landmarks in several squares of a picture.</summary>
    /// <returns>One face for each square, in their order.</returns>
    /// <exception cref="InvalidDataException">The model fails on this picture.</exception>
    public Landmarks[] Detect(Image image, IReadOnlyList<FaceCrop> crops)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(crops);
        var faces = _crops.Look(image, crops, CancellationToken.None);
        return Model.Confidence is { } confidence
            ? [.. faces.Select(f => f with { Confidence = confidence.Of(f) })] : faces;
    }

    /// <summary>
    /// Finds the landmarks of the one face that fills the picture, without a finder: looks at all of it first, then at
    /// the square round what was found.
    /// </summary>
    /// <exception cref="InvalidDataException">The model fails on this picture.</exception>
    public Landmarks DetectWhole(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var centre = new Vector2((image.Width - 1) / 2f, (image.Height - 1) / 2f);
        var whole = new FaceCrop(centre, Math.Max(image.Width, image.Height));
        return Detect(image, whole, _options.Passes + MorePassesOfWhole);
    }

    /// <summary>Finds the faces of many picture files, several at a time.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="parallelism">Pictures worked on at a time, and held in memory; 0 takes one a core.</param>
    /// <param name="stop">Ends the stream.</param>
    /// <returns>A result for each file, in their order; a broken one's says what is wrong with it.</returns>
    public IAsyncEnumerable<DetectionResult<string>> DetectAsync(
        IEnumerable<string> paths, int parallelism = 0, CancellationToken stop = default) =>
        DetectAsync(paths.ToAsyncEnumerable(), path => Image.Load(path), parallelism, stop);

    /// <summary>Finds the faces of a stream of pictures, several at a time.</summary>
    /// <param name="sources">What pictures are read from: paths, bytes, rows of a table.</param>
    /// <param name="load">Reads one; called from several threads at a time.</param>
    /// <param name="parallelism">Pictures worked on at a time, and held in memory; 0 takes one a core.</param>
    /// <param name="stop">Ends the stream.</param>
    /// <returns>A result for each source, in their order; where one failed it says why.</returns>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    public async IAsyncEnumerable<DetectionResult<T>> DetectAsync<T>(
        IAsyncEnumerable<T> sources,
        Func<T, Image> load,
        int parallelism = 0,
        [EnumeratorCancellation] CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(load);
        ArgumentOutOfRangeException.ThrowIfNegative(parallelism);
        var most = parallelism > 0 ? parallelism : Environment.ProcessorCount;
        var running = new Queue<Task<DetectionResult<T>>>();
        try
        {
            await foreach (var source in sources.WithCancellation(stop).ConfigureAwait(false))
            {
                if (running.Count == most)
                    yield return await running.Dequeue().ConfigureAwait(false);
                running.Enqueue(Task.Run(() => DetectOne(source, load, stop), stop));
            }
            while (running.TryDequeue(out var next))
                yield return await next.ConfigureAwait(false);
        }
        finally
        {
            // Whoever stops reading may dispose the detector next: nothing works on with it.
            Task rest = Task.WhenAll(running);
            await rest.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _telemetry.Dispose();
        if (_finder.IsValueCreated)
            _finder.Value.Dispose();
        _crops.Dispose();
    }

    private static LandmarkDetector Open(LandmarkDetectorOptions? options, Func<int, LandmarkNetwork> open)
    {
        options ??= new LandmarkDetectorOptions();
        options.Check();
        var network = open(options.Threads);
        try
        {
            return new LandmarkDetector(network, options);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private DetectionResult<T> DetectOne<T>(T source, Func<T, Image> load, CancellationToken stop)
    {
        try
        {
            var image = load(source);
            return new DetectionResult<T>(source, image, Detect(image, stop), null);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _telemetry.Failure(source, e);
            return new DetectionResult<T>(source, null, [], e);
        }
    }

    /// <summary>The square for the next look; null where the face is lost.</summary>
    private FaceCrop? Next(Landmarks found)
    {
        var points = found.Points.AsSpan();
        var roll = FaceCrop.RollOf(found.Scheme.FivePoints(points));
        var next = FaceCrop.Around(points, Model.CropFactor, roll);
        return next.Side >= SmallestSide && next.Side + next.Centre.Length() < LargestReach ? next : null;
    }

    /// <summary>The most trustworthy first; of those that turned out to be one face, only that.</summary>
    internal static List<Landmarks> Distinct(Landmarks[] faces)
    {
        var distinct = new List<Landmarks>();
        foreach (var face in faces.OrderByDescending(f => f.Confidence).ThenByDescending(f => f.Score))
        {
            if (!distinct.Exists(d => d.Box.IntersectionOverUnion(face.Box) > SameFace
                || d.Box.IntersectionOverSmaller(face.Box) > PartOfFace))
                distinct.Add(face);
        }
        return distinct;
    }
}

using System.Diagnostics;
using System.Numerics;

namespace Mdfld;

/// <summary>
/// Detects faces and their landmarks with ONNX models. One detector serves any number of threads at once, and may be
/// disposed while they work.
/// </summary>
public sealed class LandmarkDetector : ILandmarkDetector
{
    // Crops this small, or found so far away, hold no face; a model that asks for one has lost it.
    private const float SmallestSide = 4;
    private const float LargestReach = 1e6f;

    // Landmark boxes whose intersection / union is above this are of one face.
    private const float SameFace = 0.5f;

    // A face that fills the picture is nowhere in particular: the first step only says where to crop.
    private const int MoreStepsOfSingle = 1;

    // Below this confidence a face may not stand as its finder says.
    private const float Doubtful = 0.5f;
    private const int Sides = 4;

    // Upright faces are so much commoner than others.
    private const float UprightOdds = 3;

    // A crop that moves by less than this share of its side shows the network what it has seen.
    private const float Converged = 0.02f;

    private readonly LandmarkCrops _crops;
    private readonly Lock _finding = new();
    private readonly Func<FaceFinder>? _makeFinder;
    private FaceFinder? _finder;
    private readonly DetectionTelemetry _telemetry;
    private readonly DetectorOptions _options;
    private volatile bool _isDisposed;

    /// <summary>A detector of a landmark model and a face finder, which it then owns.</summary>
    /// <param name="model">Finds the landmarks.</param>
    /// <param name="finder">
    /// Makes the face finder when it is first needed; null where every face's box is given. Where the options name a
    /// <see cref="DetectorOptions.FinderFile"/>, that is opened at once instead.
    /// </param>
    /// <param name="options">How it runs.</param>
    /// <exception cref="FileNotFoundException">The finder's file is not there; the model is disposed.</exception>
    /// <exception cref="InvalidDataException">The finder's file is no face finder; the model is disposed.</exception>
    /// <exception cref="ArgumentException">The options make no sense; the model is disposed.</exception>
    public LandmarkDetector(LandmarkModel model, Func<FaceFinder>? finder = null, DetectorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        try
        {
            _options = options ?? new DetectorOptions();
            _options.Check();
            if (_options.FinderFile is { } file)
                _finder = FaceFinder.Load(file, _options);
            _makeFinder = finder;
        }
        catch
        {
            model.Dispose();
            throw;
        }
        _crops = new LandmarkCrops(model, _options.Mirror);
        _telemetry = new DetectionTelemetry(_options.Logging, _options.Meters);
    }

    /// <summary>The landmark model.</summary>
    public LandmarkModel Model => _crops.Model;

    /// <inheritdoc/>
    public LandmarkScheme Scheme => Model.Scheme;

    /// <summary>What finds the faces; it lives as long as the detector.</summary>
    /// <exception cref="InvalidOperationException">The detector was made without a finder.</exception>
    /// <exception cref="ObjectDisposedException">The detector was disposed.</exception>
    public FaceFinder Finder
    {
        get
        {
            // A finder that is made while the detector is disposed would never be disposed.
            lock (_finding)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                return _finder ??= _makeFinder?.Invoke() ?? throw new InvalidOperationException(
                    "this detector has no face finder: set DetectorOptions.FinderFile, add the package Mdfld.Bundle "
                    + "and call LandmarkDetector.Create(), or give the face's box");
            }
        }
    }

    /// <summary>The confidence from which <see cref="Detect(Picture, CancellationToken)"/> keeps a face.</summary>
    public float Threshold => _options.Threshold ?? Model.Threshold ?? 0;

    /// <summary>Loads a landmark model, and the face finder that the options name.</summary>
    /// <param name="path">An .onnx file written by <c>mdfld export</c>.</param>
    /// <param name="options">How it runs.</param>
    /// <exception cref="FileNotFoundException">The file, or the finder's, is not there.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is no landmark model, or the finder's no face finder.
    /// </exception>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    /// <exception cref="NotSupportedException">The device is not there.</exception>
    public static LandmarkDetector Load(string path, DetectorOptions? options = null) =>
        new(LandmarkModel.Load(path, options), null, options);

    /// <summary>
    /// Detects every face of the picture and its landmarks: the finder says where they are, and each refinement step
    /// (<see cref="DetectorOptions.RefinementSteps"/>) crops upright around the landmarks of the one before.
    /// </summary>
    /// <param name="picture">The picture.</param>
    /// <param name="stop">Ends the work, also in the middle of a model's run.</param>
    /// <returns>Faces of at least <see cref="Threshold"/>, those of the highest confidence first.</returns>
    /// <exception cref="InvalidDataException">A model fails on this picture.</exception>
    /// <exception cref="InvalidOperationException">The detector was made without a finder.</exception>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    /// <exception cref="ObjectDisposedException">The detector was disposed.</exception>
    public Landmarks[] Detect(Picture picture, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        stop.ThrowIfCancellationRequested();
        var start = Stopwatch.GetTimestamp();
        var (candidates, found, faces) = _options.SingleFace ? Single() : Found();
        Landmarks[] kept = [.. Distinct(faces)
            .Where(f => f.Confidence >= Threshold).Take(_options.MaximumFaces ?? int.MaxValue)];
        _telemetry.Picture(picture, candidates, kept.Length, start, found);
        return kept;

        (int Candidates, long Found, Landmarks[] Faces) Single() =>
            (1, Stopwatch.GetTimestamp(), [DetectSingle(picture, stop)]);

        (int Candidates, long Found, Landmarks[] Faces) Found()
        {
            var detected = Finder.Find(picture, stop);
            return (detected.Length, Stopwatch.GetTimestamp(), Detect(picture, detected, stop));
        }
    }

    /// <summary>Finds the landmarks of faces that a finder has detected: none is left out.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="detected">The faces, as <see cref="FaceFinder.Find"/> returns them.</param>
    /// <param name="stop">Ends the work.</param>
    /// <returns>
    /// One face for each, in their order; of confidence 0 where the crop is under 4 pixels wide or shows nothing of the
    /// picture.
    /// </returns>
    /// <exception cref="ArgumentException">A face is null, its box empty or not finite.</exception>
    /// <inheritdoc cref="DetectSingle" path="/exception"/>
    public Landmarks[] Detect(
        Picture picture, IReadOnlyList<DetectedFace> detected, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(detected);
        if (detected.Any(d => d is null || d.Points.IsDefault || d.Points.Length != 5))
            throw new ArgumentException("a detected face is null or has not five points", nameof(detected));
        return [.. Refine(picture, detected, stop).Select(face => WithIrises(face, picture))];
    }

    /// <summary>As <see cref="Detect(Picture, IReadOnlyList{DetectedFace}, CancellationToken)"/>, without irises.</summary>
    internal Landmarks[] Refine(Picture picture, IReadOnlyList<DetectedFace> detected, CancellationToken stop)
    {
        FaceCrop[] crops = [.. detected.Select(d => d.Box.ToCrop(Model.CropFactor) with { Roll = d.Roll })];
        var faces = Refine(picture, crops, _options.RefinementSteps, stop);
        Turn(picture, crops, faces, stop);
        return [.. faces.Zip(detected, (face, found) => face with
        {
            Score = found.Score,
            Confidence = Model.Confidence is null && face.Confidence > 0 ? found.Score : face.Confidence,
        })];
    }

    /// <summary>Finds the landmarks of one face in its box, in one step.</summary>
    /// <param name="picture">The picture; the box may reach beyond it, where all is black.</param>
    /// <param name="box">The tight box of its landmarks, as near as it is known.</param>
    /// <param name="stop">Ends the work.</param>
    /// <exception cref="ArgumentException">The box is empty or not finite.</exception>
    /// <inheritdoc cref="DetectSingle" path="/exception"/>
    public Landmarks Detect(Picture picture, FaceBox box, CancellationToken stop = default) =>
        Detect(picture, [box], stop)[0];

    /// <summary>Finds the landmarks of several faces in their boxes, in one step each.</summary>
    /// <returns>One face for each box, in their order.</returns>
    /// <inheritdoc cref="Detect(Picture, FaceBox, CancellationToken)"/>
    public Landmarks[] Detect(Picture picture, IReadOnlyList<FaceBox> boxes, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(boxes);
        FaceCrop[] crops = [.. boxes.Select(box => box.ToCrop(Model.CropFactor))];
        foreach (var (i, box) in boxes.Index())
        {
            if (!(box.Width > 0 && box.Height > 0 && crops[i].IsUsable))
                throw new ArgumentException($"box {i} is empty or not finite: {box}", nameof(boxes));
        }
        return Detect(picture, crops, 1, stop);
    }

    /// <summary>Finds the landmarks in a crop of the picture.</summary>
    /// <param name="picture">The picture; the crop may reach beyond it, where all is black.</param>
    /// <param name="crop">The crop; <see cref="LandmarkModel.CropFactor"/> says how large the model wants it.</param>
    /// <param name="steps">Most refinement steps.</param>
    /// <param name="stop">Ends the work.</param>
    /// <exception cref="ArgumentException">The crop is empty or not finite.</exception>
    /// <inheritdoc cref="DetectSingle" path="/exception"/>
    public Landmarks Detect(Picture picture, FaceCrop crop, int steps = 1, CancellationToken stop = default) =>
        Detect(picture, [crop], steps, stop)[0];

    /// <summary>Finds the landmarks in several crops of a picture.</summary>
    /// <returns>
    /// One face for each crop, in their order; of confidence 0 where the crop is under 4 pixels wide or shows nothing
    /// of the picture.
    /// </returns>
    /// <inheritdoc cref="Detect(Picture, FaceCrop, int, CancellationToken)"/>
    public Landmarks[] Detect(
        Picture picture, IReadOnlyList<FaceCrop> crops, int steps = 1, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(crops);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        return [.. Refine(picture, crops, steps, stop).Select(face => WithIrises(face, picture))];
    }

    /// <summary>
    /// Finds the landmarks of the one face that fills the picture, without a finder: all of it is the first crop.
    /// </summary>
    /// <param name="picture">The picture.</param>
    /// <param name="stop">Ends the work.</param>
    /// <exception cref="InvalidDataException">The model fails on this picture.</exception>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    /// <exception cref="ObjectDisposedException">The detector was disposed.</exception>
    public Landmarks DetectSingle(Picture picture, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(picture);
        var centre = new Vector2((picture.Width - 1) / 2f, (picture.Height - 1) / 2f);
        var full = new FaceCrop(centre, Math.Max(picture.Width, picture.Height));
        return WithIrises(Refine(picture, [full], _options.RefinementSteps + MoreStepsOfSingle, stop)[0], picture);
    }

    /// <summary>Detects the faces of many picture files, several at a time.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="parallelism">Pictures worked on at a time; 0 takes one a core.</param>
    /// <param name="stop">Ends the stream.</param>
    /// <returns>A result for each file, in their order; a broken one's says what is wrong with it.</returns>
    public IAsyncEnumerable<DetectionResult<string>> DetectAsync(
        IEnumerable<string> paths, int parallelism = 0, CancellationToken stop = default) =>
        DetectAsync(paths.ToAsyncEnumerable(), path => Picture.Open(path), null, parallelism, stop);

    /// <summary>
    /// Detects the faces of a stream of pictures, several at a time. Memory does not depend on how many there are; a
    /// reader that stops early has waited for all that was begun.
    /// </summary>
    /// <param name="sources">What pictures are read from: paths, bytes, rows of a table.</param>
    /// <param name="load">
    /// Reads one; called from several threads at a time. Null passes it over: its result has no picture and no error.
    /// </param>
    /// <param name="completed">
    /// Does more with a result that is no error, on the thread that made it and before it is returned: draws, saves.
    /// What it throws is the result's error. The picture of the returned result then has its size only.
    /// </param>
    /// <param name="parallelism">Pictures worked on at a time; 0 takes one a core.</param>
    /// <param name="stop">Ends the stream.</param>
    /// <returns>A result for each source, in their order; where one failed it says why.</returns>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    public IAsyncEnumerable<DetectionResult<T>> DetectAsync<T>(
        IAsyncEnumerable<T> sources,
        Func<T, Picture?> load,
        Action<DetectionResult<T>>? completed = null,
        int parallelism = 0,
        CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(load);
        ArgumentOutOfRangeException.ThrowIfNegative(parallelism);
        return DetectionStream.SelectAsync(
            sources,
            source => DetectOne(source, load, completed, stop),
            parallelism > 0 ? parallelism : Environment.ProcessorCount,
            stop);
    }

    /// <summary>Ends the models: calls under way end as they would or throw, later ones throw.</summary>
    public void Dispose()
    {
        lock (_finding)
        {
            _isDisposed = true;
            _finder?.Dispose();
        }
        _telemetry.Dispose();
        _crops.Dispose();
    }

    /// <summary>
    /// Those of the highest confidence first; of those that turned out to be one face, only that.
    /// </summary>
    public static IReadOnlyList<Landmarks> Distinct(IReadOnlyList<Landmarks> faces)
    {
        ArgumentNullException.ThrowIfNull(faces);
        var distinct = new List<Landmarks>();
        foreach (var face in faces.OrderByDescending(f => f.Confidence).ThenByDescending(f => f.Score))
        {
            if (!distinct.Exists(d => d.Box.IntersectionOverUnion(face.Box) > SameFace
                || d.Box.IntersectionOverSmaller(face.Box) > FaceBox.PartOfFace))
                distinct.Add(face);
        }
        return distinct;
    }

    private DetectionResult<T> DetectOne<T>(
        T source, Func<T, Picture?> load, Action<DetectionResult<T>>? completed, CancellationToken stop)
    {
        Picture? picture = null;
        PictureFile? file = null;
        using var files = MemoryBudget.Decoding.CountFiles();
        try
        {
            picture = load(source);
            file = picture?.BeginUse();
            var faces = picture is null ? [] : Detect(picture, stop);
            var result = new DetectionResult<T>(source, picture, faces, null);
            completed?.Invoke(result);
            return result;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _telemetry.Failure(source, e);
            return new DetectionResult<T>(source, picture, [], e);
        }
        finally
        {
            file?.EndUse();
            // Until it is read a result waits for those before it.
            if (completed is not null)
                picture?.Release();
        }
    }

    /// <summary>
    /// Runs the model on each crop, and again on the crop around what it found, until that no longer moves; the faces have
    /// no irises yet, see <see cref="WithIrises"/>.
    /// </summary>
    internal Landmarks[] Refine(
        Picture picture, IReadOnlyList<FaceCrop> crops, int steps, CancellationToken stop)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (crops.FirstOrDefault(c => !c.IsUsable, new FaceCrop(default, 1)) is { IsUsable: false } crop)
            throw new ArgumentException($"a crop is empty or not finite: {crop}", nameof(crops));
        var faces = _crops.Find(picture, crops, stop);
        for (var step = 1; step < steps; step++)
        {
            var moved = Enumerable.Range(0, faces.Length).Select(i => (Face: i, Crop: Next(faces[i])))
                .Where(m => m.Crop is { } next && !next.IsNear(faces[m.Face].Crop, Converged)).ToArray();
            if (moved.Length == 0)
                break;
            var refined = _crops.Find(picture, [.. moved.Select(m => m.Crop!.Value)], stop);
            for (var i = 0; i < moved.Length; i++)
                faces[moved[i].Face] = refined[i];
        }
        return [.. faces.Select(f => f with { Confidence = ConfidenceOf(f, picture) })];
    }

    /// <summary>
    /// Tries doubtful faces in crops that stand on each of the picture's sides, too: a finder may be wrong about how a
    /// face stands. A face becomes what is likeliest.
    /// </summary>
    private void Turn(Picture picture, FaceCrop[] crops, Landmarks[] faces, CancellationToken stop)
    {
        if (Model.Confidence is null)
            return;
        int[] doubtful = [.. Enumerable.Range(0, faces.Length)
            .Where(i => faces[i].Confidence < Doubtful && Shows(crops[i], picture))];
        if (doubtful.Length == 0)
            return;
        FaceCrop[] turned = [.. doubtful.SelectMany(i => Enumerable.Range(0, Sides).Select(
            side => crops[i] with { Roll = side * MathF.PI / 2 }))];
        var tried = Refine(picture, turned, 1, stop).Chunk(Sides).Select(sides => sides.MaxBy(Likelihood)!);
        var better = doubtful.Zip(tried).Where(t => Likelihood(t.Second) > Likelihood(faces[t.First])).ToArray();
        var refined = Refine(
            picture, [.. better.Select(t => t.Second.Crop)], _options.RefinementSteps, stop);
        foreach (var ((i, _), face) in better.Zip(refined))
        {
            if (Likelihood(face) > Likelihood(faces[i]))
                faces[i] = face;
        }

        static float Likelihood(Landmarks face)
        {
            var isUpright = MathF.Abs(MathF.IEEERemainder(face.Crop.Roll, MathF.Tau)) < MathF.PI / 4;
            return face.Confidence * (isUpright ? UprightOdds : 1);
        }
    }

    /// <summary>The face with its irises, as far as the network's last crop shows them: no more of a large picture is decoded.</summary>
    internal Landmarks WithIrises(Landmarks face, Picture picture)
    {
        if (face.Scheme != LandmarkScheme.Ibug68 || !Shows(face.Crop, picture))
            return face;
        var (map, size) = (face.Crop.ToCrop(Model.Size), Model.Size);
        var toPicture = map.Invert();
        var points = new Vector2[face.Points.Length];
        for (var i = 0; i < points.Length; i++)
            points[i] = map.Apply(face.Points[i]);
        var enlarged = MathF.Max(1, size / face.Crop.Side);
        var (right, left) = IrisSearch.Find(picture.Warp(map, size, size, antialias: true), points, enlarged);
        return face with { RightIris = ToPicture(right), LeftIris = ToPicture(left) };

        Vector2? ToPicture(Vector2? iris) => iris is { } p ? toPicture.Apply(p) : null;
    }

    private float ConfidenceOf(Landmarks face, Picture picture) =>
        !Shows(face.Crop, picture) ? 0 : Model.Confidence?.Of(face) ?? face.Confidence;

    /// <summary>Whether a crop is large enough to show a face, and shows a part of the picture.</summary>
    private static bool Shows(FaceCrop crop, Picture picture)
    {
        var reach = crop.Side * 0.5f * (MathF.Abs(MathF.Cos(crop.Roll)) + MathF.Abs(MathF.Sin(crop.Roll)));
        var (x, y) = (crop.Centre.X, crop.Centre.Y);
        return IsInReach(crop)
            && x + reach > 0 && x - reach < picture.Width && y + reach > 0 && y - reach < picture.Height;
    }

    private static bool IsInReach(FaceCrop crop) =>
        crop.Side >= SmallestSide && crop.Side + crop.Centre.Length() < LargestReach;

    /// <summary>The crop of the next refinement step; null where the face is lost.</summary>
    private FaceCrop? Next(Landmarks found)
    {
        var points = found.Points.AsSpan();
        var roll = found.Scheme.FivePoints(points) is { Length: 5 } five ? FaceCrop.RollOf(five) : 0;
        var next = FaceCrop.Around(points, Model.CropFactor, roll);
        return IsInReach(next) ? next : null;
    }
}

using System.Globalization;
using System.Numerics;
using Google.Protobuf;
using Mdfld.Training.Augment;

namespace Mdfld.Training;

/// <summary>
/// How a calibration went, on the fifth of the pictures that it was not fitted to. Fractions, not %.
/// </summary>
/// <param name="All">All that the finder took for a face, and a given box a picture.</param>
/// <param name="Kinds">The same of each kind of picture, by name.</param>
/// <param name="FalseFaces">Share of the pictures without a face where something reaches the threshold.</param>
public sealed record CalibrationReport(
    CalibrationPart All, IReadOnlyDictionary<string, CalibrationPart> Kinds, double FalseFaces);

/// <summary>The faces of one kind of picture.</summary>
/// <param name="Faces">How many were kept back.</param>
/// <param name="Right">Share of them whose mean error is under 10 %.</param>
/// <param name="Reliability">How the confidence fits.</param>
/// <param name="Ellipses">How the covariances fit, of faces that were found about right; null where there are none.</param>
public sealed record CalibrationPart(int Faces, double Right, Reliability Reliability, PointEllipses? Ellipses);

/// <summary>
/// Fits how far off a model's points are (<see cref="Landmarks.Uncertainty"/>), and the probability that they are right
/// (<see cref="Landmarks.Confidence"/>), to what a detector does on faces of many kinds and on pictures without one,
/// and writes both into the landmark model's file.
/// </summary>
public static class ModelCalibration
{
    // A face is shown by default unless it is more likely wrong than right.
    private const float Threshold = 0.5f;

    // Every fifth picture is kept back to measure on.
    private const int KeptBack = 5;

    // Fewer right or wrong faces say nothing.
    private const int FewestSamples = 10;

    private const float TurnedShare = 0.25f;

    // Beyond it a face was taken for another one, or for none: no ellipse is wide enough.
    private const double LargestError = 0.2;

    /// <summary>Loads a landmark model without what an earlier calibration made of it.</summary>
    /// <param name="path">An .onnx landmark model with the output <c>spread</c>.</param>
    /// <param name="options">How it runs.</param>
    /// <exception cref="InvalidDataException">It is no such model.</exception>
    public static LandmarkModel Load(string path, DetectorOptions? options = null)
    {
        var onnx = OnnxExport.Read(path);
        ErrorTail.Remove(onnx.Graph);
        // A detector that has a confidence tries doubtful faces in other crops.
        OnnxExport.RemoveProperty(onnx, LandmarkModel.ConfidenceProperty(0, 0, 0).Key);
        var model = LandmarkModel.Load(onnx.ToByteArray(), path, options);
        if (model.HasCovariance)
            return model;
        model.Dispose();
        throw new InvalidDataException(
            $"{path}: no output 'spread', which the confidence is computed from; export the model again");
    }

    /// <summary>
    /// Gives a model the uncertainty and confidence that another one was calibrated to: of a network that was trained
    /// on from that one, and not far.
    /// </summary>
    /// <param name="from">A calibrated .onnx landmark model; of another, nothing is taken.</param>
    /// <param name="path">The model's file, written anew.</param>
    /// <exception cref="InvalidDataException">One is no .onnx file.</exception>
    public static void Copy(string from, string path)
    {
        var (calibrated, onnx) = (OnnxExport.Read(from), OnnxExport.Read(path));
        ErrorTail.Copy(calibrated.Graph, onnx.Graph);
        var key = LandmarkModel.ConfidenceProperty(0, 0, 0).Key;
        if (calibrated.MetadataProps.FirstOrDefault(p => p.Key == key) is { } confidence)
            OnnxExport.SetProperty(onnx, key, confidence.Value);
        AtomicFile.Write(path, onnx.WriteTo);
    }

    /// <summary>Calibrates a model's file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="target">The file to write, whole or not at all.</param>
    /// <param name="detector">
    /// The model, as <see cref="Load"/> gives it, with the face finder it will work with, on one thread.
    /// </param>
    /// <param name="folders">Labelled faces to vary; never those that are measured on afterwards.</param>
    /// <param name="pictures">Whole pictures; between their faces are the pictures without one. May be none.</param>
    /// <param name="count">Pictures to draw.</param>
    /// <param name="seed">Decides on them.</param>
    /// <param name="workers">Pictures worked on at a time.</param>
    /// <param name="progress">Called after each.</param>
    /// <param name="stop">Ends it; nothing is written then.</param>
    /// <exception cref="InvalidDataException">
    /// The model finds other points than the faces have, or too few faces were found, right or wrong to go by.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    public static CalibrationReport Run(
        string path,
        string target,
        LandmarkDetector detector,
        IReadOnlyList<FaceFolder> folders,
        IReadOnlyList<FacePicture> pictures,
        int count = 3000,
        int seed = 1,
        int workers = 1,
        Action? progress = null,
        CancellationToken stop = default)
    {
        if (folders.FirstOrDefault(f => f.Scheme.Count != detector.Model.Scheme.Count) is { } other)
        {
            throw new InvalidDataException(
                $"{other.Path}: its faces have {other.Scheme.Count} points, "
                + $"the model finds {detector.Model.Scheme.Count}");
        }
        var scenes = new CalibrationScenes(folders, pictures, detector.Model.Scheme);
        var trials = new FaceTrial[count][];
        var draws = new SampleOrder(count, seed);
        ParallelMap.For(
            count,
            i =>
            {
                trials[i] = Try(detector, scenes, draws.RandomAt(i));
                progress?.Invoke();
            },
            workers,
            stop);
        TakeHabitsOut(trials);
        var (fitted, measured) = (
            trials.Where((_, i) => i % KeptBack != 0).SelectMany(t => t).ToArray(),
            trials.Where((_, i) => i % KeptBack == 0).ToArray());

        var right = fitted.Count(t => t.Nme <= Reliability.LargestError);
        if (right < FewestSamples || fitted.Length - right < FewestSamples)
        {
            throw new InvalidDataException(
                $"of {fitted.Length} faces {right} are right: too few of one kind to calibrate on; "
                + "give more data or another model");
        }
        var errors = PointErrors.Fit(Errors([.. fitted.Where(t => t.Nme <= LargestError)]));
        var weights = LogisticRegression.Fit(
            [.. fitted.Select(t => (new[] { Foretold(t, errors) }, t.Nme <= Reliability.LargestError))]);
        Write(path, target, errors, weights);
        return Report(measured, errors, weights);
    }

    /// <summary>
    /// What the detector finds by itself, in a box that is given with some error, and now and then in one that stands
    /// on another side than the face: by their confidences a detector chooses.
    /// </summary>
    private static FaceTrial[] Try(LandmarkDetector detector, CalibrationScenes scenes, Random random)
    {
        var scene = scenes.Draw(random);
        var picture = scene.Picture;
        var box = scene.Landmarks is { } landmarks
            ? FaceBox.Around(landmarks) : new FaceBox(0, 0, picture.Width, picture.Height);
        var side = MathF.Max(box.Width, box.Height);
        var shift = 0.03f * side * new Vector2(random.Normal(), random.Normal());
        var crop = new FaceCrop(
            box.Centre + shift, side * detector.Model.CropFactor * MathF.Exp(0.06f * random.Normal()));
        FaceTrial[] turned = random.Chance(TurnedShare)
            ? [Given(crop with { Roll = random.Next(1, 4) * MathF.PI / 2 })] : [];
        return
        [
            Given(crop),
            .. turned,
            .. detector.Detect(picture, detector.Finder.Find(picture))
                // What is found beside the face is none.
                .Select(f => new FaceTrial(
                    f.Box.Intersection(box) > 0 ? scene : scene with { Landmarks = null }, f, IsFound: true)),
        ];

        FaceTrial Given(FaceCrop square) => new(scene, detector.Detect(picture, square), IsFound: false);
    }

    /// <summary>
    /// Annotators have habits: labels that lie to one side of the points. Where a face was drawn over or filtered, the
    /// model finds the points and not the habit: the difference, a median over such faces of a folder, is none of its
    /// errors.
    /// </summary>
    private static void TakeHabitsOut(FaceTrial[][] trials)
    {
        var restyled = trials.SelectMany(t => t)
            .Where(t => t.Scene is { IsRestyled: true, Landmarks: not null } && t.Nme <= Reliability.LargestError);
        foreach (var folder in restyled.GroupBy(t => t.Scene.Folder).ToArray())
        {
            var shifts = folder.Select(t => t.Shift).Order().ToArray();
            foreach (var trial in trials.SelectMany(t => t)
                .Where(t => t.Scene.IsRestyled && t.Scene.Folder == folder.Key && t.Scene.Landmarks is not null))
                trial.Habit = shifts[shifts.Length / 2];
        }
    }

    /// <summary>
    /// Errors by kind of picture, where there are enough of them. Drawn faces are labelled exactly; the ellipses are to
    /// hold what people label, which lies farther off.
    /// </summary>
    private static IReadOnlyList<ErrorSample[]> Errors(FaceTrial[] near)
    {
        var kinds = near.Where(t => t.Scene.Kind != CalibrationKind.Drawn).GroupBy(t => t.Scene.Kind, t => t.Errors)
            .Select(k => k.ToArray()).Where(k => k.Length >= FewestSamples).ToArray();
        return kinds.Length > 0 ? kinds : [[.. near.Select(t => t.Errors)]];
    }

    /// <summary>What the confidence goes by, once the covariances are those of errors.</summary>
    private static double Foretold(FaceTrial trial, PointErrors errors)
    {
        var half = trial.Face.Crop.Side / 2;
        return LandmarkModel.ForetoldError(trial.Face with
        {
            Uncertainty = [.. errors.Of(trial.Maps).Select(u => FaceTrial.Scaled(u, half))],
        });
    }

    private static void Write(string path, string target, PointErrors errors, double[] weights)
    {
        var onnx = OnnxExport.Read(path);
        ErrorTail.Set(onnx.Graph, errors);
        var (key, value) = LandmarkModel.ConfidenceProperty(weights[0], weights[1], Threshold);
        OnnxExport.SetProperty(onnx, key, value);
        AtomicFile.Write(target, onnx.WriteTo);
    }

    private static CalibrationReport Report(FaceTrial[][] measured, PointErrors errors, double[] weights)
    {
        var all = measured.SelectMany(t => t).ToArray();
        var empty = measured.Where(t => t[0].Scene.Kind == CalibrationKind.NoFace).ToArray();
        var alarms = empty.Count(t => t.Any(f => f.IsFound && Confidence(f) >= Threshold));
        return new CalibrationReport(
            Part(all),
            all.GroupBy(t => t.Scene.Kind).OrderBy(g => g.Key)
                .ToDictionary(g => g.Key.ToString().ToLower(CultureInfo.InvariantCulture), g => Part([.. g])),
            empty.Length == 0 ? 0 : (double)alarms / empty.Length);

        float Confidence(FaceTrial trial) => (float)(1 / (1 + Math.Exp(
            -LogisticRegression.Sum(weights, [Foretold(trial, errors)]))));

        CalibrationPart Part(FaceTrial[] faces) => new(
            faces.Length,
            (double)faces.Count(t => t.Nme <= Reliability.LargestError) / Math.Max(1, faces.Length),
            Reliability.Of([.. faces.Select(t => (Confidence(t), t.Nme))], Threshold)
                ?? new Reliability(0, Threshold, 0, 0, 0, 0),
            PointEllipses.Of([.. faces.Where(t => t.Nme <= LargestError).Select(t => t.Errors)
                .SelectMany(e => errors.Of(e.Maps).Zip(e.Errors))]));
    }
}

/// <summary>What a detector found in a picture.</summary>
/// <param name="IsFound">Whether the finder found the box, or it was given.</param>
internal sealed record FaceTrial(CalibrationScene Scene, Landmarks Face, bool IsFound)
{
    /// <summary>
    /// How far the points lie from the labels of its folder, along the line of the eyes, by the annotators' habit.
    /// </summary>
    public float Habit { get; set; }

    /// <summary>
    /// The mean distance to the true points / that of the outer eye corners; infinite without a face.
    /// </summary>
    public double Nme => Truth is { } truth
        ? Metrics.Nme(Face.Points.AsSpan(), truth, Face.Scheme) : double.PositiveInfinity;

    /// <summary>
    /// How far the points lie from the labels along the line of the eyes, in distances of their corners.
    /// </summary>
    public float Shift
    {
        get
        {
            var eyes = Eyes;
            return Face.Points.Zip(Scene.Landmarks!, (found, label) => Vector2.Dot(found - label, eyes)).Average()
                / eyes.LengthSquared();
        }
    }

    /// <summary>Covariances of the heat maps, network units squared.</summary>
    public PointCovariance[] Maps => [.. Face.Uncertainty.Select(u => Scaled(u, 2 / Face.Crop.Side))];

    /// <summary>Heat maps and errors; only of a face that is there.</summary>
    public ErrorSample Errors => new(
        Maps, [.. Face.Points.Zip(Truth!, (found, truth) => 2 / Face.Crop.Side * (found - truth))]);

    /// <summary>A covariance in another unit of length.</summary>
    public static PointCovariance Scaled(PointCovariance covariance, float scale) => new(
        scale * scale * covariance.XX, scale * scale * covariance.XY, scale * scale * covariance.YY);

    private Vector2[]? Truth => Scene.Landmarks is { } labels ? [.. labels.Select(p => p + (Habit * Eyes))] : null;

    private Vector2 Eyes
    {
        get
        {
            var corners = Face.Scheme.OuterEyeCorners;
            return Scene.Landmarks![corners[1].Indices[0]] - Scene.Landmarks[corners[0].Indices[0]];
        }
    }
}

using System.Numerics;
using Mdfld.Training.Augment;

namespace Mdfld.Training;

/// <summary>How a calibration went, on the fifth of the samples that it was not fitted to. Fractions, not %.</summary>
/// <param name="Faces">Samples of faces, and of what the finder took for faces.</param>
/// <param name="Right">Share of them whose landmarks are right.</param>
/// <param name="Reliability">How the confidence fits, and what the threshold keeps.</param>
/// <param name="FalseAlarms">Share of the pictures without a face where something reaches the threshold.</param>
public sealed record CalibrationReport(int Faces, double Right, Reliability Reliability, double FalseAlarms);

/// <summary>
/// Fits the probability that a face's landmarks are right (<see cref="Landmarks.Confidence"/>) to what a detector does
/// on varied training faces and on pictures without faces, and writes it into the landmark model's file.
/// </summary>
public static class ConfidenceCalibration
{
    // Of the faces that the default threshold keeps at most so many are wrong, and in so many pictures without a face
    // one is seen. A third and a half of what is promised: new faces are harder than those of the training.
    private const double MostFailures = 0.015;
    private const double MostFalseAlarms = 0.01;

    // Every fifth picture is kept back to measure on.
    private const int KeptBack = 5;

    // Fewer right or wrong faces, or found ones, say nothing.
    private const int FewestSamples = 10;

    /// <summary>Calibrates a model's file.</summary>
    /// <param name="path">An .onnx landmark model with the output <c>spread</c>.</param>
    /// <param name="detector">The model, with the face finder it will work with, on one thread.</param>
    /// <param name="folders">Labelled faces to vary; never those that are measured on afterwards.</param>
    /// <param name="pictures">Whole pictures; between their faces are the pictures without one. May be none.</param>
    /// <param name="target">The file to write; null replaces <paramref name="path"/>.</param>
    /// <param name="workers">Pictures worked on at a time.</param>
    /// <param name="stop">Ends it; nothing is written then.</param>
    /// <exception cref="InvalidDataException">
    /// The model has no spread, other points, or is broken; or too few faces were found, right or wrong to go by.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    public static CalibrationReport Run(
        string path,
        LandmarkDetector detector,
        IReadOnlyList<FaceFolder> folders,
        IReadOnlyList<FacePicture> pictures,
        string? target = null,
        int count = 3000,
        int seed = 1,
        int workers = 1,
        Action? progress = null,
        CancellationToken stop = default)
    {
        if (!detector.Model.HasCovariance)
            throw new InvalidDataException(
                $"{path}: no output 'spread', which the confidence is computed from; export the model again");
        if (folders.FirstOrDefault(f => f.Scheme.Count != detector.Model.Scheme.Count) is { } other)
            throw new InvalidDataException(
                $"{other.Path}: its faces have {other.Scheme.Count} points, "
                + $"the model finds {detector.Model.Scheme.Count}");
        var scenes = new CalibrationScenes(folders, pictures, detector.Model.Scheme);
        var trials = new Trial[count];
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
        var fitted = trials.Where((_, i) => i % KeptBack != 0).ToArray();
        var measured = trials.Where((_, i) => i % KeptBack == 0).ToArray();
        var weights = Fit(fitted);
        var threshold = Threshold(weights, fitted);
        var (key, value) = LandmarkModel.ConfidenceProperty(weights, threshold);
        OnnxExport.SetProperty(path, key, value, target);
        return Report(weights, threshold, measured);
    }

    private static Trial Try(LandmarkDetector detector, CalibrationScenes scenes, Random random)
    {
        var scene = scenes.Draw(random);
        var image = scene.Picture;
        var found = detector.Detect(image, detector.Finder.Find(image))
            .Select(f => Sample.Of(f, scene.Landmarks)).ToArray();
        // A box is given with some error, or, in a picture without a face, wrongly.
        var box = scene.Landmarks is { } landmarks
            ? FaceBox.Around(landmarks) : new FaceBox(0, 0, image.Width, image.Height);
        var side = MathF.Max(box.Width, box.Height);
        var shift = 0.05f * side * new Vector2(random.Normal(), random.Normal());
        var crop = new FaceCrop(
            box.Centre + shift, side * detector.Model.CropFactor * MathF.Exp(0.08f * random.Normal()));
        return new Trial(scene.Landmarks is null, found, Sample.Of(detector.Detect(image, crop), scene.Landmarks));
    }

    private static double[] Fit(Trial[] trials)
    {
        var all = trials.SelectMany(t => t.Found.Append(t.Given))
            .Select(s => (s.Features, IsRight: s.Nme <= Reliability.LargestError)).ToArray();
        var right = all.Count(s => s.IsRight);
        if (right < FewestSamples || all.Length - right < FewestSamples)
            throw new InvalidDataException(
                $"of {all.Length} faces {right} are right: too few of one kind to calibrate on; "
                + "give more data or another model");
        return LogisticRegression.Fit(all);
    }

    /// <summary>The least threshold that keeps both promises; 1 where none does.</summary>
    private static float Threshold(IReadOnlyList<double> weights, Trial[] trials)
    {
        var found = trials.Where(t => !t.IsEmpty).SelectMany(t => t.Found).ToArray();
        if (found.Length < FewestSamples)
            throw new InvalidDataException(
                $"in {trials.Length} pictures {found.Length} faces were found: too few to set a threshold by; "
                + "give more data or another finder");
        for (var step = 1; step < 100; step++)
        {
            var threshold = step / 100f;
            var kept = found.Where(s => s.Probability(weights) >= threshold).ToArray();
            if (kept.Count(s => !(s.Nme <= Reliability.LargestError)) <= MostFailures * kept.Length
                && FalseAlarms(weights, trials, threshold) <= MostFalseAlarms)
                return threshold;
        }
        return 1;
    }

    private static double FalseAlarms(IReadOnlyList<double> weights, Trial[] trials, float threshold)
    {
        var empty = trials.Where(t => t.IsEmpty).ToArray();
        var alarms = empty.Count(t => t.Found.Any(s => s.Probability(weights) >= threshold));
        return empty.Length == 0 ? 0 : (double)alarms / empty.Length;
    }

    private static CalibrationReport Report(IReadOnlyList<double> weights, float threshold, Trial[] trials)
    {
        var found = trials.SelectMany(t => t.Found).ToArray();
        var reliability = Reliability.Of(
            [.. found.Select(s => (s.Probability(weights), s.Nme))], threshold);
        return new CalibrationReport(
            found.Length,
            (double)found.Count(s => s.Nme <= Reliability.LargestError) / Math.Max(1, found.Length),
            reliability ?? new Reliability(0, threshold, 0, 0),
            FalseAlarms(weights, trials, threshold));
    }

    /// <summary>What the detector found in one picture by itself, and in a box that it was given.</summary>
    private sealed record Trial(bool IsEmpty, Sample[] Found, Sample Given);

    /// <summary>What a face's confidence is computed from, and its true error; infinite without a face.</summary>
    private sealed record Sample(double[] Features, double Nme)
    {
        public static Sample Of(Landmarks face, Vector2[]? truth) => new(
            LandmarkModel.ConfidenceFeatures(face),
            truth is null ? double.PositiveInfinity : Metrics.Nme(face.Points.AsSpan(), truth, face.Scheme));

        public float Probability(IReadOnlyList<double> weights) =>
            (float)(1 / (1 + Math.Exp(-LogisticRegression.Sum([.. weights], Features))));
    }
}

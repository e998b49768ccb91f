using System.Diagnostics;

namespace Mdfld;

/// <summary>The errors of some faces: all of a folder, or one style of it. Fractions, not %.</summary>
/// <param name="Errors">The NME of each face.</param>
public sealed record ErrorSummary(IReadOnlyList<double> Errors)
{
    /// <summary>Mean of the faces' NMEs.</summary>
    public double Mean => Errors.Average();

    /// <summary>Median of the faces' NMEs.</summary>
    public double Median
    {
        get
        {
            var sorted = Errors.Order().ToArray();
            return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        }
    }

    /// <summary>Share of faces above <paramref name="threshold"/>.</summary>
    public double FailureRate(double threshold = 0.1) => Metrics.FailureRate([.. Errors], threshold);

    /// <summary>Area under the cumulative error curve up to <paramref name="threshold"/>, divided by it.</summary>
    public double Auc(double threshold = 0.1) => Metrics.Auc([.. Errors], threshold);
}

/// <summary>How far a detector is off on labelled faces, each cropped round its annotated centre.</summary>
/// <param name="All">Every face, in the folder's order.</param>
/// <param name="Inner">Mean NME of the 51 points of 68 that are not jaw; null with other schemes.</param>
/// <param name="Groups">Mean NME of each point group, by name.</param>
/// <param name="Styles">The faces of each style, by name; empty where the folder names none.</param>
/// <param name="SecondsPerFace">
/// Wall time / faces, reading and cropping included, after one untimed face; several workers shorten it.
/// </param>
public sealed record Evaluation(
    ErrorSummary All,
    double? Inner,
    IReadOnlyDictionary<string, double> Groups,
    IReadOnlyDictionary<string, ErrorSummary> Styles,
    double SecondsPerFace)
{
    /// <summary>Detects every face of a folder and measures the errors.</summary>
    /// <param name="detector">Its crop factor sets the crops; its points must be the folder's.</param>
    /// <param name="folder">The labelled faces.</param>
    /// <param name="normalisation">The length that errors are divided by.</param>
    /// <param name="workers">Faces worked on at a time.</param>
    /// <param name="progress">Told after each face, from any thread.</param>
    /// <exception cref="InvalidDataException">
    /// The model does not fit the folder, or a face has no crop or no length to divide by: found out before anything is
    /// detected. Or a picture or the model is broken.
    /// </exception>
    /// <exception cref="IOException">A picture cannot be read.</exception>
    public static Evaluation Run(
        LandmarkDetector detector,
        FaceFolder folder,
        Normalisation normalisation = Normalisation.Ocular,
        int workers = 1,
        Action? progress = null)
    {
        var scheme = detector.Model.Scheme;
        if (folder.Scheme.Count != scheme.Count)
        {
            throw new InvalidDataException(
                $"{folder.Path}: its faces have {folder.Scheme.Count} points, "
                + $"the model {detector.Model.Name} finds {scheme.Count}");
        }

        foreach (var face in folder.Faces)
            Check(face);

        var found = new Landmarks[folder.Faces.Count];
        Detect(0);
        var clock = Stopwatch.StartNew();
        ForEach(found.Length, workers, i =>
        {
            Detect(i);
            progress?.Invoke();
        });
        var seconds = clock.Elapsed.TotalSeconds / found.Length;

        var nmes = Errors([]);
        double? inner = scheme.Count == LandmarkScheme.Ibug68.Count
            ? Errors([.. scheme.Groups.Where(g => g.Name != "jaw").SelectMany(g => g.Indices)]).Average()
            : null;
        var groups = scheme.Groups.ToDictionary(g => g.Name, g => Errors([.. g.Indices]).Average());
        var styles = Enumerable.Range(0, nmes.Length)
            .Where(i => folder.Faces[i].Style is not null)
            .GroupBy(i => folder.Faces[i].Style!, i => nmes[i])
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => new ErrorSummary([.. g]));
        return new Evaluation(new ErrorSummary(nmes), inner, groups, styles, seconds);

        void Detect(int i)
        {
            var face = folder.Faces[i];
            found[i] = detector.Detect(Image.Load(folder.ImagePath(face)), Crop(face));
        }

        FaceCrop Crop(LabelledFace face) => FaceCrop.FromScale(face.Scale, face.Centre, detector.Model.CropFactor);

        void Check(LabelledFace face)
        {
            if (!Crop(face).IsUsable)
            {
                throw new InvalidDataException(
                    $"{folder.Path}: the face of {face.ImagePath} has a scale of {face.Scale}, too large for a crop");
            }
            try
            {
                Metrics.Length([.. face.Landmarks], scheme, normalisation);
            }
            catch (InvalidDataException e)
            {
                throw new InvalidDataException($"{folder.Path}: {face.ImagePath}: {e.Message}", e);
            }
        }

        double[] Errors(int[] points) =>
            [.. found.Zip(folder.Faces, (f, face) =>
                Metrics.Nme(f.Points.AsSpan(), [.. face.Landmarks], scheme, normalisation, points))];
    }

    private static void ForEach(int count, int workers, Action<int> work)
    {
        try
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = workers }, work);
        }
        catch (AggregateException e)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }
}

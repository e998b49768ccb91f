using System.Diagnostics;
using System.Numerics;

namespace Mdfld.Data;

/// <summary>Where a measured detector gets its faces from.</summary>
public enum FaceBoxes
{
    /// <summary>The square of the annotation, one refinement step.</summary>
    Annotated,

    /// <summary>
    /// What the detector's finder finds: of a picture's faces the one whose box fits the annotated landmarks' best, if
    /// their intersection / union is at least <see cref="Evaluation.LeastOverlap"/>.
    /// </summary>
    Found,
}

/// <summary>How far a detector is off on labelled faces.</summary>
/// <param name="All">Every face, in the folder's order.</param>
/// <param name="Inner">Mean NME of the 51 points of 68 that are not jaw; null with other schemes.</param>
/// <param name="Outline">Mean of <see cref="Metrics.OutlineError"/>; null where the scheme has no jaw.</param>
/// <param name="Groups">Mean NME of each point group, by name.</param>
/// <param name="Styles">The faces of each style, by name; empty where the folder names none.</param>
/// <param name="StyleGroups">Mean NME of each point group of each style.</param>
/// <param name="Reliability">How the confidence fits the errors, of the faces found; null where none was.</param>
/// <param name="Ellipses">How the points' covariances fit their errors, of the faces found; null without any.</param>
/// <param name="SecondsPerFace">
/// Wall time / faces, reading and cropping included, after an untimed face a worker; several workers shorten it.
/// </param>
public sealed record Evaluation(
    ErrorSummary All,
    double? Inner,
    double? Outline,
    IReadOnlyDictionary<string, double> Groups,
    IReadOnlyDictionary<string, ErrorSummary> Styles,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> StyleGroups,
    Reliability? Reliability,
    PointEllipses? Ellipses,
    double SecondsPerFace)
{
    /// <summary>Intersection / union from which a box is one of the face.</summary>
    public const float LeastOverlap = 0.4f;

    /// <summary>Detects every face of a folder and measures the errors.</summary>
    /// <param name="detector">Its crop factor sets the crops; its points must be the folder's.</param>
    /// <param name="folder">The labelled faces.</param>
    /// <param name="normalisation">The length that errors are divided by.</param>
    /// <param name="workers">Faces worked on at a time.</param>
    /// <param name="progress">Called after each face, from any thread.</param>
    /// <param name="boxes">Where faces come from.</param>
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
        Action? progress = null,
        FaceBoxes boxes = FaceBoxes.Annotated)
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

        var found = new Landmarks?[folder.Faces.Count];
        // What a thread does once, such as setting memory aside, is no part of a face's time.
        ParallelMap.For(workers, i => Detect(i % found.Length), workers);
        var clock = Stopwatch.StartNew();
        ParallelMap.For(
            found.Length,
            i =>
            {
                Detect(i);
                progress?.Invoke();
            },
            workers);
        var seconds = clock.Elapsed.TotalSeconds / found.Length;

        var nmes = Errors([]);
        double? inner = scheme.Count == LandmarkScheme.Ibug68.Count
            ? Mean([.. scheme.Groups.Where(g => g.Name != "jaw").SelectMany(g => g.Indices)])
            : null;
        double? outline = scheme.Contours.Any(c => c.Name == "jaw")
            ? new ErrorSummary(Each((f, face) => Metrics.OutlineError(
                f.Points.AsSpan(), [.. face.Landmarks], scheme, normalisation))).Mean
            : null;
        var ofGroups = scheme.Groups.ToDictionary(g => g.Name, g => Errors([.. g.Indices]));
        var groups = ofGroups.ToDictionary(g => g.Key, g => new ErrorSummary(g.Value).Mean);
        var facesOf = Enumerable.Range(0, nmes.Length)
            .Where(i => folder.Faces[i].Style is not null)
            .GroupBy(i => folder.Faces[i].Style!)
            .OrderBy(g => g.Key, StringComparer.Ordinal).ToArray();
        var styles = facesOf.ToDictionary(g => g.Key, g => new ErrorSummary([.. g.Select(i => nmes[i])]));
        var styleGroups = facesOf.ToDictionary(
            s => s.Key,
            IReadOnlyDictionary<string, double> (s) => ofGroups.ToDictionary(
                g => g.Key, g => new ErrorSummary([.. s.Select(i => g.Value[i])]).Mean));
        var reliability = Reliability.Of(
            [.. found.Zip(nmes).Where(pair => pair.First is not null)
                .Select(pair => (pair.First!.Confidence, pair.Second))],
            detector.Threshold);
        var ellipses = PointEllipses.Of(
            [.. found.Zip(folder.Faces).Where(pair => pair.First is not null).SelectMany(
                pair => Scaled(pair.First!, 1 / pair.First!.Crop.Side, pair.Second))]);
        return new Evaluation(
            new ErrorSummary(nmes), inner, outline, groups, styles, styleGroups, reliability, ellipses, seconds);

        static IEnumerable<(PointCovariance, Vector2)> Scaled(Landmarks face, float scale, LabelledFace truth) =>
            face.Uncertainty.Select((u, i) => (
                new PointCovariance(scale * scale * u.XX, scale * scale * u.XY, scale * scale * u.YY),
                scale * (face.Points[i] - truth.Landmarks[i]))).Where(p => !LabelledFace.IsMissing(p.Item2));

        void Detect(int i)
        {
            var face = folder.Faces[i];
            var image = folder.LoadPicture(face);
            found[i] = boxes == FaceBoxes.Annotated
                ? detector.Detect(image, Crop(face)) : Find(image, face.Box);
        }

        Landmarks? Find(Picture image, FaceBox truth)
        {
            var best = detector.Finder.Find(image).MaxBy(f => f.Box.IntersectionOverUnion(truth));
            return best is null || best.Box.IntersectionOverUnion(truth) < LeastOverlap
                ? null : detector.Detect(image, [best])[0];
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

        double Mean(int[] points) => new ErrorSummary(Errors(points)).Mean;

        double[] Errors(int[] points) =>
            Each((f, face) => Metrics.Nme(f.Points.AsSpan(), [.. face.Landmarks], scheme, normalisation, points));

        double[] Each(Func<Landmarks, LabelledFace, double> error) =>
            [.. found.Zip(folder.Faces, (f, face) => f is null ? double.PositiveInfinity : error(f, face))];
    }
}

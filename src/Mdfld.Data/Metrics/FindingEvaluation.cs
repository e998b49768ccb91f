using System.Diagnostics;

namespace Mdfld.Data;

/// <summary>How well faces are found. Fractions, not %.</summary>
/// <param name="Threshold">The score, or confidence, from which a face counts as found.</param>
/// <param name="Recall">Share of the known faces that are found; NaN where there are none.</param>
/// <param name="Precision">Share of what is found that is a known face; NaN where nothing is found.</param>
/// <param name="AveragePrecision">
/// Area under the curve of precision over recall, all thresholds (PASCAL VOC 2010: precision made monotone).
/// </param>
/// <param name="FalseAlarms">Share of the pictures without a face in which one is found; NaN without such.</param>
public sealed record FindingQuality(
    float Threshold, double Recall, double Precision, double AveragePrecision, double FalseAlarms)
{
    // Longest side of the box, pixels: from this one up to the next.
    private static readonly (string Name, float From)[] SizeClasses =
        [(">96", 96), ("48-96", 48), ("24-48", 24), ("12-24", 12), ("<12", 0)];

    // Area shared / area of the smaller box.
    private const float LeastOnIgnored = 0.3f;

    /// <summary>Found faces that are none, in all pictures; those on ignored faces do not count.</summary>
    public int FalseFaces { get; init; }

    /// <summary>The known faces by the longest side of their box, pixels: <c>12-24</c> and so on.</summary>
    public IReadOnlyDictionary<string, FoundShare> Sizes { get; init; } = new Dictionary<string, FoundShare>();

    /// <summary>The known faces by the kind of their picture; empty where the list names none.</summary>
    public IReadOnlyDictionary<string, FoundShare> Kinds { get; init; } = new Dictionary<string, FoundShare>();

    /// <summary>Measures from what was found in each picture.</summary>
    internal static FindingQuality Of(
        IReadOnlyList<(FacePicture Picture, IReadOnlyList<(FaceBox Box, float Score)> Found)> pictures, float threshold)
    {
        var known = pictures.Sum(p => p.Picture.Faces.Count);
        var hits = pictures.SelectMany((p, i) => Match(p.Picture, p.Found).Select(m => (m.Score, m.Face, Picture: i)))
            .OrderByDescending(h => h.Score).ThenBy(h => h.Face is not null).ToArray();
        var precisions = new double[hits.Length];
        var right = 0;
        for (var i = 0; i < hits.Length; i++)
        {
            right += hits[i].Face is null ? 0 : 1;
            precisions[i] = right / (i + 1.0);
        }
        var (area, best) = (0.0, 0.0);
        for (var i = hits.Length - 1; i >= 0; i--)
        {
            best = Math.Max(best, precisions[i]);
            area += hits[i].Face is null ? 0 : best;
        }
        var kept = hits.Where(h => h.Score >= threshold).ToArray();
        var faces = kept.Where(h => h.Face is not null).Select(h => (h.Picture, h.Face!.Value)).ToArray();
        var empty = pictures.Where(p => p.Picture is { Faces.Count: 0, Ignored.Count: 0 }).ToArray();
        return new FindingQuality(
            threshold,
            faces.Length / (double)known,
            faces.Length / (double)kept.Length,
            area / known,
            empty.Count(p => p.Found.Any(f => f.Score >= threshold)) / (double)empty.Length)
        {
            FalseFaces = kept.Length - faces.Length,
            Sizes = Shares((_, box) => SizeClasses.First(c => Math.Max(box.Width, box.Height) >= c.From).Name),
            Kinds = Shares((picture, _) => picture.Kind),
        };

        Dictionary<string, FoundShare> Shares(Func<FacePicture, FaceBox, string?> classOf)
        {
            var found = faces.CountBy(f => classOf(pictures[f.Picture].Picture, f.Value) ?? "").ToDictionary();
            return pictures.SelectMany(p => p.Picture.Faces.Select(box => classOf(p.Picture, box)))
                .OfType<string>().CountBy(name => name).OrderBy(c => c.Key, StringComparer.Ordinal)
                .ToDictionary(c => c.Key, c => new FoundShare(found.GetValueOrDefault(c.Key), c.Value));
        }
    }

    /// <summary>
    /// By descending score, each takes the known face that it fits best and that is not taken yet; what then lies on an
    /// ignored face counts nothing.
    /// </summary>
    private static IEnumerable<(float Score, FaceBox? Face)> Match(
        FacePicture picture, IEnumerable<(FaceBox Box, float Score)> found)
    {
        var free = picture.Faces.ToList();
        foreach (var (box, score) in found.OrderByDescending(f => f.Score))
        {
            var best = free.Count == 0 ? default : free.MaxBy(f => f.IntersectionOverUnion(box));
            var isFace = best.IntersectionOverUnion(box) >= Evaluation.LeastOverlap;
            if (isFace)
                free.Remove(best);
            if (isFace || !picture.Ignored.Any(f => f.IntersectionOverSmaller(box) > LeastOnIgnored))
                yield return (score, isFace ? best : null);
        }
    }
}

/// <summary>Known faces of a class, and how many of them are found.</summary>
public readonly record struct FoundShare(int Found, int Known);

/// <summary>How well a finder, and a detector with landmarks, find the faces of pictures.</summary>
/// <param name="Pictures">Pictures searched.</param>
/// <param name="Faces">Faces known in them.</param>
/// <param name="Finder">The finder by itself: its boxes and scores.</param>
/// <param name="Detector">With landmarks: their tight boxes and their confidence.</param>
/// <param name="SecondsPerPicture">Wall time / pictures, reading included; several workers shorten it.</param>
/// <param name="SecondsToFind">Median time of a search alone.</param>
public sealed record FindingEvaluation(
    int Pictures, int Faces, FindingQuality Finder, FindingQuality Detector, double SecondsPerPicture,
    double SecondsToFind)
{
    /// <summary>The score down to which a detector's finder has to go, so that full curves can be measured.</summary>
    public const float LowestScore = 0.02f;

    /// <summary>Searches the pictures.</summary>
    /// <param name="detector">Its finder's threshold should be <see cref="LowestScore"/>.</param>
    /// <param name="pictures">What <see cref="FacePictures.Open"/> gives.</param>
    /// <param name="turn">Degrees by which pictures and faces are turned clockwise before.</param>
    /// <param name="workers">Pictures worked on at a time.</param>
    /// <param name="progress">Called after each picture, from any thread.</param>
    /// <exception cref="InvalidDataException">A picture or a model is broken.</exception>
    /// <exception cref="IOException">A picture cannot be read.</exception>
    public static FindingEvaluation Run(
        LandmarkDetector detector, IReadOnlyList<FacePicture> pictures, float turn = 0, int workers = 1,
        Action? progress = null)
    {
        var boxes = new (FacePicture, IReadOnlyList<(FaceBox, float)>)[pictures.Count];
        var faces = new (FacePicture, IReadOnlyList<(FaceBox, float)>)[pictures.Count];
        var times = new double[pictures.Count];
        var finder = detector.Finder;
        var clock = Stopwatch.StartNew();
        ParallelMap.For(pictures.Count, Measure, workers);
        var seconds = clock.Elapsed.TotalSeconds / pictures.Count;
        return new FindingEvaluation(
            pictures.Count,
            pictures.Sum(p => p.Faces.Count),
            FindingQuality.Of(boxes, finder.DefaultThreshold),
            FindingQuality.Of(faces, detector.Threshold),
            seconds,
            times.Order().ElementAt(times.Length / 2));

        void Measure(int i)
        {
            var (image, picture) = TurnedPicture.Of(FileNames.LoadPicture(pictures[i].Path), pictures[i], turn);
            var start = Stopwatch.GetTimestamp();
            var found = finder.Find(image);
            times[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            var sure = found.Where(f => f.Score >= finder.DefaultThreshold).ToArray();
            var landmarks = LandmarkDetector.Distinct(detector.Detect(image, sure));
            boxes[i] = (picture, [.. found.Select(f => (f.Box, f.Score))]);
            faces[i] = (picture, [.. landmarks.Select(f => (f.Box, f.Confidence))]);
            progress?.Invoke();
        }
    }
}

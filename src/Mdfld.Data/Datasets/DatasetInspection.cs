using System.Security.Cryptography;
using System.Text.Json;

namespace Mdfld.Data;

/// <summary>A fault in a dataset that spoils training or measuring on it.</summary>
/// <param name="Kind">One of <see cref="DatasetInspection.Kinds"/>.</param>
/// <param name="ImagePath">The picture, as <see cref="LabelledFace.ImagePath"/>.</param>
/// <param name="Detail">The fault in words, with the face's number within its picture where it is one face's.</param>
public sealed record DatasetProblem(string Kind, string ImagePath, string Detail);

/// <summary>Statistics of a dataset and the problems in it.</summary>
/// <param name="Set">The faces.</param>
/// <param name="Styles">Faces of each style, by name; empty where none is named.</param>
/// <param name="PictureSizes">Sizes of the pictures that could be read, pixels, smallest area first.</param>
/// <param name="FaceSizes">Longest sides of the tight landmark boxes, smallest first, pixels.</param>
/// <param name="EyeDistances">Distances of the outer eye corners, smallest first, pixels.</param>
/// <param name="Spread">
/// By point group, the root mean square distance of points to the mean face, in eye distances, faces aligned by their
/// outer eye corners.
/// </param>
/// <param name="Problems">In the order of the faces.</param>
public sealed record DatasetInspection(
    FaceSet Set,
    IReadOnlyDictionary<string, int> Styles,
    IReadOnlyList<(int Width, int Height)> PictureSizes,
    IReadOnlyList<float> FaceSizes,
    IReadOnlyList<double> EyeDistances,
    IReadOnlyDictionary<string, double> Spread,
    IReadOnlyList<DatasetProblem> Problems)
{
    /// <summary>Points this far out of the picture are still at its edge, whatever pixel counts as the first.</summary>
    private const float Edge = 1;

    /// <summary>Two faces of a picture are one where their points differ by less than this, in face sizes.</summary>
    private const float SameFace = 0.1f;

    /// <summary>
    /// <see cref="HeadView.ShapeError"/> of points that are no face's: over all of the field's photos, paintings and
    /// caricatures that were tried it is below 0.33, with the points moved on by one above 0.41.
    /// </summary>
    private const double NoFace = 0.36;

    /// <summary>An exchange of left and right lowers the error by this where they were exchanged.</summary>
    private const double Exchanged = 0.65;

    /// <summary>Parts whose left and right the shape tells apart; a nose's are too near each other.</summary>
    private static readonly string[] ExchangedParts = ["jaw", "brows", "eyes", "mouth"];

    /// <summary>
    /// What <see cref="DatasetProblem.Kind"/> can be: the picture is missing or broken; a picture or face is there
    /// twice; points lie outside the picture, or outside the face's own box; the face is tiny; left and right are
    /// exchanged, of the face or of a part; the points are in an order that is no face's.
    /// </summary>
    public static IReadOnlyList<string> Kinds { get; } =
        ["missing", "broken", "duplicate", "outside", "box", "tiny", "mirrored", "scrambled"];

    /// <summary>Decodes every picture, several at a time, and checks every face.</summary>
    /// <param name="set">The faces; at least one.</param>
    /// <param name="smallest">Faces whose longest side is less are tiny, pixels.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="ArgumentException">The set holds no face.</exception>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    public static DatasetInspection Of(FaceSet set, float smallest = 32, CancellationToken stop = default)
    {
        if (set.Faces.Count == 0)
            throw new ArgumentException("there is no face to inspect", nameof(set));
        var pictures = set.Faces.GroupBy(f => f.ImagePath).Select(g => g.ToArray()).ToArray();
        // A decoded picture is large: as many at a time as there are cores.
        var decoded = ParallelMap.Select(
            pictures, p => Decode(set, p[0]), Environment.ProcessorCount, stop);

        var problems = new List<DatasetProblem>();
        var firstOf = new Dictionary<string, string>();
        for (var i = 0; i < pictures.Length; i++)
        {
            var path = pictures[i][0].ImagePath;
            if (decoded[i].Problem is var (kind, detail))
                problems.Add(new DatasetProblem(kind, path, detail));
            if (decoded[i].Hash is { } hash && !firstOf.TryAdd(hash, path))
                problems.Add(new DatasetProblem("duplicate", path, $"the same picture as {firstOf[hash]}"));
            problems.AddRange(OfFaces(pictures[i], decoded[i].Size, smallest));
        }

        var scheme = LandmarkScheme.ForCount(set.Faces[0].Landmarks.Count);
        return new DatasetInspection(
            set,
            set.Faces.Where(f => f.Style is not null).CountBy(f => f.Style!)
                .OrderBy(s => s.Key, StringComparer.Ordinal).ToDictionary(),
            [.. decoded.Where(d => d.Size is not null).Select(d => d.Size!.Value)
                .OrderBy(s => (long)s.Width * s.Height)],
            [.. set.Faces.Select(Side).Order()],
            [.. set.Faces.Select(f => scheme.EyeDistance(HeadView.Complete([.. f.Landmarks]))).Order()],
            SpreadOf(set.Faces, scheme),
            problems);
    }

    /// <summary>
    /// One JSON object: counts of faces, pictures and points, "styles", least, median and most of every size, "spread",
    /// "problem_counts" by kind and every problem.
    /// </summary>
    public string ToJson()
    {
        return JsonSerializer.Serialize(new
        {
            faces = Set.Faces.Count,
            pictures = Set.Faces.DistinctBy(f => f.ImagePath).Count(),
            points = Set.Faces[0].Landmarks.Count,
            styles = Styles,
            picture_sizes = Quantiles(PictureSizes, size => (int[])[size.Width, size.Height]),
            face_sizes = Quantiles(FaceSizes, side => Math.Round((double)side, 3)),
            eye_distances = Quantiles(EyeDistances, distance => Math.Round(distance, 3)),
            spread = Spread.ToDictionary(group => group.Key, group => Math.Round(group.Value, 6)),
            problem_counts = Kinds.ToDictionary(kind => kind, kind => Problems.Count(p => p.Kind == kind)),
            problems = Problems.Select(p => new { kind = p.Kind, image = p.ImagePath, detail = p.Detail }),
        });

        static Dictionary<string, TResult> Quantiles<T, TResult>(IReadOnlyList<T> sorted, Func<T, TResult> value) =>
            sorted.Count == 0 ? [] : new()
            {
                ["least"] = value(sorted[0]),
                ["median"] = value(sorted[sorted.Count / 2]),
                ["most"] = value(sorted[^1]),
            };
    }

    private static DecodedPicture Decode(FaceSet set, LabelledFace face)
    {
        if (!set.HasPicture(face))
            return new DecodedPicture(null, null, ("missing", "no such picture"));
        try
        {
            using var file = set.OpenPicture(face);
            var image = Picture.Load(file);
            // Of the pixels: the same picture may be in two files.
            var hash = $"{image.Width} {Convert.ToHexString(SHA256.HashData(image.Data))}";
            return new DecodedPicture((image.Width, image.Height), hash, null);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return new DecodedPicture(null, null, ("broken", e.Message));
        }
    }

    private static IEnumerable<DatasetProblem> OfFaces(
        LabelledFace[] faces, (int Width, int Height)? size, float smallest)
    {
        for (var i = 0; i < faces.Length; i++)
        {
            var (face, path) = (faces[i], faces[i].ImagePath);
            if (size is var (width, height) && Outside(face, width, height) is > 0 and var count)
                yield return new DatasetProblem("outside", path, $"{count} points of face {i} are outside the picture");
            if (Side(face) < smallest)
                yield return new DatasetProblem(
                    "tiny", path, FormattableString.Invariant($"face {i} is {Side(face):0.#} pixels"));
            if (face.AnnotatedBox is { } box && Within(face, box) < 0.5)
            {
                yield return new DatasetProblem(
                    "box", path, FormattableString.Invariant(
                        $"{100 * Within(face, box):0} % of the points of face {i} lie in its box"));
            }
            if (IsMirrored(face))
                yield return new DatasetProblem("mirrored", path, $"left and right of face {i} are exchanged");
            else if (WrongOrder(face) is var (kind, detail))
                yield return new DatasetProblem(kind, path, string.Format(CultureInfo.InvariantCulture, detail, i));
            if (Array.FindIndex(faces, 0, i, other => IsSame(other, face)) is >= 0 and var first)
                yield return new DatasetProblem("duplicate", path, $"face {i} is face {first} again");
        }
    }

    /// <summary>The share of a face's points that lie in a box.</summary>
    private static double Within(LabelledFace face, FaceBox box) => face.Landmarks
        .Where(p => !LabelledFace.IsMissing(p)).Average(
            p => p.X >= box.Left - Edge && p.Y >= box.Top - Edge && p.X <= box.Left + box.Width + Edge
            && p.Y <= box.Top + box.Height + Edge ? 1.0 : 0);

    /// <summary>A part whose left and right are exchanged, or points in another order; of 68 points only.</summary>
    private static (string Kind, string Detail)? WrongOrder(LabelledFace face)
    {
        var scheme = LandmarkScheme.Ibug68;
        if (face.Landmarks.Count != scheme.Count)
            return null;
        Vector2[] points = [.. face.Landmarks];
        var error = HeadView.ShapeError(points);
        foreach (var part in scheme.Groups.Where(g => ExchangedParts.Contains(g.Name)))
        {
            var exchanged = points.ToArray();
            foreach (var i in part.Indices)
                exchanged[i] = points[scheme.MirrorPermutation[i]];
            if (HeadView.ShapeError(exchanged) < Exchanged * error)
                return ("mirrored", $"left and right of the {part.Name} of face {{0}} are exchanged");
        }
        return error > NoFace ? ("scrambled", $"the points of face {{0}} are in no face's order, or of no face") : null;
    }

    private static int Outside(LabelledFace face, int width, int height) => face.Landmarks.Count(
        p => p.X < -Edge || p.Y < -Edge || p.X > width - 1 + Edge || p.Y > height - 1 + Edge);

    private static float Side(LabelledFace face)
    {
        return MathF.Max(face.Box.Width, face.Box.Height);
    }

    /// <summary>
    /// Whether the mouth lies above the line from the eye called left to the one called right, and above that of its
    /// own corners too: no turn of the head in the picture does that, but exchanged labels do.
    /// </summary>
    private static bool IsMirrored(LabelledFace face)
    {
        var scheme = LandmarkScheme.ForCount(face.Landmarks.Count);
        var five = scheme.FivePoints(HeadView.Complete([.. face.Landmarks]));
        var down = ((five[3] + five[4]) / 2) - ((five[0] + five[1]) / 2);
        return Cross(five[1] - five[0], down) < 0 && Cross(five[4] - five[3], down) < 0;

        static float Cross(Vector2 a, Vector2 b) => (a.X * b.Y) - (a.Y * b.X);
    }

    private static bool IsSame(LabelledFace a, LabelledFace b)
    {
        var mean = a.Landmarks.Zip(b.Landmarks, Vector2.Distance).Where(d => !float.IsNaN(d))
            .DefaultIfEmpty(float.MaxValue).Average();
        return mean < SameFace * Side(a);
    }

    private static Dictionary<string, double> SpreadOf(IReadOnlyList<LabelledFace> faces, LandmarkScheme scheme)
    {
        var (sum, squares, count) = (new Complex[scheme.Count], new double[scheme.Count], 0);
        foreach (var face in faces.Where(f => f.IsComplete))
        {
            var (left, right) =
                (Mean(face, scheme.OuterEyeCorners[0].Indices), Mean(face, scheme.OuterEyeCorners[1].Indices));
            if (left == right)
                continue;
            count++;
            for (var i = 0; i < scheme.Count; i++)
            {
                var p = new Complex(face.Landmarks[i].X, face.Landmarks[i].Y);
                p = (p - ((left + right) / 2)) / (right - left);
                sum[i] += p;
                squares[i] += (p.Real * p.Real) + (p.Imaginary * p.Imaginary);
            }
        }
        return count == 0 ? [] : scheme.Groups.ToDictionary(g => g.Name, g => Math.Sqrt(Math.Max(0, g.Indices.Average(
            i => (squares[i] / count) - Math.Pow(Complex.Abs(sum[i] / count), 2)))));

        static Complex Mean(LabelledFace face, IEnumerable<int> points) => points.Aggregate(
            Complex.Zero, (total, i) => total + new Complex(face.Landmarks[i].X, face.Landmarks[i].Y)) / points.Count();
    }

    private readonly record struct DecodedPicture(
        (int Width, int Height)? Size, string? Hash, (string Kind, string Detail)? Problem);
}

using System.Numerics;

namespace Mdfld.Training;

/// <summary>A full picture, reduced to what training needs, and its faces in pixels of it.</summary>
/// <param name="Faces">Those to leave out are unsure.</param>
/// <param name="Complete">Whether where no face lies, none is: its background can be learnt from.</param>
internal sealed record LabelledPicture(Picture Picture, SceneFace[] Faces, bool Complete)
{
    /// <summary>The name of its file without the extension.</summary>
    public string Name { get; init; } = "";

    /// <summary>The faces that are to be found.</summary>
    public IReadOnlyList<SceneFace> Known { get; } = [.. Faces.Where(f => !f.Unsure)];

    /// <summary>Known faces that a finder misses, and its boxes that hold no face.</summary>
    public IReadOnlyList<FaceBox> HardExamples { get; private init; } = [];

    /// <summary>The same with its hard examples.</summary>
    /// <param name="found">What a finder sees in the picture.</param>
    public LabelledPicture Mined(IReadOnlyList<FaceBox> found) => this with
    {
        HardExamples =
        [
            .. Known.Select(f => f.Box)
                .Where(box => found.All(f => f.IntersectionOverUnion(box) < FinderValidator.LeastIou)),
            .. found.Where(box => Complete && Faces.All(f => f.Box.Intersection(box) == 0)),
        ],
    };
}

/// <summary>
/// Reads folders of full pictures with <c>faces.tsv</c>, with points where a landmark model agrees with the label, and
/// with the faces that were not labelled but a second finder sees: learnt where it is sure, else left out.
/// </summary>
/// <param name="landmarks">Gives faces their points; null leaves boxes without.</param>
/// <param name="teacher">Looks for unlabelled faces in lists that have no ignored ones; null for none.</param>
/// <param name="student">Tells which examples are hard: those that it gets wrong; null: none is.</param>
internal sealed class PictureLoader(LandmarkDetector? landmarks, FaceFinder? teacher, FaceFinder? student = null)
{
    private const int LongestSide = 800;

    // Pages hold more faces than anyone labels.
    private const string IncompleteKind = "comic";

    // AFW labels every large face; HELEN one a picture.
    private const string CompletePrefix = "afw_";

    private const float LeastIou = 0.6f;
    private const float LeastConfidence = 0.5f;
    private const float SameFace = 0.3f;
    private const float SureOfTeacher = 0.75f;
    private const int Steps = 2;

    /// <summary>Told of each line and picture that is left out; null leaves none out.</summary>
    public Action<string>? OnBad { get; init; }

    /// <summary>The pictures of a folder by name.</summary>
    /// <inheritdoc cref="FacePictures.Open" path="/exception"/>
    public LabelledPicture[] Load(string folder, CancellationToken stop) =>
        ParallelMap.SelectSound(FacePictures.Open(folder, OnBad), Load, folder, OnBad, stop);

    private LabelledPicture Load(FacePicture labelled)
    {
        var picture = FileNames.LoadPicture(labelled.Path);
        var isMarked = labelled.Kind is not null || (labelled.Faces.Count == 0 && labelled.Ignored.Count == 0);
        var faces = Describe(picture, labelled.Faces);
        faces.AddRange(labelled.Ignored.Select(b => new SceneFace(b, null, unsure: true)));
        if (!isMarked && teacher is not null)
        {
            faces.AddRange(Unlabelled(picture, [.. teacher.Find(picture)
                .Where(t => !labelled.Faces.Any(f => f.IntersectionOverSmaller(t.Box) > SameFace))]));
        }
        var s = Math.Min(1, LongestSide / (double)Math.Max(picture.Width, picture.Height));
        var t = (s - 1) / 2;
        var map = Homography.Affine(s, 0, t, 0, s, t);
        var (width, height) = ((int)Math.Ceiling(picture.Width * s), (int)Math.Ceiling(picture.Height * s));
        var name = Path.GetFileNameWithoutExtension(labelled.Path);
        var loaded = new LabelledPicture(
            s == 1 ? picture : picture.Warp(map, width, height, antialias: true),
            [.. faces.Select(f => f.Mapped(map))],
            labelled.Kind != IncompleteKind
                && (isMarked || teacher is not null || name.StartsWith(CompletePrefix, StringComparison.Ordinal)))
        {
            Name = name,
        };
        return student is null ? loaded : loaded.Mined([.. student.Find(loaded.Picture).Select(f => f.Box)]);
    }

    /// <summary>Faces that the teacher sees: to be found where it and the landmark model are sure, else left out.</summary>
    private IEnumerable<SceneFace> Unlabelled(Picture picture, IReadOnlyList<DetectedFace> seen)
    {
        if (landmarks is null || seen.Count == 0)
            return seen.Select(f => new SceneFace(f.Box, null, unsure: true));
        FaceCrop[] crops = [.. seen.Select(f => f.Box.ToCrop(landmarks.Model.CropFactor))];
        return landmarks.Detect(picture, crops, Steps).Zip(seen, (face, found) =>
            found.Score >= SureOfTeacher && face.Confidence >= LeastConfidence
                ? SceneFace.Of([.. face.Points], landmarks.Model.Scheme)
                : new SceneFace(found.Box, null, unsure: true));
    }

    /// <summary>Points as the model finds them, stretched to the labelled box; none where it finds others.</summary>
    private List<SceneFace> Describe(Picture picture, IReadOnlyList<FaceBox> boxes)
    {
        if (landmarks is null || boxes.Count == 0)
            return [.. boxes.Select(b => new SceneFace(b, null))];
        FaceCrop[] crops = [.. boxes.Select(b => b.ToCrop(landmarks.Model.CropFactor))];
        return [.. landmarks.Detect(picture, crops, Steps).Zip(boxes, (face, box) =>
        {
            Vector2[] points = [.. face.Points];
            var tight = FaceBox.Around(points);
            if (face.Confidence < LeastConfidence || tight.IntersectionOverUnion(box) < LeastIou)
                return new SceneFace(box, null);
            var scale = new Vector2(box.Width / tight.Width, box.Height / tight.Height);
            var (from, to) = (new Vector2(tight.Left, tight.Top), new Vector2(box.Left, box.Top));
            foreach (ref var p in points.AsSpan())
                p = ((p - from) * scale) + to;
            return SceneFace.Of(points, landmarks.Model.Scheme);
        })];
    }
}

using System.Numerics;
using Mdfld.Training.Augment;

namespace Mdfld.Training;

/// <summary>A composed picture and the faces in it.</summary>
internal sealed record Scene(Picture Picture, IReadOnlyList<SceneFace> Faces)
{
    /// <summary>A face of which a smaller share is seen is not there.</summary>
    public const float LeastShown = 0.1f;

    /// <summary>
    /// A square scene once more, as large as it, mirrored, larger or smaller and shifted, and by a chance turned by
    /// quarters: far cheaper than a new one, and new to the network's grid of cells.
    /// </summary>
    public Scene Vary(Random random, float turnedShare)
    {
        var size = Picture.Width;
        var factor = MathF.Exp(random.Uniform(-0.35f, 0.35f));
        var slack = size - (factor * size);
        var offset = new Vector2(slack * random.NextSingle(), slack * random.NextSingle())
            + new Vector2((factor - 1) / 2);
        var map = Homography.Affine(factor, 0, offset.X, 0, factor, offset.Y);
        var isMirrored = random.Chance(0.5f);
        if (isMirrored)
            map = Homography.Mirror(size) * map;
        if (random.Chance(turnedShare))
            map = Homography.Rotation(random.Next(1, 4) * Math.PI / 2, 1, new Vector2((size - 1) / 2f)) * map;
        return new Scene(
            Picture.Warp(map, size, size, antialias: true),
            [.. Faces.Select(f => f.Mapped(map, isMirrored).SeenIn(size, size))
                .Where(f => f.Visible(size, size) > LeastShown)]);
    }
}

/// <summary>A face of a scene.</summary>
/// <param name="Outline">
/// Points whose tight box is the face's in every turn of the picture, pixels: its landmarks.
/// </param>
/// <param name="Points">Eyes, nose tip, mouth corners, left before right; null where only the box is known.</param>
/// <param name="Unsure">Neither to be found nor to be missed: doubtful, or too little of it is seen.</param>
internal sealed record SceneFace(Vector2[] Outline, Vector2[]? Points, bool Unsure = false)
{
    private const float LeastVisible = 0.5f;

    private static readonly int[] MirrorOrder = [1, 0, 2, 4, 3];

    private static readonly Vector2[] MeanOutline = InUnitSquare(HeadPose.MeanHead);

    /// <summary>A face of which only the box is known: its outline is the mean head's.</summary>
    public SceneFace(FaceBox box, Vector2[]? points, bool unsure = false)
        : this(
            [.. MeanOutline.Select(p => new Vector2(box.Left, box.Top) + (p * new Vector2(box.Width, box.Height)))],
            points, unsure)
    {
    }

    /// <summary>Tight box of its landmarks, pixels; may reach out of the picture.</summary>
    public FaceBox Box => FaceBox.Around(Outline);

    /// <summary>The longer side.</summary>
    public float Length
    {
        get
        {
            var box = Box;
            return MathF.Max(box.Width, box.Height);
        }
    }

    /// <summary>Five points of 68 landmarks, and their tight box.</summary>
    public static SceneFace Of(ReadOnlySpan<Vector2> landmarks, LandmarkScheme scheme) =>
        new(landmarks.ToArray(), scheme.FivePoints(landmarks));

    /// <summary>In a picture that was warped; where it was mirrored, too, left and right are swapped.</summary>
    public SceneFace Mapped(Homography map, bool isMirrored = false) => this with
    {
        Outline = [.. Outline.Select(map.Apply)],
        Points = Points is null
            ? null
            : isMirrored ? [.. MirrorOrder.Select(i => map.Apply(Points[i]))] : [.. Points.Select(map.Apply)],
    };

    /// <summary>Enlarged by a factor and moved.</summary>
    public SceneFace Moved(float factor, Vector2 offset) =>
        Mapped(Homography.Affine(factor, 0, offset.X, 0, factor, offset.Y));

    /// <summary>The same, and unsure where too little of it is seen.</summary>
    public SceneFace SeenIn(int width, int height) =>
        this with { Unsure = Unsure || IsHardlySeen(width, height) };

    /// <summary>Whether the face is too small, or too much of it is outside, to be asked for.</summary>
    public bool IsHardlySeen(int width, int height) =>
        Visible(width, height) < LeastVisible || Length < FinderTargets.Smallest;

    /// <summary>The share of the box that lies in a picture.</summary>
    public float Visible(int width, int height)
    {
        var box = Box;
        var across = MathF.Min(width, box.Left + box.Width) - MathF.Max(0, box.Left);
        var down = MathF.Min(height, box.Top + box.Height) - MathF.Max(0, box.Top);
        return MathF.Max(0, across) * MathF.Max(0, down) / (box.Width * box.Height);
    }

    private static Vector2[] InUnitSquare(ReadOnlySpan<Vector3> head)
    {
        Vector2[] points = [.. head.ToArray().Select(p => new Vector2(p.X, p.Y))];
        var box = FaceBox.Around(points);
        return [.. points.Select(p => (p - new Vector2(box.Left, box.Top)) / new Vector2(box.Width, box.Height))];
    }
}

/// <summary>Areas that boxes share.</summary>
internal static class BoxOverlap
{
    /// <summary>Area common to both.</summary>
    public static float Intersection(this FaceBox a, FaceBox b)
    {
        var across = MathF.Min(a.Left + a.Width, b.Left + b.Width) - MathF.Max(a.Left, b.Left);
        var down = MathF.Min(a.Top + a.Height, b.Top + b.Height) - MathF.Max(a.Top, b.Top);
        return MathF.Max(0, across) * MathF.Max(0, down);
    }
}

/// <summary>
/// The scenes of a run. Composing one costs more than learning from it, so each is shown several times, many steps
/// apart and varied; a resumed run composes again what it would still have had.
/// </summary>
internal sealed class SceneReplay(Func<long, int, Scene> compose, SceneSettings settings, int batch, int seed)
{
    /// <summary>Steps between two shows of a scene.</summary>
    private const int Lag = 25;

    private readonly SampleOrder _order = new(1, seed);
    private readonly Dictionary<(long Number, int Size), Lazy<Scene>> _kept = [];

    /// <summary>The work that makes the picture of a position; asked in order, on one thread.</summary>
    public Func<Scene> At(long position, int size)
    {
        var shows = settings.Shows;
        var share = batch / shows;
        var (step, slot) = (position / batch, (int)(position % batch));
        var show = slot / share;
        // Before the first step there were some, too: their numbers are negative.
        var number = ((step - (show * Lag)) * share) + (slot % share);
        if (!_kept.TryGetValue((number, size), out var scene))
            _kept[(number, size)] = scene = new Lazy<Scene>(() => compose(number, size));
        if (show == shows - 1)
            _kept.Remove((number, size));
        return () => show == 0 ? scene.Value : scene.Value.Vary(
            _order.RandomAt(position), settings.TurnedShare);
    }
}

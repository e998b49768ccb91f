using System.Numerics;
using Mdfld.Training.Augment;

namespace Mdfld.Training;

/// <summary>A composed picture and the faces in it.</summary>
internal sealed record Scene(Picture Picture, IReadOnlyList<SceneFace> Faces)
{
    /// <summary>
    /// A square scene once more, as large as it, mirrored, larger or smaller and shifted: far cheaper than a new one,
    /// and new to the network's grid of cells.
    /// </summary>
    public Scene Vary(Random random)
    {
        var size = Picture.Width;
        var factor = MathF.Exp(random.Uniform(-0.25f, 0.35f));
        var slack = size - (factor * size);
        var offset = new Vector2(slack * random.NextSingle(), slack * random.NextSingle())
            + new Vector2((factor - 1) / 2);
        var map = Homography.Affine(factor, 0, offset.X, 0, factor, offset.Y);
        var isMirrored = random.Chance(0.5f);
        if (isMirrored)
            map = Homography.Mirror(size) * map;
        return new Scene(
            Picture.Warp(map, size, size, antialias: true),
            [.. Faces.Select(Move).Where(f => f.Visible(size, size) > 0.1f)]);

        SceneFace Move(SceneFace face)
        {
            var moved = face.Moved(factor, offset);
            if (isMirrored)
                moved = moved.Mirrored(size);
            return moved with { Unsure = face.Unsure || moved.IsHardlySeen(size, size) };
        }
    }
}

/// <summary>A face of a scene.</summary>
/// <param name="Box">Tight box of its landmarks, pixels; may reach out of the picture.</param>
/// <param name="Points">Eyes, nose tip, mouth corners, left before right; null where only the box is known.</param>
/// <param name="Unsure">Neither to be found nor to be missed: too little of it is seen.</param>
internal sealed record SceneFace(FaceBox Box, Vector2[]? Points, bool Unsure = false)
{
    private const float LeastVisible = 0.7f;

    private static readonly int[] MirrorOrder = [1, 0, 2, 4, 3];

    /// <summary>The longer side.</summary>
    public float Length => MathF.Max(Box.Width, Box.Height);

    /// <summary>Five points of 68 landmarks, and their tight box.</summary>
    public static SceneFace Of(ReadOnlySpan<Vector2> landmarks, LandmarkScheme scheme) =>
        new(FaceBox.Around(landmarks), scheme.FivePoints(landmarks));

    /// <summary>Enlarged by a factor and moved.</summary>
    public SceneFace Moved(float factor, Vector2 offset) => this with
    {
        Box = new FaceBox(
            (factor * Box.Left) + offset.X, (factor * Box.Top) + offset.Y, factor * Box.Width, factor * Box.Height),
        Points = Points is null ? null : [.. Points.Select(p => (factor * p) + offset)],
    };

    /// <summary>In a picture seen in a mirror, <paramref name="width"/> wide; left and right are swapped.</summary>
    public SceneFace Mirrored(int width) => this with
    {
        Box = Box with { Left = width - 1 - Box.Left - Box.Width },
        Points = Points is null
            ? null
            : [.. MirrorOrder.Select(i => new Vector2(width - 1 - Points[i].X, Points[i].Y))],
    };

    /// <summary>Whether the face is too small, or too much of it is outside, to be asked for.</summary>
    public bool IsHardlySeen(int width, int height) =>
        Visible(width, height) < LeastVisible || Length < FinderTargets.Smallest;

    /// <summary>The share of the box that lies in a picture.</summary>
    public float Visible(int width, int height)
    {
        var across = MathF.Min(width, Box.Left + Box.Width) - MathF.Max(0, Box.Left);
        var down = MathF.Min(height, Box.Top + Box.Height) - MathF.Max(0, Box.Top);
        return MathF.Max(0, across) * MathF.Max(0, down) / (Box.Width * Box.Height);
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
internal sealed class SceneReplay(Func<long, int, Scene> compose, int batch, int shows, int seed)
{
    /// <summary>Steps between two shows of a scene.</summary>
    private const int Lag = 25;

    private readonly SampleOrder _order = new(1, seed);
    private readonly Dictionary<(long Number, int Size), Lazy<Scene>> _kept = [];

    /// <summary>The work that makes the picture of a position; asked in order, on one thread.</summary>
    public Func<Scene> At(long position, int size)
    {
        var share = batch / shows;
        var (step, slot) = (position / batch, (int)(position % batch));
        var show = slot / share;
        // Before the first step there were some, too: their numbers are negative.
        var number = ((step - (show * Lag)) * share) + (slot % share);
        if (!_kept.TryGetValue((number, size), out var scene))
            _kept[(number, size)] = scene = new Lazy<Scene>(() => compose(number, size));
        if (show == shows - 1)
            _kept.Remove((number, size));
        return () => show == 0 ? scene.Value : scene.Value.Vary(_order.RandomAt(position));
    }
}

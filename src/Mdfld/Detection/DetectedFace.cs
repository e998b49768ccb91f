using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Mdfld;

/// <summary>A face as a finder detects it, before its landmarks are known.</summary>
/// <param name="Box">About the tight box of its 68 landmarks, pixels of the picture; it may reach beyond it.</param>
/// <param name="Score">The detection score, 0 to 1.</param>
/// <param name="Points">
/// Eye on the picture's left where the face is upright (the subject's right), the other eye, nose, mouth corner below
/// the first eye, the other one; pixels of the picture.
/// </param>
public sealed record DetectedFace(FaceBox Box, float Score, ImmutableArray<Vector2> Points)
{
    /// <summary>How far the face is turned clockwise in the picture, radians: <see cref="FaceCrop.Roll"/>.</summary>
    public float Roll => FaceCrop.RollOf(Points.AsSpan());

    /// <summary>Whether box and points are numbers, and the box no larger than anything in reach.</summary>
    internal bool IsUsable(float reach) =>
        Box.Width > 0 && Box.Height > 0 && Box.Width < reach && Box.Height < reach
        && MathF.Abs(Box.Left) < reach && MathF.Abs(Box.Top) < reach
        && Points.All(p => MathF.Abs(p.X) < reach && MathF.Abs(p.Y) < reach);

    /// <summary>The face in another picture; the box is the upright one around its corners there.</summary>
    internal DetectedFace Moved(in Homography map)
    {
        var five = new Vector2[Points.Length];
        for (var i = 0; i < five.Length; i++)
            five[i] = map.Apply(Points[i]);
        var (right, bottom) = (Box.Left + Box.Width, Box.Top + Box.Height);
        ReadOnlySpan<Vector2> corners = [
            map.Apply(new(Box.Left, Box.Top)), map.Apply(new(right, Box.Top)),
            map.Apply(new(Box.Left, bottom)), map.Apply(new(right, bottom))];
        return new(FaceBox.Around(corners), Score, ImmutableCollectionsMarshal.AsImmutableArray(five));
    }

    /// <summary>
    /// Non-maximum suppression: of faces that overlap, the one of the highest score stays; its box and points become
    /// the means of theirs, weighted by score and overlap, which is steadier than any one of them. Those that stand
    /// another way, or are a part of it, have no part in the means.
    /// </summary>
    /// <param name="faces">In any order; sorted by this.</param>
    /// <param name="overlap">Intersection / union from which two are one face.</param>
    internal static List<DetectedFace> Merge(List<DetectedFace> faces, float overlap)
    {
        faces.Sort((a, b) => b.Score.CompareTo(a.Score));
        var merged = new List<DetectedFace>();
        var taken = new bool[faces.Count];
        for (var i = 0; i < faces.Count; i++)
        {
            if (taken[i])
                continue;
            var mean = new WeightedMean();
            for (var k = i; k < faces.Count; k++)
            {
                if (taken[k])
                    continue;
                var iou = faces[i].Box.IntersectionOverUnion(faces[k].Box);
                if (k != i && iou <= overlap && !faces[k].IsPartOf(faces[i]))
                    continue;
                taken[k] = true;
                if (k == i || (iou > overlap && faces[k].StandsAs(faces[i])))
                    mean.Add(faces[k], faces[k].Score * iou * iou);
            }
            merged.Add(mean.Result(faces[i]));
        }
        return merged;
    }

    /// <summary>An eye and a mouth can pass for a small face.</summary>
    private bool IsPartOf(DetectedFace other) =>
        Box.Width * Box.Height < other.Box.Width * other.Box.Height
        && Box.IntersectionOverSmaller(other.Box) > FaceBox.PartOfFace;

    private bool StandsAs(DetectedFace other) =>
        MathF.Abs(MathF.IEEERemainder(Roll - other.Roll, MathF.Tau)) < MathF.PI / 4;

    private sealed class WeightedMean
    {
        private readonly Vector2[] _points = new Vector2[5];
        private float _weight;
        private Vector4 _box;

        public void Add(DetectedFace face, float weight)
        {
            var box = face.Box;
            _weight += weight;
            _box += weight * new Vector4(box.Left, box.Top, box.Width, box.Height);
            for (var i = 0; i < _points.Length; i++)
                _points[i] += weight * face.Points[i];
        }

        public DetectedFace Result(DetectedFace surest)
        {
            if (!(_weight > 0))
                return surest;
            var box = _box / _weight;
            return surest with
            {
                Box = new FaceBox(box.X, box.Y, box.Z, box.W),
                Points = [.. _points.Select(p => p / _weight)],
            };
        }
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Mdfld;

/// <summary>What one cell of a finder takes for a face.</summary>
internal struct Candidate
{
    public float Score;
    public FaceBox Box;
    public FivePoints Points;

    /// <summary>Eye, eye, nose, mouth corner, mouth corner.</summary>
    [InlineArray(5)]
    public struct FivePoints
    {
        private Vector2 _first;
    }

    /// <summary>Whether box and points are numbers, and the box no larger than anything in reach.</summary>
    public readonly bool IsUsable(float reach)
    {
        var isUsable = Box.Width > 0 && Box.Height > 0 && Box.Width < reach && Box.Height < reach
            && MathF.Abs(Box.Left) < reach && MathF.Abs(Box.Top) < reach;
        foreach (var p in Points)
            isUsable &= MathF.Abs(p.X) < reach && MathF.Abs(p.Y) < reach;
        return isUsable;
    }

    /// <summary>The candidate in another picture: p' = scale p + shift.</summary>
    public readonly Candidate Moved(float scale, Vector2 shift)
    {
        var moved = this;
        moved.Box = FaceBox.AtCentre((Box.Centre * scale) + shift, Box.Width * scale, Box.Height * scale);
        for (var i = 0; i < 5; i++)
            moved.Points[i] = (Points[i] * scale) + shift;
        return moved;
    }

    /// <summary>
    /// Of candidates that overlap, the surest stays; its box and points become the means of theirs, weighted by score
    /// and overlap, which is steadier than any one of them.
    /// </summary>
    /// <param name="all">In any order; sorted by this.</param>
    /// <param name="overlap">Intersection / union from which two are one face.</param>
    public static List<Candidate> Merge(List<Candidate> all, float overlap)
    {
        all.Sort((a, b) => b.Score.CompareTo(a.Score));
        var merged = new List<Candidate>();
        var taken = new bool[all.Count];
        for (var i = 0; i < all.Count; i++)
        {
            if (taken[i])
                continue;
            var mean = default(WeightedMean);
            for (var k = i; k < all.Count; k++)
            {
                if (taken[k])
                    continue;
                var iou = all[i].Box.IntersectionOverUnion(all[k].Box);
                if (k != i && iou <= overlap)
                    continue;
                taken[k] = true;
                mean.Add(all[k], all[k].Score * iou * iou);
            }
            merged.Add(mean.Result(all[i]));
        }
        return merged;
    }

    private struct WeightedMean
    {
        private float _weight;
        private Vector4 _box;
        private FivePoints _points;

        public void Add(in Candidate candidate, float weight)
        {
            var box = candidate.Box;
            _weight += weight;
            _box += weight * new Vector4(box.Left, box.Top, box.Width, box.Height);
            for (var i = 0; i < 5; i++)
                _points[i] += weight * candidate.Points[i];
        }

        public readonly Candidate Result(Candidate surest)
        {
            if (!(_weight > 0))
                return surest;
            var box = _box / _weight;
            surest.Box = new FaceBox(box.X, box.Y, box.Z, box.W);
            for (var i = 0; i < 5; i++)
                surest.Points[i] = _points[i] / _weight;
            return surest;
        }
    }
}

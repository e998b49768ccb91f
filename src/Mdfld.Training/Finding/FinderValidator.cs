namespace Mdfld.Training;

/// <summary>Measures a finder on composed scenes: missed faces of each set, and boxes without a face.</summary>
internal sealed class FinderValidator(FinderTask task, IReadOnlyList<(string Name, Scene[] Scenes)> sets, Device device)
{
    /// <summary>
    /// Score from which a box counts as found, here and by default in the exported model. Low: the landmark model's
    /// confidence tells what is no face.
    /// </summary>
    public const float Threshold = 0.55f;

    /// <summary>Least intersection over union of a box with the face it finds.</summary>
    public const float LeastIou = 0.4f;

    private const int Batch = 8;

    /// <summary>Faces missed in % of each set's, then boxes without a face in % of all boxes found.</summary>
    public IReadOnlyList<(string Name, double Value)> Measure()
    {
        var measures = new List<(string Name, double Value)>();
        var (found, wrong) = (0, 0);
        foreach (var (name, scenes) in sets)
        {
            var (faces, missed) = (0, 0);
            foreach (var chunk in scenes.Chunk(Batch))
            {
                foreach (var (scene, boxes) in chunk.Zip(Find(chunk)))
                {
                    var match = Match(scene.Faces, boxes);
                    faces += match.Faces;
                    missed += match.Missed;
                    found += match.Found;
                    wrong += match.Wrong;
                }
            }
            if (faces > 0)
                measures.Add(($"missed {name}", 100.0 * missed / faces));
        }
        measures.Add(("false", 100.0 * wrong / Math.Max(1, found)));
        return measures;
    }

    /// <summary>Best boxes first, each for the free face it overlaps most; on an unsure face none counts.</summary>
    internal static (int Faces, int Missed, int Found, int Wrong) Match(
        IReadOnlyList<SceneFace> faces, IReadOnlyList<(FaceBox Box, float Score)> boxes)
    {
        var free = faces.Where(f => !f.Unsure).ToList();
        var count = free.Count;
        var (found, wrong) = (0, 0);
        foreach (var (box, _) in boxes)
        {
            if (free.MaxBy(f => f.Box.IntersectionOverUnion(box)) is { } best
                && best.Box.IntersectionOverUnion(box) >= LeastIou)
            {
                free.Remove(best);
                found++;
            }
            else if (!faces.Any(f => f.Unsure
                && f.Box.Intersection(box) > 0.3f * MathF.Min(box.Width * box.Height, f.Box.Width * f.Box.Height)))
            {
                found++;
                wrong++;
            }
        }
        return (count, free.Count, found, wrong);
    }

    private List<(FaceBox Box, float Score)>[] Find(Scene[] scenes)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var planes = scenes.Select(s => PicturePlanes.Of(s.Picture)).ToArray();
        var images = Tensor.From<float>(planes.SelectMany(p => p.Data).ToArray(), [planes.Length, .. planes[0].Shape])
            .to(device);
        return FinderBoxes.Decode(task.Network.Forward(images), Threshold);
    }
}

/// <summary>Reads faces out of the network's maps, for measuring while it is trained.</summary>
internal static class FinderBoxes
{
    private const float SameFace = 0.4f;

    /// <summary>The faces of each picture of a batch, best first.</summary>
    /// <param name="maps">As <see cref="FinderNetwork.Forward"/> gives them.</param>
    public static List<(FaceBox Box, float Score)>[] Decode(IReadOnlyList<Tensor> maps, float threshold)
    {
        var faces = Enumerable.Range(0, (int)maps[0].shape[0])
            .Select(_ => new List<(FaceBox Box, float Score)>()).ToArray();
        for (var i = 0; i < maps.Count; i++)
        {
            var stride = FinderNetwork.Strides[i];
            var (rows, columns) = ((int)maps[i].shape[2], (int)maps[i].shape[3]);
            var values = maps[i].to(CPU).ToArray<float>();
            var plane = rows * columns;
            for (var n = 0; n < faces.Length; n++)
            {
                for (var k = 0; k < plane; k++)
                {
                    var at = (n * FinderNetwork.Outputs * plane) + k;
                    var score = 1 / (1 + MathF.Exp(-values[at]));
                    if (score < threshold)
                        continue;
                    var x = (((k % columns) + 0.5f + values[at + plane]) * stride) - 0.5f;
                    var y = (((k / columns) + 0.5f + values[at + (2 * plane)]) * stride) - 0.5f;
                    var (w, h) = (
                        stride * MathF.Exp(values[at + (3 * plane)]), stride * MathF.Exp(values[at + (4 * plane)]));
                    faces[n].Add((new FaceBox(x - (w / 2), y - (h / 2), w, h), score));
                }
            }
        }
        return [.. faces.Select(Suppress)];
    }

    /// <summary>Non-maximum suppression.</summary>
    private static List<(FaceBox Box, float Score)> Suppress(List<(FaceBox Box, float Score)> found)
    {
        var kept = new List<(FaceBox Box, float Score)>();
        foreach (var face in found.OrderByDescending(f => f.Score))
        {
            if (kept.All(k => k.Box.IntersectionOverUnion(face.Box) < SameFace))
                kept.Add(face);
        }
        return kept;
    }
}

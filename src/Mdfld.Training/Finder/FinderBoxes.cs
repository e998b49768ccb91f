namespace Mdfld.Training.Finder;

/// <summary>Reads faces out of the network's maps, for measuring while it is trained.</summary>
internal static class FinderBoxes
{
    private const float SameFace = 0.4f;

    /// <summary>The faces of each picture of a batch, best first.</summary>
    /// <param name="maps">As <see cref="FinderNetwork.Forward"/> gives them.</param>
    /// <param name="threshold">Least score.</param>
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

using System.Numerics;
using static Mdfld.Training.FinderTargetChannels;

namespace Mdfld.Training;

/// <summary>
/// What the network should give for a scene, one map for each stride. A face belongs to the strides whose range its
/// longer side lies in; ranges overlap, and next to them nothing is asked. The cells whose middle is near its centre are
/// positive (Tian et al. 2019), so that no face has its score shared out because it lies between cells; those around
/// count less as negatives (Gaussian, as in CornerNet and CenterNet: Zhou et al. 2019).
/// </summary>
internal static class FinderTargets
{
    /// <summary>Pixels: a smaller face is neither asked for nor forbidden.</summary>
    public const float Smallest = 7;

    private const float Slack = 1.25f;
    private const float LeastWeight = 0.3f;

    // Cells; there is always one as near.
    private const float Near = 0.7072f;

    /// <summary>Longer sides of the faces that a stride answers for, pixels.</summary>
    public static (float Low, float High) RangeOf(int stride) => stride switch
    {
        8 => (Smallest, 48),
        16 => (36, 112),
        _ => (84, float.PositiveInfinity),
    };

    /// <summary>The map of a stride, (<see cref="Count"/>, height / stride, width / stride).</summary>
    public static SamplePart Encode(IReadOnlyList<SceneFace> faces, int width, int height, int stride)
    {
        var (columns, rows) = (width / stride, height / stride);
        var map = new Map(new float[Count * columns * rows], columns, rows, stride);
        map.Plane(NegativeWeight).Fill(1);
        var (low, high) = RangeOf(stride);
        foreach (var face in faces)
        {
            if (face.Unsure || face.Length < Smallest)
                Forgive(map, face, 1);
            else if (face.Length >= low && face.Length <= high)
                Add(map, face);
            else if (face.Length >= low / Slack && face.Length <= high * Slack)
                Forgive(map, face, 0.5f);
        }
        // A centre stays one, whatever lies upon it.
        var positive = map.Plane(Positive);
        var negative = map.Plane(NegativeWeight);
        for (var i = 0; i < positive.Length; i++)
            negative[i] = positive[i] > 0 ? 0 : negative[i];
        return new SamplePart(map.Data, [Count, rows, columns]);
    }

    private static void Forgive(Map map, SceneFace face, float share)
    {
        var (centre, half) = (
            map.ToCells(face.Box.Centre), new Vector2(face.Box.Width, face.Box.Height) * (share / 2 / map.Stride));
        var negative = map.Plane(NegativeWeight);
        for (var y = 0; y < map.Rows; y++)
        {
            for (var x = 0; x < map.Columns; x++)
            {
                var d = Vector2.Abs(new Vector2(x, y) - centre);
                if (d.X <= half.X + 0.5f && d.Y <= half.Y + 0.5f)
                    negative[(y * map.Columns) + x] = 0;
            }
        }
    }

    private static void Add(Map map, SceneFace face)
    {
        var centre = map.ToCells(face.Box.Centre);
        var (column, row) = (
            Math.Clamp((int)MathF.Round(centre.X), 0, map.Columns - 1),
            Math.Clamp((int)MathF.Round(centre.Y), 0, map.Rows - 1));
        var sigma = new Vector2(0.25f) + (new Vector2(face.Box.Width, face.Box.Height) * (0.08f / map.Stride));
        var reach = (int)MathF.Ceiling(3 * MathF.Max(sigma.X, sigma.Y));
        var negative = map.Plane(NegativeWeight);
        for (var y = Math.Max(0, row - reach); y <= Math.Min(map.Rows - 1, row + reach); y++)
        {
            for (var x = Math.Max(0, column - reach); x <= Math.Min(map.Columns - 1, column + reach); x++)
            {
                var d = (new Vector2(x, y) - centre) / sigma;
                var isCentre = (x == column && y == row)
                    || Vector2.DistanceSquared(new Vector2(x, y), centre) <= Near * Near;
                var bell = isCentre ? 1 : MathF.Exp(d.LengthSquared() / -2);
                var i = (y * map.Columns) + x;
                negative[i] = MathF.Min(negative[i], MathF.Pow(1 - bell, 4));
                if (isCentre)
                    map.Plane(Positive)[i] = 1;
                if (bell >= LeastWeight && bell > map.Plane(SizeWeight)[i])
                    Describe(map, face, new Vector2(x, y), i, bell);
            }
        }
    }

    /// <summary>Box and points as seen from a cell; a pixel counts more in a small face.</summary>
    private static void Describe(Map map, SceneFace face, Vector2 cell, int i, float weight)
    {
        var position = weight * map.Stride / face.Length;
        map.Plane(PositionWeight)[i] = position;
        map.Plane(SizeWeight)[i] = weight;
        map.Plane(PointWeight)[i] = face.Points is null ? 0 : position;
        var d = map.ToCells(face.Box.Centre) - cell;
        (map.Plane(Box)[i], map.Plane(Box + 1)[i]) = (d.X, d.Y);
        map.Plane(Box + 2)[i] = MathF.Log(face.Box.Width / map.Stride);
        map.Plane(Box + 3)[i] = MathF.Log(face.Box.Height / map.Stride);
        for (var p = 0; p < FinderNetwork.PointNumbers / 2; p++)
        {
            var at = face.Points is null ? Vector2.Zero : map.ToCells(face.Points[p]) - cell;
            (map.Plane(Points + (2 * p))[i], map.Plane(Points + (2 * p) + 1)[i]) = (at.X, at.Y);
        }
    }

    private readonly record struct Map(float[] Data, int Columns, int Rows, int Stride)
    {
        public Span<float> Plane(int channel) => Data.AsSpan(channel * Columns * Rows, Columns * Rows);

        /// <summary>Pixels to cells, a whole number being a cell's middle.</summary>
        public Vector2 ToCells(Vector2 pixel) => ((pixel + new Vector2(0.5f)) / Stride) - new Vector2(0.5f);
    }
}

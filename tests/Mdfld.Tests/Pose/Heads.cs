using System.Numerics;

namespace Mdfld.Tests.Pose;

/// <summary>Heads in space that differ as people do, and how they are seen: written apart from what is tested.</summary>
internal static class Heads
{
    /// <summary>
    /// A head unlike the mean one: longer or wider, flatter, its features moved, its mouth open; all points within what
    /// faces differ by.
    /// </summary>
    public static Vector3[] Draw(Random random)
    {
        var stretch = new Vector3(1 + (0.05f * Normal(random)), 1 + (0.06f * Normal(random)), 1 + (0.1f * Normal(random)));
        var (mouth, nose, brows) = (0.05f * Normal(random), 0.04f * Normal(random), 0.06f * Normal(random));
        var open = MathF.Max(0, 0.15f * Normal(random));
        var head = HeadPose.MeanHead.ToArray();
        for (var i = 0; i < head.Length; i++)
        {
            head[i] *= stretch;
            var down = i switch
            {
                >= 55 and <= 59 or >= 65 => mouth + open,
                >= 48 => mouth,
                >= 31 and <= 35 => nose,
                >= 17 and <= 26 => brows,
                >= 5 and <= 11 => open,
                _ => 0,
            };
            head[i] += new Vector3(0.02f * Normal(random), down + (0.02f * Normal(random)), 0.03f * Normal(random));
        }
        return head;
    }

    /// <summary>Where the points of a head are seen: turned by yaw, then pitch, then roll, degrees.</summary>
    /// <param name="distance">Of the camera, eye distances; infinite for weak perspective.</param>
    public static Vector2[] Seen(
        ReadOnlySpan<Vector3> head, float yaw, float pitch, float roll, float scale, Vector2 at,
        float distance = float.PositiveInfinity)
    {
        const float Radians = MathF.PI / 180;
        var turn = Matrix4x4.CreateRotationY(yaw * Radians) * Matrix4x4.CreateRotationX(pitch * Radians)
            * Matrix4x4.CreateRotationZ(roll * Radians);
        var seen = new Vector2[head.Length];
        var jaw = new Vector3[head.Length];
        for (var i = 0; i < head.Length; i++)
            jaw[i] = Vector3.Transform(head[i], turn);
        for (var i = 0; i < head.Length; i++)
        {
            var p = jaw[i];
            var nearer = float.IsInfinity(distance) ? 1 : distance / (distance - p.Z);
            seen[i] = at + (scale * nearer * new Vector2(p.X, p.Y));
        }
        return seen;
    }

    public static float Normal(Random random) =>
        MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(MathF.Tau * random.NextSingle());
}

using System.Numerics;

namespace Mdfld.Training.Augmentation;

/// <summary>
/// Which landmarks make the features that are exaggerated and drawn; contours in order along the line.
/// </summary>
public sealed record FaceFeatures(
    int[] LeftEye, int[] RightEye, int[] Nose, int[] Mouth, int Chin, int[] Jaw, int[] OuterLip, int[] InnerLip)
{
    /// <summary>
    /// The features of a scheme of 68, 98 or 29 points (which has no jaw line); null where nothing is known.
    /// </summary>
    public static FaceFeatures? For(int points) => points switch
    {
        68 => new(Run(36, 42), Run(42, 48), Run(27, 36), Run(48, 68), 8, Run(0, 17), Run(48, 60), Run(60, 68)),
        98 => new(Run(60, 68), Run(68, 76), Run(51, 60), Run(76, 96), 16, Run(0, 33), Run(76, 88), Run(88, 96)),
        29 => new(
            [8, 12, 10, 13], [9, 14, 11, 15], Run(18, 22), Run(22, 28), 28, [], [22, 24, 23, 27], [22, 25, 23, 26]),
        _ => null,
    };

    public static Vector2 Centre(ReadOnlySpan<Vector2> landmarks, int[] indices)
    {
        var sum = Vector2.Zero;
        foreach (var i in indices)
            sum += landmarks[i];
        return sum / indices.Length;
    }

    private static int[] Run(int from, int to) => [.. Enumerable.Range(from, to - from)];
}

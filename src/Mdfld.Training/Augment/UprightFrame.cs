using System.Numerics;

namespace Mdfld.Training.Augment;

/// <summary>
/// Upright coordinates of a face: the middle between the eyes is the origin, their distance is 1 (less where a face is
/// seen from the side), y points to the chin.
/// </summary>
public readonly record struct UprightFrame(Vector2 Origin, Vector2 Right, float Unit)
{
    private Vector2 Down => new(-Right.Y, Right.X);

    /// <summary>The frame of a face of 68 points.</summary>
    public static UprightFrame Of(ReadOnlySpan<Vector2> landmarks) =>
        Of(Centre(landmarks[36..42]), Centre(landmarks[42..48]), landmarks[8]);

    /// <summary>The frame of a face from its eyes and chin, left and right in the picture.</summary>
    public static UprightFrame Of(Vector2 leftEye, Vector2 rightEye, Vector2 chin)
    {
        var eyes = (leftEye + rightEye) / 2;
        var down = chin - eyes;
        // Seen from the side the eyes nearly coincide; the height of the face is the better measure then.
        var unit = MathF.Max(Vector2.Distance(leftEye, rightEye), MathF.Max(0.5f * down.Length(), 1e-3f));
        down = down.LengthSquared() > 1e-6f ? Vector2.Normalize(down) : Vector2.UnitY;
        return new UprightFrame(eyes, new Vector2(down.Y, -down.X), unit);
    }

    public Vector2 ToLocal(Vector2 p) =>
        new Vector2(Vector2.Dot(p - Origin, Right), Vector2.Dot(p - Origin, Down)) / Unit;

    public Vector2 FromLocal(Vector2 p) => Origin + (((Right * p.X) + (Down * p.Y)) * Unit);

    /// <summary>The mean of points.</summary>
    public static Vector2 Centre(ReadOnlySpan<Vector2> points)
    {
        var sum = Vector2.Zero;
        foreach (var p in points)
            sum += p;
        return sum / points.Length;
    }
}

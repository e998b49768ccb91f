using System.Numerics;

namespace Mdfld.Diffusion.Control;

/// <summary>The contours that 68 points mark, and those that they suggest. Left is the side of the picture.</summary>
internal static class FaceContours
{
    public static readonly Range Jaw = ..17, LeftBrow = 17..22, RightBrow = 22..27, NoseBridge = 27..31,
        Nostrils = 31..36, LeftEye = 36..42, RightEye = 42..48, OuterLips = 48..60, InnerLips = 60..68;

    private const int Chin = 8;
    private const int ForeheadPoints = 15;

    /// <summary>Height of the forehead / distance of the chin, both from the middle between the ears.</summary>
    private const float Forehead = 0.5f;

    /// <summary>
    /// How far below a brow's upper edge its lower one is, as a share of the way to the eye's middle.
    /// </summary>
    private const float BrowHeight = 0.2f;

    /// <summary>Makes the ellipse of the forehead fuller (1 would be an ellipse): brows stay inside.</summary>
    private const float Fullness = 0.8f;

    /// <summary>Jaw, and half a full ellipse over the forehead: a closed line.</summary>
    public static Vector2[] Oval(Vector2[] points)
    {
        var (right, left) = (points[16], points[0]);
        var middle = (left + right) / 2;
        var up = Forehead * (middle - points[Chin]);
        var arc = Enumerable.Range(1, ForeheadPoints).Select(n =>
        {
            var (sin, cos) = MathF.SinCos(n * MathF.PI / (ForeheadPoints + 1));
            var across = MathF.CopySign(MathF.Pow(MathF.Abs(cos), Fullness), cos);
            return middle + ((right - middle) * across) + (up * MathF.Pow(sin, Fullness));
        });
        return [.. points[Jaw], .. arc];
    }

    /// <summary>The lower edge of a brow.</summary>
    public static Vector2[] BelowBrow(Vector2[] points, Range brow, Range eye)
    {
        var centre = Centre(points, eye);
        return [.. points[brow].Select(p => Vector2.Lerp(p, centre, BrowHeight))];
    }

    /// <summary>The mean of some points.</summary>
    public static Vector2 Centre(Vector2[] points, Range range) =>
        points[range].Aggregate(Vector2.Add) / points[range].Length;
}

using System.Numerics;

namespace Mdfld.Data;

/// <summary>
/// A head as illustrators turn it: features slide over the face and its far half narrows, the contour keeps round
/// them.
/// Coordinates are face widths, x right, y down, the line of the eyes at y = <see cref="EyeLine"/>; the far side is
/// the right.
/// </summary>
internal sealed class HeadTurned
{
    private readonly FaceProportions _face;

    /// <param name="face">Seen from the front.</param>
    /// <param name="yaw">Degrees, 0 to 55.</param>
    /// <param name="pitch">Degrees; positive looks down.</param>
    public HeadTurned(FaceProportions face, float yaw, float pitch)
    {
        _face = face;
        Turn = MathF.Sin(yaw * MathF.PI / 180);
        Nod = MathF.Sin(pitch * MathF.PI / 180);
        EyeLine = 0.22f * Nod;
        Axis = 0.21f * Turn;
        Far = 0.5f - (0.13f * Turn);
        Near = -0.5f - (0.05f * Turn);
        Chin = face.Chin + ((Nod < 0 ? 0.2f : 0.02f) * Nod);
        FarSide = Side(Far, _face.Power, 0.035f * Turn);
        NearSide = Side(Near, _face.Power * (1 + (0.35f * Turn)), 0);
        var arc = Polyline.Of(20, t =>
        {
            var (sin, cos) = MathF.SinCos(MathF.PI * t);
            return new Vector2(
                ((Far + Near) / 2) + ((Far - Near) / 2 * cos), EyeLine - (0.62f * MathF.Pow(MathF.Max(0, sin), 0.8f)));
        });
        Outline = [.. NearSide, .. Polyline.Reversed(FarSide), .. arc];
    }

    /// <summary>Sine of the yaw.</summary>
    public float Turn { get; }

    /// <summary>Sine of the pitch.</summary>
    public float Nod { get; }

    public float EyeLine { get; }

    /// <summary>x of the middle of the face.</summary>
    public float Axis { get; }

    /// <summary>x of the cheeks on the line of the eyes.</summary>
    public float Far { get; }

    public float Near { get; }

    /// <summary>y of the chin.</summary>
    public float Chin { get; }

    /// <summary>The visible contour from the line of the eyes to the chin.</summary>
    public Vector2[] NearSide { get; }

    public Vector2[] FarSide { get; }

    /// <summary>Jaw and forehead, closed.</summary>
    public Vector2[] Outline { get; }

    /// <summary>How much narrower than seen from the front things are on one side.</summary>
    public float Narrowed(float side) => side > 0 ? 1 - (0.42f * Turn) : 1 - (0.04f * Turn);

    public float EyeX(float side)
    {
        if (side < 0)
            return Axis - (_face.EyeDistance / 2 * (1 - (0.08f * Turn)));
        var half = _face.EyeWidth / 2 * Narrowed(1);
        var touching = _face.EyeDistance < 1.2f * _face.EyeWidth;
        return Axis + MathF.Max(
            touching ? half : 0.8f * half,
            MathF.Min(_face.EyeDistance / 2 * (1 - (0.3f * Turn)), Far - 0.02f - half - Axis));
    }

    /// <summary>A point of the face's front: x from the middle of the face, y below the line of the eyes.</summary>
    public Vector2 At(float x, float y, float depth = 0) =>
        new(Axis + (depth * Turn) + (x * Narrowed(x)), Down(x, y) + (depth * 0.6f * Nod));

    /// <summary>Where a height below the line of the eyes is; that line and others bend as the head nods.</summary>
    public float Down(float x, float y) =>
        EyeLine + (y * (Chin - EyeLine) / _face.Chin * (1 - (0.1f * MathF.Abs(Nod)))) - (0.3f * Nod * x * x);

    private Vector2[] Side(float edge, float power, float bulge)
    {
        var flat = _face.Flat;
        return
        [
            .. Polyline.Of(25, t =>
            {
                // Dense at the chin, where the curve is strong.
                var v = 1 - ((1 - t) * (1 - t));
                var width = flat + ((1 - flat) * MathF.Pow(MathF.Max(0, 1 - MathF.Pow(v, power)), _face.Point));
                var cheek = (v - 0.45f) / 0.2f;
                return new Vector2(
                    Axis + ((edge - Axis) * width) + (bulge * MathF.Exp(-cheek * cheek)),
                    float.Lerp(EyeLine, Chin, v));
            }),
            .. flat > 0 ? [new Vector2(Axis, Chin)] : (ReadOnlySpan<Vector2>)[],
        ];
    }
}

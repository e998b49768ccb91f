using System.Numerics;

namespace Mdfld.Data;

/// <summary>A face being drawn: what its parts are drawn with and the landmarks they leave.</summary>
internal sealed record FaceScene(
    FaceBrush Brush, Random Random, FaceProportions Face, HeadTurned Head, FaceColours Colours, Medium Medium)
{
    private readonly List<Vector2[]> _covers = [];

    /// <summary>The 68 iBUG points, face widths, of a head whose far side is the right one.</summary>
    public Vector2[] Points { get; } = new Vector2[68];

    /// <summary>True where eyes and brows show through the hair before them.</summary>
    public bool IsThroughHair { get; init; }

    /// <summary>What eyes and mouth do, instead of what the draws say; null where they say.</summary>
    public DrawnMovement? Movement { get; init; }

    /// <summary>Remembers a shape that hides what was drawn before.</summary>
    public void Cover(Vector2[] shape) => _covers.Add(shape);

    /// <summary>Weight of each point, 0 to 1: hidden ones are guessed, by annotators too.</summary>
    public float[] Weights() =>
    [
        .. Points.Select((p, i) =>
            (IsThroughHair && i is (>= 17 and < 27) or (>= 36 and < 48))
                || !_covers.Exists(c => Polyline.Contains(c, p))
                ? 1 : 0.3f),
    ];

    /// <summary>A drawn outline beside a colour.</summary>
    public void Outline(ReadOnlySpan<Vector2> line, Vector3 beside, float width = 1, float start = 0.35f,
        float end = 0.35f)
    {
        if (Medium.Line > 0)
            Brush.Line(line, Medium.Ink(beside), width * Medium.Line, Medium.Opacity, start, end);
    }

    /// <summary>A closed outline.</summary>
    public void Border(ReadOnlySpan<Vector2> shape, Vector3 beside, float width = 1) =>
        Outline([.. shape, shape[0]], beside, width, 1, 1);
}

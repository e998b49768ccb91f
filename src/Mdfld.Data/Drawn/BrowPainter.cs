using System.Numerics;

namespace Mdfld.Data;

/// <summary>Draws brows; the landmarks are evenly along the middle of the drawn line.</summary>
internal sealed class BrowPainter
{
    private readonly FaceScene _scene;
    private readonly Vector2[] _near, _far;
    private readonly Vector3 _colour;
    private readonly float _width, _taper;

    public BrowPainter(FaceScene scene)
    {
        var r = scene.Random;
        var face = scene.Face;
        _scene = scene;
        _width = face.IsAnime ? r.Weighted<float>((4, r.Uniform(0.012f, 0.024f)), (2, r.Uniform(0.024f, 0.045f)))
            : r.Uniform(0.02f, 0.075f);
        _taper = r.Uniform(0.15f, 0.5f);
        var hair = scene.Colours.Hair;
        _colour = hair.X > 200 || r.Chance(0.35f) ? scene.Medium.Ink(hair) : hair * r.Uniform(0.45f, 0.8f);
        var gap = face.Kind == FaceKind.Dot ? r.Uniform(0.08f, 0.16f)
            : r.Uniform(0.09f, 0.2f) * (face.IsAnime ? 1 : 0.75f);
        // Sad brows rise towards the nose, angry ones fall.
        var tilt = 0.035f * r.Normal();
        var arch = r.Uniform(0, 0.045f);
        var length = (face.Kind == FaceKind.Dot ? 0.2f : face.EyeWidth) * r.Uniform(0.7f, 1.05f);
        var raised = r.Chance(0.1f) ? r.Uniform(0, 0.06f) : 0;
        (_near, _far) = (Line(-1, raised), Line(1, 0));

        Vector2[] Line(float side, float lift)
        {
            var head = scene.Head;
            var narrowed = head.Narrowed(side);
            var x = head.EyeX(side) + (side * 0.02f * narrowed);
            var y = head.Down(x - head.Axis, 0) - (face.EyeHeight / 2) - gap - lift;
            return Polyline.Of(16, t => new Vector2(
                x + (side * (t - 0.5f) * length * narrowed),
                y + (tilt * ((2 * t) - 1)) - (arch * MathF.Sin(MathF.PI * MathF.Pow(t, 1.3f))) + (0.35f * arch * t)));
        }
    }

    public void Draw(float opacity = 1)
    {
        foreach (var line in (Vector2[][])[_near, _far])
            _scene.Brush.Line(line, _colour, _width, opacity * MathF.Max(_scene.Medium.Opacity, 0.75f),
                MathF.Max(_taper, 0.4f), _taper);
        Polyline.Even(Polyline.Reversed(_near), 5).CopyTo(_scene.Points, 17);
        Polyline.Even(_far, 5).CopyTo(_scene.Points, 22);
    }
}

using System.Numerics;

namespace Mdfld.Data;

/// <summary>
/// Draws eyes. Landmarks lie on the middle of the lash line above and on the edge of the drawn eye below.
/// </summary>
internal sealed class EyePainter
{
    private static readonly float[] Thirds = [0, 1 / 3f, 2 / 3f, 1];

    private readonly FaceScene _scene;
    private readonly EyeShape _shape;
    private readonly float _lash, _wing, _lower, _crease, _pupil, _shineX, _shine, _pale;
    private readonly int _spikes, _lights;
    private readonly bool _isBlank, _hasRim;
    private readonly Vector2 _gaze;
    private readonly Vector3 _ink;

    public EyePainter(FaceScene scene)
    {
        var r = scene.Random;
        (_scene, _shape) = (scene, EyeShape.Draw(scene.Face, r).At(scene.Movement?.Eyes));
        var anime = scene.Face.IsAnime;
        _lash = anime ? r.Uniform(0.03f, 0.058f) : r.Uniform(0.014f, 0.03f);
        _wing = anime && r.Chance(0.75f) ? r.Uniform(0.02f, 0.07f) : 0;
        _lower = r.Uniform(0.1f, 0.4f) * (scene.Face.Kind == FaceKind.Ball ? 2 : 1);
        _crease = scene.Face.Kind is FaceKind.Ball or FaceKind.Dot || r.Chance(0.34f) ? 0 : r.Uniform(0.04f, 0.075f);
        _pupil = r.Weighted<float>((5, 0.45f), (2, 0.6f), (3, 0));
        _lights = anime ? r.Weighted<int>((1, 0), (4, 1), (5, 2), (3, 3)) : r.Next(2);
        (_shineX, _shine) = (r.Chance(0.75f) ? -1 : 1, r.Uniform(0.2f, 0.36f));
        _spikes = anime && r.Chance(0.5f) ? r.Next(1, 4) : 0;
        _isBlank = anime && r.Chance(0.02f);
        _hasRim = r.Chance(0.7f);
        _pale = r.Uniform(0, 1);
        _gaze = new Vector2(r.Chance(0.5f) ? 0 : 0.1f * r.Normal(), r.Chance(0.7f) ? 0 : 0.05f * r.Normal());
        var dark = scene.Medium.Ink(r.Chance(0.5f) ? scene.Colours.Hair : scene.Colours.Skin);
        _ink = scene.Medium.IsSoft ? dark * r.Uniform(0.25f, 0.8f) : dark;
    }

    public void Draw()
    {
        Draw(-1, [36, 37, 38, 39, 40, 41], _shape.Near, over: false);
        Draw(1, [45, 44, 43, 42, 47, 46], _shape.Far, over: false);
    }

    /// <summary>The lines once more, over hair.</summary>
    public void DrawThrough()
    {
        Draw(-1, [], _shape.Near, over: true);
        Draw(1, [], _shape.Far, over: true);
    }

    // Indices from the outer corner over the upper lid to the inner and back.
    private void Draw(float side, ReadOnlySpan<int> indices, LidState lid, bool over)
    {
        var (face, head) = (_scene.Face, _scene.Head);
        var x = head.EyeX(side);
        var centre = new Vector2(x, head.Down(x - head.Axis, 0));
        var (width, height) = (face.EyeWidth * head.Narrowed(side), face.EyeHeight);
        if (lid != LidState.Open)
        {
            Shut(centre, width, height, side, lid, indices);
            return;
        }
        var upper = Polyline.Of(24, u => centre + _shape.Upper(u, width, height, side));
        var lower = Polyline.Of(24, u => centre + _shape.Lower(u, width, height, side));
        for (var i = 0; i < indices.Length; i++)
        {
            var u = Thirds[i < 4 ? 3 - i : i - 3];
            _scene.Points[indices[i]] =
                centre + (i < 4 ? _shape.Upper(u, width, height, side) : _shape.Lower(u, width, height, side));
        }
        if (!over)
            Ball(centre, upper, lower, width, height, side);
        Lids(upper, lower, side, over ? 0.55f : 1);
    }

    private void Ball(Vector2 centre, Vector2[] upper, Vector2[] lower, float width, float height, float side)
    {
        var brush = _scene.Brush;
        Vector2[] opening = [.. upper, .. Polyline.Reversed(lower)];
        if (_scene.Face.Kind == FaceKind.Dot)
        {
            brush.Fill(opening, _ink * 0.5f);
            return;
        }
        var white = _scene.Medium.IsColoured ? Vector3.Lerp(new(255, 254, 252), _scene.Colours.Skin,
            0.4f * _pale * _pale) : new(255);
        brush.Fill(opening, white);
        using (brush.Within(opening))
        {
            if (!_isBlank)
                Iris(centre, lower[12], width, height, side);
            // The lid's shadow.
            if (_scene.Face.Kind != FaceKind.Ball)
                brush.Line(Polyline.Moved(upper, new(0, 0.1f * height)), _ink, 0.2f * height, 0.28f, 1, 1);
        }
    }

    private void Iris(Vector2 centre, Vector2 bottom, float width, float height, float side)
    {
        var (brush, anime) = (_scene.Brush, _scene.Face.IsAnime);
        var ry = _shape.IrisHeight * height / 2;
        var rx = _shape.IrisWidth > 0 ? _shape.IrisWidth * width / 2 : ry * _scene.Head.Narrowed(side);
        var at = anime
            ? new Vector2(centre.X, bottom.Y - ry + (0.01f * height))
            : centre + new Vector2(0, _shape.Open < 1 ? 0.1f * height : 0);
        at += _scene.Movement?.Gaze is { } gaze
            ? gaze * new Vector2(width, height) : _gaze * new Vector2(width, height) * (anime ? 1 : 1.6f);
        var colour = side < 0 ? _scene.Colours.Iris : _scene.Colours.Other;
        var iris = Polyline.Ellipse(at, rx, ry);
        if (_scene.Face.Kind == FaceKind.Ball)
        {
            brush.Fill(iris, _ink * 0.4f);
            return;
        }
        var up = new Vector2(0, ry);
        brush.Fill(iris, (at - up, colour * (0.22f + (0.3f * _pale))),
            (at + up, Vector3.Lerp(colour * 1.15f, new(255), 0.05f + (0.35f * _pale))));
        var dark = colour * 0.25f;
        if (_lights > 1)
            brush.Fill(Polyline.Ellipse(at + (0.62f * up), 0.6f * rx, 0.28f * ry),
                Vector3.Lerp(colour, new(255), 0.5f), 0.65f, 0.08f * ry);
        if (_pupil > 0)
            brush.Fill(Polyline.Ellipse(at, _pupil * rx, _pupil * 1.1f * ry), dark * 0.6f, 0.9f);
        using (brush.Within(iris))
        {
            if (_hasRim)
                brush.Line([.. iris, iris[0]], dark, 0.3f * rx, 0.85f, 1, 1);
            if (anime)
                brush.Fill(Polyline.Ellipse(at - (0.85f * up), 1.2f * rx, 0.6f * ry), dark * 0.7f, 0.75f, 0.1f * ry);
        }
        if (_lights > 0)
            brush.Fill(Polyline.Ellipse(at + new Vector2(_shineX * 0.38f * rx, -0.42f * ry), _shine * rx,
                1.15f * _shine * ry), new(255), 0.97f);
        if (_lights > 1)
            brush.Fill(Polyline.Ellipse(at + new Vector2(_shineX * -0.42f * rx, 0.45f * ry), 0.17f * rx, 0.15f * ry),
                new(255), 0.9f);
        if (_lights > 2)
            brush.Fill(Polyline.Ellipse(at + new Vector2(_shineX * 0.05f * rx, 0.66f * ry), 0.12f * rx, 0.1f * ry),
                new(255), 0.8f);
    }

    private void Lids(Vector2[] upper, Vector2[] lower, float side, float opacity)
    {
        var brush = _scene.Brush;
        var kind = _scene.Face.Kind;
        if (kind == FaceKind.Dot)
            return;
        if (kind == FaceKind.Ball)
        {
            brush.Line([.. upper, .. Polyline.Reversed(lower), upper[0]], _ink, MathF.Max(_scene.Medium.Line, 0.008f),
                opacity, 1, 1);
            return;
        }
        brush.Fill(
            Polyline.Widened(upper, t => _lash * MathF.Min(1, 0.25f + (1.6f * t)) * (1.1f - (0.35f * t * t))), _ink,
                opacity);
        var outer = upper[^1];
        if (_wing > 0)
            brush.Line([upper[^3], outer + new Vector2(side * _wing, (-0.3f + (0.5f * _pale)) * _wing)], _ink,
                0.9f * _lash, opacity, 1, 0.1f);
        for (var i = 0; i < _spikes; i++)
        {
            var root = upper[^(3 + (3 * i))];
            brush.Line([root, root + (0.05f * new Vector2(side * (1 - (0.2f * i)), -0.5f - (0.25f * i)))], _ink,
                0.7f * _lash, opacity, 1, 0.1f);
        }
        var half = _shape.LowerPart / 2;
        brush.Line(Polyline.Part(lower, 0.55f - half, MathF.Min(1, 0.55f + half)), _ink,
            MathF.Max(_lower * _lash, 0.006f), 0.85f * opacity);
        if (_crease > 0)
            brush.Line(
                Polyline.Part(Polyline.Moved(upper, new(0, -_crease)), 0.15f, 0.85f),
                    _scene.Medium.Ink(_scene.Colours.Skin),
                0.6f * MathF.Max(_scene.Medium.Line, 0.01f), 0.75f * opacity, 0.1f, 0.1f);
    }

    private void Shut(Vector2 centre, float width, float height, float side, LidState lid, ReadOnlySpan<int> indices)
    {
        var bend = MathF.Min(0.4f * height, 0.3f * width) * (lid == LidState.Happy ? -1 : 1);
        var down = lid == LidState.Happy ? 0.1f * height : 0.15f * height;
        var line = Polyline.Of(20, u => centre + new Vector2(
            side * (u - 0.5f) * width, down + (_shape.Tilt * (u - 0.5f)) + (bend * ((4 * u * (1 - u)) - 0.5f))));
        _scene.Brush.Line(line, _ink, 0.85f * _lash, 1, 0.35f, 0.6f);
        if (lid == LidState.Asleep && _scene.Face.IsAnime)
        {
            for (var i = 0; i <= _spikes; i++)
                _scene.Brush.Line([line[^(2 + (4 * i))], line[^(2 + (4 * i))] + new Vector2(0.04f * side, 0.03f)],
                    _ink, 0.5f * _lash, 1, 1, 0.1f);
        }
        for (var i = 0; i < indices.Length; i++)
        {
            var u = Thirds[i < 4 ? 3 - i : i - 3];
            _scene.Points[indices[i]] = Polyline.At(line, u)[0];
        }
    }
}

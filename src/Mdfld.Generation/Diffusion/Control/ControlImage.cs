using System.Collections.Immutable;
using SkiaSharp;
using static Mdfld.Generation.FaceContours;

namespace Mdfld.Generation;

/// <summary>The control image of a face: a ControlNet's input.</summary>
public static class ControlImage
{
    private const int Points = 68;
    private const float FarOutside = 1e6f;

    // Skia's soft edges are exact to an eighth of a pixel, and a ControlNet sees lines of one: means of 4 x 4 pixels.
    private const int Enlargement = 4;

    /// <summary>Draws a face's contours as smooth anti-aliased lines on black, for training and sampling.</summary>
    /// <param name="landmarks">The 68 iBUG points, pixels of this picture; what lies outside is cut off.</param>
    /// <param name="colours">Contours and colours; <see cref="ControlColours.Mdfld68"/> by default.</param>
    /// <exception cref="ArgumentException">Not 68 points, or one that is far outside.</exception>
    public static Picture Draw(IReadOnlyList<Vector2> landmarks, int width, int height, ControlColours? colours = null)
    {
        if (landmarks.Count != Points)
            throw new ArgumentException($"{landmarks.Count} landmarks, expected {Points}", nameof(landmarks));
        Vector2[] points = [.. landmarks];
        var wrong = Array.FindIndex(points, p => !(Math.Abs(p.X) <= FarOutside && Math.Abs(p.Y) <= FarOutside));
        if (wrong >= 0)
            throw new ArgumentException(
                $"landmark {wrong} is at {points[wrong]}, far outside any picture", nameof(landmarks));

        colours ??= ControlColours.Mdfld68;
        var box = FaceBox.Around(points);
        var side = Math.Max(width, height);
        var line = MathF.Max(
            1, (colours.WidthByFace * MathF.Max(box.Width, box.Height)) + (colours.WidthByPicture * side));
        var enlarged = new Picture(Enlargement * width, Enlargement * height);
        enlarged.Draw(canvas =>
        {
            canvas.Scale(Enlargement);
            canvas.Translate(0.5f, 0.5f);
            using var paint = new SKPaint
            {
                IsAntialias = true,
                Style = SKPaintStyle.Stroke,
                StrokeWidth = line,
                StrokeCap = SKStrokeCap.Round,
                StrokeJoin = SKStrokeJoin.Round,
            };
            foreach (var contour in colours.Contours)
            {
                using var path = Overlay.Contour(contour.Points(points), contour.Closed);
                paint.Color = contour.Colour;
                canvas.DrawPath(path, paint);
            }
            paint.Style = SKPaintStyle.Fill;
            foreach (var pupil in colours.Pupils)
            {
                var (centre, full) = (FaceContours.Centre(points, pupil.Eye), pupil.Side * side);
                paint.Color = pupil.Colour;
                canvas.DrawRect(centre.X - (full / 2), centre.Y - (full / 2), full, full, paint);
            }
        });
        var (scale, shift) = (1.0 / Enlargement, (1.0 / Enlargement / 2) - 0.5);
        return enlarged.Warp(Homography.Affine(scale, 0, shift, 0, scale, shift), width, height, antialias: true);
    }
}

/// <summary>The contours of a control image and their colours: those that its ControlNet was trained on.</summary>
public sealed class ControlColours
{
    /// <summary>The key of the colours in a ControlNet's <c>config.json</c>; ours, not diffusers'.</summary>
    internal const string ConfigKey = "control_colours";

    private ControlColours(string name) => Name = name;

    /// <summary>
    /// Of this project: jaw white, brows orange and yellow, nose green, eyes cyan and blue, outer lips red, inner ones
    /// magenta (left before right, as seen); lines 1/70 of the face's longer side wide.
    /// </summary>
    public static ControlColours Mdfld68 { get; } = new("mdfld68")
    {
        WidthByFace = 1 / 70f,
        Contours =
        [
            Line(Jaw, new(255, 255, 255)),
            Line(LeftBrow, new(255, 128, 0)), Line(RightBrow, new(255, 255, 0)),
            Line(NoseBridge, new(0, 255, 0)), Line(Nostrils, new(0, 255, 0)),
            Loop(LeftEye, new(0, 255, 255)), Loop(RightEye, new(0, 96, 255)),
            Loop(OuterLips, new(255, 0, 0)), Loop(InnerLips, new(255, 0, 255)),
        ],
    };

    /// <summary>
    /// Of the public CrucibleAI/ControlNetMediaPipeFace, for Stable Diffusion 1.5 and 2.1: face oval, brows, eyes, lips
    /// and a square for each pupil, no nose, lines two pixels wide in a picture of 512. What the 68 points lack is
    /// supplied: the forehead is half an ellipse, the lower edge of the brows lies a little below the upper one, the
    /// pupils are in the middle of the eyes.
    /// </summary>
    public static ControlColours MediaPipeFace { get; } = new("mediapipe-face")
    {
        WidthByPicture = 2 / 512f,
        Contours =
        [
            new(Oval, true, new(10, 200, 10)),
            Loop(RightEye, new(10, 200, 180)),
            Line(RightBrow, new(10, 220, 180)), new(p => BelowBrow(p, RightBrow, RightEye), false, new(10, 220, 180)),
            Loop(LeftEye, new(180, 200, 10)),
            Line(LeftBrow, new(180, 220, 10)), new(p => BelowBrow(p, LeftBrow, LeftEye), false, new(180, 220, 10)),
            Loop(OuterLips, new(10, 180, 10)), Loop(InnerLips, new(10, 180, 10)),
        ],
        Pupils = [new(LeftEye, 4 / 512f, new(250, 200, 10)), new(RightEye, 4 / 512f, new(10, 200, 250))],
    };

    public string Name { get; }

    /// <summary>Width of a line / longer side of the face.</summary>
    internal float WidthByFace { get; private init; }

    /// <summary>Width of a line / longer side of the picture.</summary>
    internal float WidthByPicture { get; private init; }

    internal ImmutableArray<ControlContour> Contours { get; private init; } = [];
    internal ImmutableArray<ControlPupil> Pupils { get; private init; } = [];

    /// <summary>The colours of a name.</summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static ControlColours ByName(string name) =>
        Array.Find([Mdfld68, MediaPipeFace], c => c.Name == name) ?? throw new ArgumentException(
            $"control colours '{name}' are not known, expected {Mdfld68.Name} or {MediaPipeFace.Name}", nameof(name));

    /// <summary>
    /// The colours that a ControlNet was trained on: the name under "control_colours" in its <c>config.json</c>, ours
    /// where there is none.
    /// </summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static ControlColours Of(ControlNetConfig? config) =>
        config is null || !config.Other.TryGetValue(ConfigKey, out var name) ? Mdfld68 : ByName(name.ToString());

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static ControlContour Line(Range range, SKColor colour) => new(p => p[range], false, colour);

    private static ControlContour Loop(Range range, SKColor colour) => new(p => p[range], true, colour);
}

/// <summary>One line of a control image.</summary>
internal sealed record ControlContour(Func<Vector2[], Vector2[]> Points, bool Closed, SKColor Colour);

/// <summary>A square in the middle of an eye.</summary>
/// <param name="Side">Side / longer side of the picture.</param>
internal sealed record ControlPupil(Range Eye, float Side, SKColor Colour);

/// <summary>The contours of the 68 points, and others derived from them. Left is the side of the picture.</summary>
internal static class FaceContours
{
    public static readonly Range Jaw = ..17, LeftBrow = 17..22, RightBrow = 22..27, NoseBridge = 27..31,
        Nostrils = 31..36, LeftEye = 36..42, RightEye = 42..48, OuterLips = 48..60, InnerLips = 60..68;

    private const int Chin = 8;
    private const int ForeheadPoints = 15;

    /// <summary>Height of the forehead / distance of the chin, both from the middle between the ears.</summary>
    private const float Forehead = 0.5f;

    /// <summary>Distance of a brow's lower edge from the upper one / distance to the eye's middle.</summary>
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

    public static Vector2[] BelowBrow(Vector2[] points, Range brow, Range eye)
    {
        var centre = Centre(points, eye);
        return [.. points[brow].Select(p => Vector2.Lerp(p, centre, BrowHeight))];
    }

    public static Vector2 Centre(Vector2[] points, Range range) =>
        points[range].Aggregate(Vector2.Add) / points[range].Length;
}

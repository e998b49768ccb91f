using System.Numerics;
using SkiaSharp;

namespace Mdfld.Data;

/// <summary>A drawn face and where its landmarks truly are.</summary>
/// <param name="Picture">The drawing.</param>
/// <param name="Landmarks">The 68 iBUG points, pixels.</param>
/// <param name="Weights">1 for points that are seen, less for those that hair or a hand hides.</param>
public sealed record DrawnFace(Picture Picture, Vector2[] Landmarks, float[] Weights)
{
    /// <summary>The face as a line of a metadata file, its crop round the tight landmark box.</summary>
    public LabelledFace Label(string imagePath, string style) =>
        LabelledFace.FromLandmarks(imagePath, Landmarks, style);
}

/// <summary>
/// Draws faces as people draw anime, manga, comics and cartoons, with exactly known landmarks: what is drawn and what
/// the points are taken from are the same lines. The same draws give the same bytes; any number of threads may draw.
/// </summary>
public static class DrawnFaces
{
    /// <summary>Draws a face of any kind, in any medium, as a small or compressed picture.</summary>
    /// <param name="random">All draws come from it.</param>
    /// <param name="size">Rows and columns of the picture, at least 32.</param>
    public static DrawnFace Draw(Random random, int size)
    {
        ArgumentNullException.ThrowIfNull(random);
        var kind = random.Weighted<FaceKind>(
            (50, FaceKind.Modern), (15, FaceKind.Chibi), (20, FaceKind.Lean),
            (6, FaceKind.Comic), (3, FaceKind.Ball), (2, FaceKind.Dot), (4, FaceKind.Caricature));
        var medium = random.Weighted<MediumKind>((36, MediumKind.Cel), (46, MediumKind.Soft), (13, MediumKind.Ink),
            (5, MediumKind.Pencil));
        var drawn = Draw(random, size, kind, medium);
        return drawn with { Picture = DrawnFinish.Copy(drawn.Picture, random) };
    }

    /// <summary>Draws a portrait in one style: nearly upright, the head within the picture, nothing degraded.</summary>
    /// <param name="random">All draws come from it.</param>
    /// <param name="size">Rows and columns of the picture, at least 32.</param>
    /// <param name="style">The style.</param>
    public static DrawnFace Draw(Random random, int size, DrawingStyle style) => Draw(random, size, style, null);

    /// <summary>Draws a portrait that moves: with the same draws and another movement it is the same face.</summary>
    /// <param name="random">All draws come from it.</param>
    /// <param name="size">Rows and columns of the picture, at least 32.</param>
    /// <param name="style">The style.</param>
    /// <param name="movement">How the head is turned, what eyes and mouth do; null as the draws have it.</param>
    public static DrawnFace Draw(Random random, int size, DrawingStyle style, DrawnMovement? movement)
    {
        ArgumentNullException.ThrowIfNull(random);
        var (kind, medium) = style switch
        {
            DrawingStyle.Anime => (FaceKind.Modern, MediumKind.Cel),
            DrawingStyle.Chibi => (FaceKind.Chibi, MediumKind.Soft),
            DrawingStyle.Manga => (FaceKind.Lean, MediumKind.Ink),
            DrawingStyle.Comic => (FaceKind.Comic, MediumKind.Cel),
            DrawingStyle.Cartoon => (random.Pick(FaceKind.Ball, FaceKind.Dot), MediumKind.Cel),
            DrawingStyle.Caricature => (FaceKind.Caricature, MediumKind.Soft),
            _ => (random.Pick(FaceKind.Modern, FaceKind.Comic), MediumKind.Pencil),
        };
        return Draw(random, size, kind, medium, isPortrait: true, movement);
    }

    internal static DrawnFace Draw(
        Random random, int size, FaceKind kind, MediumKind mediumKind, bool isPortrait = false, DrawnMovement? movement = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 32);
        var face = FaceProportions.Draw(kind, random);
        var medium = Medium.Draw(mediumKind, random);
        var yaw = MathF.Min(MathF.Abs((isPortrait ? 10 : 22) * random.Normal()), 55);
        var pitch = 8 * random.Normal();
        var roll = isPortrait ? 4 * random.Normal()
            : random.Chance(0.03f) ? random.Uniform(-180, 180) : Math.Clamp(12 * random.Normal(), -60, 60);
        var isMirrored = random.Chance(0.5f);
        if (movement is not null)
        {
            (yaw, pitch, roll) = (MathF.Min(MathF.Abs(movement.Yaw), 55), -movement.Pitch, movement.Roll);
            // The far side is the right one, unless mirrored.
            isMirrored = movement.Yaw < 0;
            if (isMirrored && movement.Gaze is { } gaze)
                movement = movement with { Gaze = new(-gaze.X, gaze.Y) };
        }
        var head = new HeadTurned(face, yaw, pitch);
        var colours = FaceColours.Draw(face, medium, random);
        var picture = new Picture(size, size);
        var map = Matrix3x2.Identity;
        Vector2[] points = [];
        float[] weights = [];
        picture.Draw(canvas =>
        {
            using var brush = new FaceBrush(canvas);
            map = Place(head, roll, isMirrored, isPortrait, size, random);
            // Skia's origin is the corner of the first pixel, ours is its centre.
            canvas.SetMatrix(new SKMatrix(map.M11, map.M21, map.M31 + 0.5f, map.M12, map.M22, map.M32 + 0.5f, 0, 0,
                1));
            var scene = new FaceScene(brush, random, face, head, colours, medium)
            {
                Movement = movement,
                IsThroughHair = random.Chance(face.IsAnime ? 0.45f : 0.1f),
            };
            Paint(scene);
            (points, weights) = (scene.Points, scene.Weights());
        });
        var order = LandmarkScheme.Ibug68.MirrorPermutation;
        return new DrawnFace(
            DrawnFinish.Apply(picture, medium, random),
            [.. points.Select((_, i) => Vector2.Transform(points[isMirrored ? order[i] : i], map))],
            [.. weights.Select((_, i) => weights[isMirrored ? order[i] : i])]);
    }

    private static void Paint(FaceScene scene)
    {
        var (brush, head, medium, skin) = (scene.Brush, scene.Head, scene.Medium, scene.Colours.Skin);
        var hair = new HairPainter(scene);
        BodyPainter.Ground(scene);
        hair.Back();
        BodyPainter.Body(scene);
        BodyPainter.Ears(scene);
        brush.Fill(head.Outline, skin);
        using (brush.Within(head.Outline))
        {
            Shade(scene);
            hair.Shadow();
            BodyPainter.Blush(scene);
        }
        Contour(scene);
        var (eyes, brows) = (new EyePainter(scene), new BrowPainter(scene));
        NosePainter.Draw(scene);
        MouthPainter.Draw(scene);
        eyes.Draw();
        brows.Draw();
        BodyPainter.Glasses(scene);
        hair.Front();
        if (scene.IsThroughHair)
        {
            eyes.DrawThrough();
            brows.Draw(0.8f);
        }
        BodyPainter.Worn(scene);
        BodyPainter.Held(scene);
    }

    // A shadow on one side of the face, hard or soft.
    private static void Shade(FaceScene scene)
    {
        var (r, head, medium) = (scene.Random, scene.Head, scene.Medium);
        if (medium.Shadow < 0.3f || !r.Chance(medium.IsSoft ? 0.7f : 0.35f))
            return;
        if (medium.IsSoft)
        {
            scene.Brush.Fill(
                Polyline.Widened(head.Outline, _ => r.Uniform(0.1f, 0.16f)), scene.Colours.SkinShadow,
                    0.6f * medium.Shadow, 0.05f);
            return;
        }
        var lit = Polyline.Moved(head.Outline, new(r.Pick(-1, 1) * r.Uniform(0.08f, 0.25f), r.Uniform(-0.12f, 0)));
        using (scene.Brush.Within(lit, outside: true))
            scene.Brush.Fill(head.Outline, scene.Colours.SkinShadow, medium.Shadow);
    }

    private static void Contour(FaceScene scene)
    {
        var (head, skin, r) = (scene.Head, scene.Colours.Skin, scene.Random);
        Polyline.Even(head.NearSide, 9).CopyTo(scene.Points, 0);
        Polyline.Even(head.FarSide, 9).AsSpan(0, 8).CopyTo(scene.Points.AsSpan(9));
        scene.Points.AsSpan(9, 8).Reverse();
        Vector2[] line = [.. head.NearSide, .. Polyline.Reversed(head.FarSide)];
        // Pens lift: a gap now and then.
        if (r.Chance(0.3f))
        {
            var gap = r.Uniform(0.1f, 0.85f);
            scene.Outline(Polyline.At(line, [.. Enumerable.Range(0, 40).Select(i => gap * i / 39)]), skin,
                r.Uniform(0.8f, 1.3f));
            var next = gap + r.Uniform(0.03f, 0.1f);
            scene.Outline(Polyline.At(line, [.. Enumerable.Range(0, 40).Select(i => next + ((1 - next) * i / 39))]),
                skin, r.Uniform(0.8f, 1.3f));
        }
        else
        {
            scene.Outline(line, skin, r.Uniform(0.8f, 1.4f));
        }
    }

    // The landmarks' box fills about 0.55 of the picture, wholly inside it.
    private static Matrix3x2 Place(
        HeadTurned head, float roll, bool isMirrored, bool isPortrait, int size, Random random)
    {
        var turned = Matrix3x2.CreateScale(isMirrored ? -1 : 1, 1) * Matrix3x2.CreateRotation(roll * MathF.PI / 180);
        var box = FaceBox.Around([.. head.Outline.Where(p => p.Y > head.EyeLine - 0.36f).Select(p =>
            Vector2.Transform(p, turned))]);
        var longest = MathF.Max(box.Width, box.Height);
        var share = isPortrait ? 0.45f : random.Uniform(0.54f, 0.74f);
        var free = 0.5f * (1 - share) * (isPortrait ? 0.1f : 0.6f);
        var at = new Vector2(0.5f + (free * random.Uniform(-1, 1)), 0.56f + (free * random.Uniform(-1, 1)));
        return turned * Matrix3x2.CreateTranslation(-box.Centre) * Matrix3x2.CreateScale(share * size / longest)
            * Matrix3x2.CreateTranslation(at * size);
    }
}

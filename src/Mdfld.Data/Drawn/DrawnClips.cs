using System.Numerics;
using SkiaSharp;

namespace Mdfld.Data;

/// <summary>A face of a frame.</summary>
/// <param name="Actor">Whose it is, from 0.</param>
/// <param name="Landmarks">The 68 points, pixels of the frame.</param>
/// <param name="IsHidden">Whether something lies over more than a little of it.</param>
public sealed record ClipFace(int Actor, Vector2[] Landmarks, bool IsHidden);

/// <summary>A frame of a drawn clip.</summary>
/// <param name="Picture">The frame.</param>
/// <param name="Time">Seconds.</param>
/// <param name="Faces">Those in it, and where their points truly are.</param>
public sealed record ClipFrame(Picture Picture, double Time, IReadOnlyList<ClipFace> Faces);

/// <summary>
/// Short videos of drawn faces with exactly known points, 480 x 270 pixels, 30 frames a second: what trackers are
/// measured on.
/// </summary>
public static class DrawnClips
{
    /// <summary>Frames a second.</summary>
    public const int Rate = 30;

    private const int Width = 480;
    private const int Height = 270;
    private const int Card = 176;

    private static readonly Dictionary<string, Clip> Clips = new()
    {
        ["still"] = new(2, [new(1, DrawingStyle.Anime, _ => new(240, 135))]),
        ["noisy"] = new(8, [new(2, DrawingStyle.Comic, _ => new(200, 135)), new(3, DrawingStyle.Chibi, _ => new(360, 135))]),
        // Two face widths a second, there and back.
        ["moving"] = new(3, [new(4, DrawingStyle.Anime, t => new(100 + (240 * Triangle(t, 1.5f)), 135))]),
        ["shaking"] = new(3, [new(5, DrawingStyle.Manga, t => new(
            240 + (40 * MathF.Sin(MathF.Tau * 1.3f * t)), 135 + (15 * MathF.Sin(MathF.Tau * 0.9f * t))))]),
        ["turning"] = new(3, [new(6, DrawingStyle.Comic, _ => new(240, 135),
            t => new DrawnMovement(Yaw: 20 - (20 * MathF.Cos(MathF.Tau * 0.5f * t))))]),
        ["leaning"] = new(3, [new(7, DrawingStyle.Anime, _ => new(240, 135), t => new DrawnMovement(
            Pitch: 12 * MathF.Sin(MathF.Tau * 0.6f * t), Roll: 18 * MathF.Sin(MathF.Tau * 0.5f * t)))]),
        ["blinking"] = new(3, [
            new(8, DrawingStyle.Anime, _ => new(130, 135), t => new DrawnMovement(Eyes: Blink(t))),
            new(9, DrawingStyle.Comic, _ => new(350, 135), t => new DrawnMovement(Eyes: Blink(t + 0.4f)))]),
        ["talking"] = new(3, [new(10, DrawingStyle.Comic, _ => new(240, 135),
            t => new DrawnMovement(Mouth: 0.5f - (0.5f * MathF.Cos(MathF.Tau * 2.2f * t))))]),
        ["crossing"] = new(3, [
            new(11, DrawingStyle.Anime, t => new(90 + (150 * t), 125)),
            new(12, DrawingStyle.Comic, t => new(390 - (150 * t), 145))]),
        ["hiding"] = new(3, [new(13, DrawingStyle.Anime, t => new(90 + (140 * t), 135))]) { HasPole = true },
        ["cut"] = new(3, [
            new(14, DrawingStyle.Anime, t => new(t < 0.67f ? 120 : 350, 135)),
            new(15, DrawingStyle.Caricature, t => new(t < 0.67f ? 350 : 130, 140))])
        { CutAt = 0.67f },
    };

    /// <summary>Names of the clips, after what happens in them.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Clips.Keys];

    /// <summary>Draws a clip, frame after frame.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="frames">How many, at least 1.</param>
    /// <param name="seed">Chooses the faces; that of <c>samples</c>' clips is 0.</param>
    /// <exception cref="ArgumentException">There is no such clip.</exception>
    public static IEnumerable<ClipFrame> Draw(string name, int frames = 60, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(frames, 1);
        return Clips.TryGetValue(name, out var clip) ? Draw(clip, frames, seed)
            : throw new ArgumentException($"no clip '{name}'; there are {string.Join(", ", Names)}", nameof(name));
    }

    private static IEnumerable<ClipFrame> Draw(Clip clip, int frames, int seed)
    {
        var cards = new Dictionary<(int, DrawnMovement), DrawnFace>();
        for (var i = 0; i < frames; i++)
        {
            var t = i / (float)Rate;
            var scene = clip.CutAt is { } cut && t >= cut ? 1 : 0;
            var faces = new List<(int Actor, Vector2 At, DrawnFace Face)>();
            foreach (var (k, actor) in clip.Actors.Index())
            {
                var movement = actor.Moves?.Invoke(t) ?? new DrawnMovement();
                if (!cards.TryGetValue((k, movement), out var face))
                {
                    face = DrawnFaces.Draw(new Random((7919 * seed) + actor.Seed), Card, actor.Style, movement);
                    // Faces that stand still are drawn once.
                    if (actor.Moves is null)
                        cards[(k, movement)] = face;
                }
                faces.Add((k, actor.At(t) - new Vector2(Card / 2f), face));
            }
            var picture = Frame(faces, scene, clip.HasPole);
            AddNoise(picture, clip.Noise, new Random((31 * seed) + i));
            yield return new ClipFrame(picture, i / (double)Rate, Faces(faces, clip.HasPole));
        }
    }

    private static Picture Frame(List<(int Actor, Vector2 At, DrawnFace Face)> faces, int scene, bool hasPole)
    {
        var picture = new Picture(Width, Height);
        picture.Draw(canvas =>
        {
            (SKColor, SKColor) colours = scene == 0 ? (new(150, 170, 190), new(90, 110, 100)) : (new(70, 50, 60), new(30, 30, 50));
            using var ground = new SKPaint
            {
                Shader = SKShader.CreateLinearGradient(
                    default, new SKPoint(Width, Height), [colours.Item1, colours.Item2], SKShaderTileMode.Clamp),
            };
            canvas.DrawPaint(ground);
            foreach (var (_, at, face) in faces)
            {
                using var image = SKImage.FromBitmap(face.Picture.ToBitmap());
                canvas.DrawImage(image, at.X, at.Y, new SKSamplingOptions(SKFilterMode.Linear));
            }
            if (!hasPole)
                return;
            using var pole = new SKPaint { Color = new(60, 60, 64) };
            canvas.DrawRect(PoleLeft, 0, PoleWidth, Height, pole);
        });
        return picture;
    }

    private const float PoleLeft = 215;
    private const float PoleWidth = 60;

    private static ClipFace[] Faces(List<(int Actor, Vector2 At, DrawnFace Face)> faces, bool hasPole)
    {
        var boxes = faces.ConvertAll(f => Moved(f.Face.Landmarks, f.At));
        return [.. faces.Select((f, i) => new ClipFace(f.Actor, boxes[i], IsHidden(i)))];

        bool IsHidden(int i)
        {
            // Later ones lie over earlier ones with the whole of their card.
            var hidden = boxes[i].Count(p => faces.Skip(i + 1).Any(o =>
                p.X > o.At.X && p.Y > o.At.Y && p.X < o.At.X + Card && p.Y < o.At.Y + Card)
                || (hasPole && p.X is > PoleLeft and < PoleLeft + PoleWidth));
            return hidden > 4;
        }

        static Vector2[] Moved(Vector2[] points, Vector2 by) => [.. points.Select(p => p + by)];
    }

    /// <summary>A sensor's noise, new in each frame.</summary>
    private static void AddNoise(Picture picture, float deviation, Random random)
    {
        for (var y = 0; y < picture.Height; y++)
        {
            foreach (ref var value in picture.Row(y))
                value = (byte)Math.Clamp(MathF.Round(value + (deviation * random.Normal())), 0, 255);
        }
    }

    private static float Triangle(float t, float period) => 1 - MathF.Abs(((t / period) % 2) - 1);

    // A blink of a fifth of a second, every one and a half.
    private static float Blink(float t)
    {
        var at = t % 1.5f;
        return at < 1.3f ? 1 : MathF.Abs((at - 1.4f) / 0.1f);
    }

    /// <summary>A face of a clip: its seed and style; the middle of its drawing, pixels, and its movement at a time in seconds.</summary>
    private sealed record Actor(int Seed, DrawingStyle Style, Func<float, Vector2> At, Func<float, DrawnMovement>? Moves = null);

    private sealed record Clip(float Noise, Actor[] Actors)
    {
        public bool HasPole { get; init; }

        public float? CutAt { get; init; }
    }
}

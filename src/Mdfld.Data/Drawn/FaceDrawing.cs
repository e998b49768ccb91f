using System.Numerics;

namespace Mdfld.Data;

/// <summary>A drawn face and where its landmarks truly are.</summary>
public sealed record DrawnSample(Picture Picture, Vector2[] Landmarks)
{
    /// <summary>The face as a line of a metadata file, its crop round the tight landmark box.</summary>
    public LabelledFace Label(string imagePath, string style) =>
        LabelledFace.FromLandmarks(imagePath, Landmarks, style);
}

/// <summary>
/// Draws faces out of vector shapes, in several styles. Every line is laid through the landmarks, so these are known
/// exactly; the same style, seed and size give the same picture.
/// </summary>
public static partial class FaceDrawing
{
    /// <summary>Draws one face.</summary>
    /// <param name="style">The style.</param>
    /// <param name="seed">Decides on proportions, pose, colours and hair.</param>
    /// <param name="size">Rows and columns of the picture, at least 32.</param>
    public static DrawnSample Draw(DrawingStyle style, int seed, int size = 512)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 32);
        var random = new Random(seed);
        var shape = Shape(style, random);
        var palette = FacePalette.For(style, random);
        var unit = size * (0.235f + (0.02f * random.NextSingle()));
        var face = shape.Project(new Vector2(size * (0.5f + Spread(random, 0.02f)), size * 0.44f), unit);
        var picture = new Picture(size, size);
        FaceBrush.Draw(
            picture, brush => new DrawnFacePainter(brush, size, face, StyleTraits.Of(style), palette, random).Paint());
        FaceTexture.Apply(style, picture, face, palette, random);
        return new DrawnSample(picture, face.Points);
    }

    /// <summary>The landmarks of a face that could be drawn, in a picture of 512 x 512.</summary>
    public static Vector2[] Landmarks(DrawingStyle style, int seed) =>
        Shape(style, new Random(seed)).Project(new Vector2(256, 225), 125).Points;

    private static FaceShape Shape(DrawingStyle style, Random random)
    {
        var shape = new FaceShape
        {
            JawWidth = 1 + Spread(random, 0.06f),
            ChinLength = 1 + Spread(random, 0.05f),
            EyeWidth = 1 + Spread(random, 0.07f),
            EyeHeight = 1.05f + Spread(random, 0.15f),
            EyeSpacing = 1 + Spread(random, 0.04f),
            BrowHeight = 1 + Spread(random, 0.1f),
            BrowTilt = Spread(random, 0.08f),
            NoseLength = 1 + Spread(random, 0.05f),
            NoseWidth = 1 + Spread(random, 0.12f),
            MouthWidth = 1 + Spread(random, 0.1f),
            LipHeight = 1 + Spread(random, 0.2f),
            MouthOpen = MathF.Max(0, Spread(random, 0.5f)),
            Smile = 0.4f + Spread(random, 0.4f),
            Yaw = Spread(random, 0.28f),
            Pitch = Spread(random, 0.1f),
            Roll = Spread(random, 0.12f),
        };
        return style switch
        {
            DrawingStyle.Cartoon => shape with
            {
                EyeHeight = 1.7f * shape.EyeHeight,
                EyeWidth = 1.18f,
                ChinLength = 0.94f,
                NoseLength = 0.9f,
                MouthWidth = 1.15f,
                Smile = 0.9f,
            },
            DrawingStyle.Anime or DrawingStyle.Manga => shape with
            {
                EyeHeight = 2.4f * shape.EyeHeight,
                EyeWidth = 1.3f,
                EyeSpacing = 1.06f,
                BrowHeight = 1.12f,
                ChinPoint = 0.85f,
                ChinLength = 0.9f,
                NoseWidth = 0.35f,
                NoseLength = 0.94f,
                MouthWidth = 0.62f,
                LipHeight = 0.55f,
                MouthOpen = 0.5f * shape.MouthOpen,
            },
            DrawingStyle.Caricature => shape with
            {
                ChinLength = 1.12f + (0.2f * random.NextSingle()),
                JawWidth = random.Next(2) == 0 ? 0.78f : 1.12f,
                NoseWidth = 1.75f,
                NoseLength = 1.2f,
                MouthWidth = 1.35f,
                Smile = 1,
                EyeWidth = 0.86f,
                BrowHeight = 1.2f,
                ForeheadHeight = 0.85f,
            },
            _ => shape,
        };
    }

    private static float Spread(Random random, float most) => ((2 * random.NextSingle()) - 1) * most;
}

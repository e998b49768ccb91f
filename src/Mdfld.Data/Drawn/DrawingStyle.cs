using System.Numerics;

namespace Mdfld.Data;

public enum DrawingStyle
{
    Photo,
    Painting,
    Cartoon,
    Anime,
    Pencil,
    Caricature,
    Manga,
}

/// <summary>What makes a style: how form is shaded and how strongly it is inked.</summary>
/// <param name="Soft">Strength of soft shading, 0 to 1.</param>
/// <param name="Cel">Strength of a shadow with a hard edge, 0 to 1.</param>
/// <param name="Ink">Width of outlines / half width of the head; 0 draws none.</param>
/// <param name="InkColour">Colour of outlines.</param>
/// <param name="Simple">Whether nose and lips are a few lines instead of modelled forms.</param>
/// <param name="LargeIris">Whether the iris fills the eye, as in anime; hair then falls in locks.</param>
/// <param name="Lines">Whether even hair and brows are lines on paper.</param>
internal sealed record StyleTraits(
    float Soft,
    float Cel,
    float Ink,
    Vector3 InkColour,
    bool Simple = false,
    bool LargeIris = false,
    bool Lines = false)
{
    public static StyleTraits Of(DrawingStyle style) => style switch
    {
        DrawingStyle.Photo => new(1, 0, 0, new(40, 26, 24)),
        DrawingStyle.Painting => new(1.15f, 0, 0, new(58, 34, 26)),
        DrawingStyle.Cartoon => new(0.15f, 0.55f, 0.04f, new(38, 24, 30), Simple: true),
        DrawingStyle.Anime => new(0.1f, 0.6f, 0.022f, new(70, 38, 44), Simple: true, LargeIris: true),
        DrawingStyle.Pencil => new(0, 0, 0.02f, new(58, 56, 60), Lines: true),
        DrawingStyle.Caricature => new(0.75f, 0.25f, 0.028f, new(44, 28, 24)),
        _ => new(0, 0.5f, 0.026f, new(14, 14, 16), Simple: true, LargeIris: true),
    };
}

internal sealed record FacePalette(
    Vector3 Skin, Vector3 Hair, Vector3 Iris, Vector3 Lip, Vector3 Cloth, Vector3 Background)
{
    private static readonly Vector3[] Skins =
    [
        new(244, 208, 182), new(232, 184, 150), new(216, 164, 126),
        new(182, 128, 92), new(140, 92, 66), new(104, 68, 52),
    ];

    private static readonly Vector3[] Hairs =
        [new(36, 26, 24), new(78, 50, 34), new(128, 82, 46), new(196, 152, 88), new(150, 62, 34), new(164, 160, 158)];

    private static readonly Vector3[] Fancies =
        [new(84, 112, 196), new(214, 98, 134), new(98, 62, 132), new(232, 190, 96), new(64, 150, 140), new(52, 42, 58)];

    private static readonly Vector3[] Irises = [new(84, 56, 36), new(60, 92, 132), new(74, 108, 70), new(96, 78, 48)];

    private static readonly Vector3[] Cloths =
        [new(70, 92, 128), new(142, 58, 60), new(72, 112, 92), new(206, 196, 178), new(58, 56, 64)];

    private static readonly Vector3[] Backgrounds =
        [new(156, 172, 184), new(196, 182, 160), new(120, 136, 120), new(178, 150, 150), new(98, 104, 122)];

    /// <summary>Colours that suit a style; hair and eyes of anime are of any, pencil and manga have none.</summary>
    public static FacePalette For(DrawingStyle style, Random random)
    {
        var skin = Pick(Skins);
        var drawn = style is DrawingStyle.Anime;
        var palette = new FacePalette(
            drawn ? new Vector3(252, 226, 206) : skin,
            drawn ? Pick(Fancies) : Pick(Hairs),
            drawn ? Pick(Fancies) : Pick(Irises),
            Vector3.Lerp(skin, new Vector3(178, 62, 70), drawn ? 0.35f : 0.5f),
            Pick(Cloths),
            Pick(Backgrounds));
        return style switch
        {
            DrawingStyle.Pencil => new(Paper, 0.9f * Paper, new(120, 118, 120), new(206, 202, 196), Paper, Paper),
            DrawingStyle.Manga => new(
                new(255), new(random.Next(2) == 0 ? 24 : 250), new(40), new(255), new(90), new(255)),
            _ => palette,
        };

        Vector3 Pick(Vector3[] colours) =>
            Vector3.Clamp(
                colours[random.Next(colours.Length)] + new Vector3(random.Next(-8, 9)), Vector3.Zero, new Vector3(255));
    }

    private static Vector3 Paper => new(243, 239, 230);
}

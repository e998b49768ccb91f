using System.Numerics;

namespace Mdfld.Data;

/// <summary>Colours of a drawing, (r, g, b), 0 to 255. Frequencies were counted on 3,000 anime faces.</summary>
/// <param name="Skin">In the light.</param>
/// <param name="Hair">Its middle tone.</param>
/// <param name="Iris">Eye of the near side.</param>
/// <param name="Other">Eye of the other side; nearly always as <paramref name="Iris"/>.</param>
/// <param name="Cloth">Of clothes.</param>
/// <param name="Trim">Of what is worn.</param>
/// <param name="Ground">Behind the head.</param>
internal sealed record FaceColours(
    Vector3 Skin, Vector3 Hair, Vector3 Iris, Vector3 Other, Vector3 Cloth, Vector3 Trim, Vector3 Ground)
{
    public Vector3 SkinShadow => Skin * new Vector3(0.88f, 0.74f, 0.72f);

    public static FaceColours Draw(FaceProportions face, Medium medium, Random random)
    {
        if (!medium.IsColoured)
            return OfInk(medium, random);
        var skin = face.IsAnime || random.Chance(0.5f)
            ? random.Weighted<Vector3>(
                (31, new(251, 241, 223)), (23, new(249, 230, 206)), (18, new(251, 248, 240)), (15, new(242, 212, 189)),
                (7, new(241, 198, 159)), (2, new(221, 154, 125)), (2, new(178, 156, 160)), (1, new(155, 97, 78)))
            : random.Pick(new(244, 208, 182), new(232, 184, 150), new(216, 164, 126), new(182, 128, 92),
                new(120, 78, 58), new Vector3(250, 214, 90));
        var hair = face.IsAnime || random.Chance(0.3f) ? FancyHair(random) : PlainHair(random);
        var iris = AnyIris(random);
        return new FaceColours(
            Near(skin, 5), Near(hair, 16), Near(iris, 14), random.Chance(0.015f) ? AnyIris(random) : Near(iris, 14),
            Any(random), Any(random), AnyGround(random));

        Vector3 Near(Vector3 colour, int by) =>
            colour + new Vector3(random.Next(-by, by + 1), random.Next(-by, by + 1), random.Next(-by, by + 1));
    }

    private static FaceColours OfInk(Medium medium, Random random)
    {
        var paper = medium.Kind == MediumKind.Ink ? new Vector3(255) : new Vector3(244, 241, 234);
        var hair = random.Weighted<float>((3, 22), (3, 252), (2, random.Uniform(90, 200)));
        return new FaceColours(
            paper, medium.Kind == MediumKind.Ink ? new(hair) : paper * random.Uniform(0.75f, 1),
                new(random.Uniform(20, 140)),
            new(random.Uniform(20, 140)), random.Chance(0.5f) ? paper : new(random.Uniform(20, 230)),
                paper * random.Uniform(0.2f, 1),
            random.Chance(0.7f) ? paper : new(random.Uniform(0, 235)));
    }

    private static Vector3 FancyHair(Random random) => random.Weighted<Vector3>(
        (14, random.Pick(new(232, 230, 238), new(212, 214, 226), new Vector3(240, 232, 222))),
        (24, random.Pick(new(238, 208, 130), new(226, 184, 104), new(206, 164, 110), new Vector3(244, 226, 168))),
        (16, random.Pick(new(126, 80, 54), new(158, 104, 70), new(96, 62, 48), new Vector3(178, 122, 82))),
        (20, random.Pick(new(40, 38, 52), new(54, 60, 88), new(34, 30, 34), new Vector3(62, 54, 70))),
        (10, random.Pick(new(232, 120, 150), new(214, 84, 96), new(240, 170, 184), new Vector3(168, 48, 56))),
        (10, random.Pick(new(92, 140, 212), new(92, 190, 200), new(140, 184, 226), new Vector3(60, 90, 160))),
        (4, random.Pick(new(146, 116, 188), new Vector3(104, 74, 140))),
        (2, random.Pick(new(116, 178, 108), new Vector3(70, 130, 96))));

    private static Vector3 PlainHair(Random random) => random.Pick(
        new(36, 26, 24), new(78, 50, 34), new(128, 82, 46), new(196, 152, 88), new(150, 62, 34),
            new Vector3(176, 170, 168));

    private static Vector3 AnyIris(Random random) => random.Weighted<Vector3>(
        (33, random.Pick(new(70, 120, 196), new(70, 168, 196), new(110, 150, 210), new Vector3(50, 80, 150))),
        (20, random.Pick(new(196, 58, 66), new(206, 84, 120), new Vector3(150, 40, 50))),
        (25, random.Pick(new(120, 78, 52), new(70, 50, 46), new Vector3(150, 100, 70))),
        (8, random.Pick(new(126, 86, 176), new Vector3(160, 110, 190))),
        (8, random.Pick(new(88, 158, 90), new Vector3(70, 130, 110))),
        (8, random.Pick(new(220, 166, 60), new Vector3(200, 140, 50))));

    private static Vector3 AnyGround(Random random) => random.Weighted<Vector3>(
        (4, new(255)), (1, new(random.Uniform(0, 60))),
            (3, Vector3.Lerp(Any(random), new(255), random.Uniform(0.5f, 0.9f))),
        (3, Any(random)));

    // White and black, then colours of any hue, seldom loud.
    private static Vector3 Any(Random random)
    {
        if (random.Chance(0.4f))
            return random.Chance(0.6f) ? new(random.Uniform(215, 255)) : new(random.Uniform(20, 80));
        var (hue, light) = (random.Uniform(0, MathF.Tau), random.Uniform(60, 235));
        var vivid = random.Uniform(0.1f, 1) * random.Uniform(0.2f, 0.9f);
        return light * new Vector3(
            1 + (vivid * MathF.Cos(hue)), 1 + (vivid * MathF.Cos(hue - 2.1f)), 1 + (vivid * MathF.Cos(hue + 2.1f)));
    }
}

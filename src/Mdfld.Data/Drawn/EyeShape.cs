using System.Numerics;

namespace Mdfld.Data;

/// <summary>The position of a lid.</summary>
internal enum LidState
{
    Open,

    /// <summary>Shut, an arc up.</summary>
    Happy,

    /// <summary>Shut, an arc down.</summary>
    Asleep,
}

/// <summary>The form of a pair of eyes, in eye widths across and eye heights down.</summary>
/// <param name="Top">Share of the height above the corners.</param>
/// <param name="UpperPower">Of the upper lid: 1.5 an almond, 2 round, 4 flat.</param>
/// <param name="UpperRoot">How steeply it ends at the corners: 1 pointed, 2 round.</param>
/// <param name="LowerPower">As of the upper lid.</param>
/// <param name="LowerRoot">As of the upper lid.</param>
/// <param name="Tilt">Outer corner below the inner, face widths.</param>
/// <param name="Skew">Over 1: highest near the inner corner.</param>
/// <param name="LowerPart">Share of the lower line that is drawn.</param>
/// <param name="IrisWidth">Share of the eye's width.</param>
/// <param name="IrisHeight">Share of the eye's height.</param>
internal sealed record EyeShape(
    float Top, float UpperPower, float UpperRoot, float LowerPower, float LowerRoot, float Tilt, float Skew,
    float LowerPart, float IrisWidth, float IrisHeight)
{
    /// <summary>1 wide open, 0.5 half shut.</summary>
    public float Open { get; init; } = 1;

    /// <summary>Drop of the inner end of the upper lid, as in anger; face widths.</summary>
    public float Frown { get; init; }

    public LidState Near { get; init; }

    public LidState Far { get; init; }

    public static EyeShape Draw(FaceProportions face, Random random)
    {
        var r = random;
        var iris = r.Uniform(0.5f, 0.9f);
        var shape = face.Kind switch
        {
            FaceKind.Comic or FaceKind.Caricature => new EyeShape(
                r.Uniform(0.55f, 0.7f), 2, 1.2f, 2, 1.2f, 0.02f * r.Normal(), r.Uniform(0.8f, 1.2f), 0.8f, 0, 0.95f),
            FaceKind.Ball => new EyeShape(0.5f, 2, 2, 2, 2, 0, 1, 1, 0, r.Uniform(0.2f, 0.4f)),
            FaceKind.Dot => new EyeShape(0.5f, 2, 2, 2, 2, 0, 1, 1, 0, 1),
            FaceKind.Lean => r.Weighted<Func<EyeShape>>(
                (3, () => new(0.62f, r.Uniform(2, 3), 1.3f, 2.2f, 1.2f, r.Uniform(-0.06f, 0), r.Uniform(0.8f, 1.2f),
                    r.Uniform(0.4f, 0.9f), 0.8f * iris, 1.1f)),
                (2, () => new(0.55f, r.Uniform(1.6f, 2.2f), 1.1f, 2, 1.1f, r.Uniform(-0.05f, 0.03f), 1,
                    r.Uniform(0.4f, 1), 0.75f * iris, 1.05f)))(),
            _ => r.Weighted<Func<EyeShape>>(
                (5, () => new(r.Uniform(0.5f, 0.62f), r.Uniform(2.8f, 4.2f), 1.7f, r.Uniform(2.2f, 3.2f), 1.5f,
                    0.015f * r.Normal(), r.Uniform(0.8f, 1.15f), r.Uniform(0.3f, 0.65f), iris, r.Uniform(0.86f, 1))),
                (2, () => new(0.52f, 2.2f, 1.9f, 2.2f, 1.7f, 0.01f * r.Normal(), 1, r.Uniform(0.4f, 0.9f), iris,
                    r.Uniform(0.86f, 0.98f))),
                (2, () => new(0.5f, 2, 2, 2, 2, 0, 1, r.Uniform(0.4f, 1), r.Uniform(0.7f, 0.93f), r.Uniform(0.9f, 1))),
                (2, () => new(0.56f, 2.8f, 1.6f, 2.6f, 1.5f, r.Uniform(0.03f, 0.06f), r.Uniform(1, 1.3f),
                    r.Uniform(0.3f, 0.6f), iris, r.Uniform(0.86f, 1))),
                (3, () => new(0.56f, 2.5f, 1.3f, 2.4f, 1.3f, r.Uniform(-0.08f, -0.03f), r.Uniform(0.75f, 1),
                    r.Uniform(0.3f, 0.7f), iris, r.Uniform(0.86f, 1))))(),
        };
        if (face.Kind is FaceKind.Ball or FaceKind.Dot)
            return shape with { Open = r.Chance(0.15f) ? r.Uniform(0.55f, 0.9f) : 1 };
        var shut = r.NextSingle();
        if (shut < 0.13f)
            return shape with { Open = r.Uniform(0.5f, 0.75f), Frown = r.Chance(0.5f) ? r.Uniform(0.01f, 0.05f) : 0 };
        var lid = r.Chance(0.55f) ? LidState.Happy : LidState.Asleep;
        return shut switch
        {
            < 0.16f => shape with { Near = lid, Far = lid },
            < 0.175f => shape with { Near = lid },
            < 0.19f => shape with { Far = lid },
            _ => shape,
        };
    }

    /// <summary>The same eyes opened so far: 1 as drawn without a frown, 0 shut; null as they are.</summary>
    public EyeShape At(float? open)
    {
        if (open is not { } share)
            return this;
        var lid = share < 0.08f ? LidState.Asleep : LidState.Open;
        return this with { Open = share, Frown = 0, Near = lid, Far = lid };
    }

    /// <summary>
    /// The line of the upper lid from the inner corner (0) to the outer, in face widths about the eye's centre.
    /// </summary>
    /// <param name="u">Share of the width.</param>
    /// <param name="width">Of the eye, face widths.</param>
    /// <param name="height">Of the eye, face widths.</param>
    /// <param name="out">1 where the outer corner is on the right, -1 on the left.</param>
    public Vector2 Upper(float u, float width, float height, float @out) =>
        Corners(u, width, height, @out)
        + new Vector2(0, (-(Top + Open - 1) * height * Arc(u, UpperPower, UpperRoot))
            + (Frown * (1 - u) * 4 * u * (1 - u)));

    public Vector2 Lower(float u, float width, float height, float @out) =>
        Corners(u, width, height, @out) + new Vector2(0, (1 - Top) * height * Arc(u, LowerPower, LowerRoot));

    private Vector2 Corners(float u, float width, float height, float @out) =>
        new(@out * (u - 0.5f) * width, (Tilt * (u - 0.5f)) + ((Top - 0.5f) * height));

    private float Arc(float u, float power, float root) =>
        MathF.Pow(MathF.Max(0, 1 - MathF.Pow(MathF.Abs((2 * MathF.Pow(u, Skew)) - 1), power)), 1 / root);
}

using System.Numerics;

namespace Mdfld.Data;

/// <summary>What a face is drawn with.</summary>
internal enum MediumKind
{
    /// <summary>Flat colours, one shadow with a hard edge.</summary>
    Cel,

    /// <summary>Airbrush and watercolour: soft shading, coloured lines.</summary>
    Soft,

    /// <summary>Black ink on white, greys as screentone.</summary>
    Ink,

    /// <summary>Graphite on paper.</summary>
    Pencil,
}

/// <summary>How a medium is used in one drawing.</summary>
/// <param name="Kind">The medium.</param>
/// <param name="Line">Width of contours, face widths; 0 draws none.</param>
/// <param name="Opacity">Of lines.</param>
/// <param name="Shadow">Strength of shadows, 0 to 1.</param>
internal sealed record Medium(MediumKind Kind, float Line, float Opacity, float Shadow)
{
    public bool IsSoft => Kind == MediumKind.Soft;

    public bool IsColoured => Kind is MediumKind.Cel or MediumKind.Soft;

    public static Medium Draw(MediumKind kind, Random random) => kind switch
    {
        MediumKind.Cel => new(kind, random.Uniform(0.011f, 0.019f), random.Uniform(0.8f, 1), random.Uniform(0.7f, 1)),
        MediumKind.Soft => new(
            kind, random.Chance(0.15f) ? 0 : random.Uniform(0.008f, 0.016f), random.Uniform(0.45f, 0.9f),
            random.Uniform(0.4f, 1)),
        MediumKind.Ink => new(kind, random.Uniform(0.01f, 0.022f), 1, random.Chance(0.6f) ? 0.8f : 0),
        _ => new(kind, random.Uniform(0.01f, 0.018f), random.Uniform(0.6f, 0.9f), random.Uniform(0, 0.4f)),
    };

    /// <summary>The colour of a line beside an area.</summary>
    public Vector3 Ink(Vector3 beside) => Kind switch
    {
        MediumKind.Cel => Vector3.Lerp(new(34, 22, 28), beside * new Vector3(0.42f, 0.28f, 0.3f), 0.4f),
        MediumKind.Soft => beside * new Vector3(0.55f, 0.36f, 0.36f),
        MediumKind.Ink => new(12),
        _ => new(62),
    };
}

using System.Numerics;

namespace Mdfld;

/// <summary>One line of a metadata file: a picture, its landmarks, and the square they were annotated in.</summary>
/// <param name="ImagePath">Path of the picture relative to the picture folder, with '/'.</param>
/// <param name="Landmarks">68, 98 or 29 points, pixels of the picture.</param>
/// <param name="FivePoints">Eye on the picture's left, on the right, nose, mouth corner left, right; pixels.</param>
/// <param name="Scale">Longest side of the tight landmark box / 200; the crop square has the side 200 x scale.</param>
/// <param name="Centre">Centre of the crop square, pixels.</param>
/// <param name="Style">What the last column says (a style's name, or STAR's tags), or null.</param>
public sealed record LabelledFace(
    string ImagePath,
    IReadOnlyList<Vector2> Landmarks,
    IReadOnlyList<Vector2> FivePoints,
    float Scale,
    Vector2 Centre,
    string? Style = null);

using System.Numerics;
using Mdfld.Training.Augmentation.Looks;

namespace Mdfld.Training.Augmentation;

/// <summary>One look, by the name of its style, on a picture whose landmarks stay where they are.</summary>
public static class Stylisation
{
    /// <summary>Names of the styles, "photo" (nothing changes) first.</summary>
    public static IReadOnlyList<string> Styles { get; } = ["photo", .. LookTable.Media.Select(look => look.Name)];

    /// <summary>
    /// Names of all looks: the styles, finishes such as "paper" and "halftone", looks that vary less and so stand for
    /// one style, and those that are drawn along landmarks.
    /// </summary>
    public static IReadOnlyList<string> Looks { get; } =
    [
        "photo", .. LookTable.All.Select(look => look.Name), .. LookTable.Settled.Select(look => look.Name),
        .. LookTable.OnFaces.Select(look => look.Name),
    ];

    /// <summary>Redraws a picture in a style.</summary>
    /// <param name="picture">A square whose side is a multiple of 16 pixels; changed in place.</param>
    /// <param name="style">One of <see cref="Looks"/>.</param>
    /// <param name="random">
    /// The style's own variations (stroke, ink, paper) are drawn from it; same draws, same bytes.
    /// </param>
    /// <param name="strength">0 the picture as it was .. 1 the style alone; in between they are mixed.</param>
    /// <param name="landmarks">The 68 points of its face, pixels: looks such as "anime eyes" need them.</param>
    /// <exception cref="ArgumentException">
    /// The style is unknown, the picture has another shape, the strength lies outside, or landmarks are missing.
    /// </exception>
    public static void Apply(
        Picture picture, string style, Random random, float strength = 1, ReadOnlySpan<Vector2> landmarks = default)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(random);
        var look = LookTable.Named(style);
        var onFace = LookTable.OnFaces.FirstOrDefault(l => l.Name == style).Draw;
        if (look is null && onFace is null)
            throw new ArgumentException(
                $"no style is called '{style}'; known are {string.Join(", ", Looks)}", nameof(style));
        if (onFace is not null && landmarks.Length != 68)
            throw new ArgumentException(
                $"'{style}' needs the 68 landmarks of the face, found {landmarks.Length}", nameof(landmarks));
        if (picture.Width != picture.Height || picture.Width % 16 != 0)
        {
            throw new ArgumentException(
                $"expected a square whose side is a multiple of 16, found {picture.Width} x {picture.Height}",
                nameof(picture));
        }
        if (!(strength is >= 0 and <= 1))
            throw new ArgumentException($"a strength of {strength} is not in 0..1", nameof(strength));

        var canvas = new Canvas(picture.Width);
        var data = picture.Data;
        canvas.CopyFrom(picture);
        look?.Invoke(canvas, random);
        onFace?.Invoke(canvas, landmarks, random);
        for (var i = 0; i < data.Length; i++)
        {
            var drawn = Math.Clamp(canvas.Channel(i % Picture.Channels)[i / Picture.Channels], 0, 255);
            data[i] = Canvas.ToByte(float.Lerp(data[i], drawn, strength));
        }
    }
}

using Mdfld.Training.Augmentation.Looks;

namespace Mdfld.Training.Augmentation;

/// <summary>One look, by the name of its style, on a picture whose landmarks stay where they are.</summary>
public static class Stylisation
{
    /// <summary>Names of the styles, "photo" (nothing changes) first.</summary>
    public static IReadOnlyList<string> Styles { get; } = ["photo", .. LookTable.Media.Select(look => look.Name)];

    /// <summary>Names of all looks: the styles, then finishes such as "paper" and "halftone".</summary>
    public static IReadOnlyList<string> Looks { get; } = ["photo", .. LookTable.All.Select(look => look.Name)];

    /// <summary>Redraws a picture in a style.</summary>
    /// <param name="picture">A square whose side is a multiple of 16 pixels; changed in place.</param>
    /// <param name="style">One of <see cref="Looks"/>.</param>
    /// <param name="random">The style's own variations (stroke, ink, paper) are drawn from it; same draws, same bytes.</param>
    /// <param name="strength">0 the picture as it was .. 1 the style alone; in between they are mixed.</param>
    /// <exception cref="ArgumentException">The style is unknown, the picture has another shape, or the strength lies outside.</exception>
    public static void Apply(Image picture, string style, Random random, float strength = 1)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(random);
        var look = LookTable.Named(style) ?? throw new ArgumentException(
            $"no style is called '{style}'; known are {string.Join(", ", Styles)}", nameof(style));
        if (picture.Width != picture.Height || picture.Width % 16 != 0)
        {
            throw new ArgumentException(
                $"expected a square whose side is a multiple of 16, found {picture.Width} x {picture.Height}", nameof(picture));
        }
        if (!(strength is >= 0 and <= 1))
            throw new ArgumentException($"a strength of {strength} is not in 0..1", nameof(strength));

        var canvas = new Canvas(picture.Width);
        var data = picture.Data;
        for (var i = 0; i < data.Length; i++)
            canvas.Channel(i % Image.Channels)[i / Image.Channels] = data[i];
        look(canvas, random);
        for (var i = 0; i < data.Length; i++)
        {
            var drawn = Math.Clamp(canvas.Channel(i % Image.Channels)[i / Image.Channels], 0, 255);
            data[i] = Canvas.ToByte(float.Lerp(data[i], drawn, strength));
        }
    }
}

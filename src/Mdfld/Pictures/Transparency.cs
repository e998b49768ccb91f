namespace Mdfld;

/// <summary>Gets rid of an alpha channel.</summary>
internal static class Transparency
{
    /// <summary>
    /// Lays RGBA pixels, colours not multiplied by alpha, over white. The mixing is done on the stored values, as
    /// browsers do, not in linear light.
    /// </summary>
    public static Picture OverWhite(ReadOnlySpan<byte> rgba, int width, int height)
    {
        var image = new Picture(width, height);
        var pixels = image.Data;
        for (int i = 0, j = 0; i < rgba.Length; i += 4, j += Picture.Channels)
        {
            int alpha = rgba[i + 3];
            var white = (255 * (255 - alpha)) + 127;
            for (var c = 0; c < Picture.Channels; c++)
                pixels[j + c] = (byte)(((rgba[i + c] * alpha) + white) / 255);
        }

        return image;
    }
}

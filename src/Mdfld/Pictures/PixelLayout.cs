namespace Mdfld;

/// <summary>Order of the bytes of a pixel, 8 bits a channel; alpha is not multiplied into the colours.</summary>
public enum PixelLayout
{
    /// <summary>Red, green, blue: 3 bytes, as in a <see cref="Picture"/>.</summary>
    Rgb,

    /// <summary>Blue, green, red: 3 bytes, as in OpenCV.</summary>
    Bgr,

    /// <summary>Red, green, blue, alpha: 4 bytes.</summary>
    Rgba,

    /// <summary>Blue, green, red, alpha: 4 bytes, as in Windows bitmaps.</summary>
    Bgra,

    /// <summary>One byte.</summary>
    Grey,
}

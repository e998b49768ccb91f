using System.Numerics;
using System.Runtime.InteropServices;

namespace Mdfld.Training.Augmentation;

/// <summary>
/// A square picture being worked on: three planes of floats, 0..255, and scratch planes of the same size.
/// </summary>
public sealed class Canvas(int size)
{
    public const int ScratchPlanes = 8;

    private readonly float[][] _planes = [.. Enumerable.Range(0, Picture.Channels).Select(_ => new float[size * size])];
    private readonly float[][] _scratch = [.. Enumerable.Range(0, ScratchPlanes).Select(_ => new float[size * size])];

    public int Size => size;

    /// <summary>Lengths in options are pixels of a crop of 128; this is what they are worth here.</summary>
    public float Unit => size / 128f;

    public Span<float> Red => _planes[0];

    public Span<float> Green => _planes[1];

    public Span<float> Blue => _planes[2];

    public Span<float> Channel(int index) => _planes[index];

    /// <summary>Scratch without a defined content; a filter says which ones it overwrites.</summary>
    public Span<float> Scratch(int index) => _scratch[index];

    /// <summary>Luma of Rec. 601, 0..255.</summary>
    public void Grey(Span<float> target)
    {
        Span<Vector<float>> r = Lanes(Red), g = Lanes(Green), b = Lanes(Blue), t = Lanes(target);
        for (var i = 0; i < t.Length; i++)
            t[i] = (r[i] * 0.299f) + (g[i] * 0.587f) + (b[i] * 0.114f);
    }

    public void SetGrey(ReadOnlySpan<float> grey)
    {
        for (var c = 0; c < Picture.Channels; c++)
            grey.CopyTo(_planes[c]);
    }

    /// <summary>Takes up the pixels of a picture of this size.</summary>
    public void CopyFrom(Picture source)
    {
        var data = source.Data;
        Span<float> red = Red, green = Green, blue = Blue;
        for (int i = 0, o = 0; i < red.Length; i++, o += 3)
            (red[i], green[i], blue[i]) = (data[o], data[o + 1], data[o + 2]);
    }

    /// <summary>Copies the planes to 8-bit pixels, rounded and clamped.</summary>
    public void CopyTo(Picture target)
    {
        var data = target.Data;
        ReadOnlySpan<float> red = Red, green = Green, blue = Blue;
        for (int i = 0, o = 0; i < red.Length; i++, o += 3)
        {
            data[o] = ToByte(red[i]);
            data[o + 1] = ToByte(green[i]);
            data[o + 2] = ToByte(blue[i]);
        }
    }

    /// <summary>The plane in vectors; planes are a multiple of every vector's length.</summary>
    public static Span<Vector<float>> Lanes(Span<float> plane) => MemoryMarshal.Cast<float, Vector<float>>(plane);

    public static byte ToByte(float value) => (byte)Math.Clamp((int)(value + 0.5f), 0, 255);
}

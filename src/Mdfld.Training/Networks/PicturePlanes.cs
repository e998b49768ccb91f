namespace Mdfld.Training;

/// <summary>A picture as networks of ours see it.</summary>
internal static class PicturePlanes
{
    /// <summary>(3, H, W), R, G, B, (byte - 127.5) / 127.5.</summary>
    public static SamplePart Of(Image picture)
    {
        var pixels = picture.Width * picture.Height;
        var planes = new float[Image.Channels * pixels];
        var data = picture.Data;
        for (var c = 0; c < Image.Channels; c++)
        {
            var plane = planes.AsSpan(c * pixels, pixels);
            for (int i = 0, j = c; i < plane.Length; i++, j += Image.Channels)
                plane[i] = (data[j] - 127.5f) / 127.5f;
        }
        return new SamplePart(planes, [Image.Channels, picture.Height, picture.Width]);
    }
}

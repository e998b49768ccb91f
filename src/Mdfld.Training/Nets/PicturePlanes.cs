namespace Mdfld.Training;

/// <summary>A picture as networks of ours see it.</summary>
public static class PicturePlanes
{
    /// <summary>(3, H, W), R, G, B, (byte - 127.5) / 127.5.</summary>
    public static SamplePart Of(Picture picture)
    {
        var pixels = picture.Width * picture.Height;
        var planes = new float[Picture.Channels * pixels];
        var data = picture.Data;
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = planes.AsSpan(c * pixels, pixels);
            for (int i = 0, j = c; i < plane.Length; i++, j += Picture.Channels)
                plane[i] = (data[j] - 127.5f) / 127.5f;
        }
        return new SamplePart(planes, [Picture.Channels, picture.Height, picture.Width]);
    }
}

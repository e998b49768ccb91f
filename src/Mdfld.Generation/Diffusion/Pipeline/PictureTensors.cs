namespace Mdfld.Generation;

/// <summary>Pictures as networks see them, (1, 3, H, W), R, G, B.</summary>
public static class PictureTensors
{
    /// <summary>In [-1, 1]: for the autoencoder.</summary>
    public static Tensor Signed(Picture picture) => Of(picture, 2 / 255f, -1);

    /// <summary>In [0, 1]: for the ControlNet.</summary>
    public static Tensor Unsigned(Picture picture) => Of(picture, 1 / 255f, 0);

    /// <summary>The first picture of (N, 3, H, W) in about [-1, 1], rounded and clamped to 8 bits.</summary>
    public static Picture ToImage(Tensor pictures)
    {
        using var scope = NewDisposeScope();
        var (height, width) = ((int)pictures.shape[2], (int)pictures.shape[3]);
        var planes = pictures.select(0, 0).to(ScalarType.Float32).ToArray<float>();
        var image = new Picture(width, height);
        var data = image.Data;
        var pixels = width * height;
        for (var c = 0; c < Picture.Channels; c++)
        {
            var plane = planes.AsSpan(c * pixels, pixels);
            for (var i = 0; i < plane.Length; i++)
                data[(i * Picture.Channels) + c] = (byte)MathF.Round(255 * Math.Clamp((plane[i] / 2) + 0.5f, 0, 1));
        }
        return image;
    }

    private static Tensor Of(Picture picture, float scale, float offset)
    {
        var pixels = picture.Width * picture.Height;
        var planes = new float[Picture.Channels * pixels];
        var data = picture.Data;
        for (var i = 0; i < planes.Length; i++)
            planes[i] = (scale * data[(i % pixels * Picture.Channels) + (i / pixels)]) + offset;
        return Tensor.From<float>(planes, 1, Picture.Channels, picture.Height, picture.Width);
    }
}

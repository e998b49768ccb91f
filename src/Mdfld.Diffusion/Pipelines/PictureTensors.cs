using Mdfld.Torch;

namespace Mdfld.Diffusion;

/// <summary>Pictures as networks see them, (1, 3, H, W), R, G, B.</summary>
internal static class PictureTensors
{
    /// <summary>In [-1, 1]: for the autoencoder.</summary>
    public static Tensor Signed(Image picture) => Of(picture, 2 / 255f, -1);

    /// <summary>In [0, 1]: for the ControlNet.</summary>
    public static Tensor Unsigned(Image picture) => Of(picture, 1 / 255f, 0);

    /// <summary>The first picture of (N, 3, H, W) in about [-1, 1], rounded and clamped to 8 bits.</summary>
    public static Image ToImage(Tensor pictures)
    {
        using var scope = new TensorScope();
        var (height, width) = ((int)pictures.Shape[2], (int)pictures.Shape[3]);
        var planes = pictures.Select(0, 0).To(ScalarType.Float32).To(Device.Cpu).Contiguous().ToArray<float>();
        var image = new Image(width, height);
        var data = image.Data;
        var pixels = width * height;
        for (var c = 0; c < Image.Channels; c++)
        {
            var plane = planes.AsSpan(c * pixels, pixels);
            for (var i = 0; i < plane.Length; i++)
                data[(i * Image.Channels) + c] = (byte)MathF.Round(255 * Math.Clamp((plane[i] / 2) + 0.5f, 0, 1));
        }
        return image;
    }

    private static Tensor Of(Image picture, float scale, float offset)
    {
        var pixels = picture.Width * picture.Height;
        var planes = new float[Image.Channels * pixels];
        var data = picture.Data;
        for (var i = 0; i < planes.Length; i++)
            planes[i] = (scale * data[(i % pixels * Image.Channels) + (i / pixels)]) + offset;
        return Tensor.From<float>(planes, 1, Image.Channels, picture.Height, picture.Width);
    }
}

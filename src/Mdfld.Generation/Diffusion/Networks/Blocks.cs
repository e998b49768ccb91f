namespace Mdfld.Generation;

/// <summary>Blocks of convolutions that UNet, ControlNet and autoencoder share.</summary>
internal static class ConvolutionBlocks
{
    /// <summary>
    /// Twice norm, SiLU, 3x3 convolution, the time added between; residual (<c>ResnetBlock2D</c>): (N, in, h, w) and,
    /// where there is a time, (N, time width), to (N, outputs, h, w).
    /// </summary>
    public static Tensor Resnet(this Layers f, Tensor x, string name, int outputs, Tensor? time = null)
    {
        using var scope = NewDisposeScope();
        f = f[name];
        var h = f.NormConv(x, "norm1", "conv1", outputs);
        if (time is not null)
            h += f.Linear(time.silu(), "time_emb_proj", outputs).unsqueeze(-1).unsqueeze(-1);
        h = f.NormConv(h, "norm2", "conv2", outputs);
        if (x.shape[1] != outputs)
            x = f.Conv(x, "conv_shortcut", outputs, kernel: 1);
        return (x + h).MoveToOuterDisposeScope();
    }

    /// <summary>Norm, SiLU, 3x3 convolution.</summary>
    public static Tensor NormConv(this Layers f, Tensor x, string norm, string convolution, int outputs)
    {
        // A scope of its own: at 512 x 512 pixels every feature map counts.
        using var scope = NewDisposeScope();
        return f.Conv(f.GroupNorm(x, norm).silu(), convolution, outputs).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Half the size by a 3x3 convolution of stride 2, with zeros at every edge, or only after the last row and column.
    /// </summary>
    public static Tensor Downsample(this Layers f, Tensor x, bool padAfter = false) => f.Conv(
        padAfter ? pad(x, (0, 1, 0, 1)) : x, "downsamplers.0.conv", x.shape[1], stride: 2, padding: padAfter ? 0 : 1);

    /// <summary>
    /// A larger size by repeating pixels, then a 3x3 convolution: (N, C, h, w) to (N, C, height, width).
    /// </summary>
    public static Tensor Upsample(this Layers f, Tensor x, long height, long width) =>
        f.Conv(upsample_nearest2d(x, [height, width]), "upsamplers.0.conv", x.shape[1]);
}

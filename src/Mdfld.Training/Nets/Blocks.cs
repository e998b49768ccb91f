namespace Mdfld.Training;

/// <summary>Blocks of the compact network and the finder: the parameters and the computation of each.</summary>
internal static class Blocks
{
    /// <summary>Convolution without bias, and batch norm.</summary>
    public static void ConvNorm(this Network network, string name, int inputs, int outputs, int kernel)
    {
        network.Conv($"{name}.conv", inputs, outputs, kernel, bias: false);
        network.Norm($"{name}.norm", outputs);
    }

    public static T ConvNorm<T>(this IOps<T> f, T x, string name, int stride = 1) where T : class =>
        f.Conv(x, $"{name}.conv", stride, norm: $"{name}.norm");

    public static T ConvNormRelu<T>(this IOps<T> f, T x, string name, int stride = 1) where T : class =>
        f.Relu(f.ConvNorm(x, name, stride));

    /// <summary>Bottleneck residual: 1x1, 3x3, 1x1 convolutions added to the input (He et al. 2016).</summary>
    public static void Bottleneck(this Network network, string name, int channels, int inner)
    {
        network.ConvNorm($"{name}.reduce", channels, inner, 1);
        network.ConvNorm($"{name}.conv", inner, inner, 3);
        network.ConvNorm($"{name}.expand", inner, channels, 1);
    }

    public static T Bottleneck<T>(this IOps<T> f, T x, string name) where T : class
    {
        var y = f.ConvNormRelu(f.ConvNormRelu(x, $"{name}.reduce"), $"{name}.conv");
        return f.Relu(f.Add(x, f.ConvNorm(y, $"{name}.expand")));
    }

    /// <summary>
    /// Bottlenecks at one resolution, where <paramref name="shrink"/> is set after a 3x3 convolution that halves it and
    /// changes the channels.
    /// </summary>
    public static void Stage(
        this Network network, string name, int inputs, int outputs, int blocks, bool shrink = true)
    {
        if (shrink)
            network.ConvNorm($"{name}.shrink", inputs, outputs, 3);
        for (var i = 0; i < blocks; i++)
            network.Bottleneck($"{name}.block.{i}", outputs, outputs / 2);
    }

    public static T Stage<T>(this IOps<T> f, T x, string name, int blocks, bool shrink = true) where T : class
    {
        if (shrink)
            x = f.ConvNormRelu(x, $"{name}.shrink", 2);
        for (var i = 0; i < blocks; i++)
            x = f.Bottleneck(x, $"{name}.block.{i}");
        return x;
    }

    /// <summary>Features down by halves and up again, added to what came in (Newell et al. 2016).</summary>
    /// <param name="context">Channels in and out.</param>
    /// <param name="inner">Of the bottlenecks on the way up.</param>
    /// <param name="channels">Of each halving.</param>
    public static void Hourglass(this Network network, string name, int context, int inner, int[] channels)
    {
        for (var i = 0; i < channels.Length; i++)
            network.Stage($"{name}.stage.{i}", i == 0 ? context : channels[i - 1], channels[i], 1);
        for (var i = 0; i < channels.Length; i++)
            network.Conv($"{name}.lateral.{i}", channels[i], context);
        for (var i = 0; i < channels.Length; i++)
            network.Bottleneck($"{name}.refine.{i}", context, inner);
        network.Conv($"{name}.out", context, context);
    }

    /// <summary>Same shape, (N, context, S, S); S a multiple of 2 for each of the halvings.</summary>
    public static T Hourglass<T>(this IOps<T> f, T x, string name, int halvings) where T : class
    {
        var levels = new T[halvings];
        var y = x;
        for (var i = 0; i < halvings; i++)
            levels[i] = y = f.Stage(y, $"{name}.stage.{i}", 1);

        var top = f.Conv(levels[^1], $"{name}.lateral.{halvings - 1}");
        for (var i = halvings - 1; i >= 0; i--)
        {
            var beside = i == 0 ? x : f.Conv(levels[i - 1], $"{name}.lateral.{i - 1}");
            top = f.Bottleneck(f.Add(beside, f.Upsample(top)), $"{name}.refine.{i}");
        }
        return f.Relu(f.Add(x, f.Conv(top, $"{name}.out")));
    }
}

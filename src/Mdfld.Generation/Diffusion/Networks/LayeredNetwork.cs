namespace Mdfld.Generation;

/// <summary>
/// A network that is written once, as what it computes. As it is made it runs on a small blank input: every layer adds
/// its parameters then, under the names of the published checkpoints, and gives a blank output.
/// </summary>
public abstract class LayeredNetwork : Module
{
    /// <summary>Whether layers add their parameters instead of computing.</summary>
    internal bool IsBuilding { get; private set; }

    /// <summary>Low-rank changes of its linear layers, trained beside it; null for none.</summary>
    internal LowRankChanges? Changes { get; set; }

    /// <summary>Its layers.</summary>
    internal abstract Layers Layers { get; }

    internal Tensor Parameter(string name) => this[name];

    /// <summary>
    /// A parameter; it is made while the network is built, and takes no memory where it has no first value.
    /// </summary>
    internal Tensor Parameter(string name, float? first, params long[] shape)
    {
        if (IsBuilding)
            AddParameter(name, first is { } value ? full(shape, value) : empty(shape));
        return this[name];
    }

    /// <summary>Runs the network once to make its parameters: the last thing of a constructor.</summary>
    private protected void Build(Action run)
    {
        IsBuilding = true;
        using (no_grad())
        using (NewDisposeScope())
            run();
        IsBuilding = false;
    }
}

/// <summary>The layers of a network, or of a part of it; their parameters are <c>weight</c> and <c>bias</c>.</summary>
/// <param name="Network">Has the parameters.</param>
/// <param name="Prefix">Of their names: empty, or the part with a dot behind.</param>
/// <param name="Groups">Of group normalisations.</param>
/// <param name="Epsilon">What group normalisations add to the variance.</param>
internal readonly record struct Layers(
    LayeredNetwork Network, string Prefix = "", int Groups = 1, double Epsilon = 1e-5)
{
    private const double UsualEpsilon = 1e-5;

    /// <summary>The layers of a part, such as <c>mid_block.resnets.0</c>.</summary>
    public Layers this[string part] => this with { Prefix = $"{Prefix}{part}." };

    /// <summary>A convolution: (N, in, H, W) to (N, outputs, H', W').</summary>
    /// <param name="padding">Zeros at every edge; null keeps the size at stride 1.</param>
    public Tensor Conv(
        Tensor x, string name, long outputs, int kernel = 3, int stride = 1, int? padding = null, bool bias = true)
    {
        var (shape, edge) = (x.shape, padding ?? kernel / 2);
        var (weight, added) =
            (Weight(name, outputs, shape[1], kernel, kernel), bias ? Bias(name, outputs) : null);
        return Network.IsBuilding
            ? Blank(shape[0], outputs, Side(shape[2]), Side(shape[3]))
            : Computed(x).Convolve(Computed(weight), added is null ? null : Computed(added), stride, edge);

        long Side(long side) => ((side + (2 * edge) - kernel) / stride) + 1;
    }

    /// <summary>x W^T + b over the last dimension, and its low-rank change: (..., in) to (..., outputs).</summary>
    public Tensor Linear(Tensor x, string name, long outputs, bool bias = true)
    {
        var (weight, added) = (Weight(name, outputs, x.shape[^1]), bias ? Bias(name, outputs) : null);
        if (Network.IsBuilding)
            return Blank([.. x.shape[..^1], outputs]);
        x = Computed(x);
        var y = linear(x, Computed(weight), added is null ? null : Computed(added));
        return Network.Changes?.Forward(Prefix + name, x) is { } change ? y + change : y;
    }

    /// <summary>
    /// A linear layer over the channels of a list of pixels, as many as before. Its weight is that of a 1x1 convolution
    /// unless <paramref name="isLinear"/>: the same numbers in another shape.
    /// </summary>
    public Tensor Projection(Tensor pixels, string name, bool isLinear)
    {
        var channels = pixels.shape[^1];
        var weight = Weight(name, isLinear ? [channels, channels] : [channels, channels, 1, 1]);
        var bias = Bias(name, channels);
        return Network.IsBuilding ? pixels
            : linear(Computed(pixels), Computed(weight).reshape(channels, channels), Computed(bias));
    }

    /// <summary>A vector for every index, from a table of so many: int64 of any shape to (..., width).</summary>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">An index is out of range.</exception>
    public Tensor Embedding(Tensor indices, string name, long count, long width) =>
        Weight(name, count, width).index_select(0, indices.flatten()).reshape([.. indices.shape, width]);

    /// <summary>Group normalisation of (N, C, ...), Wu and He 2018; same shape.</summary>
    public Tensor GroupNorm(Tensor x, string name) =>
        group_norm(x, Groups, As(x, Scale(name, x.shape[1])), As(x, Bias(name, x.shape[1])), Epsilon);

    /// <summary>Layer normalisation of the last dimension (Ba et al. 2016); same shape.</summary>
    public Tensor LayerNorm(Tensor x, string name, double epsilon = UsualEpsilon) =>
        layer_norm(x, [x.shape[^1]], As(x, Scale(name, x.shape[^1])), As(x, Bias(name, x.shape[^1])), epsilon);

    /// <summary>In the type that the network computes in: its own, but <see cref="Module.ComputeType"/> while it learns.</summary>
    private Tensor Computed(Tensor x) =>
        Network is { Training: true, ComputeType: { } type } && x.dtype != type ? x.to(type) : x;

    /// <summary>A parameter in the type of what it is used with.</summary>
    private static Tensor As(Tensor x, Tensor parameter) => parameter.dtype == x.dtype ? parameter : parameter.to(x.dtype);

    private Tensor Weight(string name, params long[] shape) =>
        Network.Parameter($"{Prefix}{name}.weight", null, shape);

    private Tensor Scale(string name, long channels) => Network.Parameter($"{Prefix}{name}.weight", 1, channels);

    private Tensor Bias(string name, long outputs) => Network.Parameter($"{Prefix}{name}.bias", 0, outputs);

    /// <summary>Zeros that take no memory.</summary>
    private static Tensor Blank(params long[] shape) => zeros(1).expand(shape);
}

namespace Mdfld.Training;

/// <summary>A convolution: (N, in, H, W) to (N, out, H', W'), parameters <c>weight</c> and <c>bias</c>.</summary>
public sealed class Conv2d : Module
{
    private readonly int _stride;
    private readonly int _padding;

    /// <summary>The weight is to be loaded or drawn; the bias is zero.</summary>
    /// <param name="padding">Zeros at every edge; null keeps the size at stride 1.</param>
    /// <param name="bias">Whether a bias is added; leave it out before a normalisation.</param>
    public Conv2d(
        int inChannels, int outChannels, int kernel, int stride = 1, int? padding = null, bool bias = true)
    {
        (_stride, _padding) = (stride, padding ?? (kernel - 1) / 2);
        AddParameter("weight", empty([outChannels, inChannels, kernel, kernel]));
        if (bias)
            AddParameter("bias", zeros(outChannels));
    }

    /// <summary>(N, in, H, W) to (N, out, H', W').</summary>
    public Tensor Forward(Tensor x) => conv2d(
        x, this["weight"], Find("bias"), strides: [_stride, _stride], padding: [_padding, _padding]);
}

/// <summary>x W^T + b over the last dimension, parameters <c>weight</c> and <c>bias</c>.</summary>
public sealed class Linear : Module
{
    /// <summary>The weight is to be loaded or drawn; the bias is zero.</summary>
    public Linear(int inFeatures, int outFeatures, bool bias = true)
    {
        AddParameter("weight", empty(outFeatures, inFeatures));
        if (bias)
            AddParameter("bias", zeros(outFeatures));
    }

    /// <summary>A change of the weight, trained instead of it; null for none. No parameter of this module.</summary>
    public LowRank? Change { get; set; }

    /// <summary>(..., in) to (..., out).</summary>
    public Tensor Forward(Tensor x)
    {
        var y = linear(x, this["weight"], Find("bias"));
        return Change is null ? y : y + Change.Forward(x);
    }

    /// <summary>Adds the change to the weight and forgets it.</summary>
    public void Merge()
    {
        if (Change is null)
            return;
        using var noGrad = no_grad();
        using var product = Change.Product();
        this["weight"].add_(product);
        Change = null;
    }
}

/// <summary>
/// A low-rank change of a linear layer's weight (Hu et al. 2022): W + scale B A. Parameters bear peft's names,
/// <c>lora_A.weight</c> and <c>lora_B.weight</c>.
/// </summary>
public sealed class LowRank : Module
{
    private readonly double _scale;

    /// <summary>Changes nothing until it is trained: A is to be drawn, B is zero. The scale is alpha / rank.</summary>
    public LowRank(long inFeatures, long outFeatures, int rank, double alpha)
    {
        _scale = alpha / rank;
        AddParameter("lora_A.weight", zeros(rank, inFeatures));
        AddParameter("lora_B.weight", zeros(outFeatures, rank));
    }

    private Tensor Down => this["lora_A.weight"];

    private Tensor Up => this["lora_B.weight"];

    /// <summary>Draws A, as PyTorch draws a linear layer; B stays zero.</summary>
    public void Initialise(Random random) => WeightInitialisation.Uniform(Down, random);

    /// <summary>What is added to the layer's output: (..., in) to (..., out).</summary>
    public Tensor Forward(Tensor x) => linear(linear(x, Down), Up) * _scale;

    /// <summary>A, and B with the scale in it: what stands in files whose readers know no alpha.</summary>
    public (Tensor Down, Tensor Up) Scaled() => (Down.clone(), Up * _scale);

    /// <summary>The change as one matrix, (out, in).</summary>
    internal Tensor Product() => Up.matmul(Down) * _scale;
}

/// <summary>A vector for every index, parameter <c>weight</c> (count, width).</summary>
public sealed class Embedding : Module
{
    /// <summary>The weight is to be loaded or drawn.</summary>
    public Embedding(int count, int width) => AddParameter("weight", empty(count, width));

    /// <summary>int64 of any shape to (..., width).</summary>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">An index is out of range.</exception>
    public Tensor Forward(Tensor indices) =>
        this["weight"].index_select(0, indices.flatten()).reshape([.. indices.shape, this["weight"].shape[1]]);
}

/// <summary>Group normalisation of (N, C, ...), Wu and He 2018; parameters <c>weight</c> and <c>bias</c>.</summary>
public sealed class GroupNorm : Module
{
    private readonly int _groups;
    private readonly double _epsilon;

    public GroupNorm(int groups, int channels, double epsilon = 1e-5)
    {
        (_groups, _epsilon) = (groups, epsilon);
        AddParameter("weight", ones(channels));
        AddParameter("bias", zeros(channels));
    }

    /// <summary>Same shape.</summary>
    public Tensor Forward(Tensor x) => group_norm(x, _groups, this["weight"], this["bias"], _epsilon);
}

/// <summary>Layer normalisation of the last dimension (Ba et al. 2016), <c>weight</c> and <c>bias</c>.</summary>
public sealed class LayerNorm : Module
{
    private readonly int _features;
    private readonly double _epsilon;

    public LayerNorm(int features, double epsilon = 1e-5)
    {
        (_features, _epsilon) = (features, epsilon);
        AddParameter("weight", ones(features));
        AddParameter("bias", zeros(features));
    }

    /// <summary>Same shape.</summary>
    public Tensor Forward(Tensor x) => layer_norm(x, [_features], this["weight"], this["bias"], _epsilon);
}

namespace Mdfld.Torch;

/// <summary>Group normalisation of (N, C, ...), Wu and He 2018; parameters <c>weight</c> and <c>bias</c>.</summary>
public sealed class GroupNorm : Module
{
    private readonly int _groups;
    private readonly double _epsilon;
    private readonly Tensor _weight;
    private readonly Tensor _bias;

    /// <param name="groups">Groups of neighbouring channels; divides <paramref name="channels"/>.</param>
    /// <param name="channels">C.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public GroupNorm(int groups, int channels, double epsilon = 1e-5)
    {
        (_groups, _epsilon) = (groups, epsilon);
        _weight = Parameter("weight", Tensor.Ones([channels]));
        _bias = Parameter("bias", Tensor.Zeros([channels]));
    }

    /// <summary>Same shape.</summary>
    public Tensor Forward(Tensor x) => x.GroupNorm(_groups, _weight, _bias, _epsilon);
}

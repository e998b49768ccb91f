namespace Mdfld.Generation;

/// <summary>
/// A timestep as a vector: cosines and sines of many frequencies, then two linear layers with SiLU between.
/// </summary>
internal sealed class TimeEmbedding : Module
{
    private const double LongestPeriod = 10_000;

    private readonly Linear _linear1;
    private readonly Linear _linear2;
    private readonly int _channels;

    /// <param name="channels">Width of the sinusoids; even.</param>
    /// <param name="width">Width of the embedding.</param>
    public TimeEmbedding(int channels, int width)
    {
        _channels = channels;
        _linear1 = Child("linear_1", new Linear(channels, width));
        _linear2 = Child("linear_2", new Linear(width, width));
    }

    /// <summary>(N) timesteps, whole or not, to (N, width) of the given type.</summary>
    public Tensor Forward(Tensor timesteps, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var sinusoids = Sinusoids(timesteps, _channels).to(type);
        return _linear2.Forward(_linear1.Forward(sinusoids).silu()).MoveToOuterDisposeScope();
    }

    /// <summary>(N) to (N, width): cosines, then sines, of frequencies falling from 1 to about 1/10000.</summary>
    internal static Tensor Sinusoids(Tensor timesteps, int width)
    {
        using var scope = NewDisposeScope();
        var half = width / 2;
        // Not by libtorch's exp, whose last bit, a thousandfold in the angle, differs between processors.
        float[] frequencies =
            [.. Enumerable.Range(0, half).Select(i => MathF.Exp(i * (float)-Math.Log(LongestPeriod) / half))];
        var angles = timesteps.to(ScalarType.Float32).unsqueeze(1)
            * Tensor.From<float>(frequencies, 1, half).to(timesteps.device);
        return cat([angles.cos(), angles.sin()], 1).MoveToOuterDisposeScope();
    }
}

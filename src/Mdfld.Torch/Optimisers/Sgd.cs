namespace Mdfld.Torch;

/// <summary>
/// Stochastic gradient descent with momentum and L2 weight decay, as torch.optim.SGD without dampening.
/// </summary>
public sealed class Sgd : Optimiser
{
    private readonly double _momentum;
    private readonly double _weightDecay;

    /// <param name="parameters">Named parameters.</param>
    /// <param name="learningRate">Step size.</param>
    /// <param name="momentum">Share of the last step that is taken again.</param>
    /// <param name="weightDecay">Added to the gradient times the parameter.</param>
    public Sgd(
        IEnumerable<(string Name, Tensor Tensor)> parameters, double learningRate, double momentum = 0,
        double weightDecay = 0)
        : base(parameters, learningRate) => (_momentum, _weightDecay) = (momentum, weightDecay);

    /// <inheritdoc/>
    protected override void Update(string name, Tensor parameter, Tensor gradient)
    {
        if (_weightDecay != 0)
            gradient.AddInPlace(parameter, _weightDecay);
        if (_momentum == 0)
        {
            parameter.AddInPlace(gradient, -LearningRate);
            return;
        }
        var velocity = StateOf(name, "momentum_buffer", parameter);
        velocity.MulInPlace(_momentum);
        velocity.AddInPlace(gradient);
        parameter.AddInPlace(velocity, -LearningRate);
    }
}

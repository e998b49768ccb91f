namespace Mdfld.Torch;

/// <summary>
/// Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019), step for step as PyTorch computes them.
/// </summary>
public sealed class Adam : Optimiser
{
    private readonly double _beta1;
    private readonly double _beta2;
    private readonly double _epsilon;
    private readonly double _weightDecay;
    private readonly int _decayedDimensions;

    /// <param name="parameters">Named parameters.</param>
    /// <param name="learningRate">Step size.</param>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Decay of the second moment.</param>
    /// <param name="epsilon">Added to the root of the second moment.</param>
    /// <param name="weightDecay">Decoupled decay (AdamW), applied to parameters of two or more dimensions: weights, not
    /// biases and normalisations. 0 is plain Adam.</param>
    /// <param name="decayAll">
    /// Lets biases and normalisations decay too, as PyTorch's AdamW does unless told otherwise.
    /// </param>
    public Adam(
        IEnumerable<(string Name, Tensor Tensor)> parameters, double learningRate = 1e-3, double beta1 = 0.9,
        double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0,
        bool decayAll = false)
        : base(parameters, learningRate)
    {
        (_beta1, _beta2, _epsilon, _weightDecay) = (beta1, beta2, epsilon, weightDecay);
        _decayedDimensions = decayAll ? 0 : 2;
    }

    /// <inheritdoc/>
    protected override void Update(string name, Tensor parameter, Tensor gradient)
    {
        var mean = StateOf(name, "exp_avg", parameter);
        var square = StateOf(name, "exp_avg_sq", parameter);
        if (_weightDecay != 0 && parameter.Dimensions >= _decayedDimensions)
            parameter.MulInPlace(1 - (LearningRate * _weightDecay));
        mean.MulInPlace(_beta1);
        mean.AddInPlace(gradient, 1 - _beta1);
        square.MulInPlace(_beta2);
        square.AddcmulInPlace(gradient, gradient, 1 - _beta2);

        using var root = square.Sqrt();
        using var scaled = root / Math.Sqrt(1 - Math.Pow(_beta2, Steps));
        using var denominator = scaled + _epsilon;
        parameter.AddcdivInPlace(mean, denominator, -LearningRate / (1 - Math.Pow(_beta1, Steps)));
    }
}

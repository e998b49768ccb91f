namespace Mdfld.Training;

/// <summary>The probability of yes as 1 / (1 + exp(-(w x + c))), fitted by Newton's method (IRLS).</summary>
internal static class LogisticRegression
{
    private const int Steps = 30;

    // A prior that keeps weights finite where the answers can be told apart exactly; far below what samples weigh.
    private const double Ridge = 1e-2;

    /// <summary>Fits the weights; the last one is the constant.</summary>
    /// <param name="samples">Features, all of one length, and the answer; at least one.</param>
    public static double[] Fit(IReadOnlyList<(double[] Features, bool IsYes)> samples)
    {
        var count = samples[0].Features.Length + 1;
        var weights = new double[count];
        for (var step = 0; step < Steps; step++)
        {
            var gradient = new double[count];
            var hessian = new double[count, count];
            foreach (var (features, isYes) in samples)
            {
                var p = 1 / (1 + Math.Exp(-Sum(weights, features)));
                for (var i = 0; i < count; i++)
                {
                    var x = At(features, i);
                    gradient[i] += ((isYes ? 1 : 0) - p) * x;
                    for (var k = 0; k <= i; k++)
                        hessian[i, k] += p * (1 - p) * x * At(features, k);
                }
            }
            for (var i = 0; i < count; i++)
            {
                // The constant is free: how many answers are yes is for the samples to say.
                var prior = i < count - 1 ? Ridge : 1e-9;
                gradient[i] -= prior * weights[i];
                hessian[i, i] += prior;
                for (var k = 0; k < i; k++)
                    hessian[k, i] = hessian[i, k];
            }
            var change = LinearSystem.Solve(hessian, gradient);
            // Newton's step overshoots far from the answer; one this long is far.
            var longest = change.Max(Math.Abs);
            for (var i = 0; i < count; i++)
                weights[i] += change[i] * Math.Min(1, 4 / longest);
            if (longest < 1e-9)
                break;
        }
        return weights;
    }

    /// <summary>Weights times features, and the constant.</summary>
    public static double Sum(ReadOnlySpan<double> weights, ReadOnlySpan<double> features)
    {
        var sum = weights[^1];
        for (var i = 0; i < features.Length; i++)
            sum += weights[i] * features[i];
        return sum;
    }

    private static double At(double[] features, int i) => i < features.Length ? features[i] : 1;
}

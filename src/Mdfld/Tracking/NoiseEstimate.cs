namespace Mdfld;

/// <summary>
/// How much of measurements is noise that is new in each frame: their third differences, which smooth motion hardly has,
/// have 20 times its variance. A low quantile over some frames, so that sudden motion does not count.
/// </summary>
/// <param name="initial">The variance until there are enough frames.</param>
internal sealed class NoiseEstimate(double initial)
{
    private const int Frames = 45;
    private const double OfThirdDifference = 20;

    // Too little is worse than too much: noise would be taken for movement.
    private const double Margin = 1.25;

    // Of squares of two numbers over their mean variance (chi squared of two / 2): the median.
    private const double Median = 0.693;

    private readonly Queue<double> _recent = new();

    /// <summary>The variance of one number.</summary>
    public double Variance { get; private set; } = initial;

    /// <summary>Takes the mean square of the two numbers of a third difference, or many of them: their median.</summary>
    public void Add(double square)
    {
        _recent.Enqueue(square);
        if (_recent.Count > Frames)
            _recent.Dequeue();
        if (_recent.Count < 6)
            return;
        var ordered = _recent.Order().ToArray();
        Variance = Margin * ordered[ordered.Length / 2] / Median / OfThirdDifference;
    }

    /// <summary>Third difference of four values in their order.</summary>
    public static double ThirdDifference(double a, double b, double c, double d) => d - (3 * c) + (3 * b) - a;
}

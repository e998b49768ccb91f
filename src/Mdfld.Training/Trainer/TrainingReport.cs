namespace Mdfld.Training;

/// <summary>Where a run stands.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps of the recipe.</param>
/// <param name="Loss">Mean loss since the last report.</param>
/// <param name="LearningRate">Of the last step.</param>
/// <param name="GradientNorm">Of the last step, before clipping.</param>
/// <param name="FacesPerSecond">Since the last report.</param>
/// <param name="TimeLeft">At that rate.</param>
public sealed record TrainingReport(
    long Step,
    long Steps,
    double Loss,
    double LearningRate,
    double GradientNorm,
    double FacesPerSecond,
    TimeSpan TimeLeft)
{
    /// <summary>What was measured, such as "nme".</summary>
    public string Measure { get; init; } = "";

    /// <summary>The measure in % by validation set, less being better, where this report has a measurement.</summary>
    public IReadOnlyList<(string Name, double Value)>? Validation { get; init; }
}

namespace Mdfld.Data;

/// <summary>The errors of some faces: all of a folder, or one style of it. Fractions, not %.</summary>
/// <param name="Errors">The NME of each face; infinite where the face was not found at all.</param>
public sealed record ErrorSummary(IReadOnlyList<double> Errors)
{
    /// <summary>Mean of the NMEs of the faces found; NaN where none was.</summary>
    public double Mean => Found().DefaultIfEmpty(double.NaN).Average();

    /// <summary>Median of the NMEs of the faces found; NaN where none was.</summary>
    public double Median
    {
        get
        {
            var sorted = Found().DefaultIfEmpty(double.NaN).Order().ToArray();
            return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        }
    }

    /// <summary>Share of faces that were found.</summary>
    public double FoundShare => (double)Found().Count() / Errors.Count;

    /// <summary>Share of faces above <paramref name="threshold"/>; one that was not found is.</summary>
    public double FailureRate(double threshold = 0.1) => Metrics.FailureRate([.. Errors], threshold);

    /// <summary>Area under the cumulative error curve up to <paramref name="threshold"/>, divided by it.</summary>
    public double Auc(double threshold = 0.1) => Metrics.Auc([.. Errors], threshold);

    private IEnumerable<double> Found() => Errors.Where(double.IsFinite);
}

namespace Mdfld.Generation;

/// <summary>
/// The confusion matrix of a style classifier: whether a generator's faces show the style of their prompt.
/// </summary>
/// <param name="Styles">The styles that the classifier has learnt.</param>
/// <param name="Matrix">[labelled, predicted]: number of faces.</param>
public sealed record StyleConfusion(IReadOnlyList<string> Styles, int[,] Matrix)
{
    // Every fifth face of a style is for validation.
    private const int Fold = 5;

    /// <summary>Faces.</summary>
    public int Count => Matrix.Cast<int>().Sum();

    /// <summary>Share of the faces whose style is predicted as labelled.</summary>
    public double Accuracy => Enumerable.Range(0, Styles.Count).Sum(i => Matrix[i, i]) / (double)Count;

    /// <summary>Accuracy of a random choice.</summary>
    public double Chance => 1.0 / Styles.Count;

    /// <summary>
    /// Trains a classifier on the styles of a reference, and measures it on the fifth of that folder which it was not
    /// trained on, and on all of another.
    /// </summary>
    /// <param name="reference">Faces to train on.</param>
    /// <param name="measured">Other faces; those of styles that the reference has not are left out.</param>
    /// <param name="epochs">How often each face is trained on.</param>
    /// <param name="progress">Called with the epoch and its loss.</param>
    /// <param name="stop">Cancels.</param>
    /// <exception cref="InvalidDataException">
    /// The reference has fewer than two styles or too few faces, none of its styles is in the other folder, or a
    /// picture is broken.
    /// </exception>
    public static (StyleConfusion Reference, StyleConfusion Measured) Measure(
        FaceFolder reference, FaceFolder measured, int epochs, Action<int, double> progress, CancellationToken stop)
    {
        var held = reference.Faces.GroupBy(f => f.Style)
            .SelectMany(style => style.Where((_, i) => i % Fold == Fold - 1)).ToHashSet();
        if (held.Count == 0)
        {
            throw new InvalidDataException(
                $"{reference.Path}: no style has {Fold} faces; every fifth of a style is kept for validation");
        }
        using var classifier = StyleClassifier.Learn(
            reference, [.. reference.Faces.Where(f => !held.Contains(f))], epochs, seed: 1, progress, stop);
        return (
            Of(classifier, reference, [.. reference.Faces.Where(held.Contains)], stop),
            Of(classifier, measured, measured.Faces, stop));
    }

    private static StyleConfusion Of(
        StyleClassifier classifier, FaceFolder folder, IReadOnlyList<LabelledFace> faces, CancellationToken stop)
    {
        LabelledFace[] known = [.. faces.Where(f => classifier.Styles.Contains(f.Style))];
        if (known.Length == 0)
            throw new InvalidDataException($"{folder.Path}: none of its faces is in a style that was learnt");
        var predicted = classifier.Name(folder, known, stop);
        var matrix = new int[classifier.Styles.Count, classifier.Styles.Count];
        for (var i = 0; i < known.Length; i++)
            matrix[classifier.Styles.ToList().IndexOf(known[i].Style!), predicted[i]]++;
        return new(classifier.Styles, matrix);
    }
}

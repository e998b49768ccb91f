namespace Mdfld.Diffusion.Synthesis;

/// <summary>Which styles a classifier sees in faces that are said to have one.</summary>
/// <param name="Styles">What the classifier tells apart.</param>
/// <param name="Matrix">[said, seen]: faces said to be in one style and seen as another.</param>
public sealed record StyleObedience(IReadOnlyList<string> Styles, int[,] Matrix)
{
    // Every fifth face of a style is not learnt from.
    private const int HeldOut = 5;

    /// <summary>Faces.</summary>
    public int Count => Matrix.Cast<int>().Sum();

    /// <summary>Share of the faces whose style is seen.</summary>
    public double Accuracy => Enumerable.Range(0, Styles.Count).Sum(i => Matrix[i, i]) / (double)Count;

    /// <summary>What naming a style blindly would reach.</summary>
    public double Chance => 1.0 / Styles.Count;

    /// <summary>
    /// Teaches a classifier the styles of one folder, and looks with it at faces of that folder which it has not seen,
    /// and at all of another.
    /// </summary>
    /// <param name="reference">Faces to learn styles from.</param>
    /// <param name="looked">Faces to look at; those of styles that the reference has not are left out.</param>
    /// <param name="epochs">How often each face is learnt from.</param>
    /// <param name="progress">Is told the epoch and its loss.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="InvalidDataException">
    /// The reference has fewer than two styles or too few faces, none of its styles is in the other folder, or a
    /// picture is broken.
    /// </exception>
    public static (StyleObedience Reference, StyleObedience Looked) Measure(
        FaceFolder reference, FaceFolder looked, int epochs, Action<int, double> progress, CancellationToken stop)
    {
        var held = reference.Faces.GroupBy(f => f.Style)
            .SelectMany(style => style.Where((_, i) => i % HeldOut == HeldOut - 1)).ToHashSet();
        if (held.Count == 0)
        {
            throw new InvalidDataException(
                $"{reference.Path}: no style has {HeldOut} faces; "
                + "every fifth of a style is kept to try what was learnt");
        }
        using var classifier = StyleClassifier.Learn(
            reference, [.. reference.Faces.Where(f => !held.Contains(f))], epochs, seed: 1, progress, stop);
        return (
            Of(classifier, reference, [.. reference.Faces.Where(held.Contains)], stop),
            Of(classifier, looked, looked.Faces, stop));
    }

    private static StyleObedience Of(
        StyleClassifier classifier, FaceFolder folder, IReadOnlyList<LabelledFace> faces, CancellationToken stop)
    {
        LabelledFace[] known = [.. faces.Where(f => classifier.Styles.Contains(f.Style))];
        if (known.Length == 0)
            throw new InvalidDataException($"{folder.Path}: none of its faces is in a style that was learnt");
        var seen = classifier.Name(folder, known, stop);
        var matrix = new int[classifier.Styles.Count, classifier.Styles.Count];
        for (var i = 0; i < known.Length; i++)
            matrix[classifier.Styles.ToList().IndexOf(known[i].Style!), seen[i]]++;
        return new(classifier.Styles, matrix);
    }
}

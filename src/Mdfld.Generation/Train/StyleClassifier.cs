namespace Mdfld.Generation;

/// <summary>Confusion matrix of a style classifier: whether generated faces show their prompt's style.</summary>
/// <param name="Styles">The styles that the classifier has learnt.</param>
/// <param name="Matrix">[labelled, predicted]: number of faces.</param>
public sealed record StyleConfusion(IReadOnlyList<string> Styles, int[,] Matrix)
{
    // Every fifth face of a style is for validation.
    private const int Fold = 5;

    public int Count => Matrix.Cast<int>().Sum();

    /// <summary>Share of the faces whose style is predicted as labelled.</summary>
    public double Accuracy => Enumerable.Range(0, Styles.Count).Sum(i => Matrix[i, i]) / (double)Count;

    public double Chance => 1.0 / Styles.Count;

    /// <summary>
    /// Trains a classifier on the styles of a reference, and measures it on the fifth of that folder which it was not
    /// trained on, and on all of another.
    /// </summary>
    /// <param name="measured">Other faces; those of styles that the reference has not are left out.</param>
    /// <param name="progress">Called with the epoch and its loss.</param>
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
            throw new InvalidDataException(
                $"{reference.Path}: no style has {Fold} faces; every fifth of a style is kept for validation");
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

/// <summary>
/// Names the style of a face, as it has learnt from labelled ones: a measure of whether a generator does what its
/// prompt says. It sees faces of 64 x 64 pixels, so colours, shapes and coarse strokes.
/// </summary>
internal sealed class StyleClassifier : IDisposable
{
    private const int Size = 64;
    private const int Variants = 4;
    private const int Batch = 50;
    private const double Rate = 2e-3;

    private static readonly FaceFraming Framing = new(Size, 1.5f, 0.08f);

    private readonly StyleNetwork _network;

    private StyleClassifier(IReadOnlyList<string> styles, StyleNetwork network) =>
        (Styles, _network) = (styles, network);

    public IReadOnlyList<string> Styles { get; }

    /// <summary>
    /// Learns from faces of two or more styles. The same faces and seed give the same classifier. Faces without a style
    /// are left out; told of progress are each epoch and its mean loss.
    /// </summary>
    /// <exception cref="InvalidDataException">There are fewer than two styles, or a picture is broken.</exception>
    public static StyleClassifier Learn(
        FaceFolder folder, IReadOnlyList<LabelledFace> faces, int epochs, int seed, Action<int, double> progress,
        CancellationToken stop)
    {
        LabelledFace[] styled = [.. faces.Where(f => f.Style is not null)];
        string[] styles = [.. styled.Select(f => f.Style!).Distinct()];
        if (styles.Length < 2)
            throw new InvalidDataException(
                $"{folder.Path}: expected faces of two or more styles, found {styles.Length}");
        int[] labels = [.. styled.Select(f => Array.IndexOf(styles, f.Style))];
        var samples = Cut(folder, styled, Variants, stop);
        var network = new StyleNetwork(styles.Length, new Random(seed));
        try
        {
            var order = new SampleOrder(samples.Length, seed);
            using var optimiser = new NamedOptimiser(
                network, new OptimiserSettings { LearningRate = Rate, WeightDecay = 0.01 });
            var steps = Math.Max(1, samples.Length / Batch);
            for (var epoch = 0; epoch < epochs; epoch++)
            {
                var sum = 0.0;
                for (var step = 0; step < steps; step++)
                {
                    stop.ThrowIfCancellationRequested();
                    var done = (epoch * steps) + step;
                    optimiser.LearningRate = Rate * 0.5 * (1 + Math.Cos(Math.PI * done / (epochs * steps)));
                    sum += Step(done);
                }
                progress(epoch + 1, sum / steps);
            }
            return new StyleClassifier(styles, network);

            double Step(int number)
            {
                using var scope = NewDisposeScope();
                var chosen = Enumerable.Range(0, Batch).Select(i => (long)(number * Batch) + i)
                    .Select(p => (Face: order[p], Variant: order.RandomAt(p).Next(Variants))).ToArray();
                long[] wanted = [.. chosen.Select(c => (long)labels[c.Face])];
                var said = network.Forward(PictureTensors.Stack([.. chosen.Select(c => samples[c.Face][c.Variant])]));
                var loss = nll_loss(said, Tensor.From<long>(wanted, Batch));
                loss.backward();
                optimiser.Step();
                return loss.ToDouble();
            }
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Names the style of each face.</summary>
    /// <returns>Numbers of <see cref="Styles"/>.</returns>
    /// <exception cref="InvalidDataException">A picture is broken.</exception>
    public int[] Name(FaceFolder folder, IReadOnlyList<LabelledFace> faces, CancellationToken stop)
    {
        using var noGrad = no_grad();
        var named = new List<int>();
        foreach (var some in Cut(folder, faces, 1, stop).Select(variants => variants[0]).Chunk(Batch))
        {
            stop.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var said = _network.Forward(PictureTensors.Stack(some)).ToArray<float>();
            named.AddRange(said.Chunk(Styles.Count).Select(row => Array.IndexOf(row, row.Max())));
        }
        return [.. named];
    }

    public void Dispose() => _network.Dispose();

    /// <summary>Every face in as many variants, the first as it is.</summary>
    private static SamplePart[][] Cut(
        FaceFolder folder, IReadOnlyList<LabelledFace> faces, int variants, CancellationToken stop)
    {
        return ParallelMap.Select([.. faces.Index()], Of, stop: stop);

        SamplePart[] Of((int Index, LabelledFace Face) face)
        {
            var picture = folder.LoadPicture(face.Face);
            return [.. Framing.CutAll(picture, face.Face, face.Index, variants)
                .Select(v => PicturePlanes.Of(v.Picture))];
        }
    }
}

/// <summary>Four convolutions that halve the picture, the mean of each channel, a linear layer.</summary>
internal sealed class StyleNetwork : LayeredNetwork
{
    private static readonly int[] Channels = [32, 64, 96, 128];

    private readonly int _styles;

    public StyleNetwork(int styles, Random random)
    {
        _styles = styles;
        Build(() => Forward(zeros(1, 3, 16, 16)));
        WeightInitialisation.HeNormal(this, random);
    }

    internal override Layers Layers => new(this, Groups: 8);

    /// <summary>(N, 3, S, S) in [-1, 1] to the logarithm of each style's probability, (N, styles).</summary>
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        foreach (var (i, channels) in Channels.Index())
            x = Layers.GroupNorm(Layers.Conv(x, $"conv{i}", channels, stride: 2), $"norm{i}").relu();
        return Layers.Linear(x.mean([2, 3]), "out", _styles).log_softmax(-1).MoveToOuterDisposeScope();
    }
}

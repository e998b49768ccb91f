using Mdfld.Training;

namespace Mdfld.Generation;

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

    /// <summary>What it tells apart.</summary>
    public IReadOnlyList<string> Styles { get; }

    /// <summary>Learns from faces of two or more styles. The same faces and seed give the same classifier.</summary>
    /// <param name="folder">The folder, for messages and pictures.</param>
    /// <param name="faces">Some of its faces; those without a style are left out.</param>
    /// <param name="epochs">How often each is seen.</param>
    /// <param name="seed">Decides on first weights and order.</param>
    /// <param name="progress">Is told the epoch and its mean loss.</param>
    /// <param name="stop">Ends it between two steps.</param>
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
            using var optimiser = new NamedOptimiser(network, new OptimiserSettings { LearningRate = Rate, WeightDecay = 0.01 });
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
                var wanted = new float[Batch * styles.Length];
                foreach (var (i, (face, _)) in chosen.Index())
                    wanted[(i * styles.Length) + labels[face]] = 1;
                var said = network.Forward(Stack([.. chosen.Select(c => samples[c.Face][c.Variant])]));
                var loss = -(said * Tensor.From<float>(wanted, Batch, styles.Length)).sum() / Batch;
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
            var said = _network.Forward(Stack(some)).ToArray<float>();
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
            var picture = Picture.Load(folder.ImagePath(face.Face));
            return [.. Framing.CutAll(picture, face.Face, face.Index, variants)
                .Select(v => PicturePlanes.Of(v.Picture))];
        }
    }

    private static Tensor Stack(SamplePart[] samples) =>
        Tensor.From<float>([.. samples.SelectMany(s => s.Data)], [samples.Length, .. samples[0].Shape]);
}

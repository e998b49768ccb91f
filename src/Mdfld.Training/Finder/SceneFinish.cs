using System.Collections.Concurrent;
using Mdfld.Training.Augmentation;
using Mdfld.Training.Augmentation.Looks;

namespace Mdfld.Training.Finder;

/// <summary>Restyles and damages whole pictures, so that faces and their surroundings are of one make.</summary>
internal sealed class SceneFinish(AugmentationOptions options, float lookProbability, int size)
{
    // A look's brush wipes out faces not much larger than it.
    private const float SmallestForLooks = 28;

    private readonly ConcurrentBag<Workspace> _idle = [];

    /// <param name="picture">size x size; changed.</param>
    /// <param name="random">All draws come from it.</param>
    /// <param name="smallest">Longer side of the smallest face in it, pixels.</param>
    public void Apply(Picture picture, Random random, float smallest)
    {
        if (!_idle.TryTake(out var workspace))
            workspace = new Workspace(new Canvas(size), new BlockCompression());
        var (canvas, compression) = workspace;
        canvas.CopyFrom(picture);
        if (smallest >= SmallestForLooks && random.Chance(lookProbability))
            LookTable.Draw(canvas, random, options.TwoLooksProbability);
        if (random.Chance(0.6f))
            Degradation.Tone(canvas, random, 0.7f * options.ToneAmount);
        if (random.Chance(0.1f))
            Degradation.Blur(canvas, random, 1.2f);
        if (random.Chance(0.15f))
            Degradation.Noise(canvas, random, 0.6f * options.NoiseMaximum);
        if (random.Chance(0.1f))
            compression.Apply(canvas, random.Uniform(10, 40));
        canvas.CopyTo(picture);
        _idle.Add(workspace);
    }

    private sealed record Workspace(Canvas Canvas, BlockCompression Compression);
}

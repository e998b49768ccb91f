using System.Numerics;
using Mdfld.Training.Augmentation.Looks;

namespace Mdfld.Training.Augmentation;

/// <summary>The buffers of one thread at work, and the order of things.</summary>
internal sealed class AugmentationWorkspace
{
    private readonly AugmentationOptions _options;
    private readonly GeometryPlan _plan;
    private readonly PictureSampler _sampler;
    private readonly Canvas _canvas;
    private readonly ContourDrawing _drawing;
    private readonly DrawnFace? _face;
    private readonly BlockCompression _compression = new();

    public AugmentationWorkspace(AugmentationOptions options, LandmarkScheme scheme, int size)
    {
        _options = options;
        _plan = new GeometryPlan(options, scheme, size);
        _sampler = new PictureSampler(size);
        _canvas = new Canvas(size);
        _drawing = new ContourDrawing(scheme, _canvas);
        _face = scheme.Count == 68 ? new DrawnFace(_canvas) : null;
    }

    /// <summary>See <see cref="Augmenter.Apply"/>.</summary>
    public bool Apply(
        Picture picture,
        IReadOnlyList<Vector2> landmarks,
        FaceCrop crop,
        Random random,
        Picture target,
        Span<Vector2> targetLandmarks)
    {
        var plain = random.Chance(_options.PlainProbability);
        _plan.Draw(random, landmarks, crop, plain, targetLandmarks);
        var border = Happens(random, _options.BorderProbability) ? BorderFill.Draw(random) : default;
        var poor = !plain && Happens(random, _options.PoorCopyProbability)
            ? (PoorCopy)random.Next(1, 4)
            : PoorCopy.None;
        _sampler.Sample(picture, _plan, border, poor == PoorCopy.Nearest, _canvas);
        // What hides a face may be part of the artwork or lie upon it.
        var coverFirst = random.Chance(0.5f);
        if (coverFirst)
            Cover(random);
        var restyled = !plain && Restyle(targetLandmarks, random);
        if (!coverFirst)
            Cover(random);
        if (Happens(random, _options.ToneProbability))
            Degradation.Tone(_canvas, random, _options.ToneAmount * _options.Strength * (plain ? 0.5f : 1));
        if (!plain)
            Damage(poor, random);
        _canvas.CopyTo(target);
        return !restyled;
    }

    private bool Restyle(Span<Vector2> landmarks, Random random)
    {
        if (Happens(random, _options.LightProbability))
            Degradation.Light(_canvas, random);
        var drawn = Happens(random, _options.DrawingProbability);
        if (drawn)
        {
            if (_face is null || random.Chance(0.4f) || !_face.TryDraw(landmarks, random))
                _drawing.Draw(landmarks, random);
        }
        var look = Happens(random, _options.LookProbability);
        if (look)
            LookTable.Draw(_canvas, random, _options.TwoLooksProbability);
        return drawn || look;
    }

    private void Damage(PoorCopy poor, Random random)
    {
        if (Happens(random, _options.BlurProbability))
            Degradation.Blur(_canvas, random, _options.BlurMaximum * _canvas.Unit);
        if (poor == PoorCopy.Small)
            Degradation.LoseResolution(_canvas, random);
        if (Happens(random, _options.NoiseProbability))
            Degradation.Noise(_canvas, random, _options.NoiseMaximum);
        if (poor == PoorCopy.Compressed)
            _compression.Apply(_canvas, random.Uniform(12, 60));
    }

    private void Cover(Random random)
    {
        var probability = _options.Strength * _options.CoverProbability;
        for (var n = 0; n < 3 && random.Chance(probability); n++, probability /= 2)
            Covers.Draw(_canvas, random, _options.CoverMaximum);
    }

    private bool Happens(Random random, float probability) => random.Chance(_options.Strength * probability);

    private enum PoorCopy
    {
        None,
        Nearest,
        Small,
        Compressed,
    }
}

namespace Mdfld.Generation;

/// <summary>What a ControlNet is shown.</summary>
/// <param name="Image">(1, 3, H, W) in [0, 1], on the model's device.</param>
/// <param name="Scale">Weight of what it adds.</param>
/// <param name="GuessMode">See <see cref="PaintRequest.GuessMode"/>.</param>
internal sealed record ControlInput(Tensor Image, double Scale, bool GuessMode);

/// <summary>The UNet's prediction for one sample: led by text, by control, and away from the negative prompt.</summary>
/// <param name="model">Its networks are asked, on their device.</param>
/// <param name="text">(2, L, width) states of the negative and the positive prompt, or (1, L, width) of that.</param>
/// <param name="scale">Guidance scale, where there are two prompts.</param>
/// <param name="control">Or null.</param>
internal sealed class GuidedPrediction(DiffusionModel model, Tensor text, double scale, ControlInput? control)
{
    private readonly bool _guided = text.shape[0] == 2;

    /// <summary>Asks the networks.</summary>
    /// <param name="sample">The scaled sample.</param>
    /// <param name="shape">Its shape, (1, channels, h, w).</param>
    /// <param name="timestep">Whole or not.</param>
    /// <returns>As many numbers as the sample has.</returns>
    public float[] Predict(ReadOnlySpan<float> sample, long[] shape, double timestep)
    {
        using var scope = NewDisposeScope();
        var one = Tensor.From(sample, shape).to(text.dtype, text.device);
        var time = full([1], timestep, device: text.device);
        var both = Twice(one);
        var output = model.UNet.Forward(both, time, text, Residuals(one, both, time))
            .to(ScalarType.Float32).to(CPU).contiguous().ToArray<float>();
        if (!_guided)
            return output;
        var negative = output.AsSpan(0, sample.Length);
        var positive = output.AsSpan(sample.Length);
        var guided = new float[sample.Length];
        for (var i = 0; i < guided.Length; i++)
            guided[i] = negative[i] + ((float)scale * (positive[i] - negative[i]));
        return guided;
    }

    private ControlResiduals? Residuals(Tensor one, Tensor both, Tensor time)
    {
        if (control is null)
            return null;
        var network = model.ControlNet!;
        // A generator in training has its networks in several types.
        var type = network.ElementType;
        var (image, states) = (control.Image.to(type), text.to(type));
        if (!control.GuessMode || !_guided)
        {
            return network.Forward(both.to(type), time, states, Twice(image), control.Scale, control.GuessMode)
                .To(text.dtype);
        }
        var positive = network.Forward(
            one.to(type), time, states.slice(0, 1, 2, 1), image, control.Scale, guessMode: true).To(text.dtype);
        return new([.. positive.Down.Select(BehindNothing)], BehindNothing(positive.Mid));
    }

    private Tensor Twice(Tensor one) => _guided ? cat([one, one], 0) : one;

    /// <summary>Zeros for the negative prompt first.</summary>
    private static Tensor BehindNothing(Tensor x) => cat([zeros(x.shape, dtype: x.dtype, device: x.device), x], 0);
}

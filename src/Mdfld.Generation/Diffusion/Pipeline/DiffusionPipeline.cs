namespace Mdfld.Generation;

/// <summary>Generates pictures from prompts, and from control images and other pictures if there are.</summary>
/// <example>
/// <code>
/// using var model = DiffusionModel.Load("models/generator-small");
/// var pipeline = new DiffusionPipeline(model);
/// var control = ControlImage.Draw(landmarks, 128, 128, pipeline.Colours);
/// pipeline.Generate(new() { Prompt = "an oil portrait of a face", Control = control, Seed = 7 }).Save("face.png");
/// </code>
/// </example>
public sealed class DiffusionPipeline
{
    /// <summary>Streams of a seed: first noise, noise of the start picture's latent, noise of each step.</summary>
    private const uint StartNoise = 0, LatentNoise = 1, StepNoise = 2;

    private const double UsualGuidance = 7.5;

    private readonly DiffusionModel _model;
    private readonly Device _device;
    private readonly ScalarType _type;

    /// <summary>A pipeline that uses the caller's model on the device and in the type of its weights.</summary>
    public DiffusionPipeline(DiffusionModel model)
    {
        var weight = model.UNet.Parameters().First().Tensor;
        (_model, _device, _type) = (model, weight.device, weight.dtype);
    }

    /// <summary>What the model's ControlNet was trained to see.</summary>
    public ControlColours Colours => ControlColours.Of(_model.ControlNet?.Config);

    /// <summary>Generates one picture.</summary>
    /// <exception cref="ArgumentException">The request asks for what the model cannot do.</exception>
    /// <exception cref="InvalidOperationException">Numbers overflowed: a shorter type than the model bears.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Picture Generate(PipelineRequest request, CancellationToken cancellation = default)
    {
        var shape = LatentShape(request);
        var scheduler = SchedulerFor(request);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var noise = new SeededNoise(request.Seed);
        var (latents, kept) = StartOf(request, shape, scheduler, noise);
        var control = request.Control is not { } image ? null : new ControlInput(
            PictureTensors.Unsigned(image).to(_type, _device), request.ControlScale, request.GuessMode);
        var prediction = new GuidedPrediction(
            _model, TextOf(request), GuidanceOf(request), control, PhotoOf(request));
        if (request.Mask is not { } mask)
        {
            Denoise(scheduler, prediction, latents, shape, noise, cancellation: cancellation);
            return Decode(latents, shape);
        }
        var inpainting = new Inpainting(mask, kept, shape, noise, StartNoise);
        Denoise(
            scheduler, prediction, latents, shape, noise, (step, _, now) => inpainting.Keep(scheduler, step, now),
            cancellation);
        return inpainting.Join(request.Start!, Decode(latents, shape));
    }

    /// <summary>
    /// Runs a sampler, in place. Latents are the start, then the result; told to <paramref name="observe"/> are each
    /// step, its prediction and the latents after it.
    /// </summary>
    internal static void Denoise(
        Scheduler scheduler, GuidedPrediction prediction, float[] latents, long[] shape, SeededNoise noise,
        Action<int, float[], float[]>? observe = null, CancellationToken cancellation = default)
    {
        var (seen, fresh) = (new float[latents.Length], new float[latents.Length]);
        for (var step = 0; step < scheduler.Timesteps.Count; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            scheduler.ScaleInput(step, latents, seen);
            var predicted = prediction.Predict(seen, shape, scheduler.Timesteps[step]);
            if (scheduler.TakesNoise)
                noise.Fill(fresh, StepNoise + (uint)step);
            scheduler.Step(step, predicted, latents, fresh);
            observe?.Invoke(step, predicted, latents);
        }
    }

    /// <summary>
    /// States of the negative and the positive prompt, or only of the latter: (2 or 1, L, width). L is as long as the
    /// longer prompt's chunks; the other is filled up with empty ones.
    /// </summary>
    /// <exception cref="ArgumentException">A prompt is too long.</exception>
    public Tensor TextOf(PipelineRequest request)
    {
        using var scope = NewDisposeScope();
        string[] prompts = GuidanceOf(request) > 1 ? [request.NegativePrompt, request.Prompt] : [request.Prompt];
        var tokenizer = _model.Tokenizer;
        var chunks = Array.ConvertAll(prompts, tokenizer.EncodeChunks);
        var most = chunks.Max(c => c.Count);
        var empty = tokenizer.Encode("");
        long[] ids = [.. chunks.SelectMany(c => c.Concat(Enumerable.Repeat(empty, most - c.Count)))
            .SelectMany(chunk => chunk).Select(id => (long)id)];
        var states = _model.TextEncoder.Forward(
            Tensor.From<long>(ids, prompts.Length * most, tokenizer.Length).to(_device));
        return states.reshape(prompts.Length, most * tokenizer.Length, -1).to(_type).MoveToOuterDisposeScope();
    }

    /// <summary>A mask of ones and the photo's latent, (1, 1 + C, h, w); null for no photo.</summary>
    private Tensor? PhotoOf(PipelineRequest request)
    {
        if (request.Photo is null)
            return null;
        var autoencoder = _model.Autoencoder;
        var latent = autoencoder.Latent(
            autoencoder.Encode(PictureTensors.Signed(request.Photo).to(autoencoder.ElementType, _device))).to(_type);
        return cat([ones_like(latent.slice(1, 0, 1, 1)), latent], 1);
    }

    private double GuidanceOf(PipelineRequest request) =>
        request.GuidanceScale ?? _model.ControlNet?.Config.Guidance ?? UsualGuidance;

    internal Picture Decode(float[] latents, long[] shape)
    {
        using var scope = NewDisposeScope();
        var autoencoder = _model.Autoencoder;
        var picture = autoencoder.Decode(Tensor.From<float>(latents, shape).to(autoencoder.ElementType, _device));
        if (!picture.isfinite().all().ToBoolean())
            throw new InvalidOperationException(
                $"numbers of the picture are none; {_type} is too short for this model, load it in Float32 or BFloat16");
        return PictureTensors.ToImage(picture);
    }

    private Scheduler SchedulerFor(PipelineRequest request)
    {
        if (!(request.Strength is > 0 and <= 1))
            throw new ArgumentException($"strength is {request.Strength}, expected above 0, at most 1");
        var config = _model.Scheduler;
        var taken = Math.Max(1, (int)(request.Steps * request.Strength));
        return Schedulers.Create(
            request.Sampler ?? Schedulers.NameOf(config), config, request.Steps,
            request.Start is null ? 0 : request.Steps - taken, request.Eta);
    }

    /// <summary>The latents that a run starts from, and those of the start picture, if any, without noise.</summary>
    private (float[] Noisy, float[] Clean) StartOf(
        PipelineRequest request, long[] shape, Scheduler scheduler, SeededNoise noise)
    {
        var latents = new float[shape[1] * shape[2] * shape[3]];
        noise.Fill(latents, StartNoise);
        if (request.Start is null)
        {
            Floats.Sum(scheduler.InitialNoiseSigma, latents, 0, latents, latents);
            return (latents, []);
        }
        var ofLatents = new float[latents.Length];
        noise.Fill(ofLatents, LatentNoise);
        var autoencoder = _model.Autoencoder;
        var moments = autoencoder.Encode(PictureTensors.Signed(request.Start).to(autoencoder.ElementType, _device));
        var start = autoencoder.Latent(moments, Tensor.From<float>(ofLatents, shape).to(_type, _device))
            .to(ScalarType.Float32).ToArray<float>();
        scheduler.AddNoise(start, latents, latents);
        return (latents, start);
    }

    /// <summary>The shape of the request's latents, (1, channels, h, w), once the request is checked.</summary>
    private long[] LatentShape(PipelineRequest request)
    {
        const int Longest = 4096;
        var (config, given) = (_model.Autoencoder.Config, request.Start ?? request.Control ?? request.Photo);
        var (reduction, own) = (config.Reduction, _model.UNet.Config.SampleSize * config.Reduction);
        var width = request.Width ?? given?.Width ?? own
            ?? throw new ArgumentException("the model names no size: give width");
        var height = request.Height ?? given?.Height ?? own
            ?? throw new ArgumentException("the model names no size: give height");
        if (!Fits(width) || !Fits(height))
            throw new ArgumentException(
                $"a picture of {width} x {height}, expected multiples of {_model.Reduction} up to {Longest}");
        if (request.Mask is not null && request.Start is null)
            throw new ArgumentException("a mask, but no start image that it is for");
        foreach (var (name, image) in ((string, Picture?)[])[
            ("start", request.Start), ("control", request.Control), ("mask", request.Mask), ("photo", request.Photo)])
        {
            if (image is not null && (image.Width, image.Height) != (width, height))
                throw new ArgumentException(
                    $"the {name} image is {image.Width} x {image.Height}, expected {width} x {height}");
        }
        if (request.Control is not null && _model.ControlNet is null)
            throw new ArgumentException("a control image, but the model has no ControlNet");
        if (request.Photo is not null && !_model.UNet.Config.PhotoCondition)
            throw new ArgumentException("a photo, but the UNet of the model reads none");
        var guidance = GuidanceOf(request);
        if (!double.IsFinite(guidance) || !double.IsFinite(request.ControlScale))
            throw new ArgumentException(
                $"guidance scale {guidance}, control scale {request.ControlScale}: expected numbers");
        return [1, config.LatentChannels, height / reduction, width / reduction];

        bool Fits(int side) => side > 0 && side <= Longest && side % _model.Reduction == 0;
    }
}

/// <summary>What a ControlNet is shown.</summary>
/// <param name="Image">(1, 3, H, W) in [0, 1], on the model's device.</param>
/// <param name="GuessMode">See <see cref="PipelineRequest.GuessMode"/>.</param>
internal sealed record ControlInput(Tensor Image, double Scale, bool GuessMode);

/// <summary>The UNet's prediction for one sample: led by text, by control, and away from the negative prompt.</summary>
/// <param name="model">The networks, used on their device.</param>
/// <param name="text">(2, L, width) states of the negative and the positive prompt, or (1, L, width) of that.</param>
/// <param name="scale">Guidance scale, where there are two prompts.</param>
/// <param name="photo">(1, 1 + channels, h, w), see <see cref="UNet.Input"/>; null for none.</param>
internal sealed class GuidedPrediction(
    DiffusionModel model, Tensor text, double scale, ControlInput? control, Tensor? photo = null)
{
    private readonly bool _guided = text.shape[0] == 2;

    /// <summary>The prediction for a scaled sample of the shape (1, channels, h, w): as many numbers.</summary>
    /// <returns>As many numbers as the sample has.</returns>
    public float[] Predict(ReadOnlySpan<float> sample, long[] shape, double timestep)
    {
        using var scope = NewDisposeScope();
        var one = model.UNet.Input(Tensor.From(sample, shape).to(text.dtype, text.device), photo);
        var time = full([1], timestep, device: text.device);
        var both = Twice(one);
        var output = model.UNet.Forward(both, time, text, Residuals(one, both, time))
            .to(ScalarType.Float32).ToArray<float>();
        if (!_guided)
            return output;
        var count = sample.Length;
        for (var i = 0; i < count; i++)
            output[i] += (float)scale * (output[count + i] - output[i]);
        return output[..count];
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
        return new([.. positive.Down.Select(WithZerosFirst)], WithZerosFirst(positive.Mid));
    }

    private Tensor Twice(Tensor one) => _guided ? cat([one, one], 0) : one;

    private static Tensor WithZerosFirst(Tensor x) => cat([zeros(x.shape, dtype: x.dtype, device: x.device), x], 0);
}

using System.Text.Json;

namespace Mdfld.Generation;

/// <summary>
/// Teaches networks of a model to predict noise. Which of them: the UNet and its text encoder (base), both and the
/// ControlNet (joint), the ControlNet (stage 1), or what the recipe of stage 2 names; the others are frozen.
/// </summary>
internal sealed class DiffusionTask : TrainingTask
{
    private readonly GeneratorRecipe _recipe;
    private readonly bool _isNewControlNet;
    private readonly ScalarType? _computeType;
    private readonly LowRankChanges? _lowRank;
    private readonly FeatureAlignment? _alignment;
    private TrainedPart _network;

    /// <summary>It owns the model.</summary>
    /// <param name="detected">Channels of a detector's features that the UNet's are aligned with; null for none.</param>
    public DiffusionTask(GeneratorRecipe recipe, DiffusionModel model, long? detected = null)
    {
        (_recipe, Model) = (recipe, model);
        _computeType = Devices.Parse(recipe.Device).ComputeType(recipe.Precision);
        if (recipe.Stage != "base" && model.ControlNet is null)
        {
            _isNewControlNet = true;
            var config = ControlNetConfig.For(model.UNet.Config, recipe.ControlChannels) with
            {
                Guidance = recipe.Guidance,
                ConditioningPatchSize = recipe.ControlPatch == 1 ? null : recipe.ControlPatch,
                Other = new Dictionary<string, JsonElement>
                {
                    [ControlColours.ConfigKey] = JsonSerializer.SerializeToElement(recipe.ControlColours),
                },
            };
            Model = new DiffusionModel(
                model.Tokenizer, model.TextEncoder, model.UNet, model.Autoencoder, model.Scheduler,
                new ControlNet(config));
        }
        if (Trains(GeneratorParts.Lora))
            _lowRank = new LowRankChanges(model.UNet, recipe.Lora.Rank, recipe.Lora.Alpha);
        if (detected is { } channels)
        {
            var widths = model.UNet.Config.BlockOutChannels;
            _alignment = new FeatureAlignment(widths[Math.Min(1, widths.Count - 1)], channels);
        }
        _network = new TrainedPart(Networks, Trained());
    }

    public DiffusionModel Model { get; }

    public override TrainedPart Network => _network;

    /// <summary>Whether a sample's text is token ids, for an encoder that learns, rather than its states.</summary>
    public bool ReadsIds => _recipe.Stage is "base" or GeneratorRecipe.JointStage;

    private IEnumerable<Module> Networks => new Module?[]
    {
        Model.UNet, Model.TextEncoder, Model.Autoencoder, Model.ControlNet, _alignment,
    }.OfType<Module>();

    /// <inheritdoc/>
    public override bool MayBeAdded(string name) => LatentEncoder.IsAddition(name[(name.IndexOf('.') + 1)..]);

    public override void Initialise(Random random)
    {
        // What is trained from the model's own weights has them already.
        if (_isNewControlNet)
            Model.ControlNet!.CopyFrom(Model.UNet, random);
        _lowRank?.Initialise(random);
        _alignment?.Initialise(random);
    }

    /// <inheritdoc/>
    /// <param name="batch">Noisy latents, target, timestep, weight, text; with a ControlNet the control image.</param>
    public override Tensor Loss(IReadOnlyList<Tensor> batch)
    {
        // Here alone: the pictures of the sheets are painted in 32 bits.
        foreach (var network in Networks)
            network.ComputeType = _computeType;
        try
        {
            return _recipe.Joint is null ? StageLoss(batch) : JointLoss(batch);
        }
        finally
        {
            foreach (var network in Networks)
                network.ComputeType = null;
        }
    }

    private Tensor StageLoss(IReadOnlyList<Tensor> batch)
    {
        var (noisy, target, timesteps, weights, text) = (batch[0], batch[1], batch[2].reshape(-1), batch[3], batch[4]);
        if (ReadsIds)
            text = Model.TextEncoder.Forward(text.to(ScalarType.Int64));
        var control = Model.ControlNet?.Forward(noisy, timesteps, text, batch[5]);
        var type = Model.UNet.ElementType;
        var prediction = Model.UNet.Forward(noisy.to(type), timesteps, text.to(type), control?.To(type));
        return DiffusionLoss.Mean(prediction.to(ScalarType.Float32), target, weights);
    }

    /// <param name="batch">
    /// Noisy latents, target, timestep, weight of each pixel, token ids, control image, whether that counts; where the UNet
    /// reads one the photo; where they are aligned the detector's features.
    /// </param>
    private Tensor JointLoss(IReadOnlyList<Tensor> batch)
    {
        var (noisy, target, timesteps, weights) = (batch[0], batch[1], batch[2].reshape(-1), batch[3]);
        var text = Model.TextEncoder.Forward(batch[4].to(ScalarType.Int64));
        var sample = Model.UNet.Input(noisy, Model.UNet.Config.PhotoCondition ? batch[7] : null);
        var (residuals, counts) = (Model.ControlNet!.Forward(sample, timesteps, text, batch[5]), batch[6].reshape(-1, 1, 1, 1));
        var control = new ControlResiduals([.. residuals.Down.Select(d => d * counts)], residuals.Mid * counts);
        var (prediction, features) = Model.UNet.ForwardWithFeatures(sample, timesteps, text, control);
        var loss = ((prediction.to(ScalarType.Float32) - target).square() * weights).mean();
        return _alignment is null ? loss
            : loss + (_alignment.Distance(features.to(ScalarType.Float32), batch[^1]) * _recipe.Joint!.FeatureWeight);
    }

    public override void To(Device device)
    {
        var frozen = _recipe.Precision == TrainingPrecision.Bfloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        foreach (var network in Networks)
            network.To(device, network.Parameters().Any(p => p.Tensor.requires_grad) ? null : frozen);
        _lowRank?.To(device);
        // The tensors on another device are others.
        _network = new TrainedPart(Networks, Trained());
    }

    /// <summary>Makes one model of the trained weights: a low-rank change is saved in a file and merged.</summary>
    public void Finish(string lowRankFile)
    {
        if (_lowRank is null)
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(lowRankFile)!);
        _lowRank.Save(lowRankFile);
        _lowRank.Merge();
    }

    protected override void Release()
    {
        Network.Dispose();
        Model.Dispose();
        _alignment?.Dispose();
    }

    private bool Trains(string part) => _recipe.Stage == "2" && _recipe.Train.Contains(part);

    private IEnumerable<(string Name, Tensor Tensor)> Trained()
    {
        if (_recipe.Stage == "base")
            return TrainedPart.Of("unet", Model.UNet).Concat(TrainedPart.Of("text_encoder", Model.TextEncoder));
        if (_recipe.Joint is not null)
        {
            return TrainedPart.Of("unet", Model.UNet).Concat(TrainedPart.Of("text_encoder", Model.TextEncoder))
                .Concat(TrainedPart.Of("controlnet", Model.ControlNet!))
                .Concat(_alignment is null ? [] : TrainedPart.Of("alignment", _alignment));
        }
        var control = _recipe.Stage == "1" || Trains(GeneratorParts.ControlNet)
            ? TrainedPart.Of("controlnet", Model.ControlNet!) : [];
        var unet = TrainedPart.Of("unet", Model.UNet).Where(p => Trains(GeneratorParts.UNet)
            || (Trains(GeneratorParts.CrossAttention) && p.Name.Contains(".attn2.", StringComparison.Ordinal)));
        return control.Concat(unet).Concat(_lowRank is null ? [] : TrainedPart.Of("unet", _lowRank));
    }
}

/// <summary>
/// The mean squared error of what the network predicts, each sample weighted by min-SNR (Hang et al. 2023), so that the
/// easy steps of little noise do not outvote the others. Above <paramref name="gamma"/> a ratio counts no more; null
/// weighs every sample the same.
/// </summary>
internal sealed class DiffusionLoss(NoiseSchedule schedule, double? gamma)
{
    /// <summary>
    /// A sample's weight at its timestep: min(snr, gamma) / snr where noise is predicted, min(snr, gamma) / (snr + 1)
    /// where velocity is; both weigh the error of the clean latents by min(snr, gamma). Where those are predicted it is
    /// min(snr, gamma) + 1: the error of the velocity up to gamma, pure noise included.
    /// </summary>
    public double Weight(int timestep)
    {
        if (gamma is not { } most)
            return 1;
        var snr = schedule.SignalToNoise(timestep);
        return schedule.Prediction switch
        {
            PredictionType.Epsilon => Math.Min(snr, most) / snr,
            PredictionType.Velocity => Math.Min(snr, most) / (snr + 1),
            _ => Math.Min(snr, most) + 1,
        };
    }

    /// <summary>What the network is to predict of noisy latents.</summary>
    public void Target(ReadOnlySpan<float> latents, ReadOnlySpan<float> noise, int timestep, Span<float> target)
    {
        if (schedule.Prediction == PredictionType.Velocity)
            schedule.Velocity(latents, noise, timestep, target);
        else
            (schedule.Prediction == PredictionType.Epsilon ? noise : latents).CopyTo(target);
    }

    /// <summary>Mean of weight times squared error: (N, C, h, w) twice, and (N) or (N, 1).</summary>
    public static Tensor Mean(Tensor prediction, Tensor target, Tensor weights)
    {
        var difference = prediction - target;
        return ((difference * difference).mean([1, 2, 3]) * weights.reshape(-1)).mean();
    }
}

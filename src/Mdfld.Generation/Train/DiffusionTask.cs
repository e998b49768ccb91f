using System.Text.Json;
using Mdfld.Training;

namespace Mdfld.Generation;

/// <summary>
/// Teaches networks of a model to predict noise. Which of them: the UNet and its text encoder (base), the ControlNet
/// (stage 1), or what the recipe of stage 2 names; the others are frozen.
/// </summary>
internal sealed class DiffusionTask : TrainingTask
{
    private readonly GeneratorRecipe _recipe;
    private readonly bool _fresh;
    private readonly LowRankUNet? _lowRank;
    private TrainedPart _network;

    /// <param name="recipe">What is trained.</param>
    /// <param name="model">The networks; owned from now on.</param>
    public DiffusionTask(GeneratorRecipe recipe, DiffusionModel model)
    {
        (_recipe, Model) = (recipe, model);
        if (recipe.Stage != "base" && model.ControlNet is null)
        {
            _fresh = true;
            Model = new DiffusionModel(
                model.Tokenizer, model.TextEncoder, model.UNet, model.Autoencoder, model.Scheduler,
                new ControlNet(ControlNetConfig.For(model.UNet.Config, recipe.ControlChannels) with
                {
                    Guidance = recipe.Guidance,
                    Other = new Dictionary<string, JsonElement>
                    {
                        [ControlColours.ConfigKey] = JsonSerializer.SerializeToElement(recipe.ControlColours),
                    },
                }));
        }
        if (Trains(GeneratorParts.Lora))
            _lowRank = new LowRankUNet(model.UNet, recipe.Lora);
        _network = new TrainedPart(Networks, Trained());
    }

    /// <summary>All networks, trained or not.</summary>
    public DiffusionModel Model { get; }

    /// <inheritdoc/>
    public override TrainedPart Network => _network;

    /// <summary>Whether a sample's text is token ids, for an encoder that learns, rather than its states.</summary>
    public bool ReadsIds => _recipe.Stage == "base";

    /// <inheritdoc/>
    public override void Initialise(Random random)
    {
        // What is trained from the model's own weights has them already.
        if (_fresh)
        {
            using var fresh = ControlNet.From(Model.UNet, random, _recipe.ControlChannels);
            var weights = fresh.StateDict().ToDictionary(t => t.Name, t => t.Tensor);
            using var noGrad = no_grad();
            foreach (var (name, own) in Model.ControlNet!.StateDict())
                own.copy_(weights[name]);
        }
        _lowRank?.Initialise(random);
    }

    /// <inheritdoc/>
    /// <param name="batch">Noisy latents, target, timestep, weight, text; with a ControlNet the control image.</param>
    public override Tensor Loss(IReadOnlyList<Tensor> batch)
    {
        var (noisy, target, timesteps, weights, text) = (batch[0], batch[1], batch[2].reshape(-1), batch[3], batch[4]);
        if (ReadsIds)
            text = Model.TextEncoder.Forward(text.to(ScalarType.Int64));
        var control = Model.ControlNet?.Forward(noisy, timesteps, text, batch[5]);
        var type = Model.UNet.ElementType;
        var prediction = Model.UNet.Forward(noisy.to(type), timesteps, text.to(type), control?.To(type));
        return DiffusionLoss.Mean(prediction.to(ScalarType.Float32), target, weights);
    }

    /// <inheritdoc/>
    public override void To(Device device)
    {
        var frozen = _recipe.Precision == FrozenPrecision.Bfloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        foreach (var network in Networks)
            network.To(device, network.Parameters().Any(p => p.Tensor.requires_grad) ? null : frozen);
        _lowRank?.To(device);
        // Tensors on another device are others.
        _network = new TrainedPart(Networks, Trained());
    }

    /// <summary>
    /// Makes of the trained weights one model; a low-rank change is saved in a folder beside, and merged.
    /// </summary>
    /// <param name="lowRankFile">Where a low-rank change goes.</param>
    public void Finish(string lowRankFile)
    {
        if (_lowRank is null)
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(lowRankFile)!);
        _lowRank.Save(lowRankFile);
        _lowRank.Merge();
    }

    /// <inheritdoc/>
    protected override void Release()
    {
        Network.Dispose();
        Model.Dispose();
    }

    private IEnumerable<Module> Networks =>
        new Module?[] { Model.UNet, Model.TextEncoder, Model.Autoencoder, Model.ControlNet }.OfType<Module>();

    private bool Trains(string part) => _recipe.Stage == "2" && _recipe.Train.Contains(part);

    private IEnumerable<(string Name, Tensor Tensor)> Trained()
    {
        if (_recipe.Stage == "base")
            return TrainedPart.Of("unet", Model.UNet).Concat(TrainedPart.Of("text_encoder", Model.TextEncoder));
        var control = _recipe.Stage == "1" || Trains(GeneratorParts.ControlNet)
            ? TrainedPart.Of("controlnet", Model.ControlNet!) : [];
        var unet = TrainedPart.Of("unet", Model.UNet).Where(p => Trains(GeneratorParts.UNet)
            || (Trains(GeneratorParts.CrossAttention) && p.Name.Contains(".attn2.", StringComparison.Ordinal)));
        return control.Concat(unet).Concat(_lowRank?.Parameters() ?? []);
    }
}

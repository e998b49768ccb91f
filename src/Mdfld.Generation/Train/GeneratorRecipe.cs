namespace Mdfld.Generation;

/// <summary>One stage of a generator's training, as a YAML file in <c>recipes/</c> describes it.</summary>
public sealed record GeneratorRecipe : IRecipe
{
    private const string AutoencoderStage = "autoencoder";

    internal const string JointStage = "joint";

    private static readonly string[] Stages = [AutoencoderStage, "base", JointStage, "1", "2"];

    /// <summary>The run's name; it is kept in <c>runs/NAME</c> unless told otherwise.</summary>
    public required string Name { get; init; }

    public required string Stage { get; init; }

    /// <summary>
    /// Stages 1 and 2: the diffusers model folder to start from; stages base and joint: an autoencoder's folder; stage joint also a
    /// finished model's of the same design, whose weights are gone on from; stage autoencoder: a finished one's, whose
    /// decoder alone learns on, so that what was made of its latents stays true.
    /// </summary>
    public string? Model { get; init; }

    /// <summary>Seed of the first weights, of the order of faces and of all noise.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Side of the pictures, pixels.</summary>
    public int Size { get; init; } = 128;

    /// <summary>Side of the square that is cut out / longest side of the tight landmark box.</summary>
    public float CropFactor { get; init; } = 1.5f;

    /// <summary>Largest change of that side, and largest shift, as a share of it.</summary>
    public float CropJitter { get; init; } = 0.08f;

    /// <summary>Ways in which each face is shown, every second one mirrored; their latents are kept on disk.</summary>
    public int Variants { get; init; } = 4;

    public required IReadOnlyList<GeneratorData> Data { get; init; }

    /// <summary>Folders of faces to measure the loss on; nothing is learnt from them.</summary>
    public IReadOnlyList<GeneratorData> Validation { get; init; } = [];

    /// <summary>Faces of each of those that are measured.</summary>
    public int ValidationFaces { get; init; } = 64;

    /// <summary>Prompts of each style beside its caption, their words drawn once.</summary>
    public int PromptsPerStyle { get; init; } = 12;

    /// <summary>Share of samples that are shown without their prompt, for classifier-free guidance.</summary>
    public double PromptDropout { get; init; } = 0.1;

    /// <summary>Largest signal-to-noise ratio that counts in the loss (min-SNR); 0: all weights are 1.</summary>
    public double Gamma { get; init; } = 5;

    /// <summary>Stage 2: what is trained, of controlnet, cross-attention, lora. Stage 1: controlnet.</summary>
    public IReadOnlyList<string> Train { get; init; } = [GeneratorParts.ControlNet];

    /// <summary>Stage 2 with lora: the low-rank change of the UNet's attention.</summary>
    public LowRankRecipe Lora { get; init; } = new();

    /// <summary>Stages joint and 1: channels in which the control image shrinks to the latent's size, one for each level of the
    /// autoencoder, and one more for each halving by the UNet's patch.</summary>
    public IReadOnlyList<int> ControlChannels { get; init; } = [16, 32, 96, 256];

    /// <summary>Side of the squares of the control image that are folded into channels before that.</summary>
    public int ControlPatch { get; init; } = 1;

    /// <summary>Colours of the control image: mdfld68 or mediapipe-face.</summary>
    public string ControlColours { get; init; } = "mdfld68";

    /// <summary>Guidance scale of the finished model, in place of the styles' own; null leaves it to them.</summary>
    public double? Guidance { get; init; }

    /// <summary>Pictures of the sheet at every validation; 0 for none.</summary>
    public int Samples { get; init; } = 8;

    /// <summary>Where latents and text states are kept; not given: <c>cache/</c> in the run's folder.</summary>
    public string? Cache { get; init; }

    public string Device { get; init; } = "cpu";

    /// <summary>
    /// Type of the networks that are not trained, and, where the device has it, the type that trained ones compute in.
    /// </summary>
    public TrainingPrecision Precision { get; init; }

    /// <summary>Copies of the networks that share a batch, one thread each.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Threads inside the operators of a replica; not given: the cores, shared by the replicas.</summary>
    public int? Threads { get; init; }

    /// <summary>Stages base and joint: their networks.</summary>
    public GeneratorDesign? Design { get; init; }

    /// <summary>Stage joint: what is its own.</summary>
    public JointRecipe? Joint { get; init; }

    /// <summary>Stage autoencoder: what is trained.</summary>
    public AutoencoderRun? Autoencoder { get; init; }

    /// <summary>All other stages.</summary>
    public GeneratorRun? Diffusion { get; init; }

    /// <inheritdoc/>
    public string? Fault()
    {
        if (!Stages.Contains(Stage))
            return $"a stage '{Stage}'; expected {string.Join(", ", Stages[..^1])} or {Stages[^1]}";
        if (Data is not { Count: > 0 } || Data.Any(d => string.IsNullOrEmpty(d?.Name) || d.Repeat < 1))
            return "'data' is empty, or a folder in it has no name or a 'repeat' below 1";
        if (Data.FirstOrDefault(d => d.Draw is < 0 or > 100_000) is { } drawn)
            return $"'{drawn.Name}' with {drawn.Draw} faces to draw; expected up to 100,000";
        if ((Joint is not null) != (Stage == JointStage))
            return Joint is null ? "stage joint needs 'joint'" : $"'joint' is of stage joint, this is {Stage}";
        if (Stage != JointStage && Data.Concat(Validation ?? []).FirstOrDefault(d => d?.Photo is not null) is { } photo)
            return $"'{photo.Name}' has a 'photo'; only stage joint learns from one";
        if (Data.FirstOrDefault(d => d.Name.TrimEnd('/').EndsWith("-val", StringComparison.Ordinal)) is { } val)
            return $"'{val.Name}' is for validation; nothing is trained on it";
        if (Validation is null || Validation.Any(d => string.IsNullOrEmpty(d?.Name)))
            return "a folder under 'validation' has no name";
        if (Size is < 16 or > 2048 || Size % 8 != 0)
            return $"pictures of {Size}; expected a multiple of 8 from 16 to 2048";
        if (CropFactor is not (>= 1 and <= 4) || CropJitter is not (>= 0 and <= 0.5f))
            return "'crop_factor' must lie between 1 and 4, 'crop_jitter' between 0 and 0.5";
        if (Variants is < 1 or > 64 || ValidationFaces < 1 || Samples is < 0 or > 64)
            return "'variants' must lie between 1 and 64, 'samples' between 0 and 64, 'validation_faces' begins at 1";
        if (PromptsPerStyle is < 0 or > 200)
            return "'prompts_per_style' must lie between 0 and 200";
        if (PromptDropout is not (>= 0 and <= 1) || !(Gamma >= 0))
            return "'prompt_dropout' must lie between 0 and 1, 'gamma' begins at 0";
        if (Guidance is { } guidance && !(guidance is >= 0 and <= 100))
            return "'guidance' must lie between 0 and 100";
        var (ours, mediaPipe) = (Generation.ControlColours.Mdfld68.Name, Generation.ControlColours.MediaPipeFace.Name);
        if (ControlColours != ours && ControlColours != mediaPipe)
            return $"control_colours '{ControlColours}'; expected {ours} or {mediaPipe}";
        if (Stage == AutoencoderStage)
        {
            return Autoencoder is not { } run || Diffusion is not null || Design is not null
                ? "stage autoencoder needs 'autoencoder', and no 'diffusion' or 'design'"
                : Model is not null && (run.Teacher is not null || run.Start is not null)
                ? "stage autoencoder: a decoder that goes on from 'model' has no 'teacher' and no 'start'"
                : Fault(AutoencoderStage, run, this) ?? run.Fault(Size);
        }
        if (Diffusion is null || Autoencoder is not null)
            return $"stage {Stage} needs 'diffusion', and no 'autoencoder'";
        return FaultOfStage() ?? Fault("diffusion", Diffusion, this);
    }

    private string? FaultOfStage()
    {
        if (string.IsNullOrEmpty(Model))
            return $"stage {Stage} needs 'model', the folder to start from";
        if (Stage == "base" || Joint is not null)
        {
            return Design is null ? $"stage {Stage} needs 'design'"
                : FaultOf(Design) ?? (Joint is null ? null : Joint.Fault() ?? FaultOfControl());
        }
        if (Design is not null)
            return $"'design' is of stage base or joint, this is {Stage}";
        if (Train is not { Count: > 0 } || !Train.All(GeneratorParts.All.Contains))
        {
            return $"'train' is [{string.Join(", ", Train ?? [])}]; "
                + $"expected some of {string.Join(", ", GeneratorParts.All)}";
        }
        if (Stage == "1" && Train is not [GeneratorParts.ControlNet])
            return "stage 1 trains the controlnet alone";
        if (Train.Count(part => part != GeneratorParts.ControlNet) > 1)
            return $"'train' is [{string.Join(", ", Train)}]; one part at most may change the UNet";
        if (Lora.Rank is < 1 or > 512 || !(Lora.Alpha > 0))
            return "'lora' must have a rank from 1 to 512 and an alpha above 0";
        return FaultOfControl();
    }

    private string? FaultOfControl() => ControlChannels is not { Count: >= 1 and <= 8 } || ControlChannels.Any(c => c < 1)
        ? "'control_channels' must be 1 to 8 numbers from 1 on"
        : ControlPatch is < 1 or > 16 ? $"a 'control_patch' of {ControlPatch}; expected 1 to 16" : null;

    private static string? FaultOf(GeneratorDesign design)
    {
        if (design.Prediction is not ("epsilon" or "velocity" or "sample"))
            return $"a prediction of '{design.Prediction}'; expected epsilon, velocity or sample";
        if (design is { ZeroSnr: true, Prediction: "epsilon" })
            return "'zero_snr' needs a prediction of velocity or sample";
        if (design.Vocabulary is < 600 or > 49408)
            return $"a vocabulary of {design.Vocabulary}; expected 600 to 49408";
        if (design.Text.Length is < 8 or > 77)
            return $"a text 'length' of {design.Text.Length}; expected 8 to 77";
        if (design.Unet.Attention.Count != design.Unet.Channels.Count)
            return "'attention' and 'channels' of the unet differ in number";
        return design.Unet.Patch is >= 1 and <= 8 ? null
            : $"a 'patch' of {design.Unet.Patch} of the unet; expected 1 to 8";
    }

    private static string? Fault(string name, GeneratorRun run, GeneratorRecipe recipe)
    {
        if (run.Steps < 1 || run.WarmUp < 0 || run.CoolDown < 0 || run.WarmUp + run.CoolDown > run.Steps)
            return $"'{name}' has {run.Steps} steps, {run.WarmUp} of warm_up and {run.CoolDown} of cool_down";
        if (run.Batch < 1 || run.Accumulate < 1 || recipe.Replicas < 1
            || run.Batch % (run.Accumulate * recipe.Replicas) != 0)
        {
            return $"'{name}': a batch of {run.Batch} cannot be shared by {recipe.Replicas} replicas "
                + $"in {run.Accumulate} parts";
        }
        return run.ValidateEvery < 1 || run.Average is not (>= 0 and < 1)
            ? $"'{name}': 'validate_every' begins at 1, 'average' lies between 0 and 1" : null;
    }
}

public sealed record GeneratorData
{
    /// <summary>Name of a folder with annotations.tsv and images/; of drawn faces, any.</summary>
    public required string Name { get; init; }

    /// <summary>Faces that are drawn once, in the styles that our drawings have, instead of read from a folder.</summary>
    public int Draw { get; init; }

    /// <summary>Times a face comes in an epoch.</summary>
    public int Repeat { get; init; } = 1;

    /// <summary>Style of its pictures; not given: each face's style column, or "photo".</summary>
    public string? Style { get; init; }

    /// <summary>
    /// Stage joint: the photo that a picture can be painted from. <c>self</c>: a moved and recoloured copy of the picture;
    /// else the folder of photos that <c>mdfld generate --engine stylize</c> made this folder of. Null: none.
    /// </summary>
    public string? Photo { get; init; }
}

/// <summary>How weights are changed, and how long.</summary>
public record GeneratorRun
{
    public required int Steps { get; init; }

    /// <summary>
    /// Weights to start from: a checkpoint of such a run, or the .safetensors of a finished autoencoder; null draws them.
    /// </summary>
    public string? Start { get; init; }

    /// <summary>Steps at the start over which the learning rate rises from 0.</summary>
    public int WarmUp { get; init; }

    /// <summary>Steps at the end over which it falls to 0.</summary>
    public int CoolDown { get; init; }

    /// <summary>Faces a step, of all processes together.</summary>
    public int Batch { get; init; } = 16;

    /// <summary>Parts of a batch that are computed one after the other, for less memory.</summary>
    public int Accumulate { get; init; } = 1;

    public OptimiserSettings Optimiser { get; init; } = new() { LearningRate = 1e-4, WeightDecay = 1e-2, Clip = 1 };

    /// <summary>Decay of the moving average of the weights, which is measured and becomes the model.</summary>
    public double Average { get; init; } = 0.999;

    /// <summary>Steps between two measurements.</summary>
    public int ValidateEvery { get; init; } = 1000;

    /// <summary>Minutes between two checkpoints.</summary>
    public double CheckpointMinutes { get; init; } = 5;

    /// <summary>As <see cref="Trainer"/> wants it.</summary>
    internal RunSettings ToSettings(GeneratorRecipe recipe, string part, string device) => new()
    {
        Name = $"{recipe.Name} ({part})",
        Seed = recipe.Seed,
        Start = Start,
        Batch = Batch,
        Accumulate = Accumulate,
        Replicas = recipe.Replicas,
        Threads = recipe.Threads,
        Device = device,
        Optimiser = Optimiser,
        Average = Average,
        Phases = [.. new Phase[]
        {
            new() { Steps = WarmUp, Rate = 0, RateEnd = 1 },
            new() { Steps = Steps - WarmUp - CoolDown },
            new() { Steps = CoolDown, RateEnd = 0 },
        }.Where(p => p.Steps > 0)],
        ValidateEvery = ValidateEvery,
        CheckpointMinutes = CheckpointMinutes,
    };
}

/// <summary>What the joint training of UNet, text encoder and ControlNet has beside a diffusion's.</summary>
public sealed record JointRecipe
{
    /// <summary>Share of samples without their control image.</summary>
    public double ControlDropout { get; init; } = 0.1;

    /// <summary>Share of samples with a photo that are shown without it.</summary>
    public double PhotoDropout { get; init; } = 0.5;

    /// <summary>How much eyes, nose and mouth count, the rest of the picture being 1.</summary>
    public double Focus { get; init; } = 3;

    /// <summary>
    /// Mean and standard deviation of the natural logarithm of noise over signal at which samples are shown: logit-normal
    /// times of flow matching (Esser et al. 2024).
    /// </summary>
    public double NoiseMean { get; init; }

    public double NoiseDeviation { get; init; } = 1;

    /// <summary>Share of samples at a uniform timestep, so that the first steps of a painting are not forgotten.</summary>
    public double UniformTimes { get; init; } = 0.1;

    /// <summary>
    /// A compact detector's checkpoint: features of the UNet are aligned with what it sees in the clean picture (REPA, Yu
    /// et al. 2024); null: none.
    /// </summary>
    public string? Features { get; init; }

    /// <summary>Weight of that alignment; 0: none.</summary>
    public double FeatureWeight { get; init; } = 0.5;

    internal string? Fault()
    {
        if (new[] { ControlDropout, PhotoDropout, UniformTimes }.Any(share => share is not (>= 0 and <= 1)))
            return "'control_dropout', 'photo_dropout' and 'uniform_times' must lie between 0 and 1";
        if (Focus is not (>= 1 and <= 100) || FeatureWeight is not (>= 0 and <= 100))
            return "'focus' must lie between 1 and 100, 'feature_weight' between 0 and 100";
        return NoiseMean is >= -10 and <= 10 && NoiseDeviation is > 0 and <= 10 ? null
            : "'noise_mean' must lie between -10 and 10, 'noise_deviation' above 0, at most 10";
    }
}

/// <summary>An autoencoder, how it is taught and how long.</summary>
public sealed record AutoencoderRun : GeneratorRun
{
    public AutoencoderDesign Design { get; init; } = new();

    /// <summary>
    /// The autoencoder whose latents the encoder learns: its folder, or the encoder's file of a TAESD; null: none.
    /// </summary>
    public string? Teacher { get; init; }

    /// <summary>The .onnx file of a ResNet-18 for <see cref="PerceptualFeatures"/>; null: none.</summary>
    public string? Features { get; init; }

    /// <summary>Weight of the squared distance to the teacher's latents beside the colours' error.</summary>
    public double LatentWeight { get; init; } = 0.2;

    /// <summary>Weight of the edges' error.</summary>
    public double EdgeWeight { get; init; } = 1;

    /// <summary>Weight of the error of the edges' strength, square by square.</summary>
    public double TextureWeight { get; init; }

    /// <summary>Weight of the features' distance.</summary>
    public double FeatureWeight { get; init; } = 0.2;

    /// <summary>What is wrong with it for pictures of this size; null when nothing is.</summary>
    internal string? Fault(int size)
    {
        if (new[] { LatentWeight, EdgeWeight, TextureWeight, FeatureWeight }.Any(w => w is not (>= 0 and < 1e6)))
            return "'latent_weight', 'edge_weight', 'texture_weight' and 'feature_weight' of the autoencoder begin at 0";
        return Design.Config.Fault() ?? (size % Design.Config.Reduction == 0 ? null
            : $"pictures of {size}; the autoencoder reduces by {Design.Config.Reduction}");
    }
}

/// <summary>A low-rank change of weights (Hu et al. 2022).</summary>
public sealed record LowRankRecipe
{
    public int Rank { get; init; } = 8;

    /// <summary>The change is multiplied by alpha / rank.</summary>
    public double Alpha { get; init; } = 8;
}

internal static class GeneratorParts
{
    public const string ControlNet = "controlnet";
    public const string CrossAttention = "cross-attention";
    public const string Lora = "lora";
    public const string UNet = "unet";

    public static IReadOnlyList<string> All { get; } = [ControlNet, CrossAttention, Lora, UNet];
}

namespace Mdfld.Generation;

/// <summary>One stage of a generator's training, as a YAML file in <c>recipes/</c> describes it.</summary>
public sealed record GeneratorRecipe : IRecipe
{
    private static readonly string[] Stages = ["base", "1", "2"];

    /// <summary>The run's name; it is kept in <c>runs/NAME</c> unless told otherwise.</summary>
    public required string Name { get; init; }

    public required string Stage { get; init; }

    /// <summary>Stages 1 and 2: the diffusers model folder to start from.</summary>
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

    /// <summary>Stage 1: channels in which the control image shrinks to the latent's size, one for each level of the
    /// autoencoder.</summary>
    public IReadOnlyList<int> ControlChannels { get; init; } = [16, 32, 96, 256];

    /// <summary>Colours of the control image: mdfld68 or mediapipe-face.</summary>
    public string ControlColours { get; init; } = "mdfld68";

    /// <summary>Guidance scale of the finished model, in place of the styles' own; null leaves it to them.</summary>
    public double? Guidance { get; init; }

    /// <summary>Pictures of the sheet at every validation; 0 for none.</summary>
    public int Samples { get; init; } = 8;

    /// <summary>Where latents and text states are kept; not given: <c>cache/</c> in the run's folder.</summary>
    public string? Cache { get; init; }

    public string Device { get; init; } = "cpu";

    /// <summary>Type of the networks that are not trained.</summary>
    public FrozenPrecision Precision { get; init; }

    /// <summary>Copies of the networks that share a batch, one thread each.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Threads inside the operators of a replica; not given: the cores, shared by the replicas.</summary>
    public int? Threads { get; init; }

    public GeneratorDesign? Design { get; init; }
    public AutoencoderRun? Autoencoder { get; init; }
    public required GeneratorRun Diffusion { get; init; }

    /// <inheritdoc/>
    public string? Fault()
    {
        if (!Stages.Contains(Stage))
            return $"a stage '{Stage}'; expected base, 1 or 2";
        if (Data is not { Count: > 0 } || Data.Any(d => string.IsNullOrEmpty(d?.Name) || d.Repeat < 1))
            return "'data' is empty, or a folder in it has no name or a 'repeat' below 1";
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
        if (Autoencoder is { Recolour: not (>= 0 and <= 1) })
            return "'recolour' of the autoencoder must lie between 0 and 1";
        return FaultOfStage()
            ?? Fault("diffusion", Diffusion, this)
            ?? (Autoencoder is { } run ? Fault("autoencoder", run, this) : null);
    }

    private string? FaultOfStage()
    {
        if (Stage == "base")
        {
            return Design is null || Autoencoder is null
                ? "stage base needs 'design' and 'autoencoder'" : FaultOf(Design);
        }
        if (string.IsNullOrEmpty(Model))
            return $"stage {Stage} needs 'model', the folder to start from";
        if (Design is not null || Autoencoder is not null)
            return $"'design' and 'autoencoder' are of stage base, this is {Stage}";
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
        return ControlChannels is not { Count: >= 1 and <= 8 } || ControlChannels.Any(c => c < 1)
            ? "'control_channels' must be 1 to 8 numbers from 1 on" : null;
    }

    private static string? FaultOf(GeneratorDesign design)
    {
        if (design.Prediction is not ("epsilon" or "velocity"))
            return $"a prediction of '{design.Prediction}'; expected epsilon or velocity";
        if (design.Vocabulary is < 600 or > 49408)
            return $"a vocabulary of {design.Vocabulary}; expected 600 to 49408";
        if (design.Text.Length is < 8 or > 77)
            return $"a text 'length' of {design.Text.Length}; expected 8 to 77";
        if (design.Unet.Attention.Count != design.Unet.Channels.Count)
            return "'attention' and 'channels' of the unet differ in number";
        return null;
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

/// <summary>Types that networks can have which are not trained.</summary>
public enum FrozenPrecision
{
    Float32,

    /// <summary>Its upper 16 bits: half the memory, and on cards that have it twice the speed.</summary>
    Bfloat16,
}

public sealed record GeneratorData
{
    /// <summary>Name of a folder with annotations.tsv and images/.</summary>
    public required string Name { get; init; }

    /// <summary>Times a face comes in an epoch.</summary>
    public int Repeat { get; init; } = 1;

    /// <summary>Style of its pictures; not given: each face's style column, or "photo".</summary>
    public string? Style { get; init; }
}

/// <summary>How weights are changed, and how long.</summary>
public record GeneratorRun
{
    public required int Steps { get; init; }

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

public sealed record AutoencoderRun : GeneratorRun
{
    /// <summary>Weight of the edges beside the colours.</summary>
    public double Edges { get; init; } = 1;

    /// <summary>Weight of the Kullback-Leibler divergence per latent number.</summary>
    public double Divergence { get; init; } = 1e-4;

    /// <summary>Share of pictures whose channels are swapped: most of what is seen is orange or blue.</summary>
    public double Recolour { get; init; }
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

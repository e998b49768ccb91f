using Mdfld.Diffusion.Control;
using Mdfld.Training;

namespace Mdfld.Diffusion;

/// <summary>Reads the recipes of generators; names are written with underscores, unknown ones are errors.</summary>
public static class GeneratorRecipeFile
{
    private static readonly string[] Stages = ["base", "1", "2"];

    /// <summary>Reads a recipe and applies changes from the command line.</summary>
    /// <param name="path">A YAML file.</param>
    /// <param name="changes">As for <see cref="RecipeFile.Read(string, IEnumerable{string}?)"/>.</param>
    /// <exception cref="InvalidDataException">The file is no such recipe; the message says where.</exception>
    /// <exception cref="ArgumentException">A change names nothing a recipe has.</exception>
    public static GeneratorRecipe Read(string path, IEnumerable<string>? changes = null)
    {
        var recipe = RecipeFile.Read<GeneratorRecipe>(path, changes, b => b
                .WithTypeMapping<IReadOnlyList<GeneratorData>, List<GeneratorData>>()
                .WithTypeMapping<IReadOnlyList<int>, List<int>>()
                .WithTypeMapping<IReadOnlyList<bool>, List<bool>>())
            ?? throw new InvalidDataException($"{path}: an empty recipe");
        return Fault(recipe) is { } fault ? throw new InvalidDataException($"{path}: {fault}") : recipe;
    }

    private static string? Fault(GeneratorRecipe recipe)
    {
        if (!Stages.Contains(recipe.Stage))
            return $"a stage '{recipe.Stage}'; expected base, 1 or 2";
        if (recipe.Data is not { Count: > 0 } || recipe.Data.Any(d => string.IsNullOrEmpty(d?.Name) || d.Repeat < 1))
            return "'data' is empty, or a folder in it has no name or a 'repeat' below 1";
        if (recipe.Data.FirstOrDefault(d => d.Name.TrimEnd('/').EndsWith("-val", StringComparison.Ordinal)) is { } val)
            return $"'{val.Name}' is for validation; nothing is trained on it";
        if (recipe.Validation is null || recipe.Validation.Any(d => string.IsNullOrEmpty(d?.Name)))
            return "a folder under 'validation' has no name";
        if (recipe.Size is < 16 or > 2048 || recipe.Size % 8 != 0)
            return $"pictures of {recipe.Size}; expected a multiple of 8 from 16 to 2048";
        if (recipe.CropFactor is not (>= 1 and <= 4) || recipe.CropJitter is not (>= 0 and <= 0.5f))
            return "'crop_factor' must lie between 1 and 4, 'crop_jitter' between 0 and 0.5";
        if (recipe.Variants is < 1 or > 64 || recipe.ValidationFaces < 1 || recipe.Samples is < 0 or > 64)
            return "'variants' must lie between 1 and 64, 'samples' between 0 and 64, 'validation_faces' begins at 1";
        if (recipe.PromptsPerStyle is < 0 or > 200)
            return "'prompts_per_style' must lie between 0 and 200";
        if (recipe.PromptDropout is not (>= 0 and <= 1) || !(recipe.Gamma >= 0))
            return "'prompt_dropout' must lie between 0 and 1, 'gamma' begins at 0";
        if (recipe.Guidance is { } guidance && !(guidance is >= 0 and <= 100))
            return "'guidance' must lie between 0 and 100";
        var (ours, mediaPipe) = (ControlColours.Mdfld68.Name, ControlColours.MediaPipeFace.Name);
        if (recipe.ControlColours != ours && recipe.ControlColours != mediaPipe)
            return $"control_colours '{recipe.ControlColours}'; expected {ours} or {mediaPipe}";
        if (recipe.Autoencoder is { Recolour: not (>= 0 and <= 1) })
            return "'recolour' of the autoencoder must lie between 0 and 1";
        return FaultOfStage(recipe)
            ?? Fault("diffusion", recipe.Diffusion, recipe)
            ?? (recipe.Autoencoder is { } run ? Fault("autoencoder", run, recipe) : null);
    }

    private static string? FaultOfStage(GeneratorRecipe recipe)
    {
        if (recipe.Stage == "base")
        {
            return recipe.Design is null || recipe.Autoencoder is null
                ? "stage base needs 'design' and 'autoencoder'" : FaultOf(recipe.Design);
        }
        if (string.IsNullOrEmpty(recipe.Model))
            return $"stage {recipe.Stage} needs 'model', the folder to start from";
        if (recipe.Design is not null || recipe.Autoencoder is not null)
            return $"'design' and 'autoencoder' are of stage base, this is {recipe.Stage}";
        if (recipe.Train is not { Count: > 0 } || !recipe.Train.All(GeneratorParts.All.Contains))
        {
            return $"'train' is [{string.Join(", ", recipe.Train ?? [])}]; "
                + $"expected some of {string.Join(", ", GeneratorParts.All)}";
        }
        if (recipe.Stage == "1" && recipe.Train is not [GeneratorParts.ControlNet])
            return "stage 1 trains the controlnet alone";
        if (recipe.Train.Count(part => part != GeneratorParts.ControlNet) > 1)
            return $"'train' is [{string.Join(", ", recipe.Train)}]; one part at most may change the UNet";
        if (recipe.Lora.Rank is < 1 or > 512 || !(recipe.Lora.Alpha > 0))
            return "'lora' must have a rank from 1 to 512 and an alpha above 0";
        return recipe.ControlChannels is not { Count: >= 1 and <= 8 } || recipe.ControlChannels.Any(c => c < 1)
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

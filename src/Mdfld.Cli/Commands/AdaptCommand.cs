namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld train adapt</c>: a detector fine-tuned on a few corrected faces.</summary>
internal static class AdaptCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR")
        {
            Description = "Folder of labelled faces, such as the studio's: annotations.tsv and the pictures",
        };
        var output = SharedOptions.OutOrNone(
            "FILE", "The .onnx model to write [default: DIR/.mdfld/models/adapted.onnx, which the studio offers]");
        var replay = Replay();
        var recipe = SharedOptions.Text("--recipe", "FILE", "Recipe [default: recipes/adapt.yaml]");
        var start = SharedOptions.Text("--start", "FILE", "Checkpoint to start from [default: models/compact.safetensors]");
        var set = new Option<string[]>("--set")
        {
            Description = "Changes the recipe, such as phases.1.steps=200; may be repeated",
            HelpName = "KEY=VALUE",
        };
        var share = SharedOptions.Number(
            "--share", "SHARE",
            "How much of the fine-tuned weights the model gets: more for the new faces, less for all others", 0.5, 0.0, 1.0);
        var resume = SharedOptions.Flag("--resume", "Goes on where a run was stopped");
        var force = SharedOptions.Force();
        return new Command("adapt", "Fine-tunes the detector on 20 to 200 corrected faces, in minutes.")
        {
            folder, output, replay, recipe, start, set, share, resume, force,
        }.Does((parsed, stop) =>
        {
            var path = parsed.GetRequiredValue(folder);
            if (!Directory.Exists(path))
                throw new UsageException($"{path}: no such folder");
            var model = parsed.GetValue(output) ?? Path.Combine(path, ".mdfld", "models", "adapted.onnx");
            if (Path.GetExtension(model) != ".onnx")
                throw new UsageException($"--out {model}: expected a name that ends in .onnx");
            if (File.Exists(model) && !parsed.GetValue(force))
                throw new UsageException($"--out {model}: is there already; --force replaces it");
            var settings = Settings(
                parsed.GetValue(recipe) ?? DefaultRecipe() ?? throw new UsageException("--recipe FILE is needed: this program has no recipes/adapt.yaml"),
                parsed.GetValue(start) ?? DefaultStart() ?? throw new UsageException("--start FILE is needed: this program has no models/compact.safetensors"),
                Folders(parsed, replay)) with
            {
                Changes = parsed.GetValue(set) ?? [],
                Share = parsed.GetValue(share),
            };
            var faces = UsageException.IfMissing("", () => FaceSet.Read(path));
            var run = Path.ChangeExtension(model, ".run");
            if (Directory.Exists(run) && !parsed.GetValue(resume))
                throw new UsageException($"{run} holds a run already: --resume goes on with it; or remove it");
            UsageException.IfRefused("--set ", () => RecipeFile.Read<DetectorRecipe>(settings.Recipe, settings.Changes));
            using var held = FolderLock.Take(
                Path.GetDirectoryName(Path.GetFullPath(model))!, ".mdfld-adapt", FileOptions.DeleteOnClose);
            var console = parsed.InvocationConfiguration.Output;
            var lines = new TrainingLines(Terminal.On(console), "0.000", "0.00", " %");
            var goesOn = File.Exists(Path.Combine(run, "last.safetensors"));
            var result = Adaptation.Run(settings, faces, run, model, goesOn, lines, stop);
            if (!result.Finished)
            {
                console.WriteLine($"stopped: {run}; go on with --resume");
                return ExitCode.Failed;
            }
            foreach (var error in result.Errors)
            {
                console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{error.Name}, {error.Faces} faces: NME {error.Before:0.00} % before, {error.After:0.00} % after "
                    + $"({100 * ((error.After / error.Before) - 1):+0;-0;0} %)"));
            }
            console.WriteLine($"done: {model}, learnt from {result.Learnt} faces; try it with: mdfld detect PICTURES --model {model}");
            return 0;
        });
    }

    /// <summary>Folders of faces that are to be found as well as before.</summary>
    public static Option<string[]> Replay() => new("--replay")
    {
        Description = "Folder of labelled faces that an adapted model is to find as well as before; may be repeated "
            + "[default: drawn faces]",
        HelpName = "DIR",
        DefaultValueFactory = _ => [],
    };

    /// <summary>Opens them.</summary>
    /// <exception cref="UsageException">One is missing, or a validation set.</exception>
    public static FaceFolder[] Folders(ParseResult parsed, Option<string[]> replay) =>
        parsed.GetRequiredValue(replay) is { Length: > 0 } ? TrainingData.Faces(parsed, replay) : [];

    /// <summary>Settings of an adaptation, with the calibration of the model beside the checkpoint.</summary>
    public static AdaptationSettings Settings(string recipe, string start, IReadOnlyList<FaceFolder> replay)
    {
        var calibrated = Path.ChangeExtension(start, ".onnx");
        return new AdaptationSettings(recipe, start)
        {
            Calibrated = File.Exists(calibrated) ? calibrated : null,
            Replay = replay,
        };
    }

    /// <summary>The default model's checkpoint, or null.</summary>
    public static string? DefaultStart() => ProgramFiles.Find(Path.Combine("models", "compact.safetensors"));

    /// <summary>The recipe that comes with the program, or null.</summary>
    public static string? DefaultRecipe() => ProgramFiles.Find(Path.Combine("recipes", "adapt.yaml"));
}

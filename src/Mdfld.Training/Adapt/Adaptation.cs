namespace Mdfld.Training;

/// <summary>What a detector is adapted with.</summary>
/// <param name="Recipe">
/// A recipe of a landmark detector such as <c>recipes/adapt.yaml</c>. Of its data, <c>corrected</c> and <c>replay</c>
/// are the folders that are given, and what is drawn is drawn.
/// </param>
/// <param name="Start">The checkpoint of the model that is adapted.</param>
public sealed record AdaptationSettings(string Recipe, string Start)
{
    /// <summary>The model as .onnx, for its uncertainty and confidence; null: the new one has none.</summary>
    public string? Calibrated { get; init; }

    /// <summary>Folders of faces that the model is to find as well as before.</summary>
    public IReadOnlyList<FaceFolder> Replay { get; init; } = [];

    /// <summary>How much of the fine-tuned weights goes into the model, 0 to 1; the rest is the weights it started with.</summary>
    public double Share { get; init; } = 0.5;

    /// <summary>Changes of the recipe, "key=value".</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];
}

/// <summary>Mean errors before and after, NME in %, of faces that nothing was learnt from.</summary>
/// <param name="Name">Which faces.</param>
/// <param name="Faces">How many.</param>
public sealed record AdaptationError(string Name, int Faces, double Before, double After);

/// <summary>What became of an adaptation.</summary>
/// <param name="Finished">Whether it came to its end; else it can be gone on with, and there is no model.</param>
/// <param name="Learnt">Corrected faces that were learnt from.</param>
/// <param name="Errors">
/// Of the corrected faces that were kept aside; then of faces of the replay, or drawn ones, kept aside as well.
/// </param>
public sealed record AdaptationResult(bool Finished, int Learnt, IReadOnlyList<AdaptationError> Errors);

/// <summary>
/// Fine-tunes a detector on a few corrected faces in minutes: early stages stay, half of every batch is faces that it
/// finds well already, and the model's weights are half-way between those from before and after; a fifth of the
/// corrected faces is kept aside to measure on.
/// </summary>
public static class Adaptation
{
    /// <summary>Fewer corrected faces are refused: what is learnt from them would not hold for others.</summary>
    public const int FewestFaces = 20;

    // Faces of each kind in an epoch: half and half.
    private const int Half = 500;
    private const int MostMeasured = 60;

    private const string Corrected = "corrected";
    private const string Replayed = "replay";

    /// <summary>Adapts a detector.</summary>
    /// <param name="faces">The corrected faces, 68 points.</param>
    /// <param name="run">Folder for checkpoints and logs; removed at the end.</param>
    /// <param name="model">The .onnx file to write.</param>
    /// <param name="resume">Whether to go on with what is in <paramref name="run"/>.</param>
    /// <param name="show">Is told how it goes.</param>
    /// <param name="stop">Ends it; it can be gone on with.</param>
    /// <exception cref="InvalidDataException">Too few faces, or a file is no such file.</exception>
    /// <exception cref="TorchMissingException">libtorch is not on this machine.</exception>
    public static AdaptationResult Run(
        AdaptationSettings settings, FaceSet faces, string run, string model, bool resume, ITrainingObserver show,
        CancellationToken stop)
    {
        if (faces.Faces.Count < FewestFaces)
        {
            throw new InvalidDataException(
                $"{faces.Faces.Count} labelled faces in {faces.Pictures}, {FewestFaces} are needed: correct some more");
        }
        TorchRuntime.Load();
        var recipe = RecipeFile.Read<DetectorRecipe>(settings.Recipe, settings.Changes);
        var parts = DatasetSplit.Divide(faces, [new("learnt", 0.8), new("kept aside", 0.2)], recipe.Seed);
        var (learnt, aside) = (Folder(Corrected, parts[0]), Folder("kept aside", parts[1]));
        var others = new ReplayFaces(settings.Replay, Half, MostMeasured, recipe.Seed);
        Directory.CreateDirectory(run);
        var before = Path.Combine(run, "before.onnx");
        DetectorExport.Save(settings.Start, before);
        var (replay, cropFactor) = Replay(before, others);
        recipe = recipe with
        {
            Name = Path.GetFileNameWithoutExtension(model),
            Start = settings.Start,
            Data = [.. recipe.Data.SelectMany(Source)],
            Validation = [aside.Path],
            // In another crop the points of every face would move, whatever was learnt.
            Augmentation = recipe.Augmentation with { CropFactor = cropFactor },
        };
        FaceFolder[] data = [.. recipe.Data.Where(d => d.Draw == 0)
            .Select(d => d.Name == Corrected ? learnt : others.Learnt.First(f => f.Path == d.Name))];
        var trainer = new Trainer(recipe, new DetectorJob(recipe, data, [aside]), run);
        // The last weights, not those that validated best: the faces kept aside decide nothing, so their error is true.
        if (!trainer.Run(resume, show, stop).Finished)
            return new AdaptationResult(false, learnt.Faces.Count, []);

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(model))!);
        var mean = Path.Combine(run, "mean.safetensors");
        WeightMean.Save(settings.Start, trainer.LastCheckpoint, settings.Share, mean);
        DetectorExport.Save(mean, model);
        if (settings.Calibrated is { } calibrated)
            ModelCalibration.Copy(calibrated, model);
        AdaptationError[] errors = [.. ((FaceFolder[])[aside, others.Measured]).Select(
            folder => new AdaptationError(folder.Path, folder.Faces.Count, Nme(before, folder), Nme(model, folder)))];
        Directory.Delete(run, recursive: true);
        return new AdaptationResult(true, learnt.Faces.Count, errors);

        FaceFolder Folder(string name, IReadOnlyList<LabelledFace> part) =>
            FaceFolder.Of(name, faces.Pictures, part, faces.Inside);

        IEnumerable<DataRecipe> Source(DataRecipe source) => source switch
        {
            { Name: Corrected } => [source with { Repeat = Repeats(learnt, Half) }],
            { Name: Replayed } => replay.Select(r => source with
            {
                Name = r.Folder.Path,
                LabelShift = r.Habit,
                Repeat = Repeats(r.Folder, (Half - others.Drawn) / replay.Length),
            }),
            { Draw: > 0 } => [source with { Draw = others.Drawn }],
            _ => throw new InvalidDataException(
                $"{settings.Recipe}: data '{source.Name}'; expected {Corrected}, {Replayed} and drawn faces"),
        };

        static int Repeats(FaceFolder folder, int wanted) =>
            Math.Max(1, (int)Math.Round((double)wanted / folder.Faces.Count));
    }

    /// <summary>
    /// The folders to replay, and what the model does on them by habit: mirrored copies are to keep that. And how it crops.
    /// </summary>
    private static ((FaceFolder Folder, float Habit)[] Replay, float CropFactor) Replay(string model, ReplayFaces faces)
    {
        using var detector = new LandmarkDetector(LandmarkModel.Load(model));
        return ([.. faces.Learnt.Select(folder => (folder, LabelHabit.Of(detector, folder)))], detector.Model.CropFactor);
    }

    private static double Nme(string model, FaceFolder folder)
    {
        // Boxes are given: no finder is needed.
        using var detector = new LandmarkDetector(LandmarkModel.Load(model));
        return 100 * Evaluation.Run(detector, folder).All.Mean;
    }
}

namespace Mdfld.Training.Finder;

/// <summary>Training a face finder: composed scenes, measured on scenes of validation faces.</summary>
internal sealed class FinderPlan : TrainingPlan
{
    private const int ValidationSeed = 20;

    private readonly Recipe _recipe;
    private readonly IReadOnlyList<FaceFolder> _data;
    private readonly IReadOnlyList<FaceFolder> _validation;
    private readonly string _pictures;
    private readonly string? _boxed;
    private readonly Dictionary<int, SceneComposer> _composers = [];

    /// <exception cref="DirectoryNotFoundException">A data folder is in none of the roots.</exception>
    public FinderPlan(Recipe recipe, IReadOnlyList<string> dataRoots)
    {
        _recipe = recipe;
        _data = DataFolders.Open(recipe.Data.Select(d => d.Name), dataRoots);
        _validation = DataFolders.Open(recipe.Validation, dataRoots);
        _pictures = DataFolders.Find(recipe.Finder.Pictures, dataRoots);
        _boxed = recipe.Finder.Boxed is { } boxed ? DataFolders.Find(boxed.Name, dataRoots) : null;
    }

    /// <inheritdoc/>
    public override string Measure => "wrong";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Properties => new Dictionary<string, string>
    {
        [TrainingCheckpoint.NameKey] = _recipe.Name,
        [TrainingCheckpoint.NetworkKey] = TrainingCheckpoint.NameOf(NetworkKind.Finder),
        [FinderExport.SmallestKey] = FinderExport.Text(_recipe.Finder.SmallestFace),
        [FinderExport.LargestKey] = FinderExport.Text(_recipe.Finder.LargestFace * _recipe.Phases.Max(p => p.Size)),
    };

    private LandmarkScheme Scheme => _data[0].Scheme;

    /// <inheritdoc/>
    public override FinderTask MakeTask() =>
        new(new FinderLoss { BoxWeight = _recipe.Finder.BoxWeight, PointWeight = _recipe.Finder.PointWeight });

    /// <inheritdoc/>
    public override SampleSource Load(TrainingTask task, CancellationToken stop)
    {
        var pictures = LabelledPicture.Load(_pictures, stop);
        bool IsHeld(LabelledPicture picture, int i) => i % _recipe.Finder.HoldOut == 0;
        var held = pictures.Where(IsHeld).Select(p => Path.GetFileNameWithoutExtension(p.Name)).ToHashSet();
        // A face cut from a held-out picture is named after it: NAME_1.jpg.
        var faces = FaceStore.Load(_data, SceneMaterial.FaceSize, _recipe.Augmentation.CropFactor, stop)
            .SelectMany((folder, i) => Enumerable.Repeat(
                folder.Where((_, k) => !held.Contains(PictureOf(_data[i].Faces[k]))), _recipe.Data[i].Repeat)
                .SelectMany(f => f))
            .Concat(Enumerable.Repeat(
                SceneMaterial.Drawn(_recipe.Finder.DrawnFaces, _recipe.Seed).ToArray(), _recipe.Finder.DrawnRepeat)
                .SelectMany(f => f));
        var material = new SceneMaterial(
            [.. faces], [.. pictures.Where((p, i) => !IsHeld(p, i))],
            _recipe.Finder.Boxed is { } boxed ? BoxedFace.Load(_boxed!, boxed, _recipe.Finder.HoldOut, stop) : []);
        foreach (var size in _recipe.Phases.Select(p => p.Size).Distinct())
            _composers[size] = new SceneComposer(material, _recipe.Finder, _recipe.Augmentation, Scheme, size);
        var order = new SampleOrder(1, _recipe.Seed);
        var replay = new SceneReplay(
            (number, size) => _composers[size].Compose(order.RandomAt(number)),
            _recipe.Batch, _recipe.Finder.Shows, ~_recipe.Seed);
        return (position, phase) =>
        {
            var scene = replay.At(position, phase.Size);
            return () => FinderTask.Encode(scene());
        };
    }

    /// <inheritdoc/>
    public override Func<IReadOnlyList<(string Name, double Value)>>? Measurer(
        TrainingTask task, Device device, CancellationToken stop)
    {
        if (_validation.Count == 0)
            return null;
        var order = new SampleOrder(1, ValidationSeed);
        var sets = ValidationComposers(_validation, _pictures, _recipe, _recipe.Phases[^1].Size, stop)
            .Select(c => (
                c.Name,
                ParallelEnumerable.Range(0, _recipe.Finder.ValidationScenes).AsOrdered().WithCancellation(stop)
                    .Select(n => c.Composer.Compose(order.RandomAt(n))).ToArray()))
            .ToArray();
        return new FinderValidator((FinderTask)task, sets, device).Measure;
    }

    /// <summary>Composers of faces and surroundings that are never trained on, one for each folder.</summary>
    internal static IReadOnlyList<(string Name, SceneComposer Composer)> ValidationComposers(
        IReadOnlyList<FaceFolder> folders, string pictures, Recipe recipe, int size, CancellationToken stop)
    {
        var held = LabelledPicture.Load(pictures, stop).Where((_, i) => i % recipe.Finder.HoldOut == 0).ToArray();
        var faces = FaceStore.Load(folders, SceneMaterial.FaceSize, recipe.Augmentation.CropFactor, stop);
        // Photos with their own faces would show no face of the folder.
        var shares = recipe.Finder with { PhotoShare = 0 };
        return
        [
            .. folders.Select((folder, i) => (
                Path.GetFileName(folder.Path),
                new SceneComposer(
                    new SceneMaterial(faces[i], held, []), shares, recipe.Augmentation, folder.Scheme, size))),
        ];
    }

    private static string PictureOf(LabelledFace face)
    {
        var name = Path.GetFileNameWithoutExtension(face.ImagePath);
        var number = name.LastIndexOf('_');
        return number < 0 ? name : name[..number];
    }

    /// <inheritdoc/>
    public override Picture Preview(Phase phase, Random random) =>
        SceneSheet.Draw(_composers[phase.Size], phase.Size, random);
}

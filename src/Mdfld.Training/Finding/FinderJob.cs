using System.Numerics;

namespace Mdfld.Training;

/// <summary>Training a face finder: composed scenes, measured on scenes of validation faces.</summary>
public sealed class FinderJob : TrainingJob
{
    private const int ValidationSeed = 20;

    // Full pictures are validated at this size, so much larger than they are.
    private const int ValidationSize = 640;
    private const float ValidationFrame = 1.06f;

    // Rather a face too many left out than one learnt as background.
    private const float TeacherThreshold = 0.4f;

    private readonly FinderRecipe _recipe;
    private readonly IReadOnlyList<FaceFolder> _data;
    private readonly IReadOnlyList<FaceFolder> _validation;
    private readonly string[] _pictures;
    private readonly string[] _validationPictures;
    private readonly string? _boxed;
    private readonly Action<string>? _onBad;
    private int _faces;
    private readonly Dictionary<int, SceneComposer> _composers = [];

    /// <param name="onBad">Told of each face that is left out because it is malformed; null leaves none out.</param>
    /// <exception cref="DirectoryNotFoundException">A data folder is in none of the roots.</exception>
    public FinderJob(FinderRecipe recipe, IReadOnlyList<string> dataRoots, Action<string>? onBad = null)
    {
        (_recipe, _onBad) = (recipe, onBad);
        _data = DataFolders.Open(recipe.Data.Select(d => d.Name), dataRoots, onBad);
        _validation = DataFolders.Open(recipe.Validation, dataRoots, onBad);
        _pictures = [.. recipe.Scenes.Pictures.Select(p => DataFolders.Find(p, dataRoots))];
        _validationPictures = [.. recipe.Scenes.ValidationPictures.Select(p => DataFolders.Find(p, dataRoots))];
        _boxed = recipe.Scenes.Boxed is { } boxed ? DataFolders.Find(boxed.Name, dataRoots) : null;
    }

    public override string Measure => "wrong";

    public override IReadOnlyDictionary<string, string> Properties => FinderCheckpoint.Properties(_recipe);

    public override int Samples => _faces;

    private LandmarkScheme Scheme => _data[0].Scheme;

    public override TrainingTask MakeTask() =>
        _recipe.Prepare(new FinderTask(new FinderLoss(_recipe.Scenes.BoxWeight, _recipe.Scenes.PointWeight)));

    public override SampleSource Load(TrainingTask task, CancellationToken stop)
    {
        var scenes = _recipe.Scenes;
        using var landmarks = scenes.LandmarkModel is { } model
            ? LandmarkDetector.Load(model, new DetectorOptions { Threads = 1 }) : null;
        using var teacher = scenes.Teacher is { } finder
            ? FaceFinder.Load(finder, new DetectorOptions { Threads = 1, ScoreThreshold = TeacherThreshold }) : null;
        using var student = scenes.HardExamplesOf is { } own
            ? FaceFinder.Load(own, new DetectorOptions { Threads = 1 }) : null;
        var loader = new PictureLoader(landmarks, teacher, student) { OnBad = _onBad };
        var pictures = _pictures.Select(folder => loader.Load(folder, stop)).ToArray();
        var held = pictures[0].Where(IsHeld).Select(p => p.Name).ToHashSet();
        // A face cut from a held-out picture is named after it: NAME_1.jpg.
        var faces = FaceStore.Load(_data, SceneMaterial.FaceSize, _recipe.Augmentation.CropFactor, _onBad, stop)
            .SelectMany((folder, i) => Enumerable.Repeat(
                folder.Where(f => !held.Contains(PictureOf(f))), _recipe.Data[i].Repeat)
                .SelectMany(f => f))
            .Concat(Enumerable.Repeat(
                SceneMaterial.Drawn(_recipe.Scenes.DrawnFaces, _recipe.Seed).ToArray(), _recipe.Scenes.DrawnRepeat)
                .SelectMany(f => f));
        StoredFace[] all = [.. faces];
        _faces = all.Length;
        var material = new SceneMaterial(
            all, [.. pictures[0].Where((p, i) => !IsHeld(p, i)), .. pictures.Skip(1).SelectMany(p => p)],
            _recipe.Scenes.Boxed is { } boxed ? BoxedFace.Load(_boxed!, boxed, _recipe.Scenes.HoldOut, _onBad, stop) : []);
        foreach (var size in _recipe.Phases.Select(p => p.Size).Distinct())
            _composers[size] = new SceneComposer(material, _recipe.Scenes, _recipe.Augmentation, Scheme, size);
        var order = new SampleOrder(1, _recipe.Seed);
        var replay = new SceneReplay(
            (number, size) => _composers[size].Compose(order.RandomAt(number)),
            _recipe.Scenes, _recipe.Batch, ~_recipe.Seed);
        return (position, phase) =>
        {
            var scene = replay.At(position, phase.Size);
            return () => FinderTask.Encode(scene());
        };
    }

    public override Func<IReadOnlyList<(string Name, double Value)>>? Validator(
        TrainingTask task, Device device, CancellationToken stop)
    {
        if (_validation.Count == 0 && _validationPictures.Length == 0)
            return null;
        var order = new SampleOrder(1, ValidationSeed);
        var sets = ValidationComposers(_validation, _pictures[0], _recipe, _recipe.Phases[^1].Size, _onBad, stop)
            .Select(c => (
                c.Name,
                ParallelEnumerable.Range(0, _recipe.Scenes.ValidationScenes).AsOrdered().WithCancellation(stop)
                    .Select(n => c.Composer.Compose(order.RandomAt(n))).ToArray()))
            .Concat(_validationPictures.Select(folder => (
                Path.GetFileName(folder),
                Array.ConvertAll(new PictureLoader(null, null) { OnBad = _onBad }.Load(folder, stop), FullScene))))
            .ToArray();
        return new FinderValidator((FinderTask)task, sets, device).Measure;
    }

    /// <summary>All of a picture, in a black frame as finders search it.</summary>
    private static Scene FullScene(LabelledPicture source)
    {
        var picture = source.Picture;
        var middle = new Vector2((picture.Width - 1) / 2f, (picture.Height - 1) / 2f);
        var side = Math.Max(picture.Width, picture.Height) * ValidationFrame;
        var map = new FaceCrop(middle, side).ToCrop(ValidationSize);
        return new Scene(
            picture.Warp(map, ValidationSize, ValidationSize, antialias: true),
            [.. source.Faces.Select(f => f.Mapped(map).SeenIn(ValidationSize, ValidationSize))]);
    }

    /// <summary>Composed pictures of a phase with their boxes and points.</summary>
    public Picture Preview(Phase phase)
    {
        using var task = MakeTask();
        Load(task, CancellationToken.None);
        return Preview(phase, new Random(_recipe.Seed));
    }

    /// <summary>Composers of faces and surroundings that are never trained on, one for each folder.</summary>
    internal static IReadOnlyList<(string Name, SceneComposer Composer)> ValidationComposers(
        IReadOnlyList<FaceFolder> folders, string pictures, FinderRecipe recipe, int size, Action<string>? onBad,
        CancellationToken stop)
    {
        var held = new PictureLoader(null, null) { OnBad = onBad }.Load(pictures, stop)
            .Where((_, i) => i % recipe.Scenes.HoldOut == 0).ToArray();
        var faces = FaceStore.Load(folders, SceneMaterial.FaceSize, recipe.Augmentation.CropFactor, onBad, stop);
        // Photos with their own faces would show no face of the folder.
        var shares = recipe.Scenes with { PhotoShare = 0 };
        return
        [
            .. folders.Select((folder, i) => (
                Path.GetFileName(folder.Path),
                new SceneComposer(
                    new SceneMaterial(faces[i], held, []), shares, recipe.Augmentation, folder.Scheme, size))),
        ];
    }

    private bool IsHeld(LabelledPicture picture, int i) => i % _recipe.Scenes.HoldOut == 0;

    private static string PictureOf(StoredFace face)
    {
        var name = Path.GetFileNameWithoutExtension(face.ImagePath);
        var number = name.LastIndexOf('_');
        return number < 0 ? name : name[..number];
    }

    public override Picture Preview(Phase phase, Random random) =>
        SceneSheet.Draw(_composers[phase.Size], phase.Size, random);
}

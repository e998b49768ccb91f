using System.Numerics;
using Mdfld.Torch;
using Mdfld.Training.Augment;
using Mdfld.Training.Star;

namespace Mdfld.Training;

/// <summary>Training a landmark detector: augmented crops of labelled faces, measured by NME.</summary>
internal sealed class DetectorPlan : TrainingPlan
{
    private readonly Recipe _recipe;
    private readonly IReadOnlyList<FaceFolder> _data;
    private readonly IReadOnlyList<FaceFolder> _validation;
    private StoredFace[] _faces = [];

    /// <exception cref="DirectoryNotFoundException">A data folder is in none of the roots.</exception>
    public DetectorPlan(Recipe recipe, IReadOnlyList<string> dataRoots)
        : this(
            recipe, DataFolders.Open(recipe.Data.Select(d => d.Name), dataRoots),
            DataFolders.Open(recipe.Validation, dataRoots))
    {
    }

    public DetectorPlan(Recipe recipe, IReadOnlyList<FaceFolder> data, IReadOnlyList<FaceFolder> validation) =>
        (_recipe, _data, _validation) = (recipe, data, validation);

    /// <inheritdoc/>
    public override string Measure => "nme";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Properties => TrainingCheckpoint.PropertiesOf(_recipe, Scheme);

    private LandmarkScheme Scheme => _data[0].Scheme;

    /// <inheritdoc/>
    public override DetectorTask MakeTask() => _recipe.Network switch
    {
        NetworkKind.Star => new StarTask(
            new StarOptions(Scheme, _recipe.Star.Channels),
            new StarLoss(_recipe.Star.Version, _recipe.Star.Distance, _recipe.Star.Weight)),
        _ => new CompactTask(Scheme, _recipe.Loss, _recipe.Width, _recipe.Stacks, _recipe.Teacher),
    };

    /// <inheritdoc/>
    public override SampleSource Load(TrainingTask task, CancellationToken stop)
    {
        var size = _recipe.Phases.Max(p => p.Size);
        _faces =
        [
            .. FaceStore.Load(_data, size, _recipe.Augmentation.CropFactor, stop)
                .SelectMany((folder, i) =>
                {
                    var source = _recipe.Data[i];
                    var faces = folder.Select(face => face.Centred(source.LabelShift, Scheme) with
                    {
                        PlainProbability = source.PlainProbability,
                    }).ToArray();
                    return Enumerable.Repeat(faces, source.Repeat).SelectMany(f => f);
                }),
        ];
        return Samples(_recipe, (DetectorTask)task, _faces);
    }

    /// <summary>
    /// Augmented faces, all of them in each epoch; each followed by its mirror image where a teacher wants it.
    /// </summary>
    public static SampleSource Samples(Recipe recipe, DetectorTask task, StoredFace[] faces)
    {
        var order = new SampleOrder(faces.Length, recipe.Seed);
        var variations = new Dictionary<Phase, Func<StoredFace, FaceVariation>>(ReferenceEqualityComparer.Instance);
        foreach (var phase in recipe.Phases)
            variations[phase] = recipe.VariationsOf(phase, task.Scheme, faces);
        var looks = recipe.Looks;
        return (position, phase) =>
        {
            // The order is looked up here, on one thread; the work needs nothing shared.
            var (face, random) = (faces[order[position / looks]], order.RandomAt(position / looks));
            var isMirrored = position % looks == 1;
            return () =>
            {
                var crop = new Picture(phase.Size, phase.Size);
                var landmarks = new Vector2[task.Scheme.Count];
                var vary = variations[phase](face);
                var isPhoto = vary(face.Picture, face.Landmarks, face.Crop, random, crop, landmarks);
                if (isMirrored)
                    (crop, landmarks) = (Mirror(crop), task.Scheme.Mirror(landmarks, crop.Width));
                // A photo is labelled as those of its source are; a drawing made of it has its points where they are.
                if (isPhoto)
                    StoredFace.Shift(landmarks, face.LabelShift, task.Scheme);
                return task.Encode(crop, landmarks);
            };
        };
    }

    private static Picture Mirror(Picture crop) =>
        crop.Warp(Homography.Mirror(crop.Width), crop.Width, crop.Height);

    /// <inheritdoc/>
    public override Func<IReadOnlyList<(string Name, double Value)>>? Measurer(
        TrainingTask task, Device device, CancellationToken stop)
    {
        if (_validation.Count == 0)
            return null;
        var (size, factor) = (_recipe.Phases[^1].Size, _recipe.Augmentation.CropFactor);
        return new Validator((DetectorTask)task, _validation, size, factor, device, stop).Measure;
    }

    /// <inheritdoc/>
    public override Picture Preview(Phase phase, Random random) =>
        TrainingPreview.Draw(_recipe, random.GetItems(_faces, 48), Scheme, phase, random);
}

using System.Numerics;
using Mdfld.Training.Augment;
using Mdfld.Training.Star;

namespace Mdfld.Training;

/// <summary>Training a landmark detector: augmented crops of labelled faces, measured by NME.</summary>
public sealed class DetectorJob : TrainingJob
{
    private const int Columns = 8;
    private const int Shown = 6 * Columns;

    private readonly DetectorRecipe _recipe;
    private readonly IReadOnlyList<FaceFolder> _data;
    private readonly IReadOnlyList<FaceFolder> _validation;
    private StoredFace[] _faces = [];

    /// <param name="recipe">What to do.</param>
    /// <param name="dataRoots">Folders in which the recipe's data folders are looked for, in turn.</param>
    /// <exception cref="DirectoryNotFoundException">A data folder is in none of the roots.</exception>
    public DetectorJob(DetectorRecipe recipe, IReadOnlyList<string> dataRoots)
        : this(
            recipe, DataFolders.Open(recipe.Data.Select(d => d.Name), dataRoots),
            DataFolders.Open(recipe.Validation, dataRoots))
    {
    }

    /// <param name="recipe">What to do.</param>
    /// <param name="data">The recipe's data folders, in its order.</param>
    /// <param name="validation">Its validation folders.</param>
    public DetectorJob(DetectorRecipe recipe, IReadOnlyList<FaceFolder> data, IReadOnlyList<FaceFolder> validation) =>
        (_recipe, _data, _validation) = (recipe, data, validation);

    /// <inheritdoc/>
    public override string Measure => "nme";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Properties => TrainingCheckpoint.PropertiesOf(_recipe, Scheme);

    /// <inheritdoc/>
    public override int Samples => _faces.Length;

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
        return SamplesOf(_recipe, (DetectorTask)task, _faces);
    }

    /// <summary>
    /// Augmented faces, all of them in each epoch; each followed by its mirror image where a teacher wants it.
    /// </summary>
    internal static SampleSource SamplesOf(DetectorRecipe recipe, DetectorTask task, StoredFace[] faces)
    {
        var order = new SampleOrder(faces.Length, recipe.Seed);
        var variations = new Dictionary<Phase, Func<StoredFace, FaceVariation>>(ReferenceEqualityComparer.Instance);
        foreach (var phase in recipe.Phases)
            variations[phase] = recipe.VariationsOf(phase, task.Scheme, faces);
        var views = recipe.Views;
        return (position, phase) =>
        {
            // The order is looked up here, on one thread; the work needs nothing shared.
            var (face, random) = (faces[order[position / views]], order.RandomAt(position / views));
            var isMirrored = position % views == 1;
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
    public override Func<IReadOnlyList<(string Name, double Value)>>? Validator(
        TrainingTask task, Device device, CancellationToken stop)
    {
        if (_validation.Count == 0)
            return null;
        var (size, factor) = (_recipe.Phases[^1].Size, _recipe.Augmentation.CropFactor);
        return new DetectorValidator((DetectorTask)task, _validation, size, factor, device, stop).Measure;
    }

    /// <inheritdoc/>
    public override Picture Preview(Phase phase, Random random) => Draw(phase, random, random.GetItems(_faces, Shown));

    /// <summary>A sheet of faces as a phase varies them, with their points; only the faces shown are read.</summary>
    /// <param name="phase">One of the recipe's.</param>
    public Picture Preview(Phase phase)
    {
        var random = new Random(_recipe.Seed);
        var faces = new List<StoredFace>();
        while (faces.Count < Shown)
        {
            // Folders in turn: a small one is as interesting as a large one.
            var source = faces.Count % _data.Count;
            var folder = _data[source];
            var face = folder.Faces[random.Next(folder.Faces.Count)];
            var picture = Picture.Load(folder.ImagePath(face));
            faces.Add(FaceStore.Reduce(picture, face, phase.Size, _recipe.Augmentation.CropFactor) with
            {
                PlainProbability = _recipe.Data[source].PlainProbability,
            });
        }
        return Draw(phase, random, faces);
    }

    private Picture Draw(Phase phase, Random random, IReadOnlyList<StoredFace> faces)
    {
        var variations = _recipe.VariationsOf(phase, Scheme, faces);
        var cells = faces.Select(face =>
        {
            var (crop, points) = (new Picture(phase.Size, phase.Size), new Vector2[face.Landmarks.Length]);
            variations(face)(face.Picture, face.Landmarks, face.Crop, random, crop, points);
            return new SheetCell(crop, points);
        });
        return ContactSheet.Draw([.. cells], Columns, phase.Size);
    }
}

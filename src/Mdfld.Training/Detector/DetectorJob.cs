using System.Numerics;
using Mdfld.Training.Augment;

namespace Mdfld.Training;

/// <summary>Training a landmark detector: augmented crops of labelled faces, measured by NME.</summary>
public sealed class DetectorJob : TrainingJob
{
    private const int Columns = 8;
    private const int Shown = 6 * Columns;

    private readonly DetectorRecipe _recipe;
    private readonly IReadOnlyList<FaceFolder> _data;
    private readonly IReadOnlyList<FaceFolder> _validation;
    private readonly Action<string>? _onBad;
    private Func<Random, StoredFace>[] _faces = [];

    /// <param name="dataRoots">Folders in which the recipe's data folders are looked for, in turn.</param>
    /// <param name="onBad">Told of each face that is left out because it is malformed; null leaves none out.</param>
    /// <exception cref="DirectoryNotFoundException">A data folder is in none of the roots.</exception>
    public DetectorJob(DetectorRecipe recipe, IReadOnlyList<string> dataRoots, Action<string>? onBad = null)
        : this(
            recipe, DataFolders.Open(recipe.Data.Where(d => d.Draw == 0).Select(d => d.Name), dataRoots, onBad),
            DataFolders.Open(recipe.Validation, dataRoots, onBad)) => _onBad = onBad;

    /// <param name="data">The recipe's data folders, in its order; drawn faces have none.</param>
    /// <param name="validation">Its validation folders.</param>
    public DetectorJob(DetectorRecipe recipe, IReadOnlyList<FaceFolder> data, IReadOnlyList<FaceFolder> validation) =>
        (_recipe, _data, _validation) = (recipe, data, validation);

    public override string Measure => "nme";

    public override IReadOnlyDictionary<string, string> Properties => DetectorProperties.Of(_recipe, Scheme);

    public override int Samples => _faces.Length;

    private LandmarkScheme Scheme => _data[0].Scheme;

    public override TrainingTask MakeTask() =>
        _recipe.Prepare(DetectorNetwork.Of(_recipe.Network).MakeTask(_recipe, Scheme));

    public override SampleSource Load(TrainingTask task, CancellationToken stop)
    {
        var size = _recipe.Phases.Max(p => p.Size);
        CheckWeights((DetectorTask)task);
        var stored = new Queue<StoredFace[]>(FaceStore.Load(
            _data, size, _recipe.Augmentation.CropFactor, _onBad, stop));
        _faces = [.. _recipe.Data.SelectMany(source => Enumerable.Repeat(FacesOf(source), source.Repeat)).SelectMany(f => f)];
        return SamplesOf(_recipe, (DetectorTask)task, _faces);

        Func<Random, StoredFace>[] FacesOf(DataRecipe source) => source.Draw > 0
            ? [.. Enumerable.Repeat<Func<Random, StoredFace>>(random => StoredFace.Drawn(random, size, source), source.Draw)]
            : [.. stored.Dequeue().Select(face => face.From(source, Scheme)).Select(face => (Func<Random, StoredFace>)(_ => face))];
    }

    /// <exception cref="InvalidDataException">Faces have missing points, and the network's loss counts all.</exception>
    private void CheckWeights(DetectorTask task)
    {
        if (!task.TakesWeights && _data.FirstOrDefault(f => f.Faces.Any(face => !face.IsComplete)) is { } folder)
        {
            throw new InvalidDataException(
                $"{folder.Path}: {folder.Faces.Count(f => !f.IsComplete)} faces have missing points, which the loss of "
                + $"{_recipe.Network.NameOf()} would learn from: take them out, or train compact");
        }
    }

    /// <summary>Augmented faces, all in each epoch.</summary>
    internal static SampleSource SamplesOf(
        DetectorRecipe recipe, DetectorTask task, IReadOnlyList<Func<Random, StoredFace>> faces)
    {
        var order = new SampleOrder(faces.Count, recipe.Seed);
        var variations = new Dictionary<Phase, Func<StoredFace, FaceVariation>>(ReferenceEqualityComparer.Instance);
        foreach (var phase in recipe.Phases)
            variations[phase] = recipe.VariationsOf(phase, task.Scheme);
        return (position, phase) =>
        {
            // The order is read here, on one thread; the work needs nothing shared.
            var (draw, random) = (faces[order[position]], order.RandomAt(position));
            return () =>
            {
                var face = draw(random);
                var crop = new Picture(phase.Size, phase.Size);
                var landmarks = new Vector2[task.Scheme.Count];
                var changes = variations[phase](face)(
                    face.Picture, face.Landmarks, face.Crop, random, crop, landmarks);
                // A photo is labelled as those of its source are; a drawing made of it has its points where they are.
                if (!changes.HasFlag(FaceChanges.Restyled))
                    StoredFace.Shift(landmarks, face.LabelShift, task.Scheme);
                float[] weights = face.Weights.Length > 0 && changes.HasFlag(FaceChanges.Mirrored)
                    ? [.. task.Scheme.MirrorPermutation.Select(i => face.Weights[i])] : face.Weights;
                return task.Encode(crop, landmarks, weights);
            };
        };
    }

    public override Func<IReadOnlyList<(string Name, double Value)>>? Validator(
        TrainingTask task, Device device, CancellationToken stop)
    {
        if (_validation.Count == 0)
            return null;
        var (size, factor) = (_recipe.Phases[^1].Size, _recipe.Augmentation.CropFactor);
        return new DetectorValidator(
            (DetectorTask)task, _validation, size, factor, device, _onBad, stop).Measure;
    }

    public override Picture Preview(Phase phase, Random random) =>
        Draw(phase, random, [.. random.GetItems(_faces, Shown).Select(face => face(random))]);

    /// <summary>A sheet of faces as a phase varies them, with their points; only the faces shown are read.</summary>
    public Picture Preview(Phase phase)
    {
        var random = new Random(_recipe.Seed);
        var faces = new List<StoredFace>();
        while (faces.Count < Shown)
        {
            // Folders in turn: a small one is as interesting as a large one.
            var source = _recipe.Data[faces.Count % _recipe.Data.Count];
            faces.Add(source.Draw > 0 ? StoredFace.Drawn(random, phase.Size, source) : Read(FolderOf(source), source));
        }
        return Draw(phase, random, faces);

        FaceFolder FolderOf(DataRecipe source) => _data[_recipe.Data.Where(d => d.Draw == 0).ToList().IndexOf(source)];

        StoredFace Read(FaceFolder folder, DataRecipe source)
        {
            var face = folder.Faces[random.Next(folder.Faces.Count)];
            var picture = folder.LoadPicture(face);
            return FaceStore.Reduce(picture, face, phase.Size, _recipe.Augmentation.CropFactor).From(source, Scheme);
        }
    }

    private Picture Draw(Phase phase, Random random, IReadOnlyList<StoredFace> faces)
    {
        var variations = _recipe.VariationsOf(phase, Scheme);
        var cells = faces.Select(face =>
        {
            var (crop, points) = (new Picture(phase.Size, phase.Size), new Vector2[face.Landmarks.Length]);
            variations(face)(face.Picture, face.Landmarks, face.Crop, random, crop, points);
            return new SheetCell(crop, points);
        });
        return ContactSheet.Draw([.. cells], Columns, phase.Size);
    }
}

/// <summary>Measures a network on folders of faces, cropped once.</summary>
internal sealed class DetectorValidator
{
    private const int Batch = 16;

    private readonly List<(string Name, Face[] Faces)> _sets;
    private readonly DetectorTask _task;
    private readonly Device _device;

    /// <param name="task">Encodes crops and finds the points; its network is given new weights by the caller.</param>
    /// <param name="cropFactor">Side of the crop / side of the tight square.</param>
    /// <param name="onBad">Told of each face that is left out; null leaves none out.</param>
    public DetectorValidator(
        DetectorTask task, IEnumerable<FaceFolder> folders, int size, float cropFactor, Device device,
        Action<string>? onBad, CancellationToken stop)
    {
        (_task, _device) = (task, device);
        _sets = [.. folders.Select(f => (Path.GetFileName(f.Path), CropAll(f)))];

        Face[] CropAll(FaceFolder folder) =>
            ParallelMap.SelectSound(
                folder.Faces, face => Crop(folder, face, size, cropFactor), folder.Path, onBad, stop);
    }

    /// <summary>Mean NME of every set, in %.</summary>
    public IReadOnlyList<(string Name, double Value)> Measure() =>
        [.. _sets.Select(s => (s.Name, 100 * s.Faces.Chunk(Batch).SelectMany(Errors).Average()))];

    private IEnumerable<double> Errors(Face[] faces)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var shape = faces[0].Picture.Shape;
        var images = Tensor.From<float>(faces.SelectMany(f => f.Picture.Data).ToArray(), [faces.Length, .. shape])
            .to(_device);
        var units = _task.Predict(images).to(CPU).ToArray<float>();
        var points = _task.Scheme.Count;
        var size = shape[^1];
        for (var n = 0; n < faces.Length; n++)
        {
            var found = new Vector2[points];
            for (var i = 0; i < points; i++)
            {
                var u = new Vector2(units[2 * ((n * points) + i)], units[(2 * ((n * points) + i)) + 1]);
                found[i] = (((u + Vector2.One) * size) - Vector2.One) / 2;
            }
            yield return Metrics.Nme(found, faces[n].Landmarks, _task.Scheme);
        }
    }

    private Face Crop(FaceFolder folder, LabelledFace face, int size, float cropFactor)
    {
        var map = FaceCrop.FromScale(face.Scale, face.Centre, cropFactor).ToCrop(size);
        var crop = folder.LoadPicture(face).Warp(map, size, size, antialias: true);
        Vector2[] landmarks = [.. face.Landmarks.Select(map.Apply)];
        return new Face(_task.Encode(crop, HeadView.Complete(landmarks), [])[0], landmarks);
    }

    private sealed record Face(SamplePart Picture, Vector2[] Landmarks);
}

using Mdfld.Training.Augment;
using Mdfld.Training.Finder;
using Mdfld.Training.Star;

namespace Mdfld.Training;

/// <summary>Everything that decides a training run, as a YAML file in <c>recipes/</c> says it.</summary>
public sealed record Recipe
{
    /// <summary>The model's name; its run is kept in <c>runs/NAME</c> unless told otherwise.</summary>
    public required string Name { get; init; }

    /// <summary>Which network.</summary>
    public NetworkKind Network { get; init; } = NetworkKind.Compact;

    /// <summary>Seed of the first weights, of the order of faces and of all augmentation.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Faces a step.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>
    /// Copies of the network that share a batch, one thread each: on few cores that outruns threads inside operators.
    /// </summary>
    public int Replicas { get; init; } = 2;

    /// <summary>
    /// Parts of a batch that are computed one after the other, for less memory; the result hardly differs.
    /// </summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>Threads inside the operators of a replica; not given: the cores, shared by the replicas.</summary>
    public int? Threads { get; init; }

    /// <summary>"cpu", "cuda" or "auto".</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Type that convolutions and matrix products are computed in; weights stay in float32.</summary>
    public Precision Precision { get; init; }

    /// <summary>
    /// Where learning starts from; first weights are random without it. A file with fewer <see cref="Stacks"/> is
    /// taken, too: the network goes on as what it was, and grows into what is added.
    /// </summary>
    public string? Start { get; init; }

    /// <summary>How weights are changed.</summary>
    public OptimiserRecipe Optimiser { get; init; } = new();

    /// <summary>Decay of the moving average of the weights, the network that is validated and exported.</summary>
    public double Average { get; init; } = 0.998;

    /// <summary>Whether the average follows faster over the first steps; STAR's does not.</summary>
    public bool AverageWarmup { get; init; } = true;

    /// <summary>The run's parts, one after the other.</summary>
    public required IReadOnlyList<Phase> Phases { get; init; }

    /// <summary>Folders of faces to learn from, by name below a data folder.</summary>
    public required IReadOnlyList<DataRecipe> Data { get; init; }

    /// <summary>Folders of faces to measure on; nothing is learnt from them.</summary>
    public IReadOnlyList<string> Validation { get; init; } = [];

    /// <summary>Steps between two measurements.</summary>
    public int ValidateEvery { get; init; } = 500;

    /// <summary>Minutes between two checkpoints.</summary>
    public double CheckpointMinutes { get; init; } = 3;

    /// <summary>How faces are varied.</summary>
    public AugmentationOptions Augmentation { get; init; } = new();

    /// <summary>Multiplier of the compact network's channels.</summary>
    public double Width { get; init; } = 1;

    /// <summary>Hourglasses of the compact network.</summary>
    public int Stacks { get; init; } = 1;

    /// <summary>The compact network's loss.</summary>
    public CompactLoss Loss { get; init; } = new();

    /// <summary>A trained compact network that helps to train this one; null for labels alone.</summary>
    public TeacherRecipe? Teacher { get; init; }

    /// <summary>STAR's network and loss.</summary>
    public StarRecipe Star { get; init; } = new();

    /// <summary>How a face finder's pictures are composed.</summary>
    public FinderRecipe Finder { get; init; } = new();

    /// <summary>Steps of all phases.</summary>
    public long Steps => Phases.Sum(p => (long)p.Steps);

    /// <summary>How often a face comes in a batch: as it is, and for a teacher as its mirror image.</summary>
    internal int Looks => Teacher is null ? 1 : 2;

    /// <summary>How a phase varies the faces of a scheme.</summary>
    internal Func<StoredFace, FaceVariation> VariationsOf(
        Phase phase, LandmarkScheme scheme, IEnumerable<StoredFace> faces)
    {
        var made = faces.Select(PlainOf).Distinct()
            .ToDictionary(plain => plain, plain => Variation(phase, scheme, plain));
        return face => made[PlainOf(face)];

        float PlainOf(StoredFace face) => face.PlainProbability ?? Augmentation.PlainProbability;
    }

    private FaceVariation Variation(Phase phase, LandmarkScheme scheme, float plainProbability)
    {
        if (!Star.OriginalAugmentation)
        {
            var options = Augmentation with
            {
                Strength = Augmentation.Strength * phase.Strength,
                PlainProbability = plainProbability,
            };
            return new Augmenter(options, scheme, phase.Size).Apply;
        }
        var original = new StarAugmenter(scheme, phase.Size);
        return (picture, landmarks, crop, random, target, moved) => original.Apply(
            picture, landmarks, crop with { Side = crop.Side * Augmentation.CropFactor }, random, target, moved);
    }

    /// <summary>The phase a step belongs to, and how far into it (0..1) the step is.</summary>
    public (Phase Phase, double Progress) At(long step)
    {
        foreach (var phase in Phases)
        {
            if (step < phase.Steps)
                return (phase, step / (double)phase.Steps);
            step -= phase.Steps;
        }
        return (Phases[^1], 1);
    }
}

/// <summary>Networks a recipe can name.</summary>
public enum NetworkKind
{
    /// <summary><see cref="CompactNetwork"/>.</summary>
    Compact,

    /// <summary><see cref="StarNetwork"/>, the original's.</summary>
    Star,

    /// <summary><see cref="FinderNetwork"/>, which finds faces.</summary>
    Finder,
}

/// <summary>Types that the products of a network can be computed in.</summary>
public enum Precision
{
    /// <summary>IEEE single precision.</summary>
    Float32,

    /// <summary>Its upper 16 bits: twice as fast on cards that have it, with the same range.</summary>
    Bfloat16,
}

/// <summary>A stretch of training.</summary>
public sealed record Phase
{
    /// <summary>Its length.</summary>
    public required int Steps { get; init; }

    /// <summary>Side of the crop, pixels.</summary>
    public int Size { get; init; } = 128;

    /// <summary>Learning rate at its start, as a share of the optimiser's.</summary>
    public double Rate { get; init; } = 1;

    /// <summary>Learning rate at its end; in between it changes linearly. Not given: stays.</summary>
    public double? RateEnd { get; init; }

    /// <summary>Strength of the augmentation, see <see cref="AugmentationOptions.Strength"/>.</summary>
    public float Strength { get; init; } = 1;
}

/// <summary>How weights are changed.</summary>
public sealed record OptimiserRecipe
{
    /// <summary>Which rule.</summary>
    public OptimiserKind Kind { get; init; } = OptimiserKind.AdamW;

    /// <summary>Learning rate at a phase's rate of 1.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Weight decay.</summary>
    public double WeightDecay { get; init; } = 1e-3;

    /// <summary>Largest norm of the gradients; 0 for no limit.</summary>
    public double Clip { get; init; } = 5;
}

/// <summary>Rules that change weights.</summary>
public enum OptimiserKind
{
    /// <summary>Adam without decay.</summary>
    Adam,

    /// <summary>Adam with decoupled decay.</summary>
    AdamW,

    /// <summary>Gradient descent with a momentum of 0.9.</summary>
    Sgd,
}

/// <summary>
/// A network whose findings, in a face and its mirror image, the labels are moved towards. A batch then holds half as
/// many faces, each as it is and mirrored.
/// </summary>
public sealed record TeacherRecipe
{
    /// <summary>A checkpoint, or a model's <c>.safetensors</c>.</summary>
    public required string From { get; init; }

    /// <summary>How far the labels move: 0 not at all, 1 all the way.</summary>
    public double Share { get; init; } = 0.5;
}

/// <summary>A folder of faces and how often each of them comes in an epoch.</summary>
public sealed record DataRecipe
{
    /// <summary>Name of a folder with annotations.tsv and images/.</summary>
    public required string Name { get; init; }

    /// <summary>Times a face is shown in an epoch.</summary>
    public int Repeat { get; init; } = 1;

    /// <summary>
    /// By how much its labels lie to the right of the points in the picture, as a share of the eye distance (36-45). A
    /// mirrored picture is then labelled as its source would label it, and a look is not taught the source's habit.
    /// </summary>
    /// <remarks>
    /// 300-W's photos: 0.018, found as the mean error along x of a network trained on mirrored faces.
    /// </remarks>
    public float LabelShift { get; init; }

    /// <summary>
    /// Share of its faces that stay close to the picture, instead of
    /// <see cref="AugmentationOptions.PlainProbability"/>: more for a large folder of what should be found exactly,
    /// less for a small one that would be learnt by heart.
    /// </summary>
    public float? PlainProbability { get; init; }
}

/// <summary>STAR's choices.</summary>
public sealed record StarRecipe
{
    /// <summary>Channels of the hourglasses.</summary>
    public int Channels { get; init; } = 256;

    /// <summary>Version of the loss.</summary>
    public StarLossVersion Version { get; init; } = StarLossVersion.Two;

    /// <summary>Distance inside the loss.</summary>
    public PointDistance Distance { get; init; } = PointDistance.SmoothL1;

    /// <summary>Weight of the eigenvalues.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>
    /// Vary faces as the original does (<see cref="StarAugmenter"/>) instead of by domain randomisation; of
    /// <see cref="Recipe.Augmentation"/> only the crop factor, of a phase not the strength counts then.
    /// </summary>
    public bool OriginalAugmentation { get; init; }
}

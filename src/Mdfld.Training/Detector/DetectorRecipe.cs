using Mdfld.Training.Augment;

namespace Mdfld.Training;

/// <summary>What the recipes of landmark detectors and face finders share: labelled faces, varied.</summary>
public abstract record FaceRecipe : RunSettings, IRecipe
{
    /// <summary>Which network.</summary>
    public abstract NetworkKind Network { get; init; }

    /// <summary>What the network computes in while it is trained; weights are kept as float32.</summary>
    public TrainingPrecision Precision { get; init; }

    /// <summary>Folders of faces to learn from, by name below a data folder.</summary>
    public required IReadOnlyList<DataRecipe> Data { get; init; }

    /// <summary>Folders of faces to validate on; nothing is learnt from them.</summary>
    public IReadOnlyList<string> Validation { get; init; } = [];

    /// <summary>
    /// Parts of the network that keep the weights they start with, such as <c>stem</c>; where there are any, so do the
    /// running statistics of all batch norms.
    /// </summary>
    public IReadOnlyList<string> Frozen { get; init; } = [];

    /// <summary>How faces are varied.</summary>
    public AugmentationOptions Augmentation { get; init; } = new();

    /// <summary>Makes a network compute as the recipe says.</summary>
    internal TTask Prepare<TTask>(TTask task) where TTask : TrainingTask
    {
        task.Network.ComputeType = Devices.Parse(Device).ComputeType(Precision);
        task.Network.Freeze(Frozen);
        return task;
    }

    public override string? Fault()
    {
        if (base.Fault() is { } fault)
            return fault;
        if (Data is not { Count: > 0 } || Data.Any(d => string.IsNullOrEmpty(d?.Name)))
            return "expected at least one folder under 'data', each with a name";
        if (Validation is null || Augmentation is null || Frozen is null || Frozen.Any(string.IsNullOrEmpty))
            return "'validation', 'augmentation' or an entry of 'frozen' is empty";
        if (Data.Any(d => d.Repeat < 1))
            return "'repeat' begins at 1";
        if (Data.FirstOrDefault(d => d.Draw is < 0 or > 1_000_000) is { } drawn)
            return $"'{drawn.Name}' with {drawn.Draw} faces to draw; expected up to 1,000,000";
        if (Data.All(d => d.Draw > 0))
            return "only drawn faces under 'data'; expected a folder, too";
        if (Data.FirstOrDefault(d => d.LabelShift is not (> -0.2f and < 0.2f)) is { } shifted)
            return $"'{shifted.Name}' with a label_shift of {shifted.LabelShift}; expected -0.2 to 0.2";
        if (Data.FirstOrDefault(d => d.PlainProbability is not (null or >= 0 and <= 1)) is { } plain)
            return $"'{plain.Name}' with a plain_probability of {plain.PlainProbability}; expected 0 to 1";
        if (Data.FirstOrDefault(d => d.Name.TrimEnd('/').EndsWith("-val", StringComparison.Ordinal)) is { } val)
            return $"'{val.Name}' is for validation; nothing is trained on it";
        return Phases.FirstOrDefault(p => p.Size % 32 != 0 || p.Size < 64) is { } phase
            ? $"a crop of {phase.Size}; expected a multiple of 32 from 64 on" : null;
    }
}

/// <summary>Everything that decides the training of a landmark detector.</summary>
public sealed record DetectorRecipe : FaceRecipe
{
    public override NetworkKind Network { get; init; } = NetworkKind.Compact;

    /// <summary>Multiplier of the compact network's channels.</summary>
    public double Width { get; init; } = 1;

    /// <summary>Hourglasses of the compact network.</summary>
    public int Stacks { get; init; } = 1;

    /// <summary>The compact network's loss.</summary>
    public CompactLoss Loss { get; init; } = new();

    /// <summary>STAR's network and loss.</summary>
    public StarRecipe Star { get; init; } = new();

    public override string? Fault()
    {
        if (base.Fault() is { } fault)
            return fault;
        if (Network == NetworkKind.Finder)
            return "a recipe of a face finder, not of a landmark detector";
        if (Loss is null || Star is null)
            return "'loss' or 'star' is empty";
        if (Width is not (>= 0.125 and <= 4))
            return $"a width of {Width}; expected 0.125 to 4";
        if (Stacks is < 1 or > 8)
            return $"{Stacks} stacks; expected 1 to 8";
        if (Star.Channels is < 2 or > StarCheckpoint.MostChannels || Star.StemChannels is < 1 or > StarCheckpoint.MostChannels
            || Star.Stacks is < 1 or > StarCheckpoint.MostStacks)
        {
            return $"'star' with {Star.Channels} channels, {Star.StemChannels} of the stem, {Star.Stacks} stacks; expected 2 to "
                + $"{StarCheckpoint.MostChannels}, 1 to {StarCheckpoint.MostChannels} and 1 to {StarCheckpoint.MostStacks}";
        }
        if (Network == NetworkKind.Star && Precision != TrainingPrecision.Float32)
            return "star is trained with the precision float32";
        return Network == NetworkKind.Star && Phases.Any(p => p.Size != StarOptions.CropSize)
            ? $"star takes crops of {StarOptions.CropSize}: set the size of every phase" : null;
    }

    /// <summary>How a phase varies the faces of a scheme, by their <see cref="StoredFace.PlainProbability"/>.</summary>
    internal Func<StoredFace, FaceVariation> VariationsOf(Phase phase, LandmarkScheme scheme)
    {
        var made = Data.Select(d => d.PlainProbability).Append(null).Select(PlainOf).Distinct()
            .ToDictionary(plain => plain, plain => Variation(phase, scheme, plain));
        return face => made[PlainOf(face.PlainProbability)];

        float PlainOf(float? own) => own ?? Augmentation.PlainProbability;
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
}

/// <summary>A folder of faces and how often each of them comes in an epoch.</summary>
public sealed record DataRecipe
{
    /// <summary>Name of a folder with annotations.tsv and images/; of drawn faces, any.</summary>
    public required string Name { get; init; }

    /// <summary>Faces in an epoch that are drawn, each anew every time, instead of read from a folder.</summary>
    public int Draw { get; init; }

    /// <summary>Times a face comes in an epoch.</summary>
    public int Repeat { get; init; } = 1;

    /// <summary>
    /// By how much its labels lie to the right of the points in the picture, as a share of the eye distance (36-45). A
    /// mirrored picture is then labelled as its source would label it, and a stylised one is not taught the source's
    /// habit.
    /// </summary>
    /// <remarks>300-W's photos: 0.018, the mean error along x of a network trained on mirrored faces.</remarks>
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

    /// <summary>Hourglasses, one after the other.</summary>
    public int Stacks { get; init; } = 4;

    /// <summary>Channels of the first convolution, at 128 x 128.</summary>
    public int StemChannels { get; init; } = 64;

    /// <summary>Version of the loss.</summary>
    public StarLossVersion Version { get; init; } = StarLossVersion.Two;

    /// <summary>Distance inside the loss.</summary>
    public PointDistance Distance { get; init; } = PointDistance.SmoothL1;

    /// <summary>Weight of the eigenvalues.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>
    /// Vary faces as the original does (<see cref="StarAugmenter"/>) instead of by domain randomisation; of
    /// <see cref="FaceRecipe.Augmentation"/> only the crop factor, of a phase not the strength counts then.
    /// </summary>
    public bool OriginalAugmentation { get; init; }
}

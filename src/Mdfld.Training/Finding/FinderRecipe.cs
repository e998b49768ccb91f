namespace Mdfld.Training;

/// <summary>Everything that decides the training of a face finder.</summary>
public sealed record FinderRecipe : FaceRecipe
{
    public override NetworkKind Network { get; init; } = NetworkKind.Finder;

    /// <summary>How its pictures are composed.</summary>
    public SceneSettings Scenes { get; init; } = new();

    public override string? Fault()
    {
        if (base.Fault() is { } fault)
            return fault;
        if (Network != NetworkKind.Finder)
            return "a recipe of a landmark detector, not of a face finder";
        if (Scenes is null)
            return "'scenes' is empty";
        if (Scenes.Pictures is not { Count: > 0 } || Scenes.ValidationPictures is null)
            return "'scenes.pictures' is empty; expected folders";
        if (Scenes.Pictures.FirstOrDefault(p => p.TrimEnd('/').EndsWith("-val", StringComparison.Ordinal)) is { } val)
            return $"'{val}' is for validation; nothing is trained on it";
        if (Scenes.Shows < 1 || Batch % Scenes.Shows != 0)
            return $"a batch of {Batch} cannot be made of scenes shown {Scenes.Shows} times";
        return Scenes.HoldOut < 2 ? $"a hold_out of {Scenes.HoldOut}; expected at least 2" : null;
    }
}

/// <summary>Recipes of landmark detectors and face finders.</summary>
public static class FaceRecipes
{
    /// <summary>Reads a recipe of either: its key <c>network</c> says which.</summary>
    /// <inheritdoc cref="RecipeFile.Read"/>
    public static FaceRecipe Read(string path, IEnumerable<string>? changes = null) =>
        RecipeFile.TextOf(path, "network") == NetworkKind.Finder.NameOf()
            ? RecipeFile.Read<FinderRecipe>(path, changes) : RecipeFile.Read<DetectorRecipe>(path, changes);
}

/// <summary>How a face finder's pictures are composed. Shares are of all pictures.</summary>
public sealed record SceneSettings
{
    /// <summary>Folders of full pictures: <c>images/</c> and <c>faces.tsv</c>, see FacePictures.</summary>
    public IReadOnlyList<string> Pictures { get; init; } = ["pictures"];

    /// <summary>
    /// A landmark model that gives the faces of full pictures their points; without it they teach boxes only.
    /// </summary>
    public string? LandmarkModel { get; init; }

    /// <summary>
    /// Another finder's model: what it sees in pictures whose list has no ignored faces is learnt where the landmark
    /// model is sure of it, too, and else neither a face nor background; without it their background is not learnt.
    /// </summary>
    public string? Teacher { get; init; }

    /// <summary>
    /// A finder whose misses and false boxes in the full pictures come more often: hard example mining
    /// (Shrivastava et al. 2016).
    /// </summary>
    public string? HardExamplesOf { get; init; }

    /// <summary>Share of hard examples among the pieces of full pictures, where there are any.</summary>
    public float HardShare { get; init; } = 0.3f;

    /// <summary>
    /// One picture of that many of the first folder, by name, is not trained on: validation has its background.
    /// </summary>
    public int HoldOut { get; init; } = 7;

    /// <summary>Pictures that one face fills, always at the same position, without labels; null for none.</summary>
    public BoxedRecipe? Boxed { get; init; }

    /// <summary>Share of the pictures that are turned all round; the others are turned a little.</summary>
    public float TurnedShare { get; init; } = 0.5f;

    /// <summary>Share of pieces of full pictures with their own faces.</summary>
    public float PhotoShare { get; init; } = 0.3f;

    /// <summary>Share of portraits: one face and its surroundings fill the picture.</summary>
    public float PortraitShare { get; init; } = 0.2f;

    /// <summary>Share of pictures without a face.</summary>
    public float EmptyShare { get; init; } = 0.12f;

    /// <summary>Longer side of the smallest face shown, pixels.</summary>
    public float SmallestFace { get; init; } = 11;

    /// <summary>Longer side of the largest face / side of the picture.</summary>
    public float LargestFace { get; init; } = 0.9f;

    /// <summary>Chance that a style filter is applied to the picture.</summary>
    public float StyleFilterProbability { get; init; } = 0.3f;

    /// <summary>Chance that a mask, glasses, a scarf, fingers or a hat are drawn over a face.</summary>
    public float CoverProbability { get; init; } = 0.12f;

    /// <summary>Chance that a face alone is darkened, or veiled by haze.</summary>
    public float LightProbability { get; init; } = 0.1f;

    /// <summary>Chance that a picture is grey or brown and faded.</summary>
    public float OldProbability { get; init; } = 0.08f;

    /// <summary>Chance that a picture is dark.</summary>
    public float DarkProbability { get; init; } = 0.08f;

    /// <summary>Drawn faces beside the labelled ones.</summary>
    public int DrawnFaces { get; init; } = 350;

    /// <summary>Times a drawn face counts among the others.</summary>
    public int DrawnRepeat { get; init; } = 2;

    /// <summary>Times a composed picture is shown, varied; a divisor of the batch.</summary>
    public int Shows { get; init; } = 4;

    /// <summary>Weight of the boxes in the loss.</summary>
    public double BoxWeight { get; init; } = 2;

    /// <summary>Weight of the five points in the loss.</summary>
    public double PointWeight { get; init; } = 2;

    /// <summary>Folders of full pictures to validate on; nothing is learnt from them.</summary>
    public IReadOnlyList<string> ValidationPictures { get; init; } = [];

    /// <summary>Composed pictures a validation folder is measured on.</summary>
    public int ValidationScenes { get; init; } = 48;
}

/// <summary>A folder of pictures that one face fills, and where in them it lies, in shares of their sides.</summary>
public sealed record BoxedRecipe
{
    /// <summary>Name of a folder with <c>images/</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Chance that a face comes from here.</summary>
    public float Share { get; init; } = 0.15f;

    /// <summary>Left side of the box.</summary>
    public required float Left { get; init; }

    /// <summary>Upper side of the box.</summary>
    public required float Top { get; init; }

    /// <summary>Width of the box.</summary>
    public required float Width { get; init; }

    /// <summary>Height of the box.</summary>
    public required float Height { get; init; }
}

using System.Numerics;
using Mdfld.Training.Augment;

namespace Mdfld.Training;

/// <summary>A face ready for augmentation: its surroundings, reduced to what training can use.</summary>
/// <param name="Landmarks">Pixels of <paramref name="Picture"/>.</param>
/// <param name="Crop">The tight square, side 200 x scale, in pixels of <paramref name="Picture"/>.</param>
/// <param name="LabelShift">
/// What was taken from the labels for <paramref name="Landmarks"/>, see <see cref="DataRecipe.LabelShift"/>.
/// </param>
/// <param name="PlainProbability">See <see cref="DataRecipe.PlainProbability"/>.</param>
internal sealed record StoredFace(
    Picture Picture, Vector2[] Landmarks, FaceCrop Crop, float LabelShift = 0, float? PlainProbability = null)
{
    /// <summary>The picture it is from, as <see cref="LabelledFace.ImagePath"/>; empty for drawn ones.</summary>
    public string ImagePath { get; init; } = "";

    /// <summary>How much each point counts; empty where all count 1.</summary>
    public float[] Weights { get; init; } = [];

    /// <summary>
    /// The same face as a recipe wants it shown, with its landmarks where the picture, not the label, has them.
    /// </summary>
    public StoredFace From(DataRecipe source, LandmarkScheme scheme)
    {
        Vector2[] moved = [.. Landmarks];
        Shift(moved, -source.LabelShift, scheme);
        return this with
        {
            Landmarks = moved,
            LabelShift = source.LabelShift,
            PlainProbability = source.PlainProbability,
        };
    }

    /// <summary>A face drawn at random.</summary>
    /// <param name="size">Side of the crop that the network will see.</param>
    public static StoredFace Drawn(Random random, int size, DataRecipe source)
    {
        var drawn = DrawnFaces.Draw(random, size * 3 / 2);
        return new StoredFace(
            drawn.Picture, drawn.Landmarks, FaceBox.Around(drawn.Landmarks).ToCrop(1),
            PlainProbability: source.PlainProbability)
        {
            Weights = drawn.Weights,
        };
    }

    /// <summary>Moves points along the line of the eyes, by a share of the distance of their outer corners.</summary>
    public static void Shift(Span<Vector2> points, float share, LandmarkScheme scheme)
    {
        var eyes = scheme.OuterEyeCorners;
        var by = share * (points[eyes[1].Indices[0]] - points[eyes[0].Indices[0]]);
        foreach (ref var p in points)
            p += by;
    }
}

/// <summary>All faces of a run in memory, decoded and reduced once.</summary>
internal static class FaceStore
{
    // The widest augmented crop sees about this much of the tight square's surroundings.
    private const double Surroundings = 2;

    // Kept resolution over the network's: enough that an enlarged face is still sharp.
    private const double Oversampling = 1.4;

    /// <summary>Reads folders of faces.</summary>
    /// <param name="size">Largest crop the network will see, pixels.</param>
    /// <param name="cropFactor">Side of the crop / side of the tight square.</param>
    /// <param name="onBad">Told of each face that is left out; null leaves none out.</param>
    /// <exception cref="InvalidDataException">
    /// Pictures are broken or missing, or faces lie outside them: all of a folder are listed.
    /// </exception>
    public static IReadOnlyList<StoredFace[]> Load(
        IReadOnlyList<FaceFolder> folders, int size, double cropFactor, Action<string>? onBad = null,
        CancellationToken stop = default) =>
        [.. folders.Select(folder => LoadFolder(folder, size, cropFactor, onBad, stop))];

    private static StoredFace[] LoadFolder(
        FaceFolder folder, int size, double cropFactor, Action<string>? onBad, CancellationToken stop)
    {
        var faces = ParallelMap.SelectSound(
            folder.Faces, face => Reduce(folder.LoadPicture(face), face, size, cropFactor), folder.Path, onBad, stop);
        return faces.Length > 0 ? faces
            : throw new InvalidDataException($"{folder.Path}: no face whose picture can be read");
    }

    /// <summary>Cuts the surroundings out, reduced to what a crop of <paramref name="size"/> can show.</summary>
    /// <exception cref="InvalidDataException">The face lies outside its picture.</exception>
    public static StoredFace Reduce(Picture picture, LabelledFace face, int size, double cropFactor)
    {
        var tightSide = size * Oversampling / cropFactor;
        var square = FaceCrop.FromScale(face.Scale, face.Centre, 1);
        var half = square.Side * Surroundings / 2;
        var left = Math.Max(0, Math.Floor(square.Centre.X - half));
        var top = Math.Max(0, Math.Floor(square.Centre.Y - half));
        var right = Math.Min(picture.Width, Math.Ceiling(square.Centre.X + half));
        var bottom = Math.Min(picture.Height, Math.Ceiling(square.Centre.Y + half));
        if (right - left < 2 || bottom - top < 2)
            throw new InvalidDataException(
                $"{face.ImagePath}: the annotated face lies outside the picture of {picture.Width} x {picture.Height}");

        var s = Math.Min(1, tightSide / square.Side);
        var (width, height) = ((int)Math.Ceiling((right - left) * s), (int)Math.Ceiling((bottom - top) * s));
        var t = (s - 1) / 2;
        var map = Homography.Affine(s, 0, t - (s * left), 0, s, t - (s * top));
        return new StoredFace(
            picture.Warp(map, width, height, antialias: true),
            [.. HeadView.Complete([.. face.Landmarks]).Select(map.Apply)],
            new FaceCrop(map.Apply(square.Centre), (float)(square.Side * s)))
        {
            Weights = face.IsComplete ? [] : [.. face.Landmarks.Select(p => LabelledFace.IsMissing(p) ? 0f : 1f)],
            ImagePath = face.ImagePath,
        };
    }
}

/// <summary>Finds the folders of faces that a recipe names.</summary>
public static class DataFolders
{
    /// <summary>Opens folders by name, each in the first root that has it.</summary>
    /// <param name="names">As in the recipe, such as <c>real-train</c>.</param>
    /// <param name="roots">Folders that hold folders of faces.</param>
    /// <param name="onBad">See <see cref="FaceFolder.Open(string, Action{string})"/>; null leaves nothing out.</param>
    /// <exception cref="DirectoryNotFoundException">A folder is in none of the roots.</exception>
    /// <exception cref="InvalidDataException">Its annotations are malformed.</exception>
    public static IReadOnlyList<FaceFolder> Open(
        IEnumerable<string> names, IReadOnlyList<string> roots, Action<string>? onBad = null) =>
        [.. names.Select(name => Open(name, roots, onBad))];

    /// <summary>Opens one folder.</summary>
    /// <inheritdoc cref="Open(IEnumerable{string}, IReadOnlyList{string}, Action{string})"/>
    public static FaceFolder Open(string name, IReadOnlyList<string> roots, Action<string>? onBad = null) =>
        onBad is null ? FaceFolder.Open(Find(name, roots)) : FaceFolder.Open(Find(name, roots), onBad);

    /// <summary>The first folder of that name.</summary>
    /// <exception cref="DirectoryNotFoundException">It is in none of the roots.</exception>
    public static string Find(string name, IReadOnlyList<string> roots) =>
        roots.Select(root => Path.Combine(root, name)).FirstOrDefault(Directory.Exists)
        ?? throw new DirectoryNotFoundException(
            $"'{name}', named by the recipe, is not in {string.Join(" or ", roots)}; give its parent with --data");
}

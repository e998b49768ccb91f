using System.Numerics;
using Mdfld.Training.Augment;

namespace Mdfld.Training;

/// <summary>What a picture to try a detector on shows.</summary>
internal enum CalibrationKind
{
    Photo,

    /// <summary>A photo whose head was turned in space.</summary>
    Turned,

    /// <summary>A face of another shape and medium.</summary>
    Stylised,

    /// <summary>A face that the program drew.</summary>
    Drawn,
    NoFace,
}

/// <summary>A picture to try a detector on.</summary>
/// <param name="Landmarks">Of its one face; null where it holds none.</param>
/// <param name="Folder">Where the face came from.</param>
/// <param name="IsRestyled">Whether it is no longer in its own medium.</param>
internal sealed record CalibrationScene(
    Picture Picture, Vector2[]? Landmarks, CalibrationKind Kind, FaceFolder? Folder = null, bool IsRestyled = false);

/// <summary>
/// Pictures a detector may fail on: photos, heads turned in space, faces varied in shape and medium, drawn faces,
/// reduced to all sizes; and pictures without a face: pieces of photos between the faces, and faces in shuffled tiles.
/// </summary>
internal sealed class CalibrationScenes
{
    private const int Side = 256;
    private const float ShuffledShare = 0.5f;
    private const int SmallestPicture = 40;

    // Between a face and a piece without one, as a share of the face's sides.
    private const float Margin = 0.3f;

    // How much of the surroundings of a face is seen: 1.9 x the landmark box. Nothing is mirrored: labels have habits
    // that the mirror image does not have.
    private static readonly AugmentationOptions Stylised =
        new()
        {
            PlainProbability = 0,
            CropFactor = 1.9f,
            CropFactorSpread = 0.2f,
            ShiftSpread = 0.08f,
            MirrorProbability = 0,
        };

    private static readonly AugmentationOptions Photo = Stylised with { PlainProbability = 1 };

    private static readonly Dictionary<CalibrationKind, AugmentationOptions> Variations = new()
    {
        [CalibrationKind.Photo] = Photo,
        [CalibrationKind.Turned] = Photo with { TurnProbability = 1 },
        [CalibrationKind.Stylised] = Stylised,
        // As they are drawn, or printed, copied and filtered.
        [CalibrationKind.Drawn] = Stylised with
        {
            PlainProbability = 0.5f,
            ExaggerationProbability = 0,
            DrawingProbability = 0,
            StyleFilterProbability = 0.3f,
        },
    };

    private readonly IReadOnlyList<FaceFolder> _folders;
    private readonly IReadOnlyList<FacePicture> _pictures;
    private readonly Dictionary<CalibrationKind, Augmenter> _augmenters;
    private readonly CalibrationKind[] _kinds;
    private readonly LandmarkScheme _scheme;

    /// <param name="folders">Labelled faces; folders count alike, however many faces they have.</param>
    /// <param name="pictures">Full pictures whose faces are known; may be none.</param>
    public CalibrationScenes(
        IReadOnlyList<FaceFolder> folders, IReadOnlyList<FacePicture> pictures, LandmarkScheme scheme)
    {
        (_folders, _pictures, _scheme) = (folders, pictures, scheme);
        _augmenters = Variations.ToDictionary(v => v.Key, v => new Augmenter(v.Value, scheme, Side));
        // What turns heads and draws faces knows 68 points only.
        _kinds = scheme.Count == LandmarkScheme.Ibug68.Count
            ? Enum.GetValues<CalibrationKind>()
            : [CalibrationKind.Photo, CalibrationKind.Stylised, CalibrationKind.NoFace];
    }

    /// <summary>Draws one, of every kind as often; any number of threads may.</summary>
    /// <exception cref="InvalidDataException">A picture or an annotation is broken.</exception>
    public CalibrationScene Draw(Random random)
    {
        var kind = random.Pick(_kinds);
        if (kind == CalibrationKind.NoFace)
        {
            var empty = _pictures.Count == 0 || random.Chance(ShuffledShare) ? Shuffled(random) : Piece(random);
            return new CalibrationScene(Reduce(empty, random, out _), null, kind);
        }
        var face = Face(kind, random);
        var picture = Reduce(face.Picture, random, out var map);
        return face with { Picture = picture, Landmarks = [.. face.Landmarks!.Select(map.Apply)] };
    }

    private CalibrationScene Face(CalibrationKind kind, Random random)
    {
        var folder = kind == CalibrationKind.Drawn ? null : _folders[random.Next(_folders.Count)];
        var face = folder is null
            ? StoredFace.Drawn(random, Side, new DataRecipe { Name = "drawn" })
            : Load(folder, folder.Faces[random.Next(folder.Faces.Count)]);
        var picture = new Picture(Side, Side);
        var landmarks = new Vector2[_scheme.Count];
        var changes = _augmenters[kind].Apply(face.Picture, face.Landmarks, face.Crop, random, picture, landmarks);
        return new CalibrationScene(
            picture, landmarks, kind, folder, folder is not null && changes.HasFlag(FaceChanges.Restyled));

        static StoredFace Load(FaceFolder folder, LabelledFace label) => FaceStore.Reduce(
            folder.LoadPicture(label), label, Side, Stylised.CropFactor);
    }

    private Picture Shuffled(Random random)
    {
        var face = Face(CalibrationKind.Stylised, random);
        return HardNegative.Shuffled(face.Picture, 1 << random.Next(2, 5), random, turnsTiles: true);
    }

    /// <summary>
    /// A piece of a photo that touches no known face; of the size of the smallest one at most, so that no unknown face
    /// of a crowd fits in well. Where none is found, a shuffled face.
    /// </summary>
    private Picture Piece(Random random)
    {
        var source = _pictures[random.Next(_pictures.Count)];
        var picture = FileNames.LoadPicture(source.Path);
        var most = Math.Min(picture.Width, picture.Height) / 2f;
        var largest = source.Faces.Count == 0 ? most : source.Faces.Min(f => MathF.Min(f.Width, f.Height));
        var side = MathF.Min(most, largest * random.Uniform(0.6f, 1));
        for (var attempt = 0; attempt < 12 && side >= 16; attempt++)
        {
            var centre = new Vector2(
                random.Uniform(side / 2, picture.Width - (side / 2)),
                random.Uniform(side / 2, picture.Height - (side / 2)));
            var piece = FaceBox.AtCentre(centre, side, side);
            if (source.Faces.Concat(source.Ignored).All(f => Wider(f).IntersectionOverUnion(piece) == 0))
                return picture.Warp(new FaceCrop(centre, side).ToCrop(Side), Side, Side, antialias: true);
        }
        return Shuffled(random);

        static FaceBox Wider(FaceBox box) =>
            FaceBox.AtCentre(box.Centre, box.Width * (1 + (2 * Margin)), box.Height * (1 + (2 * Margin)));
    }

    private static Picture Reduce(Picture picture, Random random, out Homography map)
    {
        var side = (int)(SmallestPicture * MathF.Pow(Side / (float)SmallestPicture, random.NextSingle()));
        var s = side / (double)Side;
        map = Homography.Affine(s, 0, (s - 1) / 2, 0, s, (s - 1) / 2);
        return picture.Warp(map, side, side, antialias: true);
    }
}

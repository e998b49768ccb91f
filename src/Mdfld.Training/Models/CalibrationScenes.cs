using System.Numerics;
using Mdfld.Training.Augment;

namespace Mdfld.Training;

/// <summary>A picture to try a detector on, and the landmarks of its one face; null where it holds none.</summary>
internal sealed record CalibrationScene(Picture Picture, Vector2[]? Landmarks);

/// <summary>
/// Pictures a detector may fail on: faces varied in shape and medium, reduced to all sizes, and pictures without a
/// face: pieces of photos between the faces, and faces in shuffled tiles.
/// </summary>
internal sealed class CalibrationScenes
{
    private const int Side = 256;
    private const float EmptyShare = 0.35f;
    private const float ShuffledShare = 0.5f;
    private const int SmallestPicture = 40;

    // Between a face and a piece without one, as a share of the face's sides.
    private const float Margin = 0.3f;

    // How much of the surroundings of a face is seen: 1.9 x the landmark box.
    private static readonly AugmentationOptions Variation =
        new()
        {
            CropFactor = 1.9f,
            CropFactorSpread = 0.2f,
            ShiftSpread = 0.08f,
            RotationSpread = 20,
            // Stranger shapes than are learnt from: a model is too sure of those.
            ExaggerationProbability = 0.96f,
            ExaggerationAmount = 1.3f,
        };

    private readonly IReadOnlyList<FaceFolder> _folders;
    private readonly IReadOnlyList<FacePicture> _pictures;
    private readonly Augmenter _augmenter;
    private readonly LandmarkScheme _scheme;

    /// <param name="folders">Labelled faces; folders count alike, however many faces they have.</param>
    /// <param name="pictures">Full pictures whose faces are known; may be none.</param>
    public CalibrationScenes(
        IReadOnlyList<FaceFolder> folders, IReadOnlyList<FacePicture> pictures, LandmarkScheme scheme)
    {
        (_folders, _pictures, _scheme) = (folders, pictures, scheme);
        _augmenter = new Augmenter(Variation, scheme, Side);
    }

    /// <summary>Draws one; any number of threads may.</summary>
    /// <exception cref="InvalidDataException">A picture or an annotation is broken.</exception>
    public CalibrationScene Draw(Random random)
    {
        if (random.Chance(EmptyShare))
        {
            var empty = _pictures.Count == 0 || random.Chance(ShuffledShare) ? Shuffled(random) : Piece(random);
            return new CalibrationScene(Reduce(empty, random, out _), null);
        }
        var (face, landmarks) = Face(random);
        var picture = Reduce(face, random, out var map);
        return new CalibrationScene(picture, [.. landmarks.Select(map.Apply)]);
    }

    private (Picture Picture, Vector2[] Landmarks) Face(Random random)
    {
        var folder = _folders[random.Next(_folders.Count)];
        var label = folder.Faces[random.Next(folder.Faces.Count)];
        var face = FaceStore.Reduce(Picture.Load(folder.ImagePath(label)), label, Side, Variation.CropFactor);
        var picture = new Picture(Side, Side);
        var landmarks = new Vector2[_scheme.Count];
        _augmenter.Apply(face.Picture, face.Landmarks, face.Crop, random, picture, landmarks);
        return (picture, landmarks);
    }

    private Picture Shuffled(Random random)
    {
        var (face, _) = Face(random);
        return HardNegative.Shuffled(face, 1 << random.Next(2, 5), random, turnsTiles: true);
    }

    /// <summary>
    /// A piece of a photo that touches no known face; of the size of the smallest one at most, so that no unknown face
    /// of a crowd fits in well. Where none is found, a shuffled face.
    /// </summary>
    private Picture Piece(Random random)
    {
        var source = _pictures[random.Next(_pictures.Count)];
        var picture = Picture.Load(source.Path);
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

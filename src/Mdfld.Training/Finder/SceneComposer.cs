using System.Numerics;
using Mdfld.Training.Augmentation;

namespace Mdfld.Training.Finder;

/// <summary>
/// Makes endless pictures whose faces are known: pieces of whole photos, portraits, and collages of varied faces among
/// decoys on backdrops without a face; the result may be restyled and damaged as a whole. Every draw comes from the
/// random numbers given: the same ones make the same bytes. Any number of threads may share one composer.
/// </summary>
internal sealed class SceneComposer
{
    // Pieces are varied at the least of these sizes that holds them, and reduced to their place.
    private static readonly int[] PieceSizes = [48, 64, 96, 128, 192];

    private readonly SceneMaterial _material;
    private readonly SceneSettings _recipe;
    private readonly LandmarkScheme _scheme;
    private readonly int _size;
    private readonly float _factor;
    private readonly Backdrop _backdrop;
    private readonly SceneFinish _finish;
    private readonly Augmenter[] _pieces;
    private readonly Augmenter _portraits;

    /// <param name="material">What is composed.</param>
    /// <param name="recipe">In which shares.</param>
    /// <param name="augmentation">
    /// How single faces are varied; its crop factor is how much of their surroundings is cut out.
    /// </param>
    /// <param name="scheme">What the landmarks mean.</param>
    /// <param name="size">Side of the pictures, a multiple of 32.</param>
    public SceneComposer(
        SceneMaterial material, SceneSettings recipe, AugmentationOptions augmentation, LandmarkScheme scheme, int size)
    {
        (_material, _recipe, _scheme, _size) = (material, recipe, scheme, size);
        _factor = augmentation.CropFactor;
        _backdrop = new Backdrop(material.Pictures);
        _finish = new SceneFinish(augmentation, recipe.LookProbability, size);
        _pieces = [.. PieceSizes.Select(side => new Augmenter(augmentation, scheme, side))];
        var wide = augmentation with { CropFactor = 1.9f, CropFactorSpread = 0.22f, ShiftSpread = 0.08f };
        _portraits = new Augmenter(wide, scheme, PieceSizes[^1]);
    }

    /// <summary>Composes a picture.</summary>
    public Scene Compose(Random random)
    {
        var faces = new List<SceneFace>();
        var empty = random.Chance(_recipe.EmptyShare);
        var kind = random.NextSingle();
        Picture picture;
        if (!empty && kind < _recipe.PhotoShare && _material.Pictures.Count > 0)
        {
            picture = Photo(random, faces);
            if (random.Chance(0.3f))
                Collect(picture, faces, random, 1, random.Next(2));
        }
        else if (!empty && kind < _recipe.PhotoShare + _recipe.PortraitShare)
        {
            picture = Portrait(random, faces);
        }
        else
        {
            picture = _backdrop.Draw(random, _size);
            Collect(picture, faces, random, empty ? 0 : random.Next(1, 5), random.Next(empty ? 1 : 0, 4));
        }
        var smallest = faces.Count == 0 ? _size : faces.Min(f => f.Length);
        _finish.Apply(picture, random, smallest);
        return new Scene(picture, faces);
    }

    private float Length(Random random)
    {
        var (low, high) = (_recipe.SmallestFace, _recipe.LargestFace * _size);
        return low * MathF.Pow(high / low, random.NextSingle());
    }

    /// <summary>A piece of a whole photo, scaled so that one of its faces gets the length drawn.</summary>
    private Picture Photo(Random random, List<SceneFace> faces)
    {
        var source = _material.Pictures[random.Next(_material.Pictures.Count)];
        var anchor = source.Faces[random.Next(source.Faces.Length)];
        var (width, height) = (source.Picture.Width, source.Picture.Height);
        var longest = MathF.Max(anchor.Width, anchor.Height);
        // No more is shown than there is; round a face among unlabelled ones only what is near it.
        var most = source.Complete ? MathF.Max(width, height) : MathF.Min(3.2f * longest, MathF.Max(width, height));
        var side = Math.Clamp(_size * longest / Length(random), _size / 2.5f, MathF.Max(_size / 2.5f, most));
        var reach = MathF.Max(0, (side - longest) / 2);
        var centre = anchor.Centre + new Vector2(random.Uniform(-reach, reach), random.Uniform(-reach, reach));
        // Rather a whole piece of photo than a black border.
        centre = new Vector2(Inside(centre.X, width), Inside(centre.Y, height));
        var map = new FaceCrop(centre, side).ToCrop(_size);
        var mirrored = random.Chance(0.5f);
        if (mirrored)
            map = Homography.Mirror(_size) * map;
        foreach (var box in source.Faces)
        {
            var (one, other) = (
                map.Apply(new(box.Left, box.Top)), map.Apply(new(box.Left + box.Width, box.Top + box.Height)));
            AddVisible(new SceneFace(FaceBox.Around([one, other]), null), faces);
        }
        return source.Picture.Warp(map, _size, _size, antialias: true);

        float Inside(float at, int length) =>
            side < length ? Math.Clamp(at, side / 2, length - (side / 2)) : length / 2f;
    }

    private Picture Portrait(Random random, List<SceneFace> faces)
    {
        var (piece, face) = Vary(_portraits, random);
        var factor = _size / (float)piece.Width;
        AddVisible(face.Moved(factor, new Vector2((factor - 1) / 2)), faces);
        return Collage.Scaled(piece, factor);
    }

    /// <summary>Lays faces and decoys on a picture where they hide no face.</summary>
    private void Collect(Picture picture, List<SceneFace> faces, Random random, int count, int decoys)
    {
        for (var n = 0; n < count; n++)
        {
            // Several large ones would find no room.
            var length = MathF.Min(Length(random), _recipe.LargestFace * _size / MathF.Sqrt(count));
            var side = length * _factor;
            var augmenter = _pieces.FirstOrDefault(a => a.Size >= side) ?? _pieces[^1];
            var (piece, face) = Vary(augmenter, random);
            var factor = side / piece.Width;
            piece = Collage.Scaled(piece, factor);
            face = face.Moved(factor, new Vector2((factor - 1) / 2));
            if (Place(piece.Width, face, faces, random) is not { } place)
                continue;
            Collage.Lay(picture, piece, place.Left, place.Top, Edge(random), random.Uniform(0.02f, 0.2f));
            AddVisible(face.Moved(1, new Vector2(place.Left, place.Top)), faces);
        }
        for (var n = 0; n < decoys; n++)
        {
            var side = (int)MathF.Min(Length(random) * 1.3f, 0.7f * _size);
            var from = _material.Faces[random.Next(_material.Faces.Count)];
            var piece = Decoy.Draw(from, _backdrop, random, side);
            if (Place(side, null, faces, random) is { } place)
                Collage.Lay(picture, piece, place.Left, place.Top, Edge(random), random.Uniform(0.02f, 0.2f));
        }
    }

    private static PieceEdge Edge(Random random) => (PieceEdge)random.Next(3);

    private (Picture Piece, SceneFace Face) Vary(Augmenter augmenter, Random random)
    {
        if (_material.Boxed.Count > 0 && random.Chance(_recipe.Boxed?.Share ?? 0))
            return _material.Boxed[random.Next(_material.Boxed.Count)].Draw(random.Chance(0.5f));
        var from = _material.Faces[random.Next(_material.Faces.Count)];
        var piece = new Picture(augmenter.Size, augmenter.Size);
        Span<Vector2> landmarks = stackalloc Vector2[_scheme.Count];
        augmenter.Apply(from.Picture, from.Landmarks, from.Crop, random, piece, landmarks);
        return (piece, SceneFace.Of(landmarks, _scheme));
    }

    /// <summary>A place for a square piece where its face is seen and no face that is there is covered.</summary>
    private (int Left, int Top)? Place(int side, SceneFace? face, List<SceneFace> faces, Random random)
    {
        for (var attempt = 0; attempt < 15; attempt++)
        {
            var (left, top) = (
                random.Next(-side / 3, _size - (2 * side / 3) + 1), random.Next(-side / 3, _size - (2 * side / 3) + 1));
            var area = new FaceBox(left, top, side, side);
            if (faces.Any(f => f.Box.Intersection(area) > 0.05f * f.Box.Width * f.Box.Height))
                continue;
            if (face is null || face.Moved(1, new Vector2(left, top)).Visible(_size, _size) > 0.8f)
                return (left, top);
        }
        return null;
    }

    private void AddVisible(SceneFace face, List<SceneFace> faces)
    {
        if (face.Visible(_size, _size) > 0.1f)
            faces.Add(face with { Unsure = face.IsHardlySeen(_size, _size) });
    }
}

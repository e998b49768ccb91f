using System.Numerics;
using Mdfld.Training.Augment;

namespace Mdfld.Training;

/// <summary>
/// Makes endless pictures of known faces: pieces of full pictures in any turn, portraits, and varied faces among hard
/// negatives pasted on backgrounds without a face; the result may be restyled and degraded. Every draw comes from the
/// random numbers given: the same ones make the same bytes. Any number of threads may share one composer.
/// </summary>
internal sealed class SceneComposer
{
    // A style filter's brush wipes out faces not much larger than it.
    private const float SmallestToFilter = 28;

    // A mask on fewer pixels is a spot.
    private const float SmallestToCover = 14;

    // Full pictures are drawn one as often as another, or one as often as it has faces.
    private const float ByPicture = 0.7f;

    // Of a full picture: pixels shown / its own; side of the piece / its longest side.
    private const float LargestZoom = 2.5f;
    private const float LargestPiece = 1.4f;

    // Spread of the turn of pictures that are not turned all round, radians.
    private const float SmallTurn = 0.2f;

    // Pieces are varied at the least of these sizes that holds them, and reduced.
    private static readonly int[] PieceSizes = [48, 64, 96, 128, 192];

    private readonly SceneMaterial _material;
    private readonly SceneSettings _recipe;
    private readonly AugmentationOptions _augmentation;
    private readonly LandmarkScheme _scheme;
    private readonly int _size;
    private readonly (LabelledPicture Source, FaceBox? Box)[] _anchors;
    private readonly (LabelledPicture Source, FaceBox? Box)[] _hard;
    private readonly Background _background;
    private readonly Augmenter[] _pieces;
    private readonly Augmenter _portraits;

    /// <param name="recipe">Shares of the kinds of pictures.</param>
    /// <param name="augmentation">How single faces are varied, and how much of their surroundings is cut out.</param>
    /// <param name="size">Side of the pictures, a multiple of 32.</param>
    public SceneComposer(
        SceneMaterial material, SceneSettings recipe, AugmentationOptions augmentation, LandmarkScheme scheme, int size)
    {
        (_material, _recipe, _augmentation, _scheme, _size) = (material, recipe, augmentation, scheme, size);
        _anchors = [.. material.Pictures.SelectMany(p => p.Known.Select(f => (p, (FaceBox?)f.Box)))];
        _hard = [.. material.Pictures.SelectMany(p => p.HardExamples.Select(box => (p, (FaceBox?)box)))];
        _background = new Background(material.Pictures);
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
            picture = Pieces(random, faces);
            if (random.Chance(0.2f))
                PasteFaces(picture, faces, random, 1, random.Next(2));
        }
        else if (!empty && kind < _recipe.PhotoShare + _recipe.PortraitShare)
        {
            picture = Portrait(random, faces);
        }
        else
        {
            picture = _background.Draw(random, _size);
            PasteFaces(picture, faces, random, empty ? 0 : random.Next(1, 5), random.Next(empty ? 1 : 0, 4));
        }
        var known = faces.Where(f => !f.Unsure).ToArray();
        foreach (var face in known)
        {
            if (random.Chance(_recipe.LightProbability))
                FaceLight.Change(picture, face.Box, random);
            if (face.Length >= SmallestToCover && random.Chance(_recipe.CoverProbability))
                FaceCover.Draw(picture, face.Outline, random);
        }
        PostProcess(picture, random, known.Length == 0 ? _size : known.Min(f => f.Length));
        return new Scene(picture, faces);
    }

    /// <summary>Restyles and degrades all of a picture, so that faces and their surroundings are of one make.</summary>
    private void PostProcess(Picture picture, Random random, float smallestFace)
    {
        var canvas = new FilterPicture(picture);
        if (smallestFace >= SmallestToFilter && random.Chance(_recipe.StyleFilterProbability))
            StyleFilters.ApplyRandom(canvas, random, _augmentation.PostProcessingProbability);
        if (random.Chance(0.6f))
            Degradation.Tone(canvas, random, 0.7f * _augmentation.ToneAmount);
        if (random.Chance(_recipe.OldProbability))
            Degradation.Age(canvas, random);
        if (random.Chance(_recipe.DarkProbability))
            Degradation.Darken(canvas, random);
        if (random.Chance(0.2f))
            Degradation.Blur(canvas, random, 1.2f / canvas.Unit);
        if (random.Chance(0.15f))
            Degradation.Noise(canvas, random, 0.6f * _augmentation.NoiseMaximum);
        if (random.Chance(0.2f))
            Degradation.Compress(canvas, random);
        canvas.CopyTo(picture);
    }

    private float Length(Random random, int size)
    {
        var (low, high) = (_recipe.SmallestFace, _recipe.LargestFace * size);
        return low * MathF.Pow(high / low, random.NextSingle());
    }

    /// <summary>A full picture's piece, or several side by side as on a page or a sheet: many small faces.</summary>
    private Picture Pieces(Random random, List<SceneFace> faces)
    {
        var across = random.NextSingle() switch
        {
            < 0.6f => 1,
            < 0.88f => 2,
            _ => 3,
        };
        if (across == 1)
            return Piece(random, faces, _size);
        var picture = new Picture(_size, _size);
        var side = _size / across;
        for (var i = 0; i < across * across; i++)
        {
            var own = new List<SceneFace>();
            var piece = Piece(random, own, side);
            var (left, top) = (i % across * side, i / across * side);
            Compositing.Paste(picture, piece, left, top, PieceEdge.Hard, 0);
            faces.AddRange(own.Select(f => f.Moved(1, new Vector2(left, top))));
        }
        return picture;
    }

    /// <summary>A piece of a full picture, turned, scaled so that one of its faces gets the length drawn.</summary>
    private Picture Piece(Random random, List<SceneFace> faces, int size)
    {
        var (source, anchor) = _hard.Length > 0 && random.Chance(_recipe.HardShare)
            ? _hard[random.Next(_hard.Length)]
            : random.Chance(ByPicture) || _anchors.Length == 0
            ? Any(_material.Pictures[random.Next(_material.Pictures.Count)])
            : _anchors[random.Next(_anchors.Length)];
        var (width, height) = (source.Picture.Width, source.Picture.Height);
        var box = anchor ?? FaceBox.AtCentre(
            new Vector2(random.Uniform(0, width), random.Uniform(0, height)),
            LargestPiece * Math.Max(width, height) * random.Uniform(0.02f, 0.3f), 1);
        var longest = MathF.Max(box.Width, box.Height);
        var side = Math.Clamp(
            size * longest / Length(random, size), size / LargestZoom,
            MathF.Max(size / LargestZoom, LargestPiece * Math.Max(width, height)));
        var roll = random.Chance(_recipe.TurnedShare)
            ? random.Uniform(-MathF.PI, MathF.PI) : SmallTurn * random.Normal();
        var reach = MathF.Max(0, (side - longest) / 2);
        var centre = box.Centre + new Vector2(random.Uniform(-reach, reach), random.Uniform(-reach, reach));
        // Rather a full piece of picture than a black border.
        centre = new Vector2(Inside(centre.X, width), Inside(centre.Y, height));
        var map = new FaceCrop(centre, side, roll).ToCrop(size);
        var isMirrored = random.Chance(0.5f);
        if (isMirrored)
            map = Homography.Mirror(size) * map;
        // What is not known to be background is not learnt as such.
        if (!source.Complete)
            faces.Add(new SceneFace(new FaceBox(0, 0, size, size), null, unsure: true));
        foreach (var face in source.Faces)
            AddVisible(face.Mapped(map, isMirrored), faces, size);
        return source.Picture.Warp(map, size, size, antialias: true);

        (LabelledPicture Source, FaceBox? Anchor) Any(LabelledPicture picture) =>
            (picture, picture.Known.Count == 0 ? null : picture.Known[random.Next(picture.Known.Count)].Box);

        float Inside(float at, int length) =>
            side < length ? Math.Clamp(at, side / 2, length - (side / 2)) : length / 2f;
    }

    private Picture Portrait(Random random, List<SceneFace> faces)
    {
        var (piece, face) = Vary(_portraits, random);
        var factor = _size / (float)piece.Width;
        AddVisible(face.Moved(factor, new Vector2((factor - 1) / 2)), faces, _size);
        return Compositing.Scaled(piece, factor);
    }

    /// <summary>Pastes faces and hard negatives into a picture where they hide no face.</summary>
    private void PasteFaces(Picture picture, List<SceneFace> faces, Random random, int count, int negatives)
    {
        for (var n = 0; n < count; n++)
        {
            // Several large ones would find no room.
            var length = MathF.Min(Length(random, _size), _recipe.LargestFace * _size / MathF.Sqrt(count));
            var side = length * _augmentation.CropFactor;
            var augmenter = _pieces.FirstOrDefault(a => a.Size >= side) ?? _pieces[^1];
            var (piece, face) = Vary(augmenter, random);
            var factor = side / piece.Width;
            piece = Compositing.Scaled(piece, factor);
            face = face.Moved(factor, new Vector2((factor - 1) / 2));
            if (Position(piece.Width, face, faces, random) is not { } position)
                continue;
            Compositing.Paste(picture, piece, position.Left, position.Top, Edge(random), random.Uniform(0.02f, 0.2f));
            AddVisible(face.Moved(1, new Vector2(position.Left, position.Top)), faces, _size);
        }
        for (var n = 0; n < negatives; n++)
        {
            var side = (int)MathF.Min(Length(random, _size) * 1.3f, 0.7f * _size);
            var from = _material.Faces[random.Next(_material.Faces.Count)];
            var piece = HardNegative.Draw(from, _background, random, side);
            if (Position(side, null, faces, random) is { } position)
                Compositing.Paste(
                    picture, piece, position.Left, position.Top, Edge(random), random.Uniform(0.02f, 0.2f));
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

    /// <summary>A position for a square piece where its face is seen and hides no other.</summary>
    private (int Left, int Top)? Position(int side, SceneFace? face, List<SceneFace> faces, Random random)
    {
        for (var attempt = 0; attempt < 15; attempt++)
        {
            var (left, top) = (
                random.Next(-side / 3, _size - (2 * side / 3) + 1), random.Next(-side / 3, _size - (2 * side / 3) + 1));
            var area = new FaceBox(left, top, side, side);
            if (faces.Any(f => f.Box is var box && box.Intersection(area) > 0.05f * box.Width * box.Height))
                continue;
            if (face is null || face.Moved(1, new Vector2(left, top)).Visible(_size, _size) > 0.8f)
                return (left, top);
        }
        return null;
    }

    private static void AddVisible(SceneFace face, List<SceneFace> faces, int size)
    {
        if (face.Visible(size, size) > Scene.LeastShown)
            faces.Add(face.SeenIn(size, size));
    }
}

using System.Numerics;
using Mdfld.Training.Augment;

namespace Mdfld.Training;

/// <summary>
/// Makes endless pictures of known faces: pieces of full photos, portraits, and varied faces among hard negatives
/// pasted on backgrounds without a face; the result may be restyled and degraded. Every draw comes from the random
/// numbers given: the same ones make the same bytes. Any number of threads may share one composer.
/// </summary>
internal sealed class SceneComposer
{
    // A style filter's brush wipes out faces not much larger than it.
    private const float SmallestToFilter = 28;

    // Pieces are varied at the least of these sizes that holds them, and reduced.
    private static readonly int[] PieceSizes = [48, 64, 96, 128, 192];

    private readonly SceneMaterial _material;
    private readonly SceneSettings _recipe;
    private readonly AugmentationOptions _augmentation;
    private readonly LandmarkScheme _scheme;
    private readonly int _size;
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
            picture = Photo(random, faces);
            if (random.Chance(0.3f))
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
        PostProcess(picture, random, faces.Count == 0 ? _size : faces.Min(f => f.Length));
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
        if (random.Chance(0.1f))
            Degradation.Blur(canvas, random, 1.2f / canvas.Unit);
        if (random.Chance(0.15f))
            Degradation.Noise(canvas, random, 0.6f * _augmentation.NoiseMaximum);
        if (random.Chance(0.1f))
            Degradation.Compress(canvas, random);
        canvas.CopyTo(picture);
    }

    private float Length(Random random)
    {
        var (low, high) = (_recipe.SmallestFace, _recipe.LargestFace * _size);
        return low * MathF.Pow(high / low, random.NextSingle());
    }

    /// <summary>A piece of a full photo, scaled so that one of its faces gets the length drawn.</summary>
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
        // Rather a full piece of photo than a black border.
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
        return Compositing.Scaled(piece, factor);
    }

    /// <summary>Pastes faces and hard negatives into a picture where they hide no face.</summary>
    private void PasteFaces(Picture picture, List<SceneFace> faces, Random random, int count, int negatives)
    {
        for (var n = 0; n < count; n++)
        {
            // Several large ones would find no room.
            var length = MathF.Min(Length(random), _recipe.LargestFace * _size / MathF.Sqrt(count));
            var side = length * _augmentation.CropFactor;
            var augmenter = _pieces.FirstOrDefault(a => a.Size >= side) ?? _pieces[^1];
            var (piece, face) = Vary(augmenter, random);
            var factor = side / piece.Width;
            piece = Compositing.Scaled(piece, factor);
            face = face.Moved(factor, new Vector2((factor - 1) / 2));
            if (Position(piece.Width, face, faces, random) is not { } position)
                continue;
            Compositing.Paste(picture, piece, position.Left, position.Top, Edge(random), random.Uniform(0.02f, 0.2f));
            AddVisible(face.Moved(1, new Vector2(position.Left, position.Top)), faces);
        }
        for (var n = 0; n < negatives; n++)
        {
            var side = (int)MathF.Min(Length(random) * 1.3f, 0.7f * _size);
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

/// <summary>The edge of a piece that was pasted into a picture.</summary>
internal enum PieceEdge
{
    Hard,
    SoftRectangle,
    SoftEllipse,
}

/// <summary>Pastes pieces into pictures.</summary>
internal static class Compositing
{
    /// <summary>Pastes a piece, its pixels as they are; what reaches out of the picture is cut off.</summary>
    public static void Paste(Picture target, Picture piece, int left, int top, PieceEdge edge, float feather)
    {
        var (halfWidth, halfHeight) = (piece.Width / 2f, piece.Height / 2f);
        var soft = 1 / MathF.Max(1e-3f, feather);
        for (var y = Math.Max(0, -top); y < Math.Min(piece.Height, target.Height - top); y++)
        {
            var source = piece.Row(y);
            var row = target.Row(top + y);
            var v = (y + 0.5f - halfHeight) / halfHeight;
            for (var x = Math.Max(0, -left); x < Math.Min(piece.Width, target.Width - left); x++)
            {
                var u = (x + 0.5f - halfWidth) / halfWidth;
                var inside = edge switch
                {
                    PieceEdge.Hard => 1,
                    PieceEdge.SoftRectangle => MathF.Min(1 - MathF.Abs(u), 1 - MathF.Abs(v)) * soft,
                    _ => (1 - MathF.Sqrt((u * u) + (v * v))) * soft,
                };
                if (inside <= 0)
                    continue;
                var alpha = MathF.Min(1, inside);
                var (i, o) = (x * Picture.Channels, (left + x) * Picture.Channels);
                for (var c = 0; c < Picture.Channels; c++)
                    row[o + c] = FilterPicture.ToByte(row[o + c] + (alpha * (source[i + c] - row[o + c])));
            }
        }
    }

    /// <summary>A piece enlarged or reduced; p' = factor p + (factor - 1) / 2.</summary>
    public static Picture Scaled(Picture piece, float factor)
    {
        if (factor == 1)
            return piece;
        var t = (factor - 1) / 2;
        // Floor: a started last pixel would be half black.
        var (width, height) = (Math.Max(1, (int)(piece.Width * factor)), Math.Max(1, (int)(piece.Height * factor)));
        return piece.Warp(Homography.Affine(factor, 0, t, 0, factor, t), width, height, antialias: true);
    }
}

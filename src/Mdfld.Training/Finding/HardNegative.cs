using System.Numerics;
using Mdfld.Training.Augment;

namespace Mdfld.Training;

/// <summary>Pieces that resemble faces and are none: parts, occluded and shuffled faces, hair, ears.</summary>
internal static class HardNegative
{
    /// <summary>Draws one.</summary>
    /// <param name="face">A face to spoil.</param>
    /// <param name="size">Side of the piece, pixels.</param>
    public static Picture Draw(StoredFace face, Background background, Random random, int size) => random.Next(5) switch
    {
        0 => Shuffled(Surrounded(face, random, size), random.Next(3, 6), random),
        1 => Occluded(Surrounded(face, random, size), background, random),
        2 => Part(face, random, size),
        3 => Beside(face, random, size),
        _ => background.Draw(random, size),
    };

    private static Picture Surrounded(StoredFace face, Random random, int size) =>
        Cut(face.Picture, face.Crop with { Side = face.Crop.Side * random.Uniform(1.35f, 1.7f) }, random, size);

    /// <summary>One feature: a single eye is no face.</summary>
    private static Picture Part(StoredFace face, Random random, int size)
    {
        var at = face.Landmarks[random.Next(face.Landmarks.Length)];
        return Cut(face.Picture, new FaceCrop(at, face.Crop.Side * random.Uniform(0.2f, 0.42f)), random, size);
    }

    /// <summary>What lies at the edge of the head: hair, an ear, a neck.</summary>
    private static Picture Beside(StoredFace face, Random random, int size)
    {
        var box = FaceBox.Around(face.Landmarks);
        for (var attempt = 0; attempt < 8; attempt++)
        {
            var side = face.Crop.Side * random.Uniform(0.4f, 0.8f);
            var (x, y) = (random.Uniform(0, face.Picture.Width), random.Uniform(0, face.Picture.Height));
            var area = new FaceBox(x - (side / 2), y - (side / 2), side, side);
            if (area.Intersection(box) < 0.12f * box.Width * box.Height)
                return Cut(face.Picture, new FaceCrop(new Vector2(x, y), side), random, size);
        }
        return Part(face, random, size);
    }

    /// <summary>A square picture in count x count shuffled tiles, some upside down if wanted.</summary>
    public static Picture Shuffled(Picture picture, int count, Random random, bool turnsTiles = false)
    {
        var side = picture.Width / count;
        var order = Enumerable.Range(0, count * count).ToArray();
        random.Shuffle(order);
        var shuffled = new Picture(count * side, count * side);
        for (var i = 0; i < order.Length; i++)
        {
            var (left, top) = (order[i] % count * side, order[i] / count * side);
            var isTurned = turnsTiles && random.Chance(0.5f);
            for (var y = 0; y < side; y++)
            {
                picture.Row(top + (isTurned ? side - 1 - y : y))
                    .Slice(left * Picture.Channels, side * Picture.Channels)
                    .CopyTo(shuffled.Row((i / count * side) + y)[(i % count * side * Picture.Channels)..]);
            }
        }
        return shuffled;
    }

    private static Picture Occluded(Picture piece, Background background, Random random)
    {
        var side = (int)(piece.Width * random.Uniform(0.72f, 0.9f));
        var left = (piece.Width - side) / 2;
        Compositing.Paste(
            piece, background.Draw(random, side), left, left,
            random.Chance(0.5f) ? PieceEdge.SoftEllipse : PieceEdge.SoftRectangle, 0.15f);
        return piece;
    }

    private static Picture Cut(Picture picture, FaceCrop crop, Random random, int size)
    {
        var map = crop.ToCrop(size);
        if (random.Chance(0.5f))
            map = Homography.Mirror(size) * map;
        return picture.Warp(map, size, size, antialias: true);
    }
}

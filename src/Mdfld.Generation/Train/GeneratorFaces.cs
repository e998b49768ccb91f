using Mdfld.Generation.Dataset;

namespace Mdfld.Generation;

/// <summary>A face to learn from, and the style its picture is in. The index is its number in its folder.</summary>
internal sealed record GeneratorFace(string Picture, LabelledFace Face, int Index, Style Style)
{
    /// <summary>Where a photo comes from that the picture can be painted from; null for none.</summary>
    public PhotoSource? Photo { get; init; }
}

internal static class GeneratorFaces
{
    private const string Own = "self";

    /// <summary>Opens folders of faces; a face comes as often as its folder's entry says.</summary>
    /// <exception cref="DirectoryNotFoundException">A folder is in none of the roots.</exception>
    /// <exception cref="InvalidDataException">
    /// Annotations are malformed, or name a style that the book has not.
    /// </exception>
    public static GeneratorFace[] Open(
        IReadOnlyList<GeneratorData> data, IReadOnlyList<string> roots, StyleBook book,
        Action<string>? onBad = null) =>
        [.. data.SelectMany(d => Open(
            d, DataFolders.Open(d.Name, roots, onBad), book,
            d.Photo is null or Own ? null : DataFolders.Find(d.Photo, roots)))];

    /// <param name="photos">The folder of the photos that this one was made of, see <see cref="GeneratorData.Photo"/>.</param>
    private static IEnumerable<GeneratorFace> Open(GeneratorData data, FaceFolder folder, StyleBook book, string? photos)
    {
        if (folder.Scheme != LandmarkScheme.Ibug68)
            throw new InvalidDataException($"{folder.Path}: its faces have {folder.Scheme}; expected 68 points");
        var redrawn = photos is null ? null : RedrawnPhoto.Open(folder, photos, book);
        // A control image needs every point.
        var faces = folder.Faces.Index().Where(f => f.Item.IsComplete).Select(f => new GeneratorFace(
            folder.ImagePath(f.Item), f.Item, f.Index,
            StyleOf(data.Style ?? f.Item.Style ?? "photo", folder, f.Item, book))
        {
            Photo = data.Photo == Own ? new OwnPhoto() : redrawn?.Invoke(f.Item),
        }).ToArray();
        return Enumerable.Repeat(faces, data.Repeat).SelectMany(f => f);
    }

    private static Style StyleOf(string id, FaceFolder folder, LabelledFace face, StyleBook book) =>
        book.Styles.FirstOrDefault(s => s.Id == id)
        ?? throw new InvalidDataException(
            $"{folder.Path}: {face.ImagePath} is in the style '{id}', which {book.Source} has not; "
            + "give the folder's style in the recipe: data: [{ name: ..., style: ... }]");
}

/// <summary>A face cut out as the generator is to make it.</summary>
/// <param name="Picture">Square.</param>
/// <param name="Landmarks">Pixels of <paramref name="Picture"/>.</param>
public sealed record FaceVariant(Picture Picture, Vector2[] Landmarks);

/// <summary>
/// The fixed number of ways in which each face is shown: the first as it is, every second one mirrored, all but the
/// first a little larger or smaller and moved. A square never leaves its picture: nobody is to learn black edges.
/// </summary>
/// <param name="CropFactor">Side of the square / longest side of the tight landmark box.</param>
/// <param name="Jitter">Largest change of that side, and largest shift, as a share of it.</param>
public sealed record FaceFraming(int Size, float CropFactor, float Jitter)
{
    /// <summary>Cuts the first variants out.</summary>
    /// <inheritdoc cref="Cut"/>
    public FaceVariant[] CutAll(Picture picture, LabelledFace face, int index, int variants) =>
        [.. Enumerable.Range(0, variants).Select(v => Cut(picture, face, index, v))];

    /// <summary>Cuts one variant out.</summary>
    /// <param name="index">
    /// Number of the face in its folder; with <paramref name="variant"/> it decides all draws.
    /// </param>
    /// <param name="variant">From 0.</param>
    public FaceVariant Cut(Picture picture, LabelledFace face, int index, int variant)
    {
        var crop = FaceCrop.FromScale(face.Scale, face.Centre, CropFactor);
        if (variant > 0)
        {
            var random = new SampleOrder(1, variant).RandomAt(index);
            float Draw() => Jitter * ((2 * random.NextSingle()) - 1);
            var side = crop.Side * (1 + Draw());
            crop = new FaceCrop(crop.Centre + (side * new Vector2(Draw(), Draw())), side);
        }
        var map = Inside(crop, picture).ToCrop(Size);
        Vector2[] landmarks = [.. face.Landmarks.Select(map.Apply)];
        if (variant % 2 == 1)
        {
            landmarks = LandmarkScheme.ForCount(landmarks.Length).Mirror(landmarks, Size);
            map = Homography.Mirror(Size) * map;
        }
        return new(picture.Warp(map, Size, Size, antialias: true), landmarks);
    }

    private static FaceCrop Inside(FaceCrop crop, Picture picture)
    {
        var side = Math.Min(crop.Side, Math.Min(picture.Width, picture.Height));
        var half = side / 2;
        return new FaceCrop(
            new Vector2(
                Math.Clamp(crop.Centre.X, half - 0.5f, picture.Width - half - 0.5f),
                Math.Clamp(crop.Centre.Y, half - 0.5f, picture.Height - half - 0.5f)),
            side);
    }
}

using Mdfld.Generation.Dataset;

namespace Mdfld.Generation;

/// <summary>Where the photo comes from that a face's picture can be painted from.</summary>
internal abstract class PhotoSource
{
    /// <summary>All that the photo follows from beside the picture and its label.</summary>
    public abstract string Key { get; }

    /// <summary>A photo for each of a face's variants, of its size; null where there is none after all.</summary>
    /// <param name="variants">As the framing cuts them out.</param>
    public abstract FacePhoto[]? Of(GeneratorFace face, FaceFraming framing, FaceVariant[] variants);
}

/// <param name="Photo">Square, of the variant's size.</param>
/// <param name="HasSecondFace">Whether the variant also shows a reflection of the face, at the border.</param>
internal sealed record FacePhoto(Picture Photo, bool HasSecondFace);

/// <summary>
/// A copy of the picture itself: turned, moved, enlarged and recoloured, so that it says who it is and the control where
/// everything goes.
/// </summary>
internal sealed class OwnPhoto : PhotoSource
{
    private const float MostTurn = 0.06f, MostShift = 0.03f, MostEnlargement = 0.12f;
    private const float MostGain = 0.12f, MostContrast = 0.2f, MostGrey = 0.4f;

    public override string Key => "own photo 1";

    public override FacePhoto[] Of(GeneratorFace face, FaceFraming framing, FaceVariant[] variants) =>
        [.. variants.Select((variant, v) => new FacePhoto(
            Change(variant.Picture, new SampleOrder(1, ~v).RandomAt(face.Index)), HasSecondFace: false))];

    private static Picture Change(Picture picture, Random random)
    {
        float Draw(float most) => most * ((2 * random.NextSingle()) - 1);
        var (size, scale) = (picture.Width, 1 + (MostEnlargement * random.NextSingle()));
        var (sin, cos) = MathF.SinCos(Draw(MostTurn));
        var (a, b, middle) = (scale * cos, scale * sin, (size - 1) / 2f);
        var map = Homography.Affine(
            a, -b, middle - (a * middle) + (b * middle) + (size * Draw(MostShift)),
            b, a, middle - (b * middle) - (a * middle) + (size * Draw(MostShift)));
        var changed = picture.Warp(map, size, size, antialias: true);
        var (gain, contrast, grey) = (
            new Vector3(Draw(MostGain), Draw(MostGain), Draw(MostGain)) + Vector3.One, 1 + Draw(MostContrast),
            MostGrey * random.NextSingle() * random.NextSingle());
        var pixels = changed.Data;
        for (var i = 0; i < pixels.Length; i += Picture.Channels)
        {
            var colour = new Vector3(pixels[i], pixels[i + 1], pixels[i + 2]);
            colour = Vector3.Lerp(colour, new Vector3(Vector3.Dot(colour, new(0.299f, 0.587f, 0.114f))), grey);
            colour = Vector3.Clamp((((colour - new Vector3(128)) * contrast) + new Vector3(128)) * gain, default, new(255));
            (pixels[i], pixels[i + 1], pixels[i + 2]) = ((byte)colour.X, (byte)colour.Y, (byte)colour.Z);
        }
        return changed;
    }
}

/// <summary>
/// The photo that <c>mdfld generate --engine stylize</c> redrew, warped as it warped it: all of that follows from the
/// sample's seed and the labelled photos.
/// </summary>
internal sealed class RedrawnPhoto : PhotoSource
{
    // Labels are rounded and untangled; farther off, the sample was drawn by other rules than today's.
    private const float MostError = 1;

    // Of the cut picture; an eye is several times as large.
    private const double LeastSecondFace = 0.003;

    private const float Margin = 0.2f;

    private readonly VariedFace _varied;
    private readonly int _size;

    private RedrawnPhoto(VariedFace varied, int size, string key) => (_varied, _size, Key) = (varied, size, key);

    public override string Key { get; }

    /// <summary>Opens a data set that was made of labelled photos.</summary>
    /// <param name="photos">The folder of the photos.</param>
    /// <returns>The source of a face of the set; null where it has no record.</returns>
    /// <exception cref="InvalidDataException">It is no such set, or was made of other photos.</exception>
    public static Func<LabelledFace, RedrawnPhoto?> Open(FaceFolder set, string photos, StyleBook book)
    {
        var (file, lines) = (Path.Combine(set.Path, SampleWriter.Settings), Path.Combine(set.Path, SampleWriter.Records));
        if (!File.Exists(file) || !File.Exists(lines))
            throw new InvalidDataException(
                $"{set.Path}: has a 'photo' folder in the recipe, but no {SampleWriter.Settings} and "
                + $"{SampleWriter.Records} of mdfld generate");
        var settings = DatasetSettings.Read(file);
        var pool = LandmarkPool.Read([photos]);
        if (settings.Engine != "stylize" || settings.LandmarksSha256 != pool.Hash)
            throw new InvalidDataException(
                $"{set.Path}: was not made of {photos} by mdfld generate --engine stylize; name the folder that was given "
                + "with --landmarks");
        var records = SampleRecord.ReadAll(lines).Records.Where(r => r.Picture is not null).ToDictionary(r => r.Picture!);
        var variation = new LandmarkVariation(pool, settings.Size);
        return face => records.TryGetValue(face.ImagePath, out var record)
            && book.Styles.FirstOrDefault(s => s.Id == record.Style) is { } style
            ? new(
                variation.Draw(style, new Random(record.Seed)), settings.Size,
                string.Create(CultureInfo.InvariantCulture, $"redrawn photo 1 {pool.Hash} {record.Seed}"))
            : null;
    }

    public override FacePhoto[]? Of(GeneratorFace face, FaceFraming framing, FaceVariant[] variants)
    {
        var (photo, features) = (new Picture(_size, _size), new Picture(_size, _size));
        var landmarks = StylizeEngine.Warp(_varied, photo, features);
        return landmarks.Zip(face.Face.Landmarks, Vector2.Distance).Average() > MostError ? null
            : [.. variants.Select((variant, v) => new FacePhoto(
                framing.Cut(photo, face.Face, face.Index, v).Picture,
                HasSecondFace(framing.Cut(features, face.Face, face.Index, v).Picture, variant.Landmarks)))];
    }

    /// <summary>Whether features, white on black, are also seen away from the labelled ones.</summary>
    private static bool HasSecondFace(Picture features, Vector2[] landmarks)
    {
        var box = FaceBox.Around(landmarks.AsSpan(17));
        var (centre, half) = (box.Centre, new Vector2(box.Width, box.Height) * (0.5f + Margin));
        var count = 0;
        for (var y = 0; y < features.Height; y++)
        {
            var row = features.Row(y);
            for (var x = 0; x < features.Width; x++)
            {
                var away = Vector2.Abs(new Vector2(x, y) - centre) - half;
                if (row[x * Picture.Channels] > 127 && (away.X > 0 || away.Y > 0))
                    count++;
            }
        }
        return count > LeastSecondFace * features.Width * features.Height;
    }
}

using System.Text.Json;

namespace Mdfld.Data;

/// <summary>
/// COCO keypoints: one object with "images" (id, file_name), "annotations" (image_id, "keypoints" x, y, v, ...) and
/// "categories". Pixels count from 0. Annotations without a labelled point are left out; the style is in "attributes",
/// as CVAT writes it.
/// </summary>
internal sealed class CocoFormat : AnnotationFormat
{
    private const int Visible = 2;

    public CocoFormat()
        : base("coco", "COCO keypoints: one JSON file; styles in \"attributes\"") => KeepsStyles = true;

    public override bool Recognises(string file) => JsonCursor.Begins(
        file,
        ofEntry: _ => false,
        ofMember: name => name switch
        {
            "images" or "annotations" or "categories" => true,
            "image" or "faces" => false,
            _ => null,
        });

    public override IEnumerable<LabelledFace> Read(string file, string pictures)
    {
        // Pictures may come after the annotations that mean them.
        var images = new Dictionary<long, string>();
        var faces = new List<(string Where, long Picture, Vector2[] Points, string? Style)>();
        using (var json = JsonCursor.Open(file))
        {
            foreach (var (property, where, value) in json.Members())
            {
                if (property == "images")
                    AnnotationText.At(where, () => images[Id(value, "id")] = FileName(value, pictures));
                else if (property == "annotations" && AnnotationText.At(where, () => Points(value)) is { } points)
                {
                    var (image, style) = AnnotationText.At(where, () => (Id(value, "image_id"), Style(value)));
                    faces.Add((where, image, points, style));
                }
            }
        }
        foreach (var (where, image, points, style) in faces)
        {
            if (!images.TryGetValue(image, out var path))
                throw new InvalidDataException($"{where}: no picture has its image_id {image}");
            yield return LabelledFace.FromLandmarks(path, points, style);
        }
    }

    public override void Write(string folder, FaceSet set)
    {
        var pictures = set.ByPicture().ToArray();
        AnnotationText.WriteJson(Path.Combine(folder, "annotations.json"), new
        {
            images = pictures.Select((picture, i) =>
            {
                var size = set.SizeOf(picture.First());
                return new { id = i + 1, file_name = picture.Key, width = size?.Width, height = size?.Height };
            }),
            annotations = pictures.SelectMany((picture, i) => picture.Select(face => (face, i + 1)))
                .Select((a, i) => Annotation(i + 1, a.Item2, a.face)),
            categories = Categories(LandmarkScheme.ForCount(set.Faces[0].Landmarks.Count)),
        });
    }

    private static object Annotation(int id, int image, LabelledFace face)
    {
        var box = FaceBox.Around([.. face.Landmarks]);
        return new
        {
            id,
            image_id = image,
            category_id = 1,
            iscrowd = 0,
            area = (double)box.Width * box.Height,
            bbox = (float[])[box.Left, box.Top, box.Width, box.Height],
            num_keypoints = face.Landmarks.Count,
            keypoints = face.Landmarks.SelectMany(p => (float[])[p.X, p.Y, Visible]),
            attributes = face.Style is { } style ? new { style } : null,
        };
    }

    private static object[] Categories(LandmarkScheme scheme) =>
    [
        new
        {
            id = 1,
            name = "face",
            supercategory = "person",
            keypoints = Enumerable.Range(0, scheme.Count).Select(i => $"{i}"),
            // Lines between neighbours on a contour; COCO counts keypoints from 1.
            skeleton =
                from contour in scheme.Contours
                from i in Enumerable.Range(0, contour.Indices.Length).Skip(contour.IsClosed ? 0 : 1)
                select (int[])[contour.Indices[i == 0 ? ^1 : i - 1] + 1, contour.Indices[i] + 1],
        },
    ];

    private static string FileName(JsonElement image, string pictures) =>
        PicturePath.Parse(image.Member("file_name", JsonValueKind.String).GetString()!, pictures);

    private static long Id(JsonElement value, string name) => value.Member(name, JsonValueKind.Number).GetInt64();

    private static string? Style(JsonElement annotation) =>
        annotation.OptionalMember("attributes", JsonValueKind.Object)?.Text("style");

    /// <summary>The points; null where none is labelled.</summary>
    private static Vector2[]? Points(JsonElement annotation)
    {
        if (annotation.OptionalMember("keypoints", JsonValueKind.Array) is not { } keypoints)
            return null;
        if (keypoints.GetArrayLength() % 3 != 0)
            throw new FormatException($"{keypoints.GetArrayLength()} numbers as keypoints, expected x, y, v of each");
        var (numbers, unlabelled) = (new List<double>(), 0);
        foreach (var triple in keypoints.EnumerateArray().Chunk(3))
        {
            numbers.AddRange([triple[0].Coordinate(), triple[1].Coordinate()]);
            unlabelled += triple[2].Coordinate() == 0 ? 1 : 0;
        }
        if (unlabelled == numbers.Count / 2)
            return null;
        return unlabelled == 0 ? AnnotationText.Points(numbers) : throw new FormatException(
            $"{unlabelled} of its {numbers.Count / 2} keypoints are not labelled (v is 0)");
    }
}

using System.Text.Json;

namespace Mdfld.Data;

/// <summary>
/// COCO keypoints: one object with "images" (id, file_name), "annotations" (image_id, "keypoints" x, y, v, ...) and
/// "categories", whose names say in which order the points come. Pixels count from 0. Points whose v is 0 are missing,
/// whose v is 1 labelled but not seen; annotations without a labelled point are left out. COCO-WholeBody's "face_kpts" are taken where they are. The style
/// is in "attributes", as CVAT writes it.
/// </summary>
internal sealed class CocoFormat : AnnotationFormat
{
    private const int Hidden = 1;
    private const int Visible = 2;

    public CocoFormat()
        : base("coco", "COCO keypoints and COCO-WholeBody: one JSON file; styles in \"attributes\"") =>
        KeepsStyles = KeepsMissing = true;

    public override bool Recognises(string file) => JsonCursor.Begins(
        file,
        ofEntry: _ => false,
        ofMember: name => name switch
        {
            "images" or "annotations" or "categories" => true,
            "image" or "faces" or "shapes" => false,
            _ => null,
        });

    internal override IEnumerable<ReadFace> Read(string file, Reading reading)
    {
        // Pictures and names may come after the annotations that mean them.
        var images = new Dictionary<string, string>();
        var names = new Dictionary<string, string[]>();
        var faces = new List<(ReadFace Face, string Image, string? Category)>();
        using (var json = JsonCursor.Open(file))
        {
            foreach (var (property, where, value) in json.Members())
            {
                switch (property)
                {
                    case "images":
                        reading.One(where, () => images[Id(value, "id")] = FileName(value, reading));
                        break;
                    case "categories":
                        reading.One(where, () => value.List("keypoints").Any()
                            ? names[Id(value, "id")] = [.. value.List("keypoints").Select(n => n.ToString())] : null);
                        break;
                    case "annotations":
                        faces.AddRange(reading.Each(where, () => Faces(where, value)));
                        break;
                }
            }
        }
        foreach (var (face, image, category) in faces)
        {
            var isNamed = category is not null && names.ContainsKey(category);
            foreach (var read in reading.One(face.Where, () => face with
            {
                Picture = images.TryGetValue(image, out var path)
                    ? path : throw new FormatException($"no picture has its image_id {image}"),
                Names = !isNamed || names[category!].Length == face.Points.Count ? isNamed ? names[category!] : null
                    : throw new FormatException(
                        $"{face.Points.Count} keypoints, but its category names {names[category!].Length}"),
            }))
                yield return read;
        }
    }

    internal override void Write(string folder, FaceSet set)
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
        var box = face.Box;
        return new
        {
            id,
            image_id = image,
            category_id = 1,
            iscrowd = 0,
            area = (double)box.Width * box.Height,
            bbox = (float[])[box.Left, box.Top, box.Width, box.Height],
            num_keypoints = face.Landmarks.Count(p => !LabelledFace.IsMissing(p)),
            keypoints = face.Landmarks.SelectMany((p, i) => LabelledFace.IsMissing(p)
                ? [0, 0, 0] : (float[])[p.X, p.Y, face.Hidden.Contains(i) ? Hidden : Visible]),
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

    private static string FileName(JsonElement image, Reading reading) =>
        reading.Picture(image.Member("file_name", JsonValueKind.String).GetString()!);

    private static string Id(JsonElement value, string name) => value.Key(name)
        ?? throw new FormatException($"no \"{name}\", expected a number or text");

    private static IEnumerable<(ReadFace, string, string?)> Faces(string where, JsonElement annotation)
    {
        var face = annotation.OptionalMember("face_kpts", JsonValueKind.Array) ?? default;
        var isBody = face.ValueKind == JsonValueKind.Array && face.GetArrayLength() > 0;
        if (!isBody && annotation.OptionalMember("keypoints", JsonValueKind.Array) is { } own)
            face = own;
        if (face.ValueKind != JsonValueKind.Array || face.GetArrayLength() == 0)
            return [];
        var points = face.Triples(out var visible);
        // COCO-WholeBody's third number is how sure a detector was.
        int[] hidden = isBody ? [] : [.. visible.Index().Where(v => v.Item == Hidden).Select(v => v.Index)];
        var style = annotation.OptionalMember("attributes", JsonValueKind.Object)?.Text("style");
        return points.All(LabelledFace.IsMissing) ? [] :
            [(new ReadFace(where, "", points) { Style = style, Box = Box(annotation), Hidden = hidden }, Id(annotation, "image_id"),
                isBody ? null : annotation.Key("category_id"))];
    }

    private static FaceBox? Box(JsonElement annotation)
    {
        var box = annotation.List("bbox").ToArray();
        return box.Length == 4 && box.All(n => n.ValueKind == JsonValueKind.Number) && box[2].GetDouble() > 0
            ? new FaceBox(box[0].GetSingle(), box[1].GetSingle(), box[2].GetSingle(), box[3].GetSingle()) : null;
    }
}

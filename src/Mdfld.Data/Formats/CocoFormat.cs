using System.Numerics;
using System.Text.Json;

namespace Mdfld.Data;

/// <summary>
/// COCO keypoints: one object with "images" (id, file_name), "annotations" (image_id, "keypoints" x, y, v, ...) and
/// "categories". Pixels count from 0. Annotations without a labelled point are left out; the style is in "attributes",
/// as CVAT writes it.
/// </summary>
internal sealed class CocoFormat : IAnnotationFormat
{
    private const int Visible = 2;

    public string Name => "coco";

    public string Summary => "COCO keypoints: one JSON file; styles in \"attributes\"";

    public bool KeepsStyles => true;

    public bool HasFileAPicture => false;

    public bool IsWritten => true;

    public bool Recognises(string file) => JsonCursor.Begins(file, ofEntry: _ => false, ofMember: name => name switch
    {
        "images" or "annotations" or "categories" => true,
        "image" or "faces" => false,
        _ => null,
    });

    public IEnumerable<LabelledFace> Read(string file, string pictures)
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

    public void Write(string folder, FaceSet set) =>
        AnnotationFile.WriteJson(Path.Combine(folder, "annotations.json"), json =>
        {
            var pictures = set.ByPicture().ToArray();
            json.WriteStartObject();
            WriteImages(json, set, pictures);
            WriteAnnotations(json, pictures);
            WriteCategory(json, LandmarkScheme.ForCount(set.Faces[0].Landmarks.Count));
            json.WriteEndObject();
        });

    private static void WriteImages(Utf8JsonWriter json, FaceSet set, IGrouping<string, LabelledFace>[] pictures)
    {
        json.WriteStartArray("images");
        for (var i = 0; i < pictures.Length; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", i + 1);
            json.WriteString("file_name", pictures[i].Key);
            if (set.SizeOf(pictures[i].First()) is var (width, height))
            {
                json.WriteNumber("width", width);
                json.WriteNumber("height", height);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteAnnotations(Utf8JsonWriter json, IGrouping<string, LabelledFace>[] pictures)
    {
        json.WriteStartArray("annotations");
        var id = 0;
        foreach (var (face, image) in pictures.SelectMany((p, i) => p.Select(f => (f, i + 1))))
        {
            var box = FaceBox.Around([.. face.Landmarks]);
            json.WriteStartObject();
            json.WriteNumber("id", ++id);
            json.WriteNumber("image_id", image);
            json.WriteNumber("category_id", 1);
            json.WriteNumber("iscrowd", 0);
            json.WriteNumber("area", (double)box.Width * box.Height);
            json.WriteStartArray("bbox");
            foreach (var number in (float[])[box.Left, box.Top, box.Width, box.Height])
                json.WriteNumberValue(number);
            json.WriteEndArray();
            json.WriteNumber("num_keypoints", face.Landmarks.Count);
            json.WriteStartArray("keypoints");
            foreach (var p in face.Landmarks)
            {
                json.WriteNumberValue(p.X);
                json.WriteNumberValue(p.Y);
                json.WriteNumberValue(Visible);
            }
            json.WriteEndArray();
            if (face.Style is not null)
            {
                json.WriteStartObject("attributes");
                json.WriteString("style", face.Style);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteCategory(Utf8JsonWriter json, LandmarkScheme scheme)
    {
        json.WriteStartArray("categories");
        json.WriteStartObject();
        json.WriteNumber("id", 1);
        json.WriteString("name", "face");
        json.WriteString("supercategory", "person");
        json.WriteStartArray("keypoints");
        for (var i = 0; i < scheme.Count; i++)
            json.WriteStringValue($"{i}");
        json.WriteEndArray();
        // Lines between neighbours on a contour; COCO counts keypoints from 1.
        json.WriteStartArray("skeleton");
        foreach (var edge in scheme.Contours)
        {
            for (var i = edge.IsClosed ? 0 : 1; i < edge.Indices.Length; i++)
                json.WritePair(edge.Indices[i == 0 ? ^1 : i - 1] + 1, edge.Indices[i] + 1);
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }

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

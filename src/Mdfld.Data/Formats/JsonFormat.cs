using System.Text.Json;

namespace Mdfld.Data;

/// <summary>
/// Mdfld's own JSON, as <c>mdfld detect --format json</c> writes it: a picture an object, with "image" and "faces",
/// each with "landmarks" [[x, y], ...] and, where there is one, "style"; what else there is, is left. One object, a
/// list of them, or one after another (JSON lines).
/// </summary>
internal sealed class JsonFormat : IAnnotationFormat
{
    public string Name => "json";

    public string Summary => "Mdfld: as detect --format json writes it; a list, lines, or a file a picture";

    public bool KeepsStyles => true;

    public bool HasFileAPicture => true;

    public bool IsWritten => true;

    public bool Recognises(string file) => JsonCursor.Begins(
        file,
        ofEntry: first => first.ValueKind == JsonValueKind.Object
            && first.TryGetProperty("image", out _) && first.TryGetProperty("faces", out _),
        ofMember: name => name switch
        {
            "faces" => true,
            "images" or "annotations" or "categories" => false,
            _ => null,
        });

    public IEnumerable<LabelledFace> Read(string file, string pictures)
    {
        using var json = JsonCursor.Open(file);
        foreach (var (where, picture) in json.Values())
        {
            foreach (var face in AnnotationText.At(where, () => Faces(picture, pictures)))
                yield return face;
        }
    }

    public void Write(string folder, FaceSet set) =>
        AnnotationFile.WriteJson(Path.Combine(folder, "annotations.json"), json =>
        {
            json.WriteStartArray();
            foreach (var picture in set.ByPicture())
            {
                json.WriteStartObject();
                json.WriteString("image", picture.Key);
                json.WriteStartArray("faces");
                foreach (var face in picture)
                    WriteFace(json, face);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });

    private static List<LabelledFace> Faces(JsonElement picture, string pictures)
    {
        var image = picture.Member("image", JsonValueKind.String).GetString()!;
        var path = PicturePath.Parse(image, pictures);
        return
        [
            .. picture.Member("faces", JsonValueKind.Array).EnumerateArray().Select(face => LabelledFace.FromLandmarks(
                path, face.Member("landmarks", JsonValueKind.Array).Points(), face.Text("style"))),
        ];
    }

    private static void WriteFace(Utf8JsonWriter json, LabelledFace face)
    {
        json.WriteStartObject();
        json.WriteString("scheme", LandmarkScheme.ForCount(face.Landmarks.Count).Name);
        if (face.Style is not null)
            json.WriteString("style", face.Style);
        json.WriteStartArray("landmarks");
        foreach (var p in face.Landmarks)
            json.WritePair(p.X, p.Y);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}

using System.Text.Json;

namespace Mdfld.Data;

/// <summary>
/// Mdfld's own JSON, as <c>mdfld detect --format json</c> writes it: a picture an object, with "image" and "faces",
/// each with "landmarks" [[x, y], ...] and, where there is one, "style"; what else there is, is left. One object, a
/// list of them, or one after another (JSON lines).
/// </summary>
internal sealed class JsonFormat : AnnotationFormat
{
    public JsonFormat()
        : base("json", "Mdfld: as detect --format json writes it; a list, lines, or a file a picture") =>
        KeepsStyles = KeepsMissing = HasFilePerPicture = true;

    public override bool Recognises(string file) => JsonCursor.Begins(
        file,
        ofEntry: first => first.ValueKind == JsonValueKind.Object
            && first.TryGetProperty("image", out _) && first.TryGetProperty("faces", out _),
        ofMember: name => name switch
        {
            "faces" => true,
            "images" or "annotations" or "categories" => false,
            _ => null,
        });

    internal override IEnumerable<ReadFace> Read(string file, Reading reading)
    {
        using var json = JsonCursor.Open(file);
        foreach (var (where, picture) in json.Values())
        {
            foreach (var face in reading.Each(where, () => Faces(where, picture, reading)))
                yield return face;
        }
    }

    internal override void Write(string folder, FaceSet set) =>
        AnnotationText.WriteJson(Path.Combine(folder, "annotations.json"), set.ByPicture().Select(picture => new
        {
            image = picture.Key,
            faces = picture.Select(face => new
            {
                scheme = LandmarkScheme.ForCount(face.Landmarks.Count).Name,
                style = face.Style,
                landmarks = face.Landmarks.Select(p => LabelledFace.IsMissing(p) ? null : (float[])[p.X, p.Y]),
            }),
        }));

    private static IEnumerable<ReadFace> Faces(string where, JsonElement picture, Reading reading)
    {
        var path = reading.Picture(picture.Member("image", JsonValueKind.String).GetString()!);
        return picture.Member("faces", JsonValueKind.Array).EnumerateArray().Select(face => new ReadFace(
            where, path, face.Member("landmarks", JsonValueKind.Array).EnumerateArray().Points())
        {
            Style = face.Text("style"),
        });
    }
}

/// <summary>
/// The landmark JSON of menpo and landmarker.io: versions 1 (parts of a face as groups) and 2 (one list of points) hold
/// one face, version 3 a face for each of its named groups. A point is [y, x] in all of them.
/// </summary>
internal sealed class LjsonFormat : PerPictureFormat
{
    public LjsonFormat()
        : base("ljson", "menpo: x.ljson beside x.jpg; points [y, x], null where one is missing", ".ljson") =>
        KeepsMissing = true;

    protected override IEnumerable<ReadFace> ReadFaces(string file, string picture, Reading reading)
    {
        using var json = JsonCursor.Open(file);
        var root = json.Values().Select(v => v.Value).FirstOrDefault();
        var version = root.Member("version", JsonValueKind.Number).GetInt32();
        Vector2[][] faces = version switch
        {
            1 =>
            [
                (from part in root.Member("groups", JsonValueKind.Array).EnumerateArray()
                 from landmark in part.Member("landmarks", JsonValueKind.Array).EnumerateArray()
                 select landmark.Member("point", JsonValueKind.Array)).Points(isYFirst: true),
            ],
            2 => [Points(root)],
            3 => [.. root.Member("groups", JsonValueKind.Object).EnumerateObject().Select(g => Points(g.Value))],
            _ => throw new FormatException($"version {version}, expected 1, 2 or 3"),
        };
        return [.. faces.Select(points => new ReadFace(file, picture, points))];
    }

    protected override void WriteFaces(Stream stream, FaceSet set, IReadOnlyList<LabelledFace> faces) =>
        JsonSerializer.Serialize(stream, new
        {
            version = 3,
            groups = faces.Index().ToDictionary(f => f.Index == 0 ? "LJSON" : $"LJSON_{f.Index + 1}", f => new
            {
                labels = Array.Empty<string>(),
                landmarks = new
                {
                    points = f.Item.Landmarks.Select(
                        p => LabelledFace.IsMissing(p) ? (float?[])[null, null] : [p.Y, p.X]),
                },
            }),
        });

    private static Vector2[] Points(JsonElement group) => group.Member("landmarks", JsonValueKind.Object)
        .Member("points", JsonValueKind.Array).EnumerateArray().Points(isYFirst: true);
}

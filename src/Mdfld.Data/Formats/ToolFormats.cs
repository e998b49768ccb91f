using System.Text.Json;

namespace Mdfld.Data;

/// <summary>
/// LabelMe's JSON, a file a picture: a shape of the type point a landmark, called by its number or name; the shapes of
/// a face share a group_id. Coordinates are taken as they stand.
/// </summary>
internal sealed class LabelMeFormat : PerPictureFormat
{
    public LabelMeFormat()
        : base("labelme", "LabelMe: x.json beside x.jpg, a point shape a landmark", ".json") => KeepsMissing = true;

    public override bool Recognises(string file) => JsonCursor.Begins(
        file,
        ofEntry: _ => false,
        ofMember: name => name switch
        {
            "shapes" or "imagePath" or "imageData" => true,
            "images" or "annotations" or "categories" or "faces" => false,
            _ => null,
        });

    protected override IEnumerable<ReadFace> ReadFaces(string file, string picture, Reading reading)
    {
        using var json = JsonCursor.Open(file);
        var root = json.Values().Select(v => v.Value).FirstOrDefault();
        var shapes = root.Member("shapes", JsonValueKind.Array).EnumerateArray().ToArray();
        var named = root.Text("imagePath");
        if (named is not null && !named.Replace('\\', '/').EndsWith(
            Path.GetFileName(picture), StringComparison.OrdinalIgnoreCase))
            picture = reading.Picture(named);
        else if (named is not null && !reading.Has(picture))
            picture = reading.PictureThere(named) ?? picture;
        foreach (var face in shapes.Where(s => s.Text("shape_type") is null or "point").GroupBy(s => s.Key("group_id")))
        {
            yield return new ReadFace(
                face.Key is null ? file : $"{file}, group {face.Key}", picture,
                face.SelectMany(s => s.Member("points", JsonValueKind.Array).EnumerateArray()).Points())
            {
                Names = [.. face.Select(s => s.Key("label") ?? "")],
            };
        }
    }

    protected override void WriteFaces(Stream stream, FaceSet set, IReadOnlyList<LabelledFace> faces)
    {
        var size = set.SizeOf(faces[0]);
        AnnotationText.WriteJson(stream, new Dictionary<string, object?>
        {
            ["version"] = "5.2.1",
            ["flags"] = new { },
            ["shapes"] = faces.SelectMany((face, group) => face.Landmarks.Index()
                .Where(p => !LabelledFace.IsMissing(p.Item)).Select(p => new
                {
                    label = $"{p.Index}",
                    points = (float[][])[[p.Item.X, p.Item.Y]],
                    group_id = group + 1,
                    shape_type = "point",
                    flags = new { },
                })),
            ["imagePath"] = Path.GetFileName(faces[0].ImagePath),
            // LabelMe wants the member.
            ["imageData"] = null,
            ["imageHeight"] = size?.Height,
            ["imageWidth"] = size?.Width,
        });
    }
}

/// <summary>
/// The VGG Image Annotator's JSON: a picture a member of one object (in projects below _via_img_metadata) with
/// "regions"; points are called by a region attribute. Regions of the same attribute "face" are one face.
/// </summary>
internal sealed class ViaFormat : AnnotationFormat
{
    private static readonly string[] FaceAttributes = ["face", "face_id", "group", "person", "object"];

    public ViaFormat()
        : base("via", "VGG Image Annotator: JSON with a point region a landmark") => KeepsMissing = true;

    public override bool Recognises(string file) => JsonCursor.Begins(
        file,
        ofEntry: _ => false,
        ofMember: name => name switch
        {
            "_via_img_metadata" => true,
            "images" or "annotations" or "categories" or "faces" or "shapes" or "people" => false,
            _ => null,
        },
        ofValue: value =>
            value.TryGetProperty("regions", out _) && value.TryGetProperty("filename", out _) ? true : null);

    internal override IEnumerable<ReadFace> Read(string file, Reading reading)
    {
        using var json = JsonCursor.Open(file);
        foreach (var (property, where, value) in json.Members())
        {
            var pictures = property == "_via_img_metadata" && value.ValueKind == JsonValueKind.Object
                ? value.EnumerateObject().Select(p => (p.Name, p.Value)) : [(property, value)];
            foreach (var (name, picture) in pictures.Where(p => p.Value.ValueKind == JsonValueKind.Object
                && p.Value.TryGetProperty("regions", out _)))
            {
                var at = $"{file}, {AnnotationText.Short(name)}";
                foreach (var face in reading.Each(at, () => Faces(at, picture, reading)))
                    yield return face;
            }
        }
    }

    internal override void Write(string folder, FaceSet set) => AnnotationText.WriteJson(
        Path.Combine(folder, "via_region_data.json"),
        set.ByPicture().Select(picture =>
        {
            var path = set.ImagePath(picture.First());
            // VIA calls a picture by its name and its file's size.
            var size = FileNames.LengthOf(path) ?? -1;
            return (Key: $"{picture.Key}{size}", Value: new
            {
                filename = picture.Key,
                size,
                regions = picture.SelectMany((face, number) => face.Landmarks.Index()
                    .Where(p => !LabelledFace.IsMissing(p.Item)).Select(p => new
                    {
                        shape_attributes = new { name = "point", cx = p.Item.X, cy = p.Item.Y },
                        region_attributes = new { id = $"{p.Index}", face = $"{number}" },
                    })),
                file_attributes = new { },
            });
        }).ToDictionary(p => p.Key, p => p.Value));

    private static IEnumerable<ReadFace> Faces(string where, JsonElement picture, Reading reading)
    {
        var path = reading.Picture(picture.Member("filename", JsonValueKind.String).GetString()!);
        var regions = picture.GetProperty("regions");
        var points = (regions.ValueKind switch
        {
            JsonValueKind.Array => regions.EnumerateArray(),
            // Version 1 has an object.
            JsonValueKind.Object => regions.EnumerateObject().Select(r => r.Value),
            _ => throw new FormatException("\"regions\" is no list"),
        }).Where(r => r.OptionalMember("shape_attributes", JsonValueKind.Object)?.Text("name") == "point").ToArray();
        return points.GroupBy(FaceOf).Select(face =>
        {
            var name = NameOf([.. face]);
            return new ReadFace(where, path, [.. face.Select(At)])
            {
                Names = name is null ? null : [.. face.Select(r => Attribute(r, name)!)],
            };
        });

        static string? FaceOf(JsonElement region) =>
            FaceAttributes.Select(name => Attribute(region, name)).FirstOrDefault(value => value is not null);

        static Vector2 At(JsonElement region)
        {
            var shape = region.GetProperty("shape_attributes");
            return JsonValues.Point(shape.Member("cx", JsonValueKind.Number), shape.Member("cy", JsonValueKind.Number));
        }
    }

    private static string? Attribute(JsonElement region, string name) =>
        region.OptionalMember("region_attributes", JsonValueKind.Object)?.Key(name);

    /// <summary>The attribute that tells a face's points apart.</summary>
    private static string? NameOf(JsonElement[] points) =>
        points.SelectMany(p => p.OptionalMember("region_attributes", JsonValueKind.Object)?.EnumerateObject()
                .Select(a => a.Name) ?? [])
            .Distinct().Where(name => !FaceAttributes.Contains(name))
            .OrderByDescending(name => points.Select(p => Attribute(p, name)).Distinct().Count())
            .FirstOrDefault(name => points.All(p => Attribute(p, name) is not null));
}

/// <summary>
/// OpenPose's JSON, a file a picture: "people", each with "face_keypoints_2d" x, y, confidence of 70 points, of which
/// 68 are iBUG's; confidence 0 is a missing point. Only read.
/// </summary>
internal sealed class OpenPoseFormat : PerPictureFormat
{
    public OpenPoseFormat()
        : base("openpose", "OpenPose: x_keypoints.json with face_keypoints_2d", "_keypoints.json") =>
        IsWritten = false;

    public override bool Recognises(string file) => JsonCursor.Begins(
        file, ofEntry: _ => false,
        ofMember: name => name switch
        {
            "people" => true,
            "images" or "annotations" or "categories" or "faces" or "shapes" => false,
            _ => null,
        });

    protected override IEnumerable<ReadFace> ReadFaces(string file, string picture, Reading reading)
    {
        using var json = JsonCursor.Open(file);
        var people = json.Values().Select(v => v.Value).FirstOrDefault().Member("people", JsonValueKind.Array);
        foreach (var person in people.EnumerateArray())
        {
            if (person.OptionalMember("face_keypoints_2d", JsonValueKind.Array) is not { } list
                || list.GetArrayLength() == 0)
                continue;
            var points = list.Triples(out _);
            // With --keypoint_scale 3 they are shares of the picture's sides.
            if (points.Where(p => !LabelledFace.IsMissing(p)).All(p => p is { X: >= 0 and <= 1, Y: >= 0 and <= 1 }))
                points = Shares.ToPixels(points, reading.SizeOf(picture));
            yield return new ReadFace(file, picture, points);
        }
    }
}

/// <summary>
/// What MediaPipe's face landmarker gives, as JSON: "faceLandmarks" (or "face_landmarks", "multi_face_landmarks"), a
/// list of faces, each a list of {x, y, z} as shares of the picture's sides; of 468 or 478 points 68 are read. Only
/// read.
/// </summary>
internal sealed class MediaPipeFormat : PerPictureFormat
{
    private static readonly string[] Members =
        ["faceLandmarks", "face_landmarks", "multi_face_landmarks", "multiFaceLandmarks"];

    public MediaPipeFormat()
        : base("mediapipe", "MediaPipe: x.json with faceLandmarks; needs the pictures' sizes", ".json") =>
        IsWritten = false;

    public override bool Recognises(string file) => JsonCursor.Begins(
        file, ofEntry: _ => false,
        ofMember: name => Members.Contains(name) ? true
            : name is "images" or "annotations" or "categories" or "faces" or "shapes" or "people" ? false : null);

    protected override IEnumerable<ReadFace> ReadFaces(string file, string picture, Reading reading)
    {
        using var json = JsonCursor.Open(file);
        var root = json.Values().Select(v => v.Value).FirstOrDefault();
        if ((root.Text("image") ?? root.Text("file")) is { } named)
            picture = reading.Picture(named);
        foreach (var face in Members.SelectMany(name => root.List(name)))
        {
            var list = face.ValueKind == JsonValueKind.Object ? face.Member("landmark", JsonValueKind.Array) : face;
            if (list.ValueKind != JsonValueKind.Array)
                throw new FormatException("a face that is no list of points");
            Vector2[] points = [.. list.EnumerateArray().Select(p => JsonValues.Point(
                p.Member("x", JsonValueKind.Number), p.Member("y", JsonValueKind.Number)))];
            yield return new ReadFace(file, picture, Shares.ToPixels(points, reading.SizeOf(picture)));
        }
    }
}

/// <summary>Coordinates that are shares of a picture's sides.</summary>
internal static class Shares
{
    public static Vector2[] ToPixels(Vector2[] points, (int Width, int Height) size) =>
        [.. points.Select(p => p * new Vector2(size.Width, size.Height))];
}

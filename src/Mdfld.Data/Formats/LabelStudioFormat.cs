using System.Text.Json;

namespace Mdfld.Data;

/// <summary>
/// Label Studio's JSON: a list of tasks with "data" (the picture) and "annotations", whose "result" holds keypoints in
/// percent of the picture's sides, counted from its corner. The keypoints of a face name the region of its rectangle as
/// their parent; without parents a picture has one face. Labels that are numbers order the points.
/// </summary>
internal sealed class LabelStudioFormat : AnnotationFormat
{
    private const string LocalFiles = "/data/local-files/?d=";
    private const double Corner = 0.5;

    public LabelStudioFormat()
        : base("labelstudio", "Label Studio: JSON with keypoints in percent; writing needs the pictures' sizes") =>
        KeepsStyles = true;

    public override bool Recognises(string file) => JsonCursor.Begins(
        file,
        ofEntry: first => first.ValueKind == JsonValueKind.Object && first.TryGetProperty("data", out _)
            && (first.TryGetProperty("annotations", out _) || first.TryGetProperty("completions", out _)),
        ofMember: _ => false);

    public override IEnumerable<LabelledFace> Read(string file, string pictures)
    {
        using var json = JsonCursor.Open(file);
        foreach (var (where, task) in json.Values())
        {
            foreach (var face in AnnotationText.At(where, () => Faces(task, pictures)))
                yield return face;
        }
    }

    public override void Write(string folder, FaceSet set) =>
        AnnotationText.WriteJson(Path.Combine(folder, "annotations.json"), set.ByPicture().Select((picture, i) =>
        {
            var (width, height) = set.SizeOf(picture.First()) ?? throw new ArgumentException(
                $"{set.ImagePath(picture.First())}: no such picture; labelstudio's percentages need its size");
            var path = string.Join('/', picture.Key.Split('/').Select(Uri.EscapeDataString));
            return new
            {
                id = i + 1,
                data = new { image = LocalFiles + path },
                annotations = new[]
                {
                    new { result = picture.SelectMany((face, n) => Regions(face, $"face{n + 1}", width, height)) },
                },
            };
        }));

    /// <summary>The rectangle of a face, and its keypoints.</summary>
    private static IEnumerable<object> Regions(LabelledFace face, string id, int width, int height)
    {
        var box = FaceBox.Around([.. face.Landmarks]);
        yield return Region(
            id, null,
            new
            {
                x = 100 * (box.Left + Corner) / width,
                y = 100 * (box.Top + Corner) / height,
                width = 100.0 * box.Width / width,
                height = 100.0 * box.Height / height,
                rotation = 0,
                rectanglelabels = (string[])["face"],
            },
            face.Style is { } style ? new { text = (string[])[style] } : null);
        foreach (var (i, p) in face.Landmarks.Index())
        {
            yield return Region(
                $"{id}-{i}", id,
                new
                {
                    x = 100 * (p.X + Corner) / width,
                    y = 100 * (p.Y + Corner) / height,
                    width = 0.5,
                    keypointlabels = (string[])[$"{i}"],
                },
                null);
        }

        object Region(string own, string? parent, object value, object? meta) => new
        {
            id = own,
            type = parent is null ? "rectanglelabels" : "keypointlabels",
            from_name = parent is null ? "faces" : "points",
            to_name = "image",
            original_width = width,
            original_height = height,
            image_rotation = 0,
            parentID = parent,
            value,
            meta,
        };
    }

    private static List<LabelledFace> Faces(JsonElement task, string pictures)
    {
        var annotations = task.OptionalMember("annotations", JsonValueKind.Array)
            ?? task.OptionalMember("completions", JsonValueKind.Array);
        var annotation = annotations?.EnumerateArray().FirstOrDefault(
            a => !(a.ValueKind == JsonValueKind.Object && a.TryGetProperty("was_cancelled", out var cancelled)
                && cancelled.ValueKind == JsonValueKind.True));
        if (annotation is not { ValueKind: JsonValueKind.Object } chosen)
            return [];
        var regions = chosen.Member("result", JsonValueKind.Array).EnumerateArray().ToArray();
        var styles = regions.Where(r => r.Text("id") is not null)
            .GroupBy(r => r.Text("id")!).ToDictionary(g => g.Key, g => Style(g.First()));
        var image = ImageOf(task.Member("data", JsonValueKind.Object), pictures);
        return
        [
            .. from region in regions
               where region.Text("type") is "keypointlabels" or "keypoint"
               group KeyPoint.Of(region) by region.Text("parentID") ?? "" into face
               select LabelledFace.FromLandmarks(image, KeyPoint.Order(face), styles.GetValueOrDefault(face.Key)),
        ];
    }

    private static string? Style(JsonElement region)
    {
        if (region.OptionalMember("meta", JsonValueKind.Object) is not { } meta
            || !meta.TryGetProperty("text", out var text))
            return null;
        return text.ValueKind switch
        {
            JsonValueKind.String => text.GetString(),
            JsonValueKind.Array when text.GetArrayLength() > 0 && text[0].ValueKind == JsonValueKind.String =>
                text[0].GetString(),
            _ => null,
        };
    }

    /// <summary>
    /// The picture of a task: a path, a file Label Studio serves locally, or the last part of an address.
    /// </summary>
    private static string ImageOf(JsonElement data, string pictures)
    {
        var text = data.Text("image") ?? data.Text("img") ?? data.Member("image", JsonValueKind.String).GetString()!;
        var local = text.IndexOf("?d=", StringComparison.Ordinal);
        if (local >= 0)
            text = Uri.UnescapeDataString(text[(local + 3)..]);
        else if (text.Contains("://") || text.StartsWith("/data/", StringComparison.Ordinal))
            text = Uri.UnescapeDataString(text.Split('?')[0].Split('/')[^1]);
        return PicturePath.Parse(text, pictures);
    }

    private readonly record struct KeyPoint(int? Label, double X, double Y)
    {
        public static KeyPoint Of(JsonElement region)
        {
            if (region.OptionalMember("image_rotation", JsonValueKind.Number)?.GetDouble() is not (null or 0))
                throw new FormatException("a picture that was rotated while it was labelled");
            var value = region.Member("value", JsonValueKind.Object);
            var labels = value.OptionalMember("keypointlabels", JsonValueKind.Array)?.EnumerateArray().ToArray() ?? [];
            int? label = labels.Length == 1 && labels[0].ValueKind == JsonValueKind.String
                && int.TryParse(labels[0].GetString(), out var number) ? number : null;
            return new KeyPoint(label, Pixel(region, value, "x", "width"), Pixel(region, value, "y", "height"));
        }

        public static Vector2[] Order(IEnumerable<KeyPoint> points)
        {
            var all = points.ToArray();
            if (all.All(p => p.Label is not null))
                all = [.. all.OrderBy(p => p.Label)];
            return AnnotationText.Points([.. all.SelectMany(p => (double[])[p.X, p.Y])]);
        }

        private static double Pixel(JsonElement region, JsonElement value, string axis, string side)
        {
            var length = region.Member($"original_{side}", JsonValueKind.Number).GetDouble();
            return AnnotationText.Coordinate(
                (value.Member(axis, JsonValueKind.Number).Coordinate() * length / 100) - Corner);
        }
    }
}

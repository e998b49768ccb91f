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

    // The first that has something is read.
    private static readonly string[] Results = ["annotations", "completions", "predictions"];

    public LabelStudioFormat()
        : base("labelstudio", "Label Studio: JSON with keypoints in percent; writing needs the pictures' sizes") =>
        KeepsStyles = KeepsMissing = true;

    public override bool Recognises(string file) => JsonCursor.Begins(
        file,
        ofEntry: first => first.ValueKind == JsonValueKind.Object
            && (first.TryGetProperty("data", out _) ? Results.Any(name => first.TryGetProperty(name, out _))
                : first.EnumerateObject().Any(m => m.Value.ValueKind == JsonValueKind.Array
                    && m.Value.EnumerateArray().Any(r => r.ValueKind == JsonValueKind.Object
                        && r.TryGetProperty("keypointlabels", out _)))),
        ofMember: _ => false);

    internal override IEnumerable<ReadFace> Read(string file, Reading reading)
    {
        using var json = JsonCursor.Open(file);
        foreach (var (where, task) in json.Values())
        {
            foreach (var face in reading.Each(where, () => Faces(where, task, reading)))
                yield return face;
        }
    }

    internal override void Write(string folder, FaceSet set) =>
        AnnotationText.WriteJson(Path.Combine(folder, "annotations.json"), set.ByPicture().Select((picture, i) =>
        {
            var (width, height) = NeededSize(set, picture.First());
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
        var box = face.Box;
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
        foreach (var (i, p) in face.Landmarks.Index().Where(p => !LabelledFace.IsMissing(p.Item)))
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

    /// <summary>The regions of a task: of its first annotation that was not given up, else of a prediction.</summary>
    private static IEnumerable<JsonElement> RegionsOf(JsonElement task)
    {
        var work = Results.SelectMany(name => task.List(name)).FirstOrDefault(a => a.ValueKind == JsonValueKind.Object
            && !(a.TryGetProperty("was_cancelled", out var given) && given.ValueKind == JsonValueKind.True));
        if (work.ValueKind == JsonValueKind.Object)
            return work.Member("result", JsonValueKind.Array).EnumerateArray();
        // JSON_MIN: each tag's results are a member of the task itself, a region is its own value.
        return task.EnumerateObject().Where(m => m.Value.ValueKind == JsonValueKind.Array)
            .SelectMany(m => m.Value.EnumerateArray())
            .Where(r => r.ValueKind == JsonValueKind.Object && r.TryGetProperty("keypointlabels", out _));
    }

    private static IEnumerable<ReadFace> Faces(string at, JsonElement task, Reading reading)
    {
        if (task.ValueKind != JsonValueKind.Object)
            throw new FormatException("no task");
        var regions = RegionsOf(task).ToArray();
        var styles = regions.Where(r => r.Text("id") is not null)
            .GroupBy(r => r.Text("id")!).ToDictionary(g => g.Key, g => Style(g.First()));
        var image = ImageOf(task.OptionalMember("data", JsonValueKind.Object) ?? task, reading);
        return
            from region in regions
            where region.Text("type") is "keypointlabels" or "keypoint"
                || region.TryGetProperty("keypointlabels", out _)
            group KeyPoint.Of(region) by region.Text("parentID") ?? "" into face
            select new ReadFace(at, image, [.. face.Select(p => p.At)])
            {
                Names = face.All(p => p.Label is not null) ? [.. face.Select(p => p.Label!)] : null,
                Style = styles.GetValueOrDefault(face.Key),
            };
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
    private static string ImageOf(JsonElement data, Reading reading)
    {
        var text = data.Text("image") ?? data.Text("img") ?? data.Member("image", JsonValueKind.String).GetString()!;
        var local = text.IndexOf("?d=", StringComparison.Ordinal);
        if (local >= 0)
            text = Uri.UnescapeDataString(text[(local + 3)..]);
        else if (text.Contains("://") || text.StartsWith("/data/", StringComparison.Ordinal))
            text = Uri.UnescapeDataString(text.Split('?')[0].Split('/')[^1]);
        return reading.Picture(text);
    }

    private readonly record struct KeyPoint(string? Label, Vector2 At)
    {
        public static KeyPoint Of(JsonElement region)
        {
            if (region.OptionalMember("image_rotation", JsonValueKind.Number)?.GetDouble() is not (null or 0))
                throw new FormatException("a picture that was rotated while it was labelled");
            // JSON_MIN is taken as it stands, as the tools that read it do.
            var isMin = region.TryGetProperty("keypointlabels", out _);
            var (value, corner) = isMin ? (region, 0) : (region.Member("value", JsonValueKind.Object), Corner);
            var labels = value.List("keypointlabels").ToArray();
            return new KeyPoint(
                labels is [{ ValueKind: JsonValueKind.String } label] ? label.GetString() : null,
                new Vector2((float)Pixel("x", "width"), (float)Pixel("y", "height")));

            double Pixel(string axis, string side)
            {
                var length = region.Member($"original_{side}", JsonValueKind.Number).GetDouble();
                return AnnotationText.Coordinate(
                    (value.Member(axis, JsonValueKind.Number).Coordinate() * length / 100) - corner);
            }
        }
    }
}

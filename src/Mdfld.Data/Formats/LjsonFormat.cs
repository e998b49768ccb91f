using System.Numerics;
using System.Text.Json;

namespace Mdfld.Data;

/// <summary>
/// The landmark JSON of menpo and landmarker.io: versions 1 (parts of a face as groups) and 2 (one list of points) hold
/// one face, version 3 a face for each of its named groups. A point is [y, x] in all of them.
/// </summary>
internal sealed class LjsonFormat : FileAPicture
{
    public override string Name => "ljson";

    public override string Summary => "menpo: x.ljson beside x.jpg; points [y, x]";

    protected override string Suffix => ".ljson";

    public override bool Recognises(string file) => file.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase);

    protected override IReadOnlyList<Vector2[]> ReadFaces(string file)
    {
        using var json = JsonCursor.Open(file);
        var root = json.Values().Select(v => v.Value).FirstOrDefault();
        var version = root.Member("version", JsonValueKind.Number).GetInt32();
        return version switch
        {
            1 =>
            [
                Points(
                    from part in root.Member("groups", JsonValueKind.Array).EnumerateArray()
                    from landmark in part.Member("landmarks", JsonValueKind.Array).EnumerateArray()
                    select landmark.Member("point", JsonValueKind.Array)),
            ],
            2 => [Points(root)],
            3 => [.. root.Member("groups", JsonValueKind.Object).EnumerateObject().Select(g => Points(g.Value))],
            _ => throw new FormatException($"version {version}, expected 1, 2 or 3"),
        };
    }

    protected override void WriteFaces(Stream stream, IReadOnlyList<IReadOnlyList<Vector2>> faces)
    {
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteNumber("version", 3);
        json.WriteStartObject("groups");
        for (var i = 0; i < faces.Count; i++)
        {
            json.WriteStartObject(i == 0 ? "LJSON" : $"LJSON_{i + 1}");
            json.WriteStartArray("labels");
            json.WriteEndArray();
            json.WriteStartObject("landmarks");
            json.WriteStartArray("points");
            foreach (var p in faces[i])
                json.WritePair(p.Y, p.X);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static Vector2[] Points(JsonElement group) => Points(
        group.Member("landmarks", JsonValueKind.Object).Member("points", JsonValueKind.Array).EnumerateArray());

    private static Vector2[] Points(IEnumerable<JsonElement> pairs)
    {
        var numbers = new List<double>();
        foreach (var pair in pairs)
        {
            var (y, x) = pair.Pair();
            numbers.Add(x);
            numbers.Add(y);
        }
        return AnnotationText.Points(numbers);
    }
}

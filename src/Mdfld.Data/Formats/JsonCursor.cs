using System.Text;
using System.Text.Json;

namespace Mdfld.Data;

/// <summary>
/// Goes through a JSON file of any length with no more of it in memory than one entry. The file may also hold several
/// values one after another (JSON lines).
/// </summary>
internal sealed class JsonCursor : IDisposable
{
    private const int LongestEntry = 64 << 20;

    private readonly string _file;
    private readonly Stream _stream;
    private byte[] _buffer = new byte[1 << 14];
    private int _start;
    private int _end;
    private bool _isLast;
    private JsonReaderState _state = new(new JsonReaderOptions { AllowMultipleValues = true });

    private JsonCursor(string file, Stream stream)
    {
        (_file, _stream) = (file, stream);
        Fill();
        if (_buffer.AsSpan(0, _end).StartsWith("\uFEFF"u8))
            _start = 3;
    }

    private JsonTokenType Token { get; set; }

    private bool IsComplete { get; set; }

    private JsonElement Value { get; set; }

    private string Property { get; set; } = "";

    /// <exception cref="IOException">The file cannot be read.</exception>
    public static JsonCursor Open(string file)
    {
        var stream = FileNames.Open(file);
        Span<byte> mark = stackalloc byte[2];
        var length = stream.Read(mark);
        stream.Position = 0;
        var encoding = mark[..length] switch
        {
            [0xFF, 0xFE] => Encoding.Unicode,
            [0xFE, 0xFF] => Encoding.BigEndianUnicode,
            _ => null,
        };
        return new(file, encoding is null
            ? stream : Encoding.CreateTranscodingStream(stream, encoding, new UTF8Encoding(false)));
    }

    /// <summary>
    /// Whether a file holds such JSON, as far as its beginning shows; false too where it is broken before that.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="ofEntry">Asked about the first entry of a root array.</param>
    /// <param name="ofMember">Asked about the names in a root object, one after another, until it knows.</param>
    /// <param name="ofValue">Asked about the first value in a root object that is an object.</param>
    public static bool Begins(
        string file, Func<JsonElement, bool> ofEntry, Func<string, bool?> ofMember,
        Func<JsonElement, bool?>? ofValue = null)
    {
        if (!file.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            && !file.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase))
            return false;
        try
        {
            using var json = Open(file);
            if (json.Advance(objects: 1, arrays: 1) && json.Token == JsonTokenType.StartArray)
                return json.Advance(objects: 1, arrays: 1) && json.IsComplete && ofEntry(json.Value);
            while (json.Advance(objects: 1, arrays: 2))
            {
                if (json.Token == JsonTokenType.PropertyName && ofMember(json.Property) is { } known)
                    return known;
                if (json is { IsComplete: true, Value.ValueKind: JsonValueKind.Object }
                    && ofValue?.Invoke(json.Value) is { } told)
                    return told;
            }
            return false;
        }
        // A name that is no Unicode is an InvalidOperationException.
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>
    /// The entries of a root array, and root values that are no arrays; each with where it is, for errors.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is no JSON; the message names the line.</exception>
    public IEnumerable<(string Where, JsonElement Value)> Values()
    {
        for (var n = 1; Advance(objects: 0, arrays: 1); n++)
        {
            if (Token is JsonTokenType.StartArray or JsonTokenType.EndArray)
                n--;
            else
                yield return ($"{_file}, entry {n}", Value);
        }
    }

    /// <summary>The members of a root object; of those that are arrays, the entries one by one.</summary>
    /// <exception cref="InvalidDataException">The file is no JSON; the message names the line.</exception>
    public IEnumerable<(string Property, string Where, JsonElement Value)> Members()
    {
        var n = 0;
        while (Advance(objects: 1, arrays: 2))
        {
            if (Token == JsonTokenType.PropertyName)
                n = 0;
            else if (Token is not (JsonTokenType.StartObject or JsonTokenType.EndObject
                or JsonTokenType.StartArray or JsonTokenType.EndArray))
                yield return (Property, $"{_file}, {Property} {++n}", Value);
        }
    }

    public void Dispose() => _stream.Dispose();

    /// <summary>
    /// Moves to the next token. Objects and arrays this deep or deeper are taken completely, as one token.
    /// </summary>
    private bool Advance(int objects, int arrays)
    {
        try
        {
            while (!TryAdvance(objects, arrays))
            {
                if (_isLast)
                    return false;
                Fill();
            }
            return true;
        }
        // A name or text that is no Unicode is an InvalidOperationException.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{_file}: {e.Message}", e);
        }
    }

    private bool TryAdvance(int objects, int arrays)
    {
        var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), _isLast, _state);
        if (!reader.Read())
            return false;
        var (token, depth, from) = (reader.TokenType, reader.CurrentDepth, (int)reader.TokenStartIndex);
        var property = token == JsonTokenType.PropertyName ? reader.GetString() : null;
        IsComplete = (token == JsonTokenType.StartObject && depth >= objects)
            || (token == JsonTokenType.StartArray && depth >= arrays);
        if (IsComplete && !reader.TrySkip())
            return false;
        var isValue = IsComplete || token is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True
            or JsonTokenType.False or JsonTokenType.Null;
        if (isValue)
        {
            using var document = JsonDocument.Parse(
                _buffer.AsMemory(_start + from, (int)reader.BytesConsumed - from));
            Value = document.RootElement.Clone();
        }
        (Token, Property) = (IsComplete ? JsonTokenType.None : token, property ?? Property);
        _start += (int)reader.BytesConsumed;
        _state = reader.CurrentState;
        return true;
    }

    /// <summary>Reads on; what was not understood yet stays, in a larger buffer where it fills this one.</summary>
    private void Fill()
    {
        var rest = _buffer.AsSpan(_start, _end - _start);
        if (rest.Length > _buffer.Length / 2)
        {
            if (_buffer.Length >= LongestEntry)
                throw new InvalidDataException($"{_file}: an entry longer than {LongestEntry / 2} bytes");
            var larger = new byte[_buffer.Length * 2];
            rest.CopyTo(larger);
            _buffer = larger;
        }
        else
        {
            rest.CopyTo(_buffer);
        }
        (_start, _end) = (0, rest.Length);
        var read = _stream.ReadAtLeast(_buffer.AsSpan(_end), _buffer.Length - _end, throwOnEndOfStream: false);
        _isLast = read < _buffer.Length - _end;
        _end += read;
    }
}

/// <summary>Reading JSON that may not be what it should.</summary>
public static class JsonValues
{
    /// <summary>A member that must be there.</summary>
    /// <exception cref="FormatException">It is not, or is of another kind.</exception>
    public static JsonElement Member(this JsonElement parent, string name, JsonValueKind kind) =>
        parent.OptionalMember(name, kind)
        ?? throw new FormatException(
            $"no \"{name}\", expected {(kind == JsonValueKind.Array ? "an" : "a")} {Word(kind)}");

    /// <summary>A member that may be absent or null.</summary>
    /// <exception cref="FormatException">It is of another kind.</exception>
    public static JsonElement? OptionalMember(this JsonElement parent, string name, JsonValueKind kind)
    {
        if (parent.ValueKind != JsonValueKind.Object)
            throw new FormatException($"{Word(parent.ValueKind)}, expected an object with \"{name}\"");
        if (!parent.TryGetProperty(name, out var member) || member.ValueKind == JsonValueKind.Null)
            return null;
        return member.ValueKind == kind ? member : throw new FormatException(
            $"\"{name}\" is {Word(member.ValueKind)}, expected {Word(kind)}");
    }

    /// <summary>Text that may be absent.</summary>
    public static string? Text(this JsonElement parent, string name) =>
        parent.OptionalMember(name, JsonValueKind.String)?.GetString();

    /// <summary>What a member of any kind says, as text: numbers and strings alike; null where it is absent.</summary>
    internal static string? Key(this JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var member)
            && member.ValueKind is JsonValueKind.String or JsonValueKind.Number
            ? member.ValueKind == JsonValueKind.String ? member.GetString() : member.GetRawText() : null;

    /// <summary>The entries of a list that may be absent.</summary>
    internal static IEnumerable<JsonElement> List(this JsonElement parent, string name) =>
        parent.OptionalMember(name, JsonValueKind.Array) is { } list ? list.EnumerateArray() : [];

    internal static double Coordinate(this JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => AnnotationText.Coordinate(value.GetDouble()),
        JsonValueKind.String => AnnotationText.Coordinate(value.GetString()),
        _ => throw new FormatException($"{Word(value.ValueKind)} as a coordinate, expected a number"),
    };

    /// <summary>Two coordinates; a missing point where both are null.</summary>
    internal static Vector2 Point(JsonElement x, JsonElement y) =>
        x.ValueKind == JsonValueKind.Null && y.ValueKind == JsonValueKind.Null
            ? LabelledFace.Missing : AnnotationText.Point(x.Coordinate(), y.Coordinate());

    /// <summary>A list of [x, y], or of [y, x]; further numbers of a point are left, null is a missing one.</summary>
    internal static Vector2[] Points(this IEnumerable<JsonElement> list, bool isYFirst = false)
    {
        var points = new List<Vector2>();
        foreach (var point in list)
        {
            if (point.ValueKind == JsonValueKind.Null)
                points.Add(LabelledFace.Missing);
            else if (point.ValueKind != JsonValueKind.Array || point.GetArrayLength() < 2)
                throw new FormatException($"{Word(point.ValueKind)} as a point, expected two numbers");
            else
                points.Add(isYFirst ? Point(point[1], point[0]) : Point(point[0], point[1]));
        }
        return [.. points];
    }

    /// <summary>
    /// A flat list of x, y and how sure the point is, 0 where it is missing; or of x and y alone, or of such lists.
    /// </summary>
    /// <param name="list">The list.</param>
    /// <param name="third">How sure each point is; empty where that is not said.</param>
    internal static Vector2[] Triples(this JsonElement list, out double[] third)
    {
        var numbers = list.EnumerateArray().SelectMany(
            n => n.ValueKind == JsonValueKind.Array ? n.EnumerateArray().ToArray() : [n]).ToArray();
        if (numbers.Length % 3 != 0 && numbers.Length % 2 != 0)
            throw new FormatException($"{numbers.Length} numbers as keypoints, expected x, y, v of each");
        var isTriple = numbers.Length % 3 == 0 && (PointLayout.Knows(numbers.Length / 3)
            || numbers.Length % 2 != 0 || !PointLayout.Knows(numbers.Length / 2));
        var sure = isTriple ? Array.ConvertAll([.. numbers.Chunk(3)], n => n[2].Coordinate()) : [];
        third = sure;
        return [.. numbers.Chunk(isTriple ? 3 : 2).Select((n, i) =>
            isTriple && sure[i] == 0 ? LabelledFace.Missing : Point(n[0], n[1]))];
    }

    private static string Word(JsonValueKind kind) => kind.ToString().ToLowerInvariant();
}

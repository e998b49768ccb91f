using System.Text.Json;

namespace Mdfld.Training.Weights;

/// <summary>
/// The safetensors format: 8 bytes of header length, a JSON header, the elements. Reading is
/// <see cref="Checkpoint.Load"/>.
/// </summary>
/// <remarks>https://github.com/huggingface/safetensors#format</remarks>
public static class SafeTensors
{
    internal const string MetadataKey = "__metadata__";

    private static readonly (string Name, ScalarType Type)[] Types =
    [
        ("BOOL", ScalarType.Bool),
        ("U8", ScalarType.Byte),
        ("I8", ScalarType.Int8),
        ("I16", ScalarType.Int16),
        ("I32", ScalarType.Int32),
        ("I64", ScalarType.Int64),
        ("F16", ScalarType.Float16),
        ("BF16", ScalarType.BFloat16),
        ("F32", ScalarType.Float32),
        ("F64", ScalarType.Float64),
    ];

    /// <summary>Writes named tensors; the same tensors give the same bytes.</summary>
    /// <param name="path">
    /// Appears, or replaces what was there, only when all is on the disk; until then the bytes are in
    /// <c>PATH.partial</c>.
    /// </param>
    /// <param name="tensors">Kept in this order in the header. Their elements are read one tensor at a time.</param>
    /// <param name="metadata">Texts to keep beside them.</param>
    /// <exception cref="ArgumentException">A name occurs twice or is <c>__metadata__</c>.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(
        string path,
        IEnumerable<(string Name, RawTensor Tensor)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        var named = tensors.ToArray();
        // Large elements first: with 8-byte ones before 4-byte ones and so on, every tensor is aligned without holes.
        var byOffset = named.OrderByDescending(entry => entry.Tensor.Type.ByteSize).ToArray();
        var header = Header(named, byOffset, metadata);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(BitConverter.GetBytes((long)header.Length));
            stream.Write(header);
            foreach (var (_, tensor) in byOffset)
                tensor.WriteTo(stream);
        });
    }

    /// <summary>Writes tensors of libtorch, such as <see cref="Module.StateDict()"/>.</summary>
    /// <param name="path">As above.</param>
    /// <param name="tensors">As above.</param>
    /// <param name="metadata">As above.</param>
    /// <param name="type">What fractions become in the file; null leaves them.</param>
    /// <exception cref="ArgumentException">A name occurs twice or is <c>__metadata__</c>.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(
        string path,
        IEnumerable<(string Name, Tensor Tensor)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null,
        ScalarType? type = null) =>
        Write(path, tensors.Select(entry => (entry.Name, entry.Tensor.ToRaw(type))), metadata);

    internal static ScalarType? TypeOf(string? name)
    {
        foreach (var (known, type) in Types)
        {
            if (known == name)
                return type;
        }
        return null;
    }

    private static byte[] Header(
        (string Name, RawTensor Tensor)[] named,
        (string Name, RawTensor Tensor)[] byOffset,
        IReadOnlyDictionary<string, string>? metadata)
    {
        var offsets = new Dictionary<string, long>();
        var end = 0L;
        foreach (var (name, tensor) in byOffset)
        {
            if (name == MetadataKey || !offsets.TryAdd(name, end))
                throw new ArgumentException($"'{name}' is the name of two tensors, or not allowed", nameof(named));
            end = checked(end + tensor.ByteCount);
        }
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteMetadata(json, metadata);
            foreach (var (name, tensor) in named)
                WriteEntry(json, name, tensor, offsets[name]);
            json.WriteEndObject();
        }
        while (buffer.Length % sizeof(double) != 0)
            buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string>? metadata)
    {
        if (metadata is null || metadata.Count == 0)
            return;
        json.WriteStartObject(MetadataKey);
        foreach (var (key, text) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            json.WriteString(key, text);
        json.WriteEndObject();
    }

    private static void WriteEntry(Utf8JsonWriter json, string name, RawTensor tensor, long offset)
    {
        json.WriteStartObject(name);
        json.WriteString("dtype", Types.First(known => known.Type == tensor.Type).Name);
        json.WriteStartArray("shape");
        foreach (var side in tensor.Shape)
            json.WriteNumberValue(side);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(offset);
        json.WriteNumberValue(offset + tensor.ByteCount);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}

/// <summary>
/// Reads the header of a safetensors file and holds it to the format's rules: the tensors cover the data exactly, each
/// as long as its shape says, without overlap and without holes.
/// </summary>
internal static class SafeTensorsReader
{
    /// <summary>The format's own limit.</summary>
    private const int MaxHeader = 100_000_000;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    /// <summary>Whether the first bytes are a plausible header length and the brace that must follow it.</summary>
    public static bool Recognises(ReadOnlySpan<byte> start, long fileLength) =>
        start.Length > 8 && start[8] == '{'
        && BitConverter.ToInt64(start) is > 1 and var length && length <= fileLength - 8;

    public static (CheckpointDictionary Tensors, Dictionary<string, string> Metadata) Read(
        CheckpointFile file)
    {
        Span<byte> start = stackalloc byte[8];
        file.Read(0, start);
        var length = BitConverter.ToInt64(start);
        if (length is < 2 or > MaxHeader || length > file.Length - 8)
            throw file.Bad($"a safetensors header of {length} bytes cannot be, in {file.Length} bytes");
        try
        {
            using var header = JsonDocument.Parse(file.Read(8, (int)length), Strict);
            return Read(file, header.RootElement, 8 + length);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw file.Bad($"its safetensors header is broken: {e.Message}", e);
        }
    }

    private static (CheckpointDictionary, Dictionary<string, string>) Read(
        CheckpointFile file, JsonElement header, long dataStart)
    {
        var tensors = new CheckpointDictionary();
        var metadata = new Dictionary<string, string>();
        var ranges = new List<(long Begin, long End, string Name)>();
        foreach (var entry in header.EnumerateObject())
        {
            if (entry.Name == SafeTensors.MetadataKey)
            {
                foreach (var text in entry.Value.EnumerateObject())
                    metadata.Add(
                        text.Name, text.Value.GetString() ?? throw file.Bad($"metadata '{text.Name}' is no text"));
                continue;
            }
            var (type, layout, begin, end) = ReadEntry(file, entry.Name, entry.Value);
            ranges.Add((begin, end, entry.Name));
            tensors.Add(entry.Name, new RawTensor(type, layout, new FileSlice(file, dataStart + begin, end - begin).Read));
        }
        CheckCoverage(file, ranges, file.Length - dataStart);
        return (tensors, metadata);
    }

    private static (ScalarType Type, TensorLayout Layout, long Begin, long End) ReadEntry(
        CheckpointFile file, string name, JsonElement entry)
    {
        if (!entry.TryGetProperty("dtype", out var dtype) || !entry.TryGetProperty("shape", out var shape)
            || !entry.TryGetProperty("data_offsets", out var offsets) || offsets.GetArrayLength() != 2)
            throw file.Bad($"tensor '{name}' lacks its dtype, shape or two data_offsets");
        if (SafeTensors.TypeOf(dtype.GetString()) is not { } type)
            throw file.Bad($"tensor '{name}' has elements of type '{dtype}', which are not read here");
        long[] sides = [.. shape.EnumerateArray().Select(side => side.GetInt64())];
        var (begin, end) = (offsets[0].GetInt64(), offsets[1].GetInt64());
        if (TensorLayout.Contiguous(sides) is not { } layout || begin < 0 || end < begin
            || layout.ByteCount(type) != end - begin)
            throw file.Bad(
                $"tensor '{name}', {type} [{string.Join(", ", sides)}], does not fit bytes {begin} to {end}");
        return (type, layout, begin, end);
    }

    private static void CheckCoverage(
        CheckpointFile file, List<(long Begin, long End, string Name)> ranges, long dataLength)
    {
        ranges.Sort();
        var covered = 0L;
        foreach (var (begin, end, name) in ranges)
        {
            if (begin != covered)
                throw file.Bad($"tensor '{name}' starts at {begin}, but the one before ends at {covered}");
            covered = end;
        }
        if (covered != dataLength)
            throw file.Bad($"its tensors have {covered} bytes, the file holds {dataLength}: fetch it again");
    }
}

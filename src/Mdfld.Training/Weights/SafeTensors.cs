using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mdfld.Training.Weights;

/// <summary>
/// The safetensors format: 8 bytes of header length, a JSON header, the elements. Reading is
/// <see cref="Checkpoint.Load"/>.
/// </summary>
/// <remarks>https://github.com/huggingface/safetensors#format</remarks>
public static class SafeTensors
{
    private const string MetadataKey = "__metadata__";

    // The format's own limit.
    private const int MaxHeader = 100_000_000;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

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
    /// <exception cref="ArgumentException">A name occurs twice or is <c>__metadata__</c>.</exception>
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
    /// <param name="type">What fractions become in the file; null leaves them.</param>
    /// <exception cref="ArgumentException">A name occurs twice or is <c>__metadata__</c>.</exception>
    public static void Write(
        string path,
        IEnumerable<(string Name, Tensor Tensor)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null,
        ScalarType? type = null) =>
        Write(path, tensors.Select(entry => (entry.Name, entry.Tensor.ToRaw(type))), metadata);

    /// <summary>Whether the first bytes are a plausible header length and the brace that must follow it.</summary>
    internal static bool Recognises(ReadOnlySpan<byte> start, long fileLength) =>
        start.Length > 8 && start[8] == '{'
        && BitConverter.ToInt64(start) is > 1 and var length && length <= fileLength - 8;

    /// <summary>
    /// Reads the header and holds it to the format's rules: the tensors fill the data exactly, each as long as its
    /// shape says, without overlap and without holes.
    /// </summary>
    internal static (CheckpointDictionary Tensors, Dictionary<string, string> Metadata) Read(CheckpointFile file)
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
            if (entry.Name == MetadataKey)
            {
                foreach (var text in entry.Value.EnumerateObject())
                    metadata.Add(
                        text.Name, text.Value.GetString() ?? throw file.Bad($"metadata '{text.Name}' is no text"));
                continue;
            }
            var (type, layout, begin, end) = ReadEntry(file, entry.Name, entry.Value);
            ranges.Add((begin, end, entry.Name));
            var bytes = new FileSlice(file, dataStart + begin, end - begin);
            tensors.Add(entry.Name, new RawTensor(type, layout, bytes.Read));
        }

        ranges.Sort();
        var filled = 0L;
        foreach (var (begin, end, name) in ranges)
        {
            if (begin != filled)
                throw file.Bad($"tensor '{name}' starts at {begin}, but the one before ends at {filled}");
            filled = end;
        }
        return filled == file.Length - dataStart
            ? (tensors, metadata)
            : throw file.Bad(
                $"its tensors have {filled} bytes, the file holds {file.Length - dataStart}: fetch it again");
    }

    private static (ScalarType Type, TensorLayout Layout, long Begin, long End) ReadEntry(
        CheckpointFile file, string name, JsonElement entry)
    {
        if (!entry.TryGetProperty("dtype", out var dtype) || !entry.TryGetProperty("shape", out var shape)
            || !entry.TryGetProperty("data_offsets", out var offsets) || offsets.GetArrayLength() != 2)
            throw file.Bad($"tensor '{name}' lacks its dtype, shape or two data_offsets");
        var known = Array.FindIndex(Types, t => t.Name == dtype.GetString());
        if (known < 0)
            throw file.Bad($"tensor '{name}' has elements of type '{dtype}', which are not read here");
        var type = Types[known].Type;
        long[] sides = [.. shape.EnumerateArray().Select(side => side.GetInt64())];
        var (begin, end) = (offsets[0].GetInt64(), offsets[1].GetInt64());
        return TensorLayout.Contiguous(sides) is { } layout && begin >= 0 && end >= begin
            && layout.ByteCount(type) == end - begin
            ? (type, layout, begin, end)
            : throw file.Bad(
                $"tensor '{name}', {type} [{string.Join(", ", sides)}], does not fit bytes {begin} to {end}");
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
        var header = new JsonObject();
        if (metadata is { Count: > 0 })
            header[MetadataKey] = JsonSerializer.SerializeToNode(new SortedDictionary<string, string>(
                metadata.ToDictionary(), StringComparer.Ordinal));
        foreach (var (name, tensor) in named)
        {
            header[name] = new JsonObject
            {
                ["dtype"] = Types.First(known => known.Type == tensor.Type).Name,
                ["shape"] = new JsonArray([.. tensor.Shape.ToArray().Select(side => (JsonNode)side)]),
                ["data_offsets"] = new JsonArray(offsets[name], offsets[name] + tensor.ByteCount),
            };
        }
        var json = JsonSerializer.SerializeToUtf8Bytes(header);
        var padded = new byte[(json.Length + sizeof(double) - 1) / sizeof(double) * sizeof(double)];
        padded.AsSpan().Fill((byte)' ');
        json.CopyTo(padded, 0);
        return padded;
    }
}

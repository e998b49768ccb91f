using System.Text.Json;

namespace Mdfld.Torch.Checkpoints;

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
            tensors.Add(entry.Name, new RawTensor(type, layout, new FileSlice(file, dataStart + begin, end - begin)));
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

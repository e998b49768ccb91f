using System.Runtime.InteropServices;
using System.Text.Json;

namespace Mdfld.Tests;

/// <summary>
/// The named arrays of one golden <c>.safetensors</c> file. Shares no code with the product's reader, which is tested
/// against it.
/// </summary>
internal sealed class GoldenTensors
{
    private readonly string _file;
    private readonly byte[] _bytes;
    private readonly int _dataStart;
    private readonly Dictionary<string, JsonElement> _entries = [];

    private GoldenTensors(string path)
    {
        _file = Path.GetFileName(path);
        _bytes = File.ReadAllBytes(path);
        var headerLength = checked((int)BitConverter.ToInt64(_bytes));
        _dataStart = 8 + headerLength;
        var header = JsonDocument.Parse(_bytes.AsMemory(8, headerLength)).RootElement;
        foreach (var entry in header.EnumerateObject())
            _entries.Add(entry.Name, entry.Value);
    }

    /// <summary>Names in the order of the file.</summary>
    public IEnumerable<string> Names => _entries.Keys;

    /// <summary>Opens a file of tests/golden/star, e.g. <c>GoldenTensors.Open("losses.safetensors")</c>.</summary>
    public static GoldenTensors Open(string goldenFileName) => new(TestFiles.Golden(goldenFileName));

    /// <summary>Opens a file of tests/golden/diffusion.</summary>
    public static GoldenTensors OpenDiffusion(string goldenFileName) => new(TestFiles.Diffusion(goldenFileName));

    /// <summary>Opens a file of tests/golden/taesd.</summary>
    public static GoldenTensors OpenTaesd(string goldenFileName) => new(TestFiles.Taesd(goldenFileName));

    public bool Has(string name) => _entries.ContainsKey(name);

    public long[] Shape(string name) =>
        [.. Entry(name).GetProperty("shape").EnumerateArray().Select(side => side.GetInt64())];

    /// <summary>F32, F64, I64 or U8.</summary>
    public string Type(string name) => Entry(name).GetProperty("dtype").GetString()!;

    public float[] Floats(string name) => Data<float>(name, "F32");

    /// <summary>An F64 array, or an F32 array widened.</summary>
    public double[] Doubles(string name) =>
        Type(name) == "F32" ? Array.ConvertAll(Floats(name), value => (double)value) : Data<double>(name, "F64");

    public long[] Longs(string name) => Data<long>(name, "I64");

    public byte[] Bytes(string name) => Data<byte>(name, "U8");

    private JsonElement Entry(string name) => _entries.TryGetValue(name, out var entry)
        ? entry
        : throw new KeyNotFoundException($"{_file} has no '{name}', only {string.Join(", ", Names.Take(40))}");

    private T[] Data<T>(string name, string type)
        where T : unmanaged
    {
        if (Type(name) != type)
            throw new InvalidOperationException($"{_file}: '{name}' is {Type(name)}, not {type}");
        var offsets = Entry(name).GetProperty("data_offsets");
        var (begin, end) = (offsets[0].GetInt32(), offsets[1].GetInt32());
        return MemoryMarshal.Cast<byte, T>(_bytes.AsSpan(_dataStart + begin, end - begin)).ToArray();
    }
}

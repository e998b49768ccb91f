using System.Text;

namespace Mdfld;

/// <summary>An .onnx model, in a file or in memory, and what stands in its header: nothing of it is built.</summary>
internal sealed class OnnxFile
{
    // Far more than any model has to say about itself: bytes of one text, of all, tensors and properties, and fields
    // passed on the way.
    private const int MostText = 1 << 20;
    private const int MostTextInAll = 16 << 20;
    private const int MostEntries = 10_000;
    private const int MostFields = 4_000_000;

    private const int MostDimensions = 16;
    private const int MostDepth = 16;

    private const int Float = 1;

    private readonly Dictionary<string, string> _properties = [];
    private readonly List<OnnxTensor> _inputs = [];
    private readonly List<OnnxTensor> _outputs = [];
    private readonly HashSet<string> _initialisers = [];
    private int _entries;

    private OnnxFile(string name, byte[]? bytes = null) => (Name, Bytes) = (name, bytes);

    /// <summary>What messages call it: the path, as a rule.</summary>
    public string Name { get; }

    /// <summary>The model where it is in memory; null where <see cref="Name"/> is its file.</summary>
    public byte[]? Bytes { get; }

    /// <summary>The properties (metadata_props).</summary>
    public IReadOnlyDictionary<string, string> Properties => _properties;

    /// <summary>The inputs that a caller must give.</summary>
    public IReadOnlyList<OnnxTensor> Inputs => _inputs;

    /// <summary>The outputs.</summary>
    public IReadOnlyList<OnnxTensor> Outputs => _outputs;

    /// <summary>Reads the header of a file.</summary>
    /// <exception cref="FileNotFoundException">The file is not there.</exception>
    /// <exception cref="InvalidDataException">It is no .onnx model.</exception>
    public static OnnxFile Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: no such file; expected an .onnx model", path);
        using var stream = File.OpenRead(path);
        return stream.CanSeek
            ? new OnnxFile(path).ReadHeader(stream)
            : throw new InvalidDataException($"{path}: expected an .onnx model, found a pipe or device");
    }

    /// <summary>Reads the header of a model in memory.</summary>
    /// <exception cref="InvalidDataException">It is no .onnx model.</exception>
    public static OnnxFile Read(byte[] onnx, string name)
    {
        ArgumentNullException.ThrowIfNull(onnx);
        using var stream = new MemoryStream(onnx, writable: false);
        return new OnnxFile(name, onnx).ReadHeader(stream);
    }

    /// <summary>The name that the model gives itself, or its file's.</summary>
    public string ModelName =>
        _properties.GetValueOrDefault("mdfld.name") is { Length: > 0 } name
            ? name : Path.GetFileNameWithoutExtension(Name);

    /// <summary>The output of that name; null where there is none.</summary>
    public OnnxTensor? Output(string name) => _outputs.Find(o => o.Name == name);

    private OnnxFile ReadHeader(Stream stream)
    {
        try
        {
            ReadModel(new ProtobufReader(stream, stream.Length, new ReadingLimits(MostTextInAll, MostFields)));
        }
        // A file that is cut while it is read ends early.
        catch (Exception e) when (e is FormatException or EndOfStreamException)
        {
            throw new InvalidDataException($"{Name}: expected an .onnx model, found something else: {e.Message}", e);
        }
        _inputs.RemoveAll(i => _initialisers.Contains(i.Name));
        return _outputs.Count > 0
            ? this : throw new InvalidDataException($"{Name}: expected an .onnx model, found no graph with outputs");
    }

    // The numbers are those of onnx.proto (ModelProto, GraphProto, ValueInfoProto, ...).
    private void ReadModel(ProtobufReader model)
    {
        while (model.Next() is { } field)
        {
            if (field == 7)
                ReadGraph(model.Message());
            else if (field == 14)
                ReadProperty(model.Message());
        }
    }

    private void ReadGraph(ProtobufReader graph)
    {
        while (graph.Next() is { } field)
        {
            CheckPart(graph, field, depth: 0);
            if (field is not (5 or 11 or 12))
                continue;
            if (field == 5)
                _initialisers.Add(ReadName(graph.Message()));
            else
                (field == 11 ? _inputs : _outputs).Add(ReadTensor(graph.Message()));
            Count();
        }
    }

    /// <summary>Sparse tensors, anywhere in a graph, would be made as large as they claim to be.</summary>
    private static void CheckPart(ProtobufReader graph, int field, int depth)
    {
        if (field == 15)
            throw new FormatException("a sparse tensor, which is not read");
        if (field != 1)
            return;
        foreach (var attribute in graph.Message().Messages(5))
        {
            while (attribute.Next() is { } part)
            {
                if (part is 22 or 23)
                    throw new FormatException("a sparse tensor, which is not read");
                if (part is not (6 or 11))
                    continue;
                if (depth == MostDepth)
                    throw new FormatException($"graphs in one another, more than {MostDepth} deep");
                var inside = attribute.Message();
                while (inside.Next() is { } insideField)
                    CheckPart(inside, insideField, depth + 1);
            }
        }
    }

    private void Count()
    {
        if (++_entries > MostEntries)
            throw new FormatException($"more than {MostEntries} tensors in its header");
    }

    private void ReadProperty(ProtobufReader property)
    {
        var (key, value) = ("", "");
        while (property.Next() is { } field)
        {
            if (field == 1)
                key = property.Text(MostText);
            else if (field == 2)
                value = property.Text(MostText);
        }
        Count();
        // ONNX Runtime would see another text, up to there.
        if (key.Contains('\0') || value.Contains('\0'))
            throw new FormatException("a zero byte in a property's text");
        _properties[key] = value;
    }

    private static string ReadName(ProtobufReader initialiser)
    {
        var name = "";
        while (initialiser.Next() is { } field)
        {
            if (field == 8)
                name = initialiser.Text(MostText);
        }
        return name;
    }

    private static OnnxTensor ReadTensor(ProtobufReader info)
    {
        var (name, type, dimensions) = ("", 0L, (List<long>?)null);
        while (info.Next() is { } field)
        {
            if (field == 1)
                name = info.Text(MostText);
            else if (field == 2)
            {
                foreach (var tensor in info.Message().Messages(1))
                    ReadType(tensor);
            }
        }
        return new OnnxTensor(name, type == Float, dimensions);

        void ReadType(ProtobufReader tensor)
        {
            while (tensor.Next() is { } field)
            {
                if (field == 1)
                    type = tensor.Number();
                else if (field == 2)
                    dimensions = [.. tensor.Message().Messages(1).Take(MostDimensions).Select(ReadDimension)];
            }
        }

        static long ReadDimension(ProtobufReader dimension)
        {
            var value = -1L;
            while (dimension.Next() is { } field)
            {
                if (field == 1)
                    value = dimension.Number();
            }
            return value;
        }
    }
}

/// <summary>An input or output of a model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsFloat">Whether it is a tensor of 32-bit floats.</param>
/// <param name="Dimensions">Its shape, -1 where a dimension is free; null where it has none.</param>
internal sealed record OnnxTensor(string Name, bool IsFloat, IReadOnlyList<long>? Dimensions)
{
    /// <summary>Whether it is of floats in that shape; -1 stands for a dimension that must be free.</summary>
    public bool Fits(params long[] shape) =>
        IsFloat && Dimensions?.Count == shape.Length
        && Dimensions.Zip(shape).All(d => d.First < 0 || d.First == d.Second);

    public override string ToString()
    {
        var text = new StringBuilder(IsFloat ? "float " : "another type than float ");
        return Dimensions is null
            ? text.Append("of unknown shape").ToString()
            : text.Append('[').AppendJoin(", ", Dimensions.Select(d => d < 0 ? "N" : d.ToString())).Append(']')
                .ToString();
    }
}

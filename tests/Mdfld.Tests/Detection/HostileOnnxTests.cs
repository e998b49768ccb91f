using Google.Protobuf;
using Mdfld.Training.Onnx;
using static Mdfld.Training.Onnx.TensorProto.Types;

namespace Mdfld.Tests.Detection;

/// <summary>Headers of .onnx files made to harm who reads them.</summary>
public sealed class HostileOnnxTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AHeaderCutShortIsRefused()
    {
        var whole = TinyModels.Means();
        Describe(whole);
        for (var length = 0; length < whole.Length; length++)
            Refused(whole[..length]);
    }

    [Theory]
    // The graph, a node's graph, an input, an output, a property; a length of 2^62, and one that is negative.
    [InlineData(0x3A)]
    [InlineData(0x72)]
    [InlineData(0x62)]
    [InlineData(0x5A)]
    public void LengthsThatClaimMoreThanThereIsAreRefused(byte tag)
    {
        Refused([tag, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40, 1, 2, 3]);
        Refused([tag, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 1, 2, 3]);
        Refused([tag, .. Enumerable.Repeat((byte)0xFF, 20)]);
    }

    [Theory]
    [InlineData(0x3A)]
    [InlineData(0x62)]
    [InlineData(0x12)]
    [InlineData(0x0A)]
    public void AHundredThousandMessagesInOneAnotherAreRefused(byte tag)
    {
        const int Depth = 100_000;
        // Written from the end: each message is as long as all that follows.
        var bytes = new byte[Depth * 6];
        var start = bytes.Length;
        for (var i = 0; i < Depth; i++)
        {
            var inside = bytes.Length - start;
            start -= 6;
            bytes[start] = tag;
            for (var k = 0; k < 5; k++)
                bytes[start + 1 + k] = (byte)((inside >> (7 * k)) & 0x7F | (k < 4 ? 0x80 : 0));
        }
        Refused(bytes);
        Refused([0x3A, .. Varint(bytes.Length), .. bytes]);
    }

    [Fact]
    public void AGigabyteOfMetadataIsNotRead()
    {
        var path = _folder["large.onnx"];
        const int Claimed = 1 << 30;
        using (var file = File.Create(path))
        {
            // A property whose key has that many bytes, all of them there: holes of the file.
            file.Write([0x72, .. Varint(Claimed + 6), 0x0A, .. Varint(Claimed)]);
            file.SetLength(Claimed + 12);
        }
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidDataException>(() => LandmarkModel.ReadHeader(path));
        Assert.Throws<InvalidDataException>(() => FaceFinder.ReadHeader(path));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void TextOfManyPropertiesIsBoundedInAll()
    {
        var model = ModelProto.Parser.ParseFrom(TinyModels.Means());
        for (var i = 0; i < 20; i++)
            model.MetadataProps.Add(new StringStringEntryProto { Key = $"{i}", Value = new string('a', 1_000_000) });
        Assert.Contains("more text", Refused(model.ToByteArray()));
    }

    [Fact]
    public void TensorsWithoutTypeOrShapeAreRefused()
    {
        foreach (var bytes in (byte[][])[TinyModels.Means(), TinyFinders.Bright()])
        {
            foreach (var change in (Action<ValueInfoProto>[])
                [v => v.Type = null, v => v.Type.TensorType = null, v => v.Type.TensorType.Shape = null])
            {
                var model = ModelProto.Parser.ParseFrom(bytes);
                change(model.Graph.Input[0]);
                Refused(model.ToByteArray());
            }
        }
        var untyped = ModelProto.Parser.ParseFrom(TinyFinders.Bright());
        untyped.Graph.Output[0].Type = null;
        Refused(untyped.ToByteArray());
    }

    [Theory]
    [InlineData(true, 0, "input 'image' is float [N, 3, 100000, 100000]")]
    [InlineData(true, 1, "output 'landmarks' is float [N, 100000, 100000]")]
    [InlineData(false, 0, "its input has 100000 pixels a side")]
    [InlineData(false, 1, "output 'score_8' is float [1, 5, N, N]")]
    public void ShapesThatFitNothingAreRefusedBeforeASessionOpens(bool isLandmarks, int tensor, string message)
    {
        var model = ModelProto.Parser.ParseFrom(isLandmarks ? TinyModels.Means() : TinyFinders.Bright());
        var info = tensor == 0 ? model.Graph.Input[0] : model.Graph.Output[0];
        info.Type.TensorType.Shape ??= new TensorShapeProto
        {
            Dim =
            {
                new TensorShapeProto.Types.Dimension[] { new() { DimValue = 1 }, new() { DimValue = 5 }, new(), new() },
            },
        };
        if (message.Contains("100000"))
        {
            foreach (var dimension in info.Type.TensorType.Shape.Dim.TakeLast(2))
                dimension.DimValue = 100_000;
        }
        var options = new DetectorOptions
        {
            Threads = 1,
            ConfigureSession = _ => Assert.Fail("a session was about to open"),
        };
        var bytes = model.ToByteArray();
        var refusal = Assert.Throws<InvalidDataException>(() =>
        {
            if (isLandmarks)
                LandmarkModel.Load(bytes, "hostile.onnx", options).Dispose();
            else
                FaceFinder.Load(bytes, "hostile.onnx", options).Dispose();
        });
        Assert.Contains(message, refusal.Message);
    }

    [Fact]
    public void AGraphThatIsARingIsRefused()
    {
        var model = ModelProto.Parser.ParseFrom(TinyModels.Means());
        model.Graph.Node[0].Input[0] = model.Graph.Node[^1].Output[0];
        Assert.Throws<InvalidDataException>(() => LandmarkModel.Load(model.ToByteArray(), "ring.onnx"));
    }

    /// <summary>Eight gigabytes, asked for in a kilobyte, as the model runs or as it is loaded.</summary>
    [Theory]
    [InlineData("Expand")]
    [InlineData("ConstantOfShape")]
    public void AModelThatAsksForMoreThanModelsMayTakeIsRefused(string op)
    {
        var graph = new GraphBuilder();
        var image = graph.Input(OnnxLandmarkModel.Input, DataType.Float, [3, TinyModels.Size, TinyModels.Size]);
        var means = graph.Node("ReduceMean", [image], Attributes.Ints("axes", 1, 2, 3), Attributes.Int("keepdims", 0));
        var much = graph.Constant(Constants.Integers(2_000_000_000));
        string[] inputs = op == "ConstantOfShape" ? [much] : [means, much];
        var most = graph.Node("ReduceMax", [graph.Node(op, inputs)], Attributes.Int("keepdims", 0));
        var all = graph.Node("Add", [most, graph.Constant(Constants.Floats(new float[136], 1, 68, 2))]);
        graph.Output(OnnxLandmarkModel.Output, all, DataType.Float, [68, 2]);
        var refusal = Assert.Throws<InvalidDataException>(() =>
        {
            using var model = LandmarkModel.Load(
                GraphBuilder.Wrap(graph.Build(), TinyModels.Properties).ToByteArray(), "greedy.onnx");
            model.Run(
                new float[3 * TinyModels.Size * TinyModels.Size], 1, new System.Numerics.Vector2[68], default, default);
        });
        Assert.StartsWith(
            $"greedy.onnx: it asks for more than the {OnnxMemory.LimitMegabytes} MB that models may take",
            refusal.Message);
        // The next is served all the same.
        using var next = LandmarkModel.Load(TinyModels.Means(), "next.onnx");
        next.Run(
            new float[3 * TinyModels.Size * TinyModels.Size], 1, new System.Numerics.Vector2[68], default, default);
    }

    /// <summary>They are made dense when a model is loaded, as large as they say.</summary>
    [Fact]
    public void SparseTensorsAreRefused()
    {
        var model = ModelProto.Parser.ParseFrom(TinyModels.Means());
        model.Graph = GraphProto.Parser.ParseFrom([.. model.Graph.ToByteArray(), 0x7A, 0]);
        Assert.Contains("sparse", Refused(model.ToByteArray()));
        model = ModelProto.Parser.ParseFrom(TinyModels.Means());
        // A node with an attribute with a sparse tensor, alone and in a graph of another node's attribute.
        byte[] node = [0x0A, 5, 0x2A, 3, 0xB2, 1, 0];
        model.Graph = GraphProto.Parser.ParseFrom([.. model.Graph.ToByteArray(), .. node]);
        Assert.Contains("sparse", Refused(model.ToByteArray()));
        model = ModelProto.Parser.ParseFrom(TinyModels.Means());
        model.Graph = GraphProto.Parser.ParseFrom([.. model.Graph.ToByteArray(), 0x0A, 11, 0x2A, 9, 0x32, 7, .. node]);
        Assert.Contains("sparse", Refused(model.ToByteArray()));
    }

    [Fact]
    public void AZeroByteInAPropertyIsRefused()
    {
        Assert.Contains("zero byte", Refused(
            File.ReadAllBytes(TestFiles.Case("models", "onnx-NullReferenceException-3-96.bin"))));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void MutatedHeadersAreRefusedOrRead(bool isLandmarks) => new Fuzz(
        $"ONNX header, {(isLandmarks ? "landmarks" : "finder")}", typeof(InvalidDataException)).Run(
        [isLandmarks ? TinyModels.Means() : TinyFinders.Bright()],
        (_, bytes) =>
        {
            var file = OnnxFile.Read(bytes, "damaged.onnx");
            if (isLandmarks)
                OnnxLandmarkModel.Describe(file);
            else
                FinderModel.Describe(file);
        });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void MutatedModelsAreRefusedOrLoaded(bool isLandmarks)
    {
        var options = new DetectorOptions { Threads = 1 };
        new Fuzz($"ONNX model, {(isLandmarks ? "landmarks" : "finder")}", typeof(InvalidDataException)).Run(
            [isLandmarks ? TinyModels.Means() : TinyFinders.Bright()],
            (_, bytes) =>
            {
                if (isLandmarks)
                    LandmarkModel.Load(bytes, "damaged.onnx", options).Dispose();
                else
                    FaceFinder.Load(bytes, "damaged.onnx", options).Dispose();
            });
    }

    private static void Describe(byte[] bytes) => OnnxLandmarkModel.Describe(OnnxFile.Read(bytes, "model.onnx"));

    /// <summary>Both readers refuse the bytes; what the landmark model's says.</summary>
    private static string Refused(byte[] bytes)
    {
        Assert.Throws<InvalidDataException>(() => FinderModel.Describe(OnnxFile.Read(bytes, "model.onnx")));
        return Assert.Throws<InvalidDataException>(() => Describe(bytes)).Message;
    }

    private static byte[] Varint(long value)
    {
        var bytes = new List<byte>();
        for (; value > 0x7F; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        return [.. bytes, (byte)value];
    }
}

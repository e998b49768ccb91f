using Google.Protobuf;
using Mdfld.Training.Onnx;
using static Mdfld.Training.Onnx.AttributeProto.Types;
using static Mdfld.Training.Onnx.TensorProto.Types;

namespace Mdfld.Tests.Detection;

/// <summary>A landmark model with a loop that turns 2^62 times, unless the crop is black.</summary>
internal static class EndlessModel
{
    // AttributeProto.type and the field of AttributeProto.g, which our own files do not use.
    private const AttributeType GraphType = (AttributeType)5;
    private const int GraphField = 6;

    public static byte[] Create()
    {
        var graph = new GraphBuilder();
        var image = graph.Input(OnnxLandmarkModel.Input, DataType.Float, [3, TinyModels.Size, TinyModels.Size]);
        var means = graph.Node("ReduceMean", [image], Attributes.Ints("axes", 2, 3), Attributes.Int("keepdims", 0));
        var place = graph.Node("Gather", [means, graph.Constant(Constants.Integers(0, 2))], Attributes.Int("axis", 1));
        var brightest = graph.Node("ReduceMax", [image], Attributes.Int("keepdims", 0));
        var isBright = graph.Node("Greater", [brightest, graph.Constant(Constants.Floats([0f]))]);
        var one = graph.Node("Cast", [isBright], Attributes.Int("to", (int)DataType.Int64));
        var turns = graph.Node("Mul", [one, graph.Constant(Constants.Integers(1L << 62))]);
        var turned = graph.Node("Loop", [turns, "", place], Body());
        var all = graph.Node("Add", [
            graph.Node("Unsqueeze", [turned, graph.Constant(Constants.Integers(1))]),
            graph.Constant(Constants.Floats(new float[136], 1, 68, 2))]);
        graph.Output(OnnxLandmarkModel.Output, all, DataType.Float, [68, 2]);
        return GraphBuilder.Wrap(graph.Build(), TinyModels.Properties).ToByteArray();
    }

    private static AttributeProto Body()
    {
        var body = new GraphProto
        {
            Name = "body",
            Input =
            {
                Value("turn", DataType.Int64), Value("goes_on", DataType.Bool), Value("place", DataType.Float, 0, 2),
            },
            Node =
            {
                new NodeProto { OpType = "Identity", Input = { "goes_on" }, Output = { "goes_on_still" } },
                new NodeProto { OpType = "Tanh", Input = { "place" }, Output = { "next_place" } },
            },
            Output = { Value("goes_on_still", DataType.Bool), Value("next_place", DataType.Float, 0, 2) },
        };
        using var stream = new MemoryStream();
        new AttributeProto { Name = "body", Type = GraphType }.WriteTo(stream);
        var output = new CodedOutputStream(stream, leaveOpen: true);
        output.WriteTag(GraphField, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(body.ToByteString());
        output.Flush();
        return AttributeProto.Parser.ParseFrom(stream.ToArray());
    }

    /// <summary>A value of that shape, 0 where a dimension is free; a scalar without one.</summary>
    private static ValueInfoProto Value(string name, DataType type, params ReadOnlySpan<long> sizes)
    {
        var shape = new TensorShapeProto();
        foreach (var size in sizes)
        {
            shape.Dim.Add(size > 0
                ? new TensorShapeProto.Types.Dimension { DimValue = size }
                : new TensorShapeProto.Types.Dimension { DimParam = GraphBuilder.Batch });
        }
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } },
        };
    }
}

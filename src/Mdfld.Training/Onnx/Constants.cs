using System.Runtime.InteropServices;
using Google.Protobuf;
using static Mdfld.Training.Onnx.TensorProto.Types;

namespace Mdfld.Training.Onnx;

/// <summary>Makes the constant tensors of a graph. Names are given by the graph.</summary>
internal static class Constants
{
    /// <summary>A constant of any element type from its little-endian bytes in C order.</summary>
    public static TensorProto Raw(DataType type, ReadOnlySpan<long> shape, ReadOnlySpan<byte> data)
    {
        var tensor = new TensorProto { DataType = (int)type, RawData = ByteString.CopyFrom(data) };
        foreach (var size in shape)
            tensor.Dims.Add(size);
        return tensor;
    }

    public static TensorProto Floats(ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        Raw(DataType.Float, shape, MemoryMarshal.AsBytes(values));

    /// <summary>A list of integers: a shape, axes, starts and ends.</summary>
    public static TensorProto Integers(params ReadOnlySpan<long> values) =>
        Raw(DataType.Int64, [values.Length], MemoryMarshal.AsBytes(values));
}

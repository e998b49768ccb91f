using static Mdfld.Torch.Onnx.TensorProto.Types;

namespace Mdfld.Torch.Onnx;

/// <summary>ONNX names of element types.</summary>
internal static class GraphTypes
{
    /// <exception cref="NotSupportedException">Our files do not carry that type.</exception>
    public static DataType ToOnnx(this ScalarType type) => type switch
    {
        ScalarType.Float32 => DataType.Float,
        ScalarType.Float64 => DataType.Double,
        ScalarType.Float16 => DataType.Float16,
        ScalarType.Int64 => DataType.Int64,
        ScalarType.Int32 => DataType.Int32,
        ScalarType.Int8 => DataType.Int8,
        ScalarType.UInt8 => DataType.Uint8,
        ScalarType.Bool => DataType.Bool,
        _ => throw new NotSupportedException($"elements of type {type} cannot be exported"),
    };
}

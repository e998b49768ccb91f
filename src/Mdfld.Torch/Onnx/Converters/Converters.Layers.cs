namespace Mdfld.Torch.Onnx;

internal static partial class Converters
{
    private static Dictionary<string, Action<CallConversion>> Layers => new()
    {
        ["conv2d"] = c => Convolution(c, groups: c.Int(6, 1)),
        ["convolution"] = c =>
        {
            if (c.Flag(6, absent: false))
                throw c.Unsupported("transposed convolution");
            Convolution(c, groups: c.Int(8, 1));
        },
        ["batch_norm"] = BatchNorm,
        ["instance_norm"] = InstanceNorm,
        ["layer_norm"] = c => c.Return(
            "LayerNormalization",
            [c.Self, c.Has(2) ? c.Tensor(2) : Filled(c, 1, c.Ints(1)), c.TensorOrNone(3)],
            Attributes.Int("axis", -c.Ints(1).Length),
            Attributes.Float("epsilon", c.Real(4, 1e-5))),
        ["linear"] = Linear,
        ["addmm"] = c => c.Return(
            "Gemm", [c.Tensor(1), c.Tensor(2), c.Self],
            Attributes.Float("beta", c.Real(3, 1)), Attributes.Float("alpha", c.Real(4, 1))),
        ["matmul"] = c => c.Return("MatMul", [c.Self, c.Tensor(1)]),
        ["mm"] = c => c.Return("MatMul", [c.Self, c.Tensor(1)]),
        ["bmm"] = c => c.Return("MatMul", [c.Self, c.Tensor(1)]),

        ["max_pool2d"] = c => c.Return(
            "MaxPool", [c.Self],
            Attributes.Ints("kernel_shape", c.Pair(1, 1)),
            Attributes.Ints("strides", Stride(c)),
            Pads(c.Pair(3, 0)),
            Attributes.Ints("dilations", c.Pair(4, 1)),
            Attributes.Int("ceil_mode", c.Int(5, 0))),
        ["avg_pool2d"] = AveragePool,
        ["adaptive_avg_pool2d"] = AdaptiveAveragePool,

        ["upsample_nearest2d"] = c => Resize(
            c, Attributes.Text("mode", "nearest"),
            Attributes.Text("coordinate_transformation_mode", "asymmetric"), Attributes.Text("nearest_mode", "floor")),
        ["upsample_bilinear2d"] = c => Resize(
            c, Attributes.Text("mode", "linear"),
            Attributes.Text("coordinate_transformation_mode", c.Flag(2, false) ? "align_corners" : "half_pixel")),
        ["pixel_shuffle"] = c => c.Return(
            "DepthToSpace", [c.Self], Attributes.Int("blocksize", c.Int(1, 1)), Attributes.Text("mode", "CRD")),
    };

    private static void Convolution(CallConversion c, long groups)
    {
        string[] inputs = c.Has(2) ? [c.Self, c.Tensor(1), c.Tensor(2)] : [c.Self, c.Tensor(1)];
        if (c.Has(4) && c.Call.Arguments[4] is string)
            throw c.Unsupported("padding given as a word");
        c.Return(
            "Conv", inputs,
            Attributes.Ints("strides", c.Pair(3, 1)),
            Pads(c.Pair(4, 0)),
            Attributes.Ints("dilations", c.Pair(5, 1)),
            Attributes.Int("group", groups));
    }

    private static void BatchNorm(CallConversion c)
    {
        if (c.Flag(5, absent: false))
            throw c.Unsupported("it is in training mode; call Eval first");
        long[] channels = [c.SelfShape[1].Value];
        c.Return(
            "BatchNormalization",
            [
                c.Self,
                c.Has(1) ? c.Tensor(1) : Filled(c, 1, channels),
                c.Has(2) ? c.Tensor(2) : Filled(c, 0, channels),
                c.Tensor(3),
                c.Tensor(4),
            ],
            Attributes.Float("epsilon", c.Real(7, 1e-5)));
    }

    private static void InstanceNorm(CallConversion c)
    {
        if (!c.Flag(5, absent: true))
            throw c.Unsupported("running statistics");
        long[] channels = [c.SelfShape[1].Value];
        c.Return(
            "InstanceNormalization",
            [c.Self, c.Has(1) ? c.Tensor(1) : Filled(c, 1, channels), c.Has(2) ? c.Tensor(2) : Filled(c, 0, channels)],
            Attributes.Float("epsilon", c.Real(7, 1e-5)));
    }

    private static void Linear(CallConversion c)
    {
        if (c.SelfShape.Length == 2)
        {
            string[] inputs = c.Has(2) ? [c.Self, c.Tensor(1), c.Tensor(2)] : [c.Self, c.Tensor(1)];
            c.Return("Gemm", inputs, Attributes.Int("transB", 1));
            return;
        }
        var product = c.Node("MatMul", [c.Self, c.Node("Transpose", [c.Tensor(1)], Attributes.Ints("perm", 1, 0))]);
        c.Return(c.Has(2) ? c.Node("Add", [product, c.Tensor(2)]) : product);
    }

    private static void AveragePool(CallConversion c)
    {
        if (c.Has(6))
            throw c.Unsupported("divisor_override");
        c.Return(
            "AveragePool", [c.Self],
            Attributes.Ints("kernel_shape", c.Pair(1, 1)),
            Attributes.Ints("strides", Stride(c)),
            Pads(c.Pair(3, 0)),
            Attributes.Int("ceil_mode", c.Int(4, 0)),
            Attributes.Int("count_include_pad", c.Int(5, 1)));
    }

    private static void AdaptiveAveragePool(CallConversion c)
    {
        var (height, width) = (c.SelfShape[^2].Value, c.SelfShape[^1].Value);
        var size = c.Pair(1, 1);
        if (height % size[0] != 0 || width % size[1] != 0)
            throw c.Unsupported($"{height} x {width} is no multiple of {size[0]} x {size[1]}");
        long[] kernel = [height / size[0], width / size[1]];
        c.Return("AveragePool", [c.Self], Attributes.Ints("kernel_shape", kernel), Attributes.Ints("strides", kernel));
    }

    // Whole factors are given as scales, which the runtime can plan for; others as sizes, which cannot round wrongly.
    private static void Resize(CallConversion c, params ReadOnlySpan<AttributeProto> attributes)
    {
        var from = c.SelfShape[2..];
        ReadOnlySpan<Size> to = c.Result.Shape.AsSpan(2);
        if (IsWhole(from[0], to[0]) && IsWhole(from[1], to[1]))
        {
            var scales = Constants.Floats([1, 1, to[0].Value / from[0].Value, to[1].Value / from[1].Value], 4);
            c.Return("Resize", [c.Self, "", c.Graph.Constant(scales)], attributes);
            return;
        }
        c.Return("Resize", [c.Self, "", "", c.Conversion.Sizes(c.Result.Shape)], attributes);

        static bool IsWhole(Size from, Size to) => from.Of == to.Of && to.Value % from.Value == 0;
    }

    private static long[] Stride(CallConversion c) => c.Ints(2).Length == 0 ? c.Pair(1, 1) : c.Pair(2, 1);

    private static AttributeProto Pads(long[] both) => Attributes.Ints("pads", both[0], both[1], both[0], both[1]);

    private static string Filled(CallConversion c, float value, long[] shape)
    {
        var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        Array.Fill(values, value);
        return c.Graph.Constant(Constants.Floats(values, shape));
    }
}

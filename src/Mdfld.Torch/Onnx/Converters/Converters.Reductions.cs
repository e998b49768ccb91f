namespace Mdfld.Torch.Onnx;

internal static partial class Converters
{
    private static Dictionary<string, Action<CallConversion>> Reductions => new()
    {
        ["sum"] = c =>
        {
            var (axes, keep) = Reduced(c);
            c.Return("ReduceSum", [Operand(c, 0), c.Integers(axes)], Attributes.Int("keepdims", keep));
        },
        ["mean"] = c => Reduce(c, "ReduceMean"),
        ["amax"] = c => Reduce(c, "ReduceMax"),
        ["amin"] = c => Reduce(c, "ReduceMin"),
        ["max"] = c => Extreme(c, "Max"),
        ["min"] = c => Extreme(c, "Min"),
        ["argmax"] = c => ArgExtreme(c, "ArgMax"),
        ["argmin"] = c => ArgExtreme(c, "ArgMin"),
        ["softmax"] = c => c.Return("Softmax", [Operand(c, 0)], Attributes.Int("axis", c.Axis(1))),
        ["log_softmax"] = c => c.Return("LogSoftmax", [Operand(c, 0)], Attributes.Int("axis", c.Axis(1))),
        ["cumsum"] = c => c.Return("CumSum", [Operand(c, 0), c.Integers(c.Axis(1))]),
    };

    private static void Reduce(CallConversion c, string op)
    {
        var (axes, keep) = Reduced(c);
        c.Return(op, [Operand(c, 0)], Attributes.Ints("axes", axes), Attributes.Int("keepdims", keep));
    }

    // Only the overloads that name dimensions can keep them; the plain sum and mean take a type there.
    private static (long[] Axes, long Keep) Reduced(CallConversion c) =>
        c.Call.Overload.Length == 0 && c.Call.Operator is "aten::sum" or "aten::mean"
            ? (c.Axes(int.MaxValue), 0)
            : (c.Axes(1), c.Int(2, 0));

    // Three operators under one name: of all elements, along a dimension with positions, of two tensors.
    private static void Extreme(CallConversion c, string kind)
    {
        switch (c.Call.Overload)
        {
            case "other":
                Binary(c, kind);
                break;
            case "dim":
                long[] axis = [c.Axis(1)];
                var keep = Attributes.Int("keepdims", c.Int(2, 0));
                c.Return(
                    c.Node($"Reduce{kind}", [c.Self], Attributes.Ints("axes", axis), keep),
                    c.Node($"Arg{kind}", [c.Self], Attributes.Int("axis", axis[0]), keep));
                break;
            default:
                c.Return($"Reduce{kind}", [c.Self], Attributes.Int("keepdims", 0));
                break;
        }
    }

    private static void ArgExtreme(CallConversion c, string op)
    {
        if (!c.Has(1))
            throw c.Unsupported("a position among all elements; name a dimension");
        c.Return(op, [c.Self], Attributes.Int("axis", c.Axis(1)), Attributes.Int("keepdims", c.Int(2, 0)));
    }
}

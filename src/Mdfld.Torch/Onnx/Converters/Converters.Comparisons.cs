namespace Mdfld.Torch.Onnx;

internal static partial class Converters
{
    private static Dictionary<string, Action<CallConversion>> Comparisons => new()
    {
        ["gt"] = c => Compare(c, "Greater"),
        ["ge"] = c => Compare(c, "GreaterOrEqual"),
        ["lt"] = c => Compare(c, "Less"),
        ["le"] = c => Compare(c, "LessOrEqual"),
        ["eq"] = c => Compare(c, "Equal"),
        ["ne"] = c => c.Return("Not", [c.Node("Equal", Comparands(c))]),
        ["logical_and"] = c => c.Return("And", [c.Operand(0, ScalarType.Bool), c.Operand(1, ScalarType.Bool)]),
        ["logical_or"] = c => c.Return("Or", [c.Operand(0, ScalarType.Bool), c.Operand(1, ScalarType.Bool)]),
        ["logical_not"] = c => c.Return("Not", [c.Operand(0, ScalarType.Bool)]),
        ["where"] = c => c.Return("Where", [c.Operand(0, ScalarType.Bool), Operand(c, 1), Operand(c, 2)]),
        ["masked_fill"] = c => c.Return("Where", [c.Operand(1, ScalarType.Bool), Operand(c, 2), Operand(c, 0)]),
    };

    private static void Compare(CallConversion c, string op) => c.Return(op, Comparands(c));

    // As torch does: a tensor of fractions decides over one of integers, and any tensor over a plain number, except
    // that a number with a fraction makes integers fractions.
    private static string[] Comparands(CallConversion c)
    {
        var type = c.Value(0).Type;
        if (c.IsTensor(1) && c.Value(1).Type is var other && Rank(other) > Rank(type))
            type = other;
        else if (!c.IsTensor(1) && c.Has(1) && c.Call.Arguments[1] is double && !type.IsFloatingPoint)
            type = ScalarType.Float32;
        return [c.Operand(0, type), c.Operand(1, type)];

        static int Rank(ScalarType type) =>
            type == ScalarType.Bool ? 0 : type.ByteSize + (type.IsFloatingPoint ? 16 : 0);
    }
}

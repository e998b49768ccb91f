namespace Mdfld.Torch.Onnx;

internal static partial class Converters
{
    private static Dictionary<string, Action<CallConversion>> Elementwise => new()
    {
        ["abs"] = Same("Abs"),
        ["ceil"] = Same("Ceil"),
        ["cos"] = Same("Cos"),
        ["erf"] = Same("Erf"),
        ["exp"] = Same("Exp"),
        ["floor"] = Same("Floor"),
        ["hardswish"] = Same("HardSwish"),
        ["log"] = Same("Log"),
        ["neg"] = Same("Neg"),
        ["reciprocal"] = Same("Reciprocal"),
        ["relu"] = Same("Relu"),
        ["round"] = Same("Round"),
        ["sigmoid"] = Sigmoid,
        ["sign"] = Same("Sign"),
        ["sin"] = Same("Sin"),
        ["sqrt"] = Same("Sqrt"),
        ["tanh"] = Same("Tanh"),
        ["log1p"] = c => c.Return("Log", [c.Node("Add", [Operand(c, 0), c.Number(1, c.Result.Type)])]),
        ["rsqrt"] = c => c.Return("Reciprocal", [c.Node("Sqrt", [c.Self])]),
        ["square"] = c => c.Return("Mul", [c.Self, c.Self]),
        ["silu"] = c => c.Return("Mul", [c.Self, c.Node("Sigmoid", [c.Self])]),
        ["gelu"] = Gelu,
        ["hardsigmoid"] = c => c.Return(
            "HardSigmoid", [c.Self], Attributes.Float("alpha", 1.0 / 6), Attributes.Float("beta", 0.5)),
        ["leaky_relu"] = c => c.Return("LeakyRelu", [c.Self], Attributes.Float("alpha", c.Real(1, 0.01))),
        ["softplus"] = Softplus,

        ["relu6"] = c => c.Return("Clip", [c.Self, c.Number(0, c.Result.Type), c.Number(6, c.Result.Type)]),
        ["hardtanh"] = c => c.Return(
            "Clip", [c.Self, c.Number(c.Real(1, -1), c.Result.Type), c.Number(c.Real(2, 1), c.Result.Type)]),
        ["clamp"] = c => Clamp(c, c.Has(1) ? 1 : null, c.Has(2) ? 2 : null),
        ["clip"] = c => Clamp(c, c.Has(1) ? 1 : null, c.Has(2) ? 2 : null),
        ["clamp_min"] = c => Clamp(c, 1, null),
        ["clamp_max"] = c => Clamp(c, null, 1),
        ["maximum"] = c => Binary(c, "Max"),
        ["minimum"] = c => Binary(c, "Min"),

        ["add"] = c => Sum(c, "Add", 0, 1),
        ["sub"] = c => Sum(c, "Sub", 0, 1),
        ["rsub"] = c => Sum(c, "Sub", 1, 0),
        ["mul"] = c => Binary(c, "Mul"),
        ["multiply"] = c => Binary(c, "Mul"),
        ["div"] = Divide,
        ["pow"] = c => Binary(c, "Pow"),

        ["to"] = Retyped,
        ["_to_copy"] = Retyped,
        ["type_as"] = Retyped,
        ["clone"] = Retyped,
        ["contiguous"] = Retyped,
        ["detach"] = Retyped,
        ["alias"] = Retyped,
        ["dropout"] = c =>
        {
            if (c.Flag(2, absent: true))
                throw c.Unsupported("it is in training mode; call Eval first");
            c.Return(c.Self);
        },
    };

    private static Action<CallConversion> Same(string op) => c => c.Return(op, [Operand(c, 0)]);

    private static string Operand(CallConversion c, int i) => c.Operand(i, c.Result.Type);

    private static void Binary(CallConversion c, string op) => c.Return(op, [Operand(c, 0), Operand(c, 1)]);

    // left + alpha scaled, left - alpha scaled: add and sub scale their second argument, rsub its first.
    private static void Sum(CallConversion c, string op, int left, int scaled)
    {
        var alpha = c.Real(2, 1);
        var operands = (Left: Operand(c, left), Scaled: Operand(c, scaled));
        if (alpha == 1)
        {
            c.Return(op, [operands.Left, operands.Scaled]);
            return;
        }
        c.Return(op, [operands.Left, c.Node("Mul", [operands.Scaled, c.Number(alpha, c.Result.Type)])]);
    }

    private static void Divide(CallConversion c)
    {
        if (c.Has(2) && c.Call.Arguments[2] is not "floor")
            throw c.Unsupported($"rounding mode {c.Call.Arguments[2]}");
        if (c.Has(2) && !c.Result.Type.IsFloatingPoint)
            throw c.Unsupported("rounded division of integers");
        var quotient = c.Node("Div", [Operand(c, 0), Operand(c, 1)]);
        c.Return(c.Has(2) ? c.Node("Floor", [quotient]) : quotient);
    }

    // Bounds that are numbers are Clip's; bounds that are tensors broadcast, which Clip does not.
    private static void Clamp(CallConversion c, int? low, int? high)
    {
        var value = Operand(c, 0);
        if ((low is { } l && c.IsTensor(l)) || (high is { } h && c.IsTensor(h)))
        {
            if (low is { } min)
                value = c.Node("Max", [value, Operand(c, min)]);
            if (high is { } max)
                value = c.Node("Min", [value, Operand(c, max)]);
            c.Return(value);
            return;
        }
        c.Return("Clip", [value, low is { } from ? Operand(c, from) : "", high is { } to ? Operand(c, to) : ""]);
    }

    // ONNX Runtime's Sigmoid is exact to 1e-7 absolutely, not relatively. Attention maps that are tiny everywhere and
    // then normalised to a sum of one need the small values as well: 1 / (1 + exp(-x)) has them.
    private static void Sigmoid(CallConversion c)
    {
        var grown = c.Node("Add", [c.Node("Exp", [c.Node("Neg", [Operand(c, 0)])]), c.Number(1, c.Result.Type)]);
        c.Return("Reciprocal", [grown]);
    }

    // x/2 (1 + erf(x / sqrt 2))
    private static void Gelu(CallConversion c)
    {
        if (c.Has(1) && c.Call.Arguments[1] is not "none")
            throw c.Unsupported($"approximation {c.Call.Arguments[1]}");
        var type = c.Result.Type;
        var erf = c.Node("Erf", [c.Node("Mul", [c.Self, c.Number(Math.Sqrt(0.5), type)])]);
        var half = c.Node("Mul", [c.Self, c.Number(0.5, type)]);
        c.Return("Mul", [half, c.Node("Add", [erf, c.Number(1, type)])]);
    }

    private static void Softplus(CallConversion c)
    {
        if (c.Real(1, 1) != 1)
            throw c.Unsupported("beta other than 1");
        c.Return("Softplus", [c.Self]);
    }

    private static void Retyped(CallConversion c) => c.Return(Operand(c, 0));
}

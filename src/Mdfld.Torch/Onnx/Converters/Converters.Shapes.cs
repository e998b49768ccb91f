namespace Mdfld.Torch.Onnx;

internal static partial class Converters
{
    private static Dictionary<string, Action<CallConversion>> Shapes => new()
    {
        // The result's shape says all that these differ in.
        ["reshape"] = Reshaped,
        ["view"] = Reshaped,
        ["_unsafe_view"] = Reshaped,
        ["view_as"] = Reshaped,
        ["reshape_as"] = Reshaped,
        ["flatten"] = Reshaped,
        ["unflatten"] = Reshaped,
        ["squeeze"] = Reshaped,
        ["unsqueeze"] = Reshaped,
        ["expand"] = Expanded,
        ["expand_as"] = Expanded,
        ["broadcast_to"] = Expanded,
        ["repeat"] = Repeat,

        ["permute"] = c => c.Return("Transpose", [c.Self], Attributes.Ints("perm", c.Axes(1))),
        ["transpose"] = c => Swap(c, c.Axis(1), c.Axis(2)),
        ["t"] = c => Swap(c, 0, c.SelfShape.Length - 1),

        ["cat"] = c => Concatenate(c, c.Values(0), Converted(c)),
        ["concat"] = c => Concatenate(c, c.Values(0), Converted(c)),
        ["stack"] = Stack,
        ["zeros_like"] = c => Fill(c, 0),
        ["ones_like"] = c => Fill(c, 1),
        ["full_like"] = c => Fill(c, c.Real(1, 0)),
        ["constant_pad_nd"] = Pad,
    };

    private static void Reshaped(CallConversion c) =>
        c.Return(c.Conversion.Reshape(c.Self, c.SelfShape, c.Result.Shape));

    private static void Expanded(CallConversion c) => c.Return("Expand", [c.Self, c.Conversion.Sizes(c.Result.Shape)]);

    private static void Repeat(CallConversion c)
    {
        var repeats = c.Call.Arguments[1] as Size[] ?? throw c.Unsupported("argument 1 must be integers");
        // Where there are more factors than dimensions, dimensions of one come first.
        Size[] widened = [.. Enumerable.Repeat(new Size(1), repeats.Length - c.SelfShape.Length), .. c.SelfShape];
        var value = c.Conversion.Reshape(c.Self, c.SelfShape, widened);
        c.Return("Tile", [value, c.Conversion.Sizes(repeats)]);
    }

    private static void Swap(CallConversion c, int one, int other)
    {
        var order = c.Axes(int.MaxValue);
        if (order.Length > 0)
            (order[one], order[other]) = (order[other], order[one]);
        c.Return("Transpose", [c.Self], Attributes.Ints("perm", order));
    }

    private static string[] Converted(CallConversion c) =>
        [.. c.Values(0).Select(v => c.Conversion.Cast(c.Conversion.Find(v), v.Type, c.Result.Type))];

    private static void Concatenate(CallConversion c, Value[] values, string[] names)
    {
        var axis = CallConversion.Axis(c.Int(1, 0), values[0].Shape.Length);
        c.Return(names.Length == 1 ? names[0] : c.Node("Concat", names, Attributes.Int("axis", axis)));
    }

    private static void Stack(CallConversion c)
    {
        var axis = CallConversion.Axis(c.Int(1, 0), c.Result.Shape.Length);
        Size[] slot = [.. c.Result.Shape];
        slot[axis] = new Size(1);
        var values = c.Values(0);
        var slots = Converted(c).Select((name, i) => c.Conversion.Reshape(name, values[i].Shape, slot));
        c.Return("Concat", [.. slots], Attributes.Int("axis", axis));
    }

    private static void Fill(CallConversion c, double value) =>
        c.Return("Expand", [c.Number(value, c.Result.Type), c.Conversion.Sizes(c.Result.Shape)]);

    // torch lists (before, after) from the last dimension backwards, ONNX all befores, then all afters.
    private static void Pad(CallConversion c)
    {
        var pairs = c.Ints(1);
        var rank = c.SelfShape.Length;
        var pads = new long[2 * rank];
        for (var i = 0; i < pairs.Length / 2; i++)
        {
            pads[rank - 1 - i] = pairs[2 * i];
            pads[2 * rank - 1 - i] = pairs[2 * i + 1];
        }
        c.Return("Pad", [c.Self, c.Integers(pads), c.Number(c.Real(2, 0), c.Result.Type)]);
    }
}

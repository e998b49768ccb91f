namespace Mdfld.Torch.Onnx;

internal static partial class Converters
{
    private static Dictionary<string, Action<CallConversion>> Selections => new()
    {
        ["slice"] = c => Slice(c, c.Axis(1), c.Int(2, 0), c.Int(3, long.MaxValue), c.Int(4, 1)),
        ["narrow"] = c => Slice(c, c.Axis(1), c.Int(2, 0), c.Int(2, 0) + c.Int(3, 0), 1),
        ["select"] = Select,
        ["index_select"] = c => c.Return("Gather", [c.Self, c.Tensor(2)], Attributes.Int("axis", c.Axis(1))),
        ["flip"] = Flip,
        ["split"] = Split,
        ["split_with_sizes"] = Split,
        ["chunk"] = Split,
        ["unbind"] = c =>
        {
            var axis = c.Axis(1);
            for (var i = 0; i < c.Call.Results.Length; i++)
                c.Conversion.Bind(c.Call.Results[i], Entry(c, axis, i));
        },
    };

    private static void Slice(CallConversion c, int axis, long start, long end, long step) => c.Return(
        "Slice", [c.Self, c.Integers(start), c.Integers(end), c.Integers(axis), c.Integers(step)]);

    private static void Select(CallConversion c) => c.Return(Entry(c, c.Axis(1), c.Int(2, 0)));

    private static string Entry(CallConversion c, int axis, long index) =>
        c.Node("Gather", [c.Self, c.Number(index, ScalarType.Int64)], Attributes.Int("axis", axis));

    private static void Flip(CallConversion c)
    {
        var axes = c.Axes(1);
        var ends = axes.Select(_ => long.MinValue).ToArray();
        var steps = axes.Select(_ => -1L).ToArray();
        c.Return("Slice", [c.Self, c.Integers([.. steps]), c.Integers(ends), c.Integers(axes), c.Integers(steps)]);
    }

    private static void Split(CallConversion c)
    {
        var axis = c.Axis(2);
        var results = c.Call.Results;
        if (results.Any(result => result.Shape[axis].Grows))
            throw c.Unsupported("it splits the batch");
        if (results.Length == 1)
        {
            c.Return(c.Self);
            return;
        }
        var sizes = c.Integers([.. results.Select(result => result.Shape[axis].Value)]);
        c.Return(c.Graph.Node("Split", results.Length, [c.Self, sizes], Attributes.Int("axis", axis)));
    }
}

using System.Collections.Frozen;

namespace Mdfld.Torch.Onnx;

/// <summary>How each ATen operator is said in ONNX, by schema name without overload. Grouped by file.</summary>
internal static partial class Converters
{
    private static readonly FrozenDictionary<string, Action<CallConversion>> Table =
        new[] { Elementwise, Comparisons, Layers, Reductions, Shapes, Selections }
            .SelectMany(group => group)
            .ToFrozenDictionary(pair => $"aten::{pair.Key}", pair => pair.Value);

    /// <summary>Adds the nodes of a call.</summary>
    /// <exception cref="NotSupportedException">The operator, or the way it is called, is not known here.</exception>
    public static void Convert(Conversion conversion, Call call)
    {
        if (!Table.TryGetValue(call.Operator, out var converter))
        {
            throw new NotSupportedException(
                $"the network calls {call}, which the ONNX export does not know; add it to Onnx/Converters");
        }
        converter(new CallConversion(conversion, call));
    }
}

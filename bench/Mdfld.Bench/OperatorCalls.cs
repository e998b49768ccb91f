namespace Mdfld.Bench;

/// <summary>What a call costs beside arithmetic: operators on one element, the result's disposal included.</summary>
internal static class OperatorCalls
{
    private const int Calls = 20_000;

    public static void Run(int rounds)
    {
        Console.WriteLine("## Operator calls on one element\n");
        Console.WriteLine("| call | microseconds |\n|---|---|");
        using var noGrad = no_grad();
        using var one = Tensor.From<float>([1], 1);
        using var four = one.reshape(1, 1, 1, 1);
        var measured = Measurement.Interleaved(
            rounds,
            ("relu", () => Repeat(() => one.relu().Dispose())),
            ("tensor + tensor", () => Repeat(() => (one + one).Dispose())),
            ("sum over dimensions", () => Repeat(() => four.sum([2, 3]).Dispose())),
            ("relu in a tensor scope", () => InScope(one)));
        foreach (var m in measured)
            Console.WriteLine($"| {m.Name} | {m.Median / Calls * 1e6:0.00} |");
        Console.WriteLine();
    }

    private static void Repeat(Action call)
    {
        for (var i = 0; i < Calls; i++)
            call();
    }

    private static void InScope(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        for (var i = 0; i < Calls; i++)
            tensor.relu();
    }
}

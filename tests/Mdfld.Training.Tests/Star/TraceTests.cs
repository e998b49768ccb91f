using System.Text.Json;
using Mdfld.Tests.Torch;

namespace Mdfld.Tests.Star;

/// <summary>
/// The 57 inner outputs of golden section 2: each of them must come out of some operator of the forward pass. When a
/// landmark differs, the first one missing says where to look.
/// </summary>
public sealed class TraceTests
{
    [Fact]
    public void EveryTracedModuleAppearsAmongTheOperators()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var network = StarGolden.TinyNetwork();
        network.Eval();
        var input = StarGolden.TinyInput();

        var wanted = StarGolden.Json("star_tiny_trace.json").GetProperty("modules").EnumerateObject().ToList();
        Assert.Equal(57, wanted.Count);
        network.Predict(ObservedOps.Of(network.Ops, (_, _, result) => Strike(wanted, result)), input);

        Assert.Empty(wanted.Select(w => w.Name));
    }

    /// <summary>Strikes the modules off whose output an operator gives.</summary>
    private static void Strike(List<JsonProperty> wanted, Tensor result)
    {
        var shape = result.shape;
        var candidates = wanted.Where(w => Shape(w.Value).SequenceEqual(shape)).ToList();
        if (candidates.Count == 0)
            return;
        var values = result.ToArray<float>();
        foreach (var found in candidates.Where(c => Matches(c.Value, values)))
            wanted.Remove(found);


        static IEnumerable<long> Shape(JsonElement trace) =>
            trace.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64());

        static bool Matches(JsonElement trace, float[] values)
        {
            var largest = trace.GetProperty("absmax").GetDouble();
            var samples = trace.GetProperty("samples");
            for (var j = 0; j < samples.GetArrayLength(); j++)
            {
                var sample = values[((j * 7919) + 13) % values.Length];
                if (!(Math.Abs(sample - samples[j].GetDouble()) <= 1e-4 * largest))
                    return false;
            }

            var mean = values.Average(v => (double)v);
            var deviation = Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
            return Math.Abs(mean - trace.GetProperty("mean").GetDouble()) <= 1e-4 * largest
                && Math.Abs(deviation - trace.GetProperty("std").GetDouble()) <= 1e-4 * largest
                && Math.Abs(values.Max(Math.Abs) - largest) <= 1e-4 * largest;
        }
    }
}

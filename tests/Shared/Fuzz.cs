using System.Diagnostics;
using System.Globalization;

namespace Mdfld.Tests;

/// <summary>
/// Feeds damaged inputs to a reader: it must read each, or refuse it as its documentation says, soon and in little
/// memory. <c>MDFLD_FUZZ</c> is how many each reader gets, <c>MDFLD_FUZZ_MINUTES</c> how long at most,
/// <c>MDFLD_FUZZ_REPORT</c> a file for a line about each; a reader that has a line there is passed over. bench/fuzz.sh
/// sets them.
/// </summary>
/// <param name="reader">What the report calls it.</param>
/// <param name="refusals">The exceptions that its documentation names.</param>
internal sealed class Fuzz(string reader, params Type[] refusals)
{
    // For one run of all tests: so many, or as many as a moment allows.
    private const int Inputs = 20_000;
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1.5);

    // An input that takes longer hangs a server; what a busy machine adds is included.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private static readonly Lock Reporting = new();

    private readonly SortedDictionary<string, int> _outcomes = new(StringComparer.Ordinal);
    private int _done;
    private TimeSpan _slowest;
    private long _most;

    /// <summary>Managed bytes that an input may cost whatever its length.</summary>
    public long Allowed { get; init; } = 4_000_000;

    /// <summary>Managed bytes that each byte of an input may cost.</summary>
    public long AllowedPerByte { get; init; } = 300;

    private int Read => _outcomes.GetValueOrDefault("read");

    /// <summary>Runs.</summary>
    /// <param name="seeds">Sound inputs, all of which are read.</param>
    /// <param name="read">Reads an input made of the seed of that number.</param>
    /// <param name="repair">Makes checksums right again, for every other input.</param>
    public void Run(IReadOnlyList<byte[]> seeds, Action<int, byte[]> read, Func<byte[], byte[]>? repair = null)
    {
        Assert.NotEmpty(seeds);
        if (IsReported)
            return;
        // What is allocated once for all is not the inputs' doing.
        for (var i = 0; i < seeds.Count; i++)
            read(i, seeds[i]);
        var asked = int.TryParse(
            Environment.GetEnvironmentVariable("MDFLD_FUZZ"), CultureInfo.InvariantCulture, out var number);
        var (inputs, start, random) = (asked ? number : Inputs, Stopwatch.GetTimestamp(), new Random(20261122));
        var moment = !asked ? Moment : double.TryParse(
            Environment.GetEnvironmentVariable("MDFLD_FUZZ_MINUTES"), CultureInfo.InvariantCulture, out var minutes)
                ? TimeSpan.FromMinutes(minutes) : TimeSpan.MaxValue;
        for (; _done < inputs && Stopwatch.GetElapsedTime(start) < moment; _done++)
        {
            var seed = _done % seeds.Count;
            var input = Mutations.Mutated(seeds[seed], random);
            Try(seed, repair is not null && _done % 2 == 0 ? repair(input) : input, read);
        }
        Report();
        // The damage was neither harmless nor always in the first bytes.
        Assert.True(Read > _done / 100, $"{reader}: only {Read} of {_done} were read");
        Assert.True(_done - Read > _done / 50, $"{reader}: only {_done - Read} of {_done} were refused");
    }

    private void Try(int seed, byte[] input, Action<int, byte[]> read)
    {
        var (before, start, outcome) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp(), "read");
        try
        {
            read(seed, input);
        }
        catch (Exception e) when (refusals.Contains(e.GetType()))
        {
            outcome = e.GetType().Name;
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{reader}: {Keep(input)} is neither read nor refused: {e}", e);
        }
        var (took, cost) = (Stopwatch.GetElapsedTime(start), GC.GetAllocatedBytesForCurrentThread() - before);
        _outcomes[outcome] = _outcomes.GetValueOrDefault(outcome) + 1;
        (_slowest, _most) = (took > _slowest ? took : _slowest, Math.Max(cost, _most));
        if (cost > Allowed + (AllowedPerByte * input.Length))
            Assert.Fail($"{reader}: {Keep(input)}, {input.Length} bytes, cost {cost}");
        if (took > Longest)
            Assert.Fail($"{reader}: {Keep(input)} took {took}");
    }

    private string Keep(byte[] input)
    {
        var path = Path.Combine(Path.GetTempPath(), $"mdfld-fuzz-{reader.Replace(' ', '-')}-{_done}.bin");
        File.WriteAllBytes(path, input);
        return path;
    }

    private static string? ReportFile => Environment.GetEnvironmentVariable("MDFLD_FUZZ_REPORT");

    private bool IsReported
    {
        get
        {
            lock (Reporting)
            {
                return File.Exists(ReportFile)
                    && File.ReadLines(ReportFile).Any(l => l.StartsWith($"| {reader} |", StringComparison.Ordinal));
            }
        }
    }

    private void Report()
    {
        if (ReportFile is not { Length: > 0 } file)
            return;
        var refused = string.Join(", ", _outcomes.Where(o => o.Key != "read").Select(o => $"{o.Value} {o.Key}"));
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"| {reader} | {_done} | {Read} | {refused} | {_slowest.TotalMilliseconds:0} ms | {_most / 1024.0:0} KiB |\n");
        lock (Reporting)
            File.AppendAllText(file, line);
    }
}

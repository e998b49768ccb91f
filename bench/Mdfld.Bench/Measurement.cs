using System.Diagnostics;

namespace Mdfld.Bench;

/// <summary>Times of one contender, seconds.</summary>
internal sealed record Measurement(string Name, double[] Seconds)
{
    public double Median
    {
        get
        {
            var sorted = Seconds.Order().ToArray();
            var middle = sorted.Length / 2;
            return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        }
    }

    public double Fastest => Seconds.Min();

    /// <summary>
    /// Runs the contenders in turn, round after round, so that whatever else the machine does in the meantime hits them
    /// alike; one round more warms them up and does not count.
    /// </summary>
    public static Measurement[] Interleaved(int rounds, params ReadOnlySpan<(string Name, Action Body)> contenders)
    {
        var seconds = new double[contenders.Length][];
        for (var i = 0; i < seconds.Length; i++)
            seconds[i] = new double[rounds];
        for (var round = -1; round < rounds; round++)
        {
            for (var i = 0; i < contenders.Length; i++)
            {
                var start = Stopwatch.GetTimestamp();
                contenders[i].Body();
                if (round >= 0)
                    seconds[i][round] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
        }
        var measured = new Measurement[contenders.Length];
        for (var i = 0; i < measured.Length; i++)
            measured[i] = new Measurement(contenders[i].Name, seconds[i]);
        return measured;
    }
}

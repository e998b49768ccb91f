namespace Mdfld.Studio;

/// <summary>What a service counts, as Prometheus reads it.</summary>
internal sealed class ServerCounters
{
    private long _answered;
    private long _refused;
    private long _cut;
    private long _ticks;

    /// <summary>A picture had its answer.</summary>
    public void Answered(TimeSpan taken)
    {
        Interlocked.Increment(ref _answered);
        Interlocked.Add(ref _ticks, taken.Ticks);
    }

    /// <summary>A request was refused: no picture, too large, too many.</summary>
    public void Refused() => Interlocked.Increment(ref _refused);

    /// <summary>A client went away.</summary>
    public void Cut() => Interlocked.Increment(ref _cut);

    /// <summary>The counters as text.</summary>
    public string ToText() => string.Create(CultureInfo.InvariantCulture, $"""
        # HELP mdfld_requests_total Requests for detection by what became of them.
        # TYPE mdfld_requests_total counter
        mdfld_requests_total{"{"}outcome="answered"{"}"} {Interlocked.Read(ref _answered)}
        mdfld_requests_total{"{"}outcome="refused"{"}"} {Interlocked.Read(ref _refused)}
        mdfld_requests_total{"{"}outcome="cut"{"}"} {Interlocked.Read(ref _cut)}
        # HELP mdfld_request_seconds_total Time that answered requests took, waiting included.
        # TYPE mdfld_request_seconds_total counter
        mdfld_request_seconds_total {TimeSpan.FromTicks(Interlocked.Read(ref _ticks)).TotalSeconds:0.000}

        """);
}

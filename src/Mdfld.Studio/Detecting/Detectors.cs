namespace Mdfld.Studio;

/// <summary>
/// The detectors of a server, each loaded when it is first asked for; one picture is worked on at a time: a detector
/// uses all cores itself.
/// </summary>
/// <param name="load">Opens the model that a name or a file means.</param>
internal sealed class Detectors(Func<string, LandmarkDetector> load) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Dictionary<string, LandmarkDetector> _loaded = [];

    /// <summary>Does something with a detector, after what came before.</summary>
    /// <param name="model">A name or a file.</param>
    public async Task<T> Use<T>(string model, Func<LandmarkDetector, CancellationToken, T> work, CancellationToken stop)
    {
        await _turn.WaitAsync(stop);
        try
        {
            return await Task.Run(
                () =>
                {
                    if (!_loaded.TryGetValue(model, out var detector))
                        _loaded[model] = detector = load(model);
                    return work(detector, stop);
                },
                stop);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Forgets a model whose file is written anew.</summary>
    public async Task Forget(string model)
    {
        await _turn.WaitAsync();
        try
        {
            if (_loaded.Remove(model, out var detector))
                detector.Dispose();
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        foreach (var detector in _loaded.Values)
            detector.Dispose();
        _turn.Dispose();
    }
}

using System.Runtime.InteropServices;

namespace Mdfld.Cli;

/// <summary>
/// Ctrl-C and SIGTERM: the first tells the job to stop, so that it can save; the second ends the process at once, also
/// where native code listens to nothing.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly PosixSignalRegistration[] _signals;

    /// <param name="stop">Another reason to stop.</param>
    public Interruption(CancellationToken stop)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
        ];
    }

    /// <summary>Tells the job to stop.</summary>
    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        foreach (var signal in _signals)
            signal.Dispose();
        _stop.Dispose();
    }

    private void Handle(PosixSignalContext signal)
    {
        if (_stop.IsCancellationRequested)
        {
            // Nothing of ours runs any more: native threads that are at work may not survive an orderly end.
            signal.Cancel = false;
            return;
        }
        signal.Cancel = true;
        // What is told may do much before it returns; a second signal must not wait for that.
        _ = _stop.CancelAsync();
    }
}

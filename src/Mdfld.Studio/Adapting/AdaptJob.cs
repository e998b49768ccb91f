namespace Mdfld.Studio;

/// <summary>How an adaptation stands.</summary>
/// <param name="State"><c>idle</c>, <c>running</c>, <c>done</c>, <c>stopped</c> or <c>failed</c>.</param>
internal sealed record AdaptStatus(string State)
{
    /// <summary>The name of the new model.</summary>
    public string? Model { get; init; }

    /// <summary>Steps done, and in all.</summary>
    public long Step { get; init; }

    public long Steps { get; init; }

    public double SecondsLeft { get; init; }

    /// <summary>Mean loss and learnt faces a second, since the last report.</summary>
    public double Loss { get; init; }

    public double FacesPerSecond { get; init; }

    /// <summary>The error on the faces kept aside so far, %: step and value of each validation.</summary>
    public IReadOnlyList<double[]> Curve { get; init; } = [];

    public int Learnt { get; init; }

    public IReadOnlyList<AdaptationError> Errors { get; init; } = [];

    public string? Error { get; init; }
}

/// <summary>The studio's training job, one at a time.</summary>
/// <param name="settings">How it trains; null where it cannot.</param>
/// <param name="stop">Ends it with the studio.</param>
internal sealed class AdaptJob(AdaptationSettings? settings, CancellationToken stop) : ITrainingObserver
{
    private readonly Lock _changing = new();
    private CancellationTokenSource? _running;
    private AdaptStatus _status = new("idle");

    /// <summary>How it stands.</summary>
    public AdaptStatus Status
    {
        get
        {
            lock (_changing)
                return _status;
        }
        private set
        {
            lock (_changing)
                _status = value;
        }
    }

    /// <summary>Over when nothing is trained any more.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>Begins an adaptation.</summary>
    /// <param name="faces">The labelled faces.</param>
    /// <param name="folder">Where models are kept.</param>
    /// <exception cref="RequestException">One is under way, or there is nothing to train with.</exception>
    public void Begin(FaceSet faces, string folder)
    {
        lock (_changing)
        {
            if (settings is null)
                throw new RequestException(501, "this studio was started without what adapting needs");
            if (!Ended.IsCompleted)
                throw new RequestException(409, "a model is being adapted already");
            var name = NewName(folder);
            _running?.Dispose();
            _running = CancellationTokenSource.CreateLinkedTokenSource(stop);
            _status = new AdaptStatus("running") { Model = name };
            var token = _running.Token;
            Ended = Task.Run(() => Train(settings, faces, folder, name, token), CancellationToken.None);
        }
    }

    /// <summary>Ends it; nothing is kept.</summary>
    public void Stop()
    {
        lock (_changing)
            _running?.Cancel();
    }

    void ITrainingObserver.Begin(TrainingHeader header) =>
        Status = Status with { Steps = header.Steps, SecondsLeft = header.Expected.TotalSeconds };

    void ITrainingObserver.Report(TrainingReport report) => Status = Status with
    {
        Step = report.Step,
        Steps = report.Steps,
        Loss = report.Loss,
        FacesPerSecond = report.SamplesPerSecond,
        SecondsLeft = report.TimeLeft.TotalSeconds,
        Curve = report.Validation is [var aside, ..] ? [.. Status.Curve, [report.Step, aside.Value]] : Status.Curve,
    };

    private static string NewName(string folder) => Enumerable.Range(1, int.MaxValue).Select(n => $"adapted-{n}")
        .First(name => !File.Exists(Path.Combine(folder, name + ".onnx")));

    private void Train(
        AdaptationSettings adaptation, FaceSet faces, string folder, string name, CancellationToken ended)
    {
        var run = Path.Combine(folder, name + ".run");
        try
        {
            // What a studio that was killed left there.
            if (Directory.Exists(run))
                Directory.Delete(run, recursive: true);
            var model = Path.Combine(folder, name + ".onnx");
            var result = Adaptation.Run(adaptation, faces, run, model, resume: false, this, ended);
            Status = Status with
            {
                State = result.Finished ? "done" : "stopped",
                Learnt = result.Learnt,
                Errors = result.Errors,
            };
            if (!result.Finished)
                Directory.Delete(run, recursive: true);
        }
        catch (OperationCanceledException)
        {
            Status = Status with { State = "stopped" };
        }
        catch (Exception e)
        {
            // Whatever it is, the studio goes on, and the page says it.
            Status = Status with { State = "failed", Error = e.Message.ReplaceLineEndings(" ") };
        }
    }
}

namespace Mdfld.Tests.Training;

/// <summary>Runs of a trainer, watched.</summary>
internal static class RunWatcher
{
    extension(Trainer trainer)
    {
        /// <summary>Runs; whether to the end.</summary>
        public bool Run(bool resume, Action<TrainingReport>? report = null, CancellationToken stop = default) =>
            trainer.Run(resume, new Watcher(report), stop).Finished;
    }

    internal sealed class Watcher(Action<TrainingReport>? report = null) : ITrainingObserver
    {
        public TrainingHeader? Header { get; private set; }

        public void Begin(TrainingHeader header) => Header = header;

        void ITrainingObserver.Report(TrainingReport made) => report?.Invoke(made);
    }
}

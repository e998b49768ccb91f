using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;

namespace Mdfld.Cli.Commands;

/// <summary>The root of the commands; an error becomes one line on stderr and an exit code.</summary>
internal static class CommandLine
{
    private const int BrokenPipe = 32;

    // Columns of help that no terminal shows.
    private const int FileWidth = 100;

    /// <summary>Runs one command and returns its exit code.</summary>
    public static async Task<int> RunAsync(
        string[] args, TextWriter output, TextWriter error, CancellationToken stop = default)
    {
        var root = Root(Terminal.Is(output) ? Console.WindowWidth : FileWidth);
        var parsed = root.Parse(Meant(args));
        if (CallError.Of(root, parsed) is { } wrong && parsed.Action is not HelpPage)
        {
            error.WriteLine($"mdfld: {ErrorText.OneLine(wrong)}");
            return ExitCode.BadCall;
        }
        try
        {
            var configuration = new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
                // Ours instead: it waits for a training run that saves, and a second signal ends the process.
                ProcessTerminationTimeout = null,
            };
            // A command that cannot be told to stop ends as any process.
            using var interruption = parsed.Action is AsynchronousCommandLineAction ? new Interruption(stop) : null;
            return await parsed.InvokeAsync(configuration, interruption?.Token ?? stop);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (IOException e) when (e.HResult == BrokenPipe && !OperatingSystem.IsWindows())
        {
            // The reader has seen enough: mdfld detect ... | head
            return ExitCode.ReaderGone;
        }
        catch (UsageException e)
        {
            error.WriteLine($"mdfld: {ErrorText.OneLine(e.Message)}");
            return ExitCode.BadCall;
        }
        catch (Exception e)
        {
            error.WriteLine($"mdfld: {ErrorText.Of(e)}");
            return ExitCode.Failed;
        }
    }

    // A plain command instead of RootCommand: that one calls itself after the file it was started from.
    /// <param name="width">Columns of help.</param>
    public static Command Root(int width = FileWidth)
    {
        var root = new Command("mdfld", "Finds face landmarks in pictures of every art style.")
        {
            new HelpOption { Action = new HelpPage(width) },
            new VersionOption("--version", "-v"),
            new DetectCommand(),
            new TrackCommand(),
            EvaluateCommand.Create(),
            CalibrateCommand.Create(),
            ModelCommand.Create(),
            TrainCommand.Create(),
            ExportCommand.Create(),
            QuantiseCommand.Create(),
            DatasetCommand.Create(),
            new GenerateCommand(),
            LabelCommand.Create(),
            StudioCommand.Create(),
            ServeCommand.Create(),
            OriginalCommand.Create(),
            SamplesCommand.Create(),
            SetupCommand.Create(),
            DoctorCommand.Create(),
        };
        root.Add(CompletionCommand.Create());
        root.Add(CompletionCommand.CreateComplete(root));
        foreach (var option in Options(root))
            SharedOptions.ReadInOneWay(option);
        return root;

        static IEnumerable<Option> Options(Command command) =>
            command.Options.Concat(command.Subcommands.SelectMany(Options));
    }

    /// <summary>The words that other programs know: none, help and version.</summary>
    private static string[] Meant(string[] args) => args switch
    {
        [] => ["--help"],
        ["help", .. var command] => [.. command, "--help"],
        ["version"] => ["--version"],
        _ => args,
    };

    /// <summary>
    /// Ctrl-C and SIGTERM: the first tells the job to stop, so that it can save; the second ends the process at once,
    /// also where native code listens to nothing.
    /// </summary>
    private sealed class Interruption : IDisposable
    {
        private readonly CancellationTokenSource _stop;
        private readonly PosixSignalRegistration[] _signals;

        public Interruption(CancellationToken stop)
        {
            _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
            _signals = Array.ConvertAll(
                (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM],
                signal => PosixSignalRegistration.Create(signal, Handle));
        }

        public CancellationToken Token => _stop.Token;

        public void Dispose()
        {
            foreach (var signal in _signals)
                signal.Dispose();
            _stop.Dispose();
        }

        private void Handle(PosixSignalContext signal)
        {
            // The second time nothing of ours runs any more: native threads at work may not survive an orderly end.
            signal.Cancel = !_stop.IsCancellationRequested;
            // Registered callbacks may do much before they return; a second signal must not wait for that.
            if (signal.Cancel)
                _ = _stop.CancelAsync();
        }
    }
}

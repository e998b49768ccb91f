using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Mdfld.Cli.Commands;

namespace Mdfld.Cli;

/// <summary>The root of the commands, and what becomes of errors: one line on stderr and an exit code.</summary>
internal static class CommandLine
{
    /// <summary>A job that failed.</summary>
    public const int Failed = 1;

    /// <summary>A call that makes no sense.</summary>
    public const int BadCall = 2;

    /// <summary>Ctrl-C ended it.</summary>
    public const int Interrupted = 130;

    /// <summary>Nobody reads the output any more; what a shell says of a program that SIGPIPE ended.</summary>
    public const int ReaderGone = 141;

    private const int BrokenPipe = 32;

    /// <summary>Runs one command and returns its exit code.</summary>
    public static async Task<int> RunAsync(
        string[] args, TextWriter output, TextWriter error, CancellationToken stop = default)
    {
        var parsed = Root().Parse(args.Length > 0 ? args : ["--help"]);
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpAction)
        {
            var command = Path(parsed.CommandResult);
            error.WriteLine($"mdfld: {OneLine(parsed.Errors[0].Message)} See: {command} --help");
            return BadCall;
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
            return Interrupted;
        }
        catch (IOException e) when (e.HResult == BrokenPipe && !OperatingSystem.IsWindows())
        {
            // Whoever read the output has seen enough: mdfld detect ... | head
            return ReaderGone;
        }
        catch (UsageException e)
        {
            error.WriteLine($"mdfld: {OneLine(e.Message)}");
            return BadCall;
        }
        catch (Exception e)
        {
            error.WriteLine($"mdfld: {Describe(e)}");
            return Failed;
        }
    }

    /// <summary>An error in one line: its message where it was written for the user, else its kind as well.</summary>
    public static string Describe(Exception e) => e switch
    {
        _ when Environment.GetEnvironmentVariable("MDFLD_TRACE") == "1" =>
            Terminal.Clean(e.ToString(), lines: true),
        InvalidDataException or IOException or UnauthorizedAccessException or DllNotFoundException
            or NotSupportedException => OneLine(e.Message),
        _ => $"{e.GetType().Name}: {OneLine(e.Message)} (MDFLD_TRACE=1 shows where)",
    };

    // A plain command instead of RootCommand: that one calls itself after the file it was started from.
    private static Command Root() => new("mdfld", "Finds face landmarks in pictures of every art style.")
    {
        new HelpOption(),
        new VersionOption(),
        DetectCommand.Create(),
        EvaluateCommand.Create(),
        CalibrateCommand.Create(),
        ModelCommand.Create(),
        TrainCommand.Create(),
        ExportCommand.Create(),
        DatasetCommand.Create(),
        GenerateCommand.Create(),
        LabelCommand.Create(),
        OriginalCommand.Create(),
        SamplesCommand.Create(),
        SetupCommand.Create(),
    };

    private static string Path(SymbolResult? symbol) => symbol switch
    {
        CommandResult { Parent: not null } command => $"{Path(command.Parent)} {command.Command.Name}",
        _ => "mdfld",
    };

    private static string OneLine(string message) => Terminal.Clean(message.ReplaceLineEndings(" ").Trim());
}

using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Mdfld.Cli;

/// <summary>Tables, colours and bars, plain text where no terminal reads.</summary>
internal static class Terminal
{
    /// <summary>A console on a writer: colours where that is a terminal, plain text in a file or pipe.</summary>
    public static IAnsiConsole On(TextWriter writer)
    {
        var output = new AnsiConsoleOutput(writer);
        var settings = new AnsiConsoleSettings { Out = output };
        if (!output.IsTerminal)
            (settings.Ansi, settings.ColorSystem) = (AnsiSupport.No, ColorSystemSupport.NoColors);
        var console = AnsiConsole.Create(settings);
        // A file has no columns: no cell of a table is cut.
        if (!output.IsTerminal)
            console.Profile.Width = 200;
        console.Pipeline.Attach(new Cleaner());
        return console;
    }

    /// <summary>
    /// Text from a file or a name, without what a terminal takes for a command: control characters, and those that turn
    /// the order of others, become U+FFFD. Line breaks of texts of many lines stay.
    /// </summary>
    public static string Clean(string text, bool lines = false)
    {
        return string.Create(text.Length, (text, lines), static (clean, from) =>
        {
            for (var i = 0; i < clean.Length; i++)
                clean[i] = IsCommand(from.text[i], from.lines) ? '\uFFFD' : from.text[i];
        });

        static bool IsCommand(char c, bool lines) => char.GetUnicodeCategory(c) switch
        {
            UnicodeCategory.Control => !(lines && (c is '\n' or '\r' or '\t')),
            UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
            _ => false,
        };
    }

    /// <summary>Whether a person reads what is written there.</summary>
    public static bool Is(TextWriter writer) => new AnsiConsoleOutput(writer).IsTerminal;

    /// <summary>
    /// Whether a bar may stand on stderr: it is a terminal, and no pipe's reader writes there at the same time.
    /// </summary>
    public static bool HasBar(TextWriter error) => Is(error) && !IsPiped;

    private static bool IsPiped
    {
        get
        {
            if (!Console.IsOutputRedirected)
                return false;
            if (OperatingSystem.IsWindows())
                return true;
            using var handle = new SafeFileHandle(1, ownsHandle: false);
            using var file = new FileStream(handle, FileAccess.Write, bufferSize: 0);
            return !file.CanSeek;
        }
    }

    /// <inheritdoc cref="WithBar{T}"/>
    public static void WithBar(int count, string things, Action<Action?> run, bool quiet = false) => WithBar(
        count, things,
        tick =>
        {
            run(tick);
            return 0;
        },
        quiet);

    /// <summary>
    /// Runs a job of many steps while a bar on stderr, where that is a terminal, shows how many are done.
    /// </summary>
    /// <param name="things">What is counted, such as pictures.</param>
    /// <param name="run">Calls back after each, from any thread.</param>
    /// <param name="quiet">Shows none.</param>
    public static T WithBar<T>(int count, string things, Func<Action?, T> run, bool quiet = false)
    {
        if (quiet || !HasBar(Console.Error))
            return run(null);
        return On(Console.Error).Progress().AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                var task = context.AddTask($"{count} {things}", maxValue: count);
                return run(() => task.Increment(1));
            });
    }
}

/// <summary>Cleans the text of all that a console draws: names and styles come from files.</summary>
internal sealed class Cleaner : IRenderHook
{
    public IEnumerable<IRenderable> Process(RenderOptions options, IEnumerable<IRenderable> renderables) =>
        renderables.Select(r => new Clean(r));

    private sealed class Clean(IRenderable inner) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => inner.Measure(options, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
            inner.Render(options, maxWidth).Select(s => s.IsControlCode || s.IsLineBreak
                ? s : new Segment(Terminal.Clean(s.Text, lines: true), s.Style));
    }
}

/// <summary>Shows on stderr how far a long run is: a bar on a terminal, else a line now and then.</summary>
internal abstract class RunProgress(TextWriter error, string things, int? total)
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);

    private readonly long _start = Stopwatch.GetTimestamp();
    private IAnsiConsole? _bar;
    private bool _quiet;
    private int _earlier;
    private int _done;
    private int _failed;

    /// <summary>How far the run is, in a few words.</summary>
    protected abstract string Counts { get; }

    public int Failed => _failed;

    /// <summary>Things that an earlier run did.</summary>
    public int Earlier => _earlier;

    /// <summary>Things that have a result, of this run or an earlier one.</summary>
    public int Completed => _earlier + _done;

    /// <summary>Things that have a result or failed.</summary>
    protected int Seen => Completed + _failed;

    protected TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    /// <summary>" of 12", or nothing where the total is unknown.</summary>
    protected string OfTotal => total is { } known ? $" of {known}" : "";

    /// <summary>Runs a job while it reports here.</summary>
    /// <param name="bar">Whether a bar may stand on the terminal: results are not printed there.</param>
    public async Task<int> RunAsync(bool quiet, bool bar, Func<Task<int>> job)
    {
        _quiet = quiet;
        if (quiet)
            return await job();
        if (bar && Terminal.HasBar(error))
            return await WithBarAsync(job);
        await using var lines = new Timer(_ => Say(Counts + Left()), null, BetweenLines, BetweenLines);
        return await job();
    }

    /// <summary>Things had their result from an earlier run.</summary>
    public void AddEarlier(int count = 1) => _earlier += count;

    /// <summary>A thing has its result; called from any thread, as <see cref="Fail"/>.</summary>
    public void Add() => Interlocked.Increment(ref _done);

    public void Fail(string message)
    {
        Interlocked.Increment(ref _failed);
        Say(message);
    }

    /// <summary>Prints one line, unless only errors are reported.</summary>
    public void Note(string message)
    {
        if (!_quiet)
            Say(message);
    }

    /// <summary>Prints a line of results, where no bar is.</summary>
    public void Print(TextWriter output, string line)
    {
        lock (error)
            output.WriteLine(Terminal.Clean(line));
    }

    public void Say(string message)
    {
        message = Terminal.Clean(message, lines: true);
        lock (error)
        {
            if (_bar is null)
                error.WriteLine($"mdfld: {message}");
            else
                _bar.WriteLine($"mdfld: {message}");
        }
    }

    private string Left() => total - Seen is > 0 and var rest && _done + _failed > 0
        ? $", {TimeSpan.FromSeconds(Math.Ceiling(rest * Elapsed.TotalSeconds / (_done + _failed))):c} left" : "";

    private async Task<int> WithBarAsync(Func<Task<int>> job)
    {
        _bar = Terminal.On(error);
        return await _bar.Progress().AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn(), new Counters(this), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var task = context.AddTask(things, maxValue: total ?? 1);
                task.IsIndeterminate = total is null;
                await using var ticks = new Timer(_ => task.Value = total is null ? 0 : Seen, null, 0, 200);
                return await job();
            });
    }

    private sealed class Counters(RunProgress progress) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(progress.Counts);
    }
}

using System.Globalization;
using Spectre.Console;

namespace Mdfld.Cli;

/// <summary>Tables and colours, for whoever reads.</summary>
internal static class Terminal
{
    /// <summary>A console on a writer: colours where that is a terminal, plain text in a file or pipe.</summary>
    public static IAnsiConsole On(TextWriter writer)
    {
        var output = new AnsiConsoleOutput(writer);
        var settings = new AnsiConsoleSettings { Out = output };
        if (!output.IsTerminal)
            (settings.Ansi, settings.ColorSystem) = (AnsiSupport.No, ColorSystemSupport.NoColors);
        return AnsiConsole.Create(settings);
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

    /// <summary>
    /// Does something many times over while a bar on stderr, where that is a terminal, shows how often.
    /// </summary>
    /// <param name="count">How often.</param>
    /// <param name="things">What is counted, such as pictures.</param>
    /// <param name="run">Calls back after each, from any thread.</param>
    public static T WithBar<T>(int count, string things, Func<Action?, T> run)
    {
        if (Console.IsErrorRedirected)
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

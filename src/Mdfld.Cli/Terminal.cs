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
}

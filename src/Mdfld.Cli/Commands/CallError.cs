using System.CommandLine.Parsing;

namespace Mdfld.Cli.Commands;

/// <summary>The first error of a call, in words that name the place and the nearest right one.</summary>
internal static class CallError
{
    /// <summary>The first thing that is wrong; null where nothing is.</summary>
    public static string? Of(Command root, ParseResult parsed)
    {
        var error = UnknownCommand(root, parsed) ?? UnknownOption(parsed) ?? Other(parsed);
        return error is null ? null : $"{error} See: {Path(parsed.CommandResult)} --help";
    }

    /// <summary>A word where a command was expected; the parser may have taken a later one for it.</summary>
    private static string? UnknownCommand(Command root, ParseResult parsed)
    {
        var command = root;
        foreach (var word in parsed.Tokens.Select(t => t.Value).TakeWhile(w => !w.StartsWith('-')))
        {
            if (command.Subcommands.Count == 0)
                return null;
            if (command.Subcommands.FirstOrDefault(c => c.Name == word) is not { } next)
            {
                var group = command == root ? "mdfld" : command.Name;
                return $"{group} has no command '{word}'{Meant(word, Names(command))}";
            }
            command = next;
        }
        return null;
    }

    /// <summary>An option that is not there, which the parser takes for an argument where it can.</summary>
    private static string? UnknownOption(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        // Its flags are the original's.
        if (command.Name == "original")
            return null;
        foreach (var token in parsed.Tokens.TakeWhile(t => t.Type != TokenType.DoubleDash))
        {
            // -0.5 is a number, - is standard input.
            if (token.Type == TokenType.Argument && token.Value is ['-', not (>= '0' and <= '9' or '.'), ..]
                && !File.Exists(token.Value))
            {
                var names = command.Options.SelectMany(o => o.Aliases.Prepend(o.Name)).Where(n => n.StartsWith("--"));
                return $"{token.Value}: no such option{Meant(token.Value, names)}";
            }
        }
        return null;
    }

    private static string? Other(ParseResult parsed)
    {
        if (parsed.Errors.Count == 0)
            return null;
        var command = parsed.CommandResult.Command;
        if (command.Subcommands.Count > 0)
            return $"{command.Name} needs a command: {string.Join(", ", Names(command))}.";
        var error = parsed.Errors[0];
        return error.SymbolResult switch
        {
            ArgumentResult { Tokens.Count: 0, Parent: CommandResult, Argument.Name: var name } => $"{name} is missing.",
            OptionResult { Tokens.Count: 0, Option: { Required: false } option } => Lacks(option),
            ArgumentResult { Tokens.Count: 0, Parent: OptionResult { Option: var option } } => Lacks(option),
            _ when parsed.UnmatchedTokens is [var word, ..] => $"'{word}' is one argument too many.",
            OptionResult { Option.Name: var name } => Of(name, error.Message),
            ArgumentResult { Parent: OptionResult { Option.Name: var name } } => Of(name, error.Message),
            _ => error.Message,
        };

        // The parser's own words do not all say which option they are about, and stand on many lines.
        static string Of(string name, string message) => message.Contains(name, StringComparison.Ordinal)
            ? message
            : $"{name}: {string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))}";

        static string Lacks(Option option) => $"{option.Name} lacks its value, {option.HelpName ?? "a word"}.";
    }

    private static string Meant(string typed, IEnumerable<string> words) =>
        Spelling.Nearest(typed, words) is { } nearest ? $"; did you mean {nearest}?" : ".";

    private static IEnumerable<string> Names(Command command) =>
        command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name);

    private static string Path(SymbolResult? symbol) => symbol switch
    {
        CommandResult { Parent: not null } command => $"{Path(command.Parent)} {command.Command.Name}",
        _ => "mdfld",
    };
}

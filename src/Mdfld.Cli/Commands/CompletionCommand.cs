namespace Mdfld.Cli.Commands;

/// <summary><c>mdfld completion</c>: what a shell has to read so that it completes commands and options.</summary>
internal static class CompletionCommand
{
    // Each asks "mdfld complete" for what may stand at the cursor, and offers files where that knows nothing.
    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = """
            _mdfld() {
                local IFS=$'\n'
                COMPREPLY=($(compgen -W "$(mdfld complete "$COMP_POINT" "$COMP_LINE" 2>/dev/null)" -- "$2"))
            }
            complete -o default -F _mdfld mdfld
            """,
        ["zsh"] = """
            #compdef mdfld
            _mdfld() {
                local -a words_here
                words_here=("${(@f)$(mdfld complete "$CURSOR" "$BUFFER" 2>/dev/null)}")
                compadd -a words_here
                _files
            }
            compdef _mdfld mdfld
            """,
        ["fish"] = """
            complete -c mdfld -a '(mdfld complete (commandline -C) (commandline) 2>/dev/null)'
            """,
        ["pwsh"] = """
            Register-ArgumentCompleter -Native -CommandName mdfld -ScriptBlock {
                param($word, $line, $position)
                mdfld complete $position "$line" 2>$null | Where-Object { $_ -like "$word*" } |
                    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
            }
            """,
    };

    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh, fish or pwsh (PowerShell)" };
        return new Command(
            "completion", "Prints a completion script: source <(mdfld completion bash).") { shell }
            .Does(parsed =>
            {
                var name = parsed.GetRequiredValue(shell);
                var script = Scripts.GetValueOrDefault(name)
                    ?? throw new UsageException($"no shell '{name}' is known; expected bash, zsh, fish or pwsh");
                parsed.InvocationConfiguration.Output.Write(script.ReplaceLineEndings("\n") + "\n");
                return 0;
            });
    }

    /// <summary>The command that those scripts call: prints the words that may stand at a place of a line, one a line.</summary>
    public static Command CreateComplete(Command root)
    {
        var position = new Argument<string>("POSITION");
        var line = new Argument<string>("LINE");
        return new Command("complete", "Lists the words that may stand at a place of a line.")
        {
            position, line,
        }.Hide().Does(parsed =>
        {
            var text = parsed.GetRequiredValue(line);
            var number = parsed.GetRequiredValue(position);
            if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var at))
                throw new UsageException("POSITION: expected a whole number");
            // The program's own name is no word of the call; however it was started.
            var start = text.TrimStart().IndexOf(' ') is >= 0 and var space
                ? space + text.Length - text.TrimStart().Length + 1 : text.Length;
            var call = text[Math.Min(start, text.Length)..Math.Clamp(at, Math.Min(start, text.Length), text.Length)];
            foreach (var item in root.Parse(call).GetCompletions(call.Length))
                parsed.InvocationConfiguration.Output.WriteLine(item.InsertText ?? item.Label);
            return 0;
        });
    }

    private static Command Hide(this Command command)
    {
        command.Hidden = true;
        return command;
    }
}

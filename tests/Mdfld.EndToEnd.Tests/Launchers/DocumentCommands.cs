namespace Mdfld.Tests.Launchers;

/// <summary>The commands a document tells its reader to type: the lines of its <c>sh</c> blocks.</summary>
internal static class DocumentCommands
{
    private const string Fence = "```";

    /// <summary>
    /// The blocks as scripts that run on their own: a block that uses a training run goes on where the one that trains
    /// ends. Without the shared data the scripts that need it are left out.
    /// </summary>
    public static IEnumerable<IReadOnlyList<string>> Scripts(string markdown, bool hasSharedData)
    {
        var scripts = new List<List<string>>();
        foreach (var block in Read(markdown))
        {
            if (!Trains(block) && Holds(block, "runs/") && scripts.FindLast(Trains) is { } training)
                training.AddRange(block);
            else
                scripts.Add([.. block]);
        }

        return scripts.Where(s => hasSharedData || !Holds(s, "../shared"));
    }

    /// <summary>Block by block; a line that ends in a backslash goes on in the next; comments are dropped.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Read(string markdown)
    {
        var blocks = new List<IReadOnlyList<string>>();
        List<string>? block = null;
        var fenced = false;
        var begun = "";
        foreach (var line in markdown.Split('\n').Select(l => l.Trim()))
        {
            if (line.StartsWith(Fence, StringComparison.Ordinal))
            {
                block = !fenced && line == Fence + "sh" ? [] : null;
                fenced = !fenced;
                if (block is not null)
                    blocks.Add(block);
                continue;
            }

            var text = WithoutComment(line);
            if (block is null || text.Length == 0)
                continue;
            begun += text.TrimEnd('\\');
            if (text.EndsWith('\\'))
                continue;
            block.Add(begun);
            begun = "";
        }

        return blocks;
    }

    private static bool Trains(IReadOnlyList<string> commands) => Holds(commands, "./mdfld train detector ");

    private static bool Holds(IReadOnlyList<string> commands, string text) =>
        commands.Any(c => c.Contains(text, StringComparison.Ordinal));

    private static string WithoutComment(string line)
    {
        var comment = line.StartsWith('#') ? 0 : line.IndexOf(" # ", StringComparison.Ordinal);
        return comment < 0 ? line : line[..comment].TrimEnd();
    }
}

using System.CommandLine;

namespace Mdfld.Cli;

/// <summary>Options of a search for faces: the finder, the depth, the largest size.</summary>
internal sealed class FinderOptions : IOptionGroup
{
    private readonly Option<string?> _finder = SharedOptions.Finder();

    private readonly Option<string> _search = SharedOptions.Choice(
        "--search",
        "How far pictures are searched: auto goes on to finer sizes where large faces do not end it, fast does so up "
        + "to 640 pixels, thorough searches all, twice enlarged and turned to all four sides",
        [.. DetectorOptions.Searches]);

    private readonly Option<int?> _longest = new("--longest-side")
    {
        Description = "Searches for faces at most at this size, 32 to 8192 pixels [default: the picture's, fast 640]",
        HelpName = "N",
    };

    public FinderOptions() => _longest.Validators.Add(result =>
    {
        if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var n) && n is < 32 or > 8192)
            result.AddError("--longest-side must lie between 32 and 8192.");
    });

    public void AddTo(Command command)
    {
        command.Add(_finder);
        command.Add(_search);
        command.Add(_longest);
    }

    /// <summary>The options with what was asked for.</summary>
    /// <exception cref="UsageException">The finder's file is not there.</exception>
    public DetectorOptions Apply(ParseResult parsed, DetectorOptions options) => options with
    {
        FinderFile = ModelFolder.ResolveFinder(parsed.GetValue(_finder)),
        Search = parsed.GetRequiredValue(_search),
        LongestSide = parsed.GetValue(_longest),
    };
}

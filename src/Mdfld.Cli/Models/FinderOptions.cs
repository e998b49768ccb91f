using System.CommandLine;

namespace Mdfld.Cli;

/// <summary>Options of a search for faces: the finder, the depth, the largest size.</summary>
internal sealed class FinderOptions : IOptionGroup
{
    private readonly Option<string?> _finder = SharedOptions.Finder();

    private readonly Option<string> _search = SharedOptions.Choice(
        "--search",
        "auto: finer sizes until smaller faces are unlikely; fast: the same up to 640 pixels; thorough: all sizes, twice "
        + "enlarged, turned to all four sides",
        [.. DetectorOptions.Searches]);

    private readonly Option<int?> _longest = SharedOptions.NumberOrNone(
        "--longest-side", "N",
        "Largest size that is searched, 32 to 8192 pixels [default: the picture's; fast: 640]", 32, 8192);

    public void AddTo(Command command)
    {
        command.Add(_finder);
        command.Add(_search);
        command.Add(_longest);
    }

    /// <summary>True where the search is as deep as it can be.</summary>
    public bool IsThorough(ParseResult parsed) => parsed.GetRequiredValue(_search) == "thorough";

    /// <summary>What was asked for, to be compared with another call.</summary>
    /// <exception cref="UsageException">The finder's file is not there.</exception>
    public (string? File, string Search, string? LongestSide) Settings(ParseResult parsed) => (
        ModelFolder.ResolveFinder(parsed.GetValue(_finder)), parsed.GetRequiredValue(_search),
        parsed.GetValue(_longest)?.ToString(CultureInfo.InvariantCulture));

    /// <summary>The options with what was asked for.</summary>
    /// <exception cref="UsageException">The finder's file is not there.</exception>
    public DetectorOptions Apply(ParseResult parsed, DetectorOptions options) => options with
    {
        FinderFile = ModelFolder.ResolveFinder(parsed.GetValue(_finder)),
        Search = parsed.GetRequiredValue(_search),
        LongestSide = parsed.GetValue(_longest),
    };
}

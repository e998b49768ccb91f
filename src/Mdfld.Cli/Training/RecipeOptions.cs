using System.CommandLine;

namespace Mdfld.Cli.Training;

/// <summary>The recipe of a run and the data that it names: <c>--recipe</c>, <c>--data</c>, <c>--set</c>.</summary>
/// <param name="read">Reads a recipe's file with KEY=VALUE changes, which an ArgumentException is about.</param>
/// <param name="change">Such a change, for the help.</param>
internal sealed class RecipeOptions<T>(Func<string, IEnumerable<string>?, T> read, string change)
{
    private readonly Option<string> _recipe = new("--recipe")
    {
        Description = "YAML file that says what to train, on what, and how",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<string[]> _data = new("--data")
    {
        Description = "Folder that holds the folders of faces which the recipe names; may be repeated",
        HelpName = "DIR",
        Required = true,
    };

    private readonly Option<string[]> _set = new("--set")
    {
        Description = $"Changes the recipe, such as {change}; may be repeated",
        HelpName = "KEY=VALUE",
    };

    public void AddTo(Command command)
    {
        command.Add(_recipe);
        command.Add(_data);
        command.Add(_set);
    }

    /// <summary>The recipe's file.</summary>
    public string File(ParseResult parsed) => parsed.GetRequiredValue(_recipe);

    /// <summary>The folders to look for data in.</summary>
    public string[] Data(ParseResult parsed) => parsed.GetRequiredValue(_data);

    /// <summary>The recipe with its changes.</summary>
    /// <exception cref="UsageException">There is no such file, or no such key.</exception>
    public T Read(ParseResult parsed)
    {
        var file = File(parsed);
        if (!System.IO.File.Exists(file))
            throw new UsageException($"--recipe {file}: no such file");
        try
        {
            return read(file, parsed.GetValue(_set));
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"--set {e.Message}");
        }
    }
}

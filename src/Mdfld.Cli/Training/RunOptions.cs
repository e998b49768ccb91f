using System.CommandLine;
using Mdfld.Training;

namespace Mdfld.Cli.Training;

/// <summary>Where a training run is kept: <c>--out</c> and <c>--resume</c>.</summary>
/// <param name="holds">What is written there.</param>
internal sealed class RunOptions(string holds)
{
    private readonly Option<string?> _output = new("--out")
    {
        Description = $"Folder for {holds} [default: runs/NAME]",
        HelpName = "DIR",
    };

    private readonly Option<bool> _resume = new("--resume")
    {
        Description = "Goes on from the last checkpoint; begins anew where there is none",
    };

    private readonly Option<string?> _device = new("--device")
    {
        Description = "Where to train, instead of the recipe's: cpu, cuda, cuda:N or auto",
        HelpName = "DEVICE",
    };

    public void AddTo(Command command)
    {
        command.Add(_output);
        command.Add(_device);
        command.Add(_resume);
    }

    /// <summary>The recipe with the device of the command line.</summary>
    public T Change<T>(ParseResult parsed, T settings) where T : RunSettings =>
        parsed.GetValue(_device) is { } device ? settings with { Device = device } : settings;

    /// <summary>The device of the command line, or null.</summary>
    public string? Device(ParseResult parsed) => parsed.GetValue(_device);

    /// <summary>The run's folder.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="name">The recipe's name.</param>
    public string Folder(ParseResult parsed, string name) => parsed.GetValue(_output) ?? Path.Combine("runs", name);

    /// <summary>Whether to go on with what is there.</summary>
    /// <exception cref="UsageException">There is a run that is not to be gone on with.</exception>
    public bool GoesOn(ParseResult parsed, string folder, bool hasRun)
    {
        if (hasRun && !parsed.GetValue(_resume))
        {
            throw new UsageException(
                $"{folder} holds a run already: --resume goes on with it; "
                + "for a new one choose another folder with --out");
        }
        return hasRun;
    }
}

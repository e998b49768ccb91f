using System.CommandLine;

namespace Mdfld.Cli;

/// <summary>Options that several commands have.</summary>
internal static class SharedOptions
{
    public static Option<string> Model() => new("--model")
    {
        Description = "A model by name (see mdfld model list), or a file: .onnx, a STAR or MDFLD .pkl, TorchScript",
        HelpName = "NAME|FILE",
        DefaultValueFactory = _ => ModelFolder.DefaultName,
    };

    public static Option<string?> Finder() => new("--finder")
    {
        Description = "A face finder: an .onnx file of ours or of YuNet [default: the library's own]",
        HelpName = "FILE",
    };

    public static Option<bool> Mirror() => new("--mirror")
    {
        Description = "Takes the mean with what is found in the mirror image: better, in twice the time",
    };

    public static Option<bool> Quiet() => new("--quiet", "-q") { Description = "No progress, only errors" };

    public static Option<bool> TrustCode() => new("--trust-code")
    {
        Description = "Runs TorchScript, which is a program with your rights; without it only weights are read",
    };

    /// <summary>See <see cref="DetectorOptions.Device"/>.</summary>
    public static Option<string> Device()
    {
        var option = new Option<string>("--device")
        {
            Description = "What the networks run on; all but cpu need the ONNX Runtime package that has it",
            HelpName = "cpu|cuda|cuda:N|directml|coreml",
            DefaultValueFactory = _ => "cpu",
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !DetectorOptions.IsDevice(result.Tokens[0].Value))
                result.AddError($"--device '{result.Tokens[0].Value}': expected {option.HelpName}.");
        });
        return option;
    }

    public static Option<int> Threads() =>
        Number("--threads", "N", "Threads to work on; 0 takes one a core", 0, 0, 1024);

    public static Option<long> MaxPixels()
    {
        var option = new Option<long>("--max-pixels")
        {
            Description = "Refuses pictures of more pixels, width x height, before they are decoded",
            HelpName = "N",
            DefaultValueFactory = _ => Picture.DefaultMaxPixels,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && long.TryParse(result.Tokens[0].Value, out var n) && n < 1)
                result.AddError("--max-pixels must be at least 1.");
        });
        return option;
    }

    /// <summary>A whole number from <paramref name="low"/> to <paramref name="high"/>.</summary>
    public static Option<int> Number(
        string name, string help, string description, int byDefault, int low = int.MinValue, int high = int.MaxValue)
    {
        var option = new Option<int>(name)
        {
            Description = description,
            HelpName = help,
            DefaultValueFactory = _ => byDefault,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var n) && (n < low || n > high))
                result.AddError($"{name} must lie between {low} and {high}.");
        });
        return option;
    }
}

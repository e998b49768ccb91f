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

    public static Option<int> Threads()
    {
        var option = new Option<int>("--threads")
        {
            Description = "Threads to work on; 0 takes one a core",
            HelpName = "N",
            DefaultValueFactory = _ => 0,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var n) && n is < 0 or > 1024)
                result.AddError("--threads must lie between 0 and 1024.");
        });
        return option;
    }
}

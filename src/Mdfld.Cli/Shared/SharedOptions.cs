namespace Mdfld.Cli;

/// <summary>Options that belong together and are added to a command at once.</summary>
internal interface IOptionGroup
{
    void AddTo(Command command);
}

/// <summary>Options that several commands have, and short ways to make others.</summary>
internal static class SharedOptions
{
    /// <summary>The model of models/ that is taken unless another is named.</summary>
    public const string DefaultModel = "compact";

    public static Option<string> Model() => Value(
        "--model", "NAME|FILE",
        "A model by name (see mdfld model list), or a file: .onnx, a STAR or MDFLD .pkl, TorchScript",
        DefaultModel);

    public static Option<string?> Finder() =>
        Text(
            "--finder", "NAME|FILE",
            "A face finder of models/ by name, or an .onnx file of ours or of YuNet [default: the library's own]");

    public static Option<bool> Mirror() =>
        Flag("--mirror", "Takes the mean with what is found in the mirror image: better, in twice the time");

    public static Option<bool> Quiet() => new("--quiet", "-q") { Description = "No progress, only errors" };

    public static Option<bool> TrustCode() =>
        Flag("--trust-code", "Runs TorchScript, which is a program with your rights; without it only weights are read");

    /// <summary>See <see cref="DetectorOptions.Device"/>.</summary>
    public static Option<string> Device()
    {
        var option = Value(
            "--device", "cpu|cuda|cuda:N|directml|coreml",
            "What the networks run on; all but cpu need the ONNX Runtime package that has it", "cpu");
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !DetectorOptions.IsDevice(result.Tokens[0].Value))
                result.AddError($"--device '{result.Tokens[0].Value}': expected {option.HelpName}.");
        });
        return option;
    }

    public static Option<int> Threads() =>
        Number("--threads", "N", "Threads to work on; 0 takes one a core", 0, 0, 1024);

    public static int ThreadsOf(this ParseResult parsed, Option<int> threads) =>
        parsed.GetValue(threads) is > 0 and var count ? count : Environment.ProcessorCount;

    public static Option<long> MaxPixels()
    {
        var option = Value(
            "--max-pixels", "N", "Refuses pictures of more pixels, width x height, before they are decoded",
            Picture.DefaultMaxPixels);
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
        var option = Value(name, help, description, byDefault);
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var n) && (n < low || n > high))
                result.AddError($"{name} must lie between {low} and {high}.");
        });
        return option;
    }

    public static Option<T> Value<T>(string name, string help, string description, T byDefault) =>
        new(name) { Description = description, HelpName = help, DefaultValueFactory = _ => byDefault };

    /// <summary>One of several words, the first of them by default.</summary>
    public static Option<string> Choice(string name, string description, params string[] words)
    {
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => words[0] };
        option.AcceptOnlyFromAmong(words);
        return option;
    }

    public static Option<string?> Text(string name, string help, string description) =>
        new(name) { Description = description, HelpName = help };

    public static Option<string> Required(string name, string help, string description) =>
        new(name) { Description = description, HelpName = help, Required = true };

    public static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    /// <summary>Lets a command's initialiser take a group of options.</summary>
    public static void Add(this Command command, IOptionGroup group) => group.AddTo(command);

    /// <summary>The command does this, which cannot be told to stop.</summary>
    public static Command Does(this Command command, Func<ParseResult, int> work)
    {
        command.SetAction(work);
        return command;
    }

    /// <summary>The command does this, on another thread, until it is told to stop.</summary>
    public static Command Does(this Command command, Func<ParseResult, CancellationToken, int> work)
    {
        command.SetAction((parsed, stop) => Task.Run(() => work(parsed, stop), CancellationToken.None));
        return command;
    }
}

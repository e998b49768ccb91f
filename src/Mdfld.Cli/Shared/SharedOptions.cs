namespace Mdfld.Cli;

/// <summary>Options that belong together and are added to a command at once.</summary>
internal interface IOptionGroup
{
    void AddTo(Command command);
}

/// <summary>Options that several commands have: one name, one meaning.</summary>
internal static partial class SharedOptions
{
    /// <summary>The model of models/ that is taken unless another is named.</summary>
    public const string DefaultModel = "compact";

    public static Option<string> Model() => Value(
        "--model", "NAME|FILE",
        "A name (mdfld model list) or a file: .onnx, STAR's or MDFLD's .pkl, TorchScript",
        DefaultModel);

    public static Option<string?> Finder() =>
        Text(
            "--finder", "NAME|FILE",
            "Face finder: a name (mdfld model list) or an .onnx file, ours or YuNet [default: built in]");

    /// <summary>Where a command writes to.</summary>
    public static Option<string> Out(string help, string description) =>
        new("--out", "-o") { Description = description, HelpName = help, Required = true };

    /// <summary>Where a command writes to, if it is to.</summary>
    public static Option<string?> OutOrNone(string help, string description) =>
        new("--out", "-o") { Description = description, HelpName = help };

    /// <param name="folder">What names the folder.</param>
    public static Option<bool> Force(string folder = "--out") => Flag("--force", $"Replaces what {folder} holds");

    public static Option<bool> SkipBad() => Flag(
        "--skip-bad", "Leaves out what is wrong in the annotations; else it is listed and nothing is done");

    public static Option<bool> Mirror() => Flag(
        "--mirror", "Test-time augmentation: the mean with the mirror image; better, twice the time");

    public static Option<bool> Quiet() => new("--quiet", "-q") { Description = "Only errors" };

    public static Option<bool> Json(string more = "") => Flag("--json", $"Prints one JSON object{more}");

    public static Option<bool> TrustCode() => Flag(
        "--trust-code", "Runs TorchScript models: programs with your rights");

    /// <summary>See <see cref="DetectorOptions.Device"/>.</summary>
    public static Option<string> Device()
    {
        var option = Value(
            "--device", "cpu|cuda|cuda:N|directml|coreml",
            "What networks run on; all but cpu need another ONNX Runtime package", "cpu");
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !DetectorOptions.IsDevice(token.Value))
                result.AddError($"--device '{token.Value}': expected {option.HelpName}.");
        });
        return option;
    }

    /// <summary>What libtorch computes on.</summary>
    /// <param name="byDefault">What is taken where it is not given.</param>
    public static Option<string?> TorchDevice(string byDefault) => Text(
        "--device", "cpu|cuda|cuda:N|auto",
        $"What networks run on; auto: a card if there is one [default: {byDefault}]");

    public static Option<int> Seed() => Number("--seed", "N", "Random seed", 1);

    public static Option<int> Threads() => Number("--threads", "N", "Threads; 0: one a core", 0, 0, 1024);

    public static int ThreadsOf(this ParseResult parsed, Option<int> threads) =>
        parsed.GetValue(threads) is > 0 and var count ? count : Environment.ProcessorCount;

    public static Option<long> MaxPixels() => Number(
        "--max-pixels", "N", "Refuses pictures of more pixels, width x height",
        Picture.DefaultMaxPixels, 1, long.MaxValue);

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

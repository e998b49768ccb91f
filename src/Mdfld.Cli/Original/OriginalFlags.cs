namespace Mdfld.Cli.Original;

/// <summary>One flag of the original's test.py.</summary>
/// <param name="Name">Without its dashes.</param>
/// <param name="Default">What the original takes where it is not given; null for nothing.</param>
/// <param name="Help">What it means here.</param>
internal sealed record OriginalFlag(string Name, string? Default, string Help);

/// <summary>
/// The flags of the original's test.py (MDFLD) and main.py (STAR), read as Python's argparse reads them:
/// <c>--name=value</c> or <c>--name value</c>, any beginning of a name that no other has, the last of several counts.
/// </summary>
internal sealed class OriginalFlags
{
    private readonly Dictionary<string, string> _given = [];

    private OriginalFlags()
    {
    }

    /// <summary>All flags, as the original groups them.</summary>
    public static IReadOnlyList<OriginalFlag> All { get; } =
    [
        new("mode", "test_image", "train, test or test_image"),
        new("config_name", "alignment", "alignment, the only one there is"),
        new("device_ids", "0", "-1: processor; 0, 1, ...: CUDA card where there is one"),
        new("data_definition", "video_me_pixar_d_0.5_80", "300W, 300VW, WFLW, COFW, or another name: 68 points"),
        new("learn_rate", "0.001", "learning rate of train"),
        new("batch_size", "1", "faces a step of train"),
        new("width", "256", "256"),
        new("height", "256", "256"),
        new("image_dir", "./dataset/001/0.9_slamdunk/", "folder of the pictures"),
        new("annot_dir", "./dataset/meta", "folder of the folders of .tsv files"),
        new("ckpt_dir", "./pretrained_model/", "folder for what is written (a flag of STAR's main.py)"),
        new("train_num_workers", null, "no effect: every core is used"),
        new("loss_func", "STARLoss_v2", "STARLoss or STARLoss_v2"),
        new("val_batch_size", null, "no effect"),
        new("val_num_workers", null, "no effect"),
        new(
            "pretrained_weight", "./pretrained_model/cartoon_dataset_400_v2/starv2_smoothl1/model/best_model.pkl",
            "a .pkl, .safetensors or TorchScript file; train begins with random weights where it is not given"),
        new("norm_type", "default", "default, ocular or pupil"),
        new("test_file", "test.tsv", "name of the .tsv file of test"),
        new("star_w", "1", "weight of the spread in STAR's loss"),
        new("star_dist", "smoothl1", "smoothl1, l1, l2 or wing"),
        new("max_epoch", "300", "epochs of train (in the original a line of conf/alignment.py)"),
    ];

    /// <summary>The value of a flag: given, or the original's.</summary>
    public string this[string name] => Given(name) ?? All.First(f => f.Name == name).Default!;

    /// <summary>
    /// Every flag with its value, given or by default, by name; None where it has none, as Python prints.
    /// </summary>
    public IReadOnlyDictionary<string, string> Values => new SortedDictionary<string, string>(
        All.ToDictionary(f => f.Name, f => Given(f.Name) ?? f.Default ?? "None"), StringComparer.Ordinal);

    public string? Given(string name) => _given.GetValueOrDefault(name);

    /// <summary>Reads a command line.</summary>
    /// <exception cref="UsageException">
    /// A flag is unknown, ambiguous or without a value; the message lists them.
    /// </exception>
    public static OriginalFlags Parse(IReadOnlyList<string> arguments)
    {
        var flags = new OriginalFlags();
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (!argument.StartsWith("--", StringComparison.Ordinal) || argument.Length == 2)
                throw new UsageException($"'{argument}' is no flag; expected {List()}");
            var equals = argument.IndexOf('=');
            var name = Find(equals < 0 ? argument[2..] : argument[2..equals]);
            if (equals >= 0)
                flags._given[name] = argument[(equals + 1)..];
            else if (i + 1 < arguments.Count && IsValue(arguments[i + 1]))
                flags._given[name] = arguments[++i];
            else
                throw new UsageException($"--{name} lacks its value");
        }
        return flags;
    }

    /// <summary>A flag that is a whole number.</summary>
    /// <exception cref="UsageException">It is none of that range.</exception>
    public int Whole(string name, int low, int high) =>
        int.TryParse(this[name].Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n)
            && n >= low && n <= high
            ? n : throw Refuse(name, $"a whole number from {low} to {high}");

    /// <summary>A flag that is a number.</summary>
    /// <exception cref="UsageException">It is none of that range.</exception>
    public double Number(string name, double low, double high) =>
        double.TryParse(this[name].Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var n)
            && n >= low && n <= high
            ? n : throw Refuse(name, string.Create(CultureInfo.InvariantCulture, $"a number from {low} to {high}"));

    /// <summary>A flag that names one of several things.</summary>
    /// <exception cref="UsageException">It names another.</exception>
    public T OneOf<T>(string name, params ReadOnlySpan<(string Text, T Meaning)> choices)
    {
        foreach (var (text, meaning) in choices)
        {
            if (text == this[name])
                return meaning;
        }
        throw Refuse(name, string.Join(", ", choices.ToArray().Select(c => c.Text)));
    }

    public UsageException Refuse(string name, string expected) => new($"--{name} {this[name]}: expected {expected}");

    private static string Find(string beginning)
    {
        if (All.Any(f => f.Name == beginning))
            return beginning;
        var matches = All.Where(f => beginning.Length > 0 && f.Name.StartsWith(beginning, StringComparison.Ordinal))
            .Select(f => f.Name).ToArray();
        return matches.Length switch
        {
            1 => matches[0],
            0 => throw new UsageException($"the original has no flag --{beginning}; it has {List()}"),
            _ => throw new UsageException($"--{beginning} may be {string.Join(" or ", matches.Select(m => $"--{m}"))}"),
        };
    }

    // As argparse: a negative number is a value, anything else with a dash is the next flag.
    private static bool IsValue(string argument) =>
        !argument.StartsWith('-') || argument.Length == 1
        || double.TryParse(argument, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static string List() => string.Join(", ", All.Select(f => $"--{f.Name}"));
}

using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Mdfld.Training.Augment;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Mdfld.Generation.Dataset;

/// <summary>One style of a data set: what it is called in a prompt, and how it is sampled or drawn.</summary>
public sealed record Style
{
    /// <summary>Name of the style and of its folder: letters, digits and hyphens.</summary>
    public required string Id { get; init; }

    /// <summary>The prompt of pictures of which only the style is known.</summary>
    public required string Caption { get; init; }

    /// <summary>Prompts; a slot such as <c>{age}</c> is filled from the list of that name.</summary>
    public required IReadOnlyList<string> Prompts { get; init; }

    /// <summary>What the picture is not to show.</summary>
    public string Negative { get; init; } = "";

    /// <summary>From image to image: the share of the noise schedule that is run, 0 (the image stays) to 1.</summary>
    public float Strength { get; init; } = 0.7f;

    /// <summary>Classifier-free guidance scale (Ho, Salimans 2022); 1 is none.</summary>
    public float Guidance { get; init; } = 6;

    /// <summary>What the control branch's residuals are multiplied by (Zhang, Rao, Agrawala 2023).</summary>
    public float ControlScale { get; init; } = 1;

    /// <summary>Growth of a face's deviation from the mean face, a share of it: least and most.</summary>
    public IReadOnlyList<float> Exaggeration { get; init; } = [0, 0];

    /// <summary>Which parts get another shape.</summary>
    public StyleShape Shape { get; init; }

    /// <summary>How far those parts go, 0..1: least and most.</summary>
    public IReadOnlyList<float> ShapeAmount { get; init; } = [0, 0];

    /// <summary>Lists of <see cref="StyleFilters"/>, one of which is drawn and applied without a model.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Filters { get; init; }
}

/// <summary>The styles of a file (<c>styles.yaml</c>) and the words their prompts are filled with.</summary>
public sealed partial class StyleBook
{
    private const string Embedded = "Mdfld.Generation.styles.yaml";

    private readonly IReadOnlyDictionary<string, IReadOnlyList<string>> _words;

    private StyleBook(
        string source, IReadOnlyDictionary<string, IReadOnlyList<string>> words, IReadOnlyList<Style> styles,
        string hash) =>
        (Source, _words, Styles, Hash) = (source, words, styles, hash);

    /// <summary>The file, or what stands for it in messages.</summary>
    public string Source { get; }

    /// <summary>The styles in the order of the file.</summary>
    public IReadOnlyList<Style> Styles { get; }

    /// <summary>SHA-256 of the file, hexadecimal.</summary>
    public string Hash { get; }

    /// <summary>The 25 styles inside the library.</summary>
    public static StyleBook Default()
    {
        using var stream = typeof(StyleBook).Assembly.GetManifestResourceStream(Embedded)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return Parse(reader.ReadToEnd(), "styles.yaml");
    }

    /// <summary>Reads a file of one's own; unknown keys are errors.</summary>
    /// <exception cref="InvalidDataException">The file is malformed; the message names the line.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static StyleBook Read(string path) => Parse(File.ReadAllText(path), path);

    /// <summary>The styles that a list of ids names, in the order of the file.</summary>
    /// <param name="names">"all", or ids parted by commas.</param>
    /// <exception cref="ArgumentException">A style is unknown or named twice.</exception>
    public IReadOnlyList<Style> Select(string names)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (names == "all")
            return Styles;
        var wanted = names.Split(',', StringSplitOptions.TrimEntries);
        if (wanted.FirstOrDefault(n => Styles.All(s => s.Id != n)) is { } unknown)
        {
            throw new ArgumentException(
                $"no style is called '{unknown}' in {Source}; "
                + $"it has: all, {string.Join(", ", Styles.Select(s => s.Id))}");
        }
        if (wanted.GroupBy(n => n).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new ArgumentException($"the style {twice.Key} is named twice");
        return [.. Styles.Where(s => wanted.Contains(s.Id))];
    }

    /// <summary>One of the style's prompts, its slots filled.</summary>
    public string Prompt(Style style, Random random)
    {
        ArgumentNullException.ThrowIfNull(style);
        ArgumentNullException.ThrowIfNull(random);
        var prompt = style.Prompts[random.Next(style.Prompts.Count)];
        return Slot().Replace(prompt, slot =>
        {
            var words = _words[slot.Groups[1].Value];
            return words[random.Next(words.Count)];
        });
    }

    /// <summary>Every prompt there can be, as templates and words: what a tokenizer's vocabulary is made of.</summary>
    public IEnumerable<string> AllText() =>
        [.. Styles.SelectMany(s => s.Prompts.Append(s.Caption).Append(s.Negative)),
            .. _words.Values.SelectMany(w => w)];

    internal static StyleBook Parse(string text, string path)
    {
        var stream = new YamlStream();
        StyleBookFile file;
        try
        {
            stream.Load(new StringReader(text));
            file = new DeserializerBuilder()
                .WithNamingConvention(UnderscoredNamingConvention.Instance)
                .WithTypeMapping<IReadOnlyList<Style>, List<Style>>()
                .WithTypeMapping<IReadOnlyList<string>, List<string>>()
                .WithTypeMapping<IReadOnlyList<float>, List<float>>()
                .WithTypeMapping<IReadOnlyList<IReadOnlyList<string>>, List<IReadOnlyList<string>>>()
                .WithTypeMapping<
                    IReadOnlyDictionary<string, IReadOnlyList<string>>, Dictionary<string, IReadOnlyList<string>>>()
                .WithEnforceRequiredMembers()
                .Build()
                .Deserialize<StyleBookFile>(text)
                ?? throw new InvalidDataException($"{path}, line 1: the file is empty, expected 'styles'");
        }
        catch (YamlException e)
        {
            throw new InvalidDataException($"{path}, line {e.Start.Line}: {e.InnerException?.Message ?? e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            // The parser's own confusion, after a bracket that is never closed.
            throw new InvalidDataException($"{path}: no YAML; is a bracket or quote left open?", e);
        }
        Check(file, (YamlMappingNode)stream.Documents[0].RootNode, path);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        return new StyleBook(path, file.Words, file.Styles, hash);
    }

    private static void Check(StyleBookFile file, YamlMappingNode root, string path)
    {
        if (file.Styles is not { Count: > 0 } || file.Words is null)
            throw new InvalidDataException($"{path}, line 1: 'styles' or 'words' is empty");
        foreach (var (slot, words) in file.Words)
        {
            if (words is not { Count: > 0 } || words.Any(string.IsNullOrWhiteSpace))
                throw new InvalidDataException($"{path}: 'words' has an empty list, or an empty word, for {slot}");
        }
        var nodes = (YamlSequenceNode)root.Children["styles"];
        for (var i = 0; i < file.Styles.Count; i++)
        {
            if (Problem(file, i) is { } problem)
                throw new InvalidDataException($"{path}, style at line {nodes[i].Start.Line}: {problem}");
        }
    }

    private static string? Problem(StyleBookFile file, int i)
    {
        if (file.Styles[i] is not { } style)
            return "it is empty";
        if (style.Id is null || !IdPattern().IsMatch(style.Id))
            return $"the id '{style.Id}' is no name of letters a-z, digits and hyphens";
        if (file.Styles.Take(i).Any(s => s.Id == style.Id))
            return $"the id {style.Id} is there twice";
        if (string.IsNullOrWhiteSpace(style.Caption) || style.Prompts is not { Count: > 0 }
            || style.Prompts.Any(string.IsNullOrWhiteSpace) || style.Negative is null)
            return $"{style.Id} has no caption, no prompt or an empty one";
        foreach (var slot in style.Prompts.SelectMany(p => Slot().Matches(p)).Select(m => m.Groups[1].Value))
        {
            if (!file.Words.ContainsKey(slot))
                return $"a prompt of {style.Id} has the slot {{{slot}}}; "
                    + $"'words' lists {string.Join(", ", file.Words.Keys)}";
        }
        if (style.Filters is not { Count: > 0 } || style.Filters.Any(l => l is not { Count: > 0 }))
            return $"{style.Id} has no filters or an empty list of them";
        if (style.Filters.SelectMany(l => l).FirstOrDefault(f => !StyleFilters.Names.Contains(f)) is { } unknown)
            return $"no style filter is called '{unknown}'; known are {string.Join(", ", StyleFilters.Names)}";
        return Range("strength", [style.Strength, style.Strength], 0, 1)
            ?? Range("guidance", [style.Guidance, style.Guidance], 1, 30)
            ?? Range("control_scale", [style.ControlScale, style.ControlScale], 0, 4)
            ?? Range("exaggeration", style.Exaggeration, -0.5f, 2)
            ?? Range("shape_amount", style.ShapeAmount, 0, 1);
    }

    private static string? Range(string key, IReadOnlyList<float>? range, float low, float high) =>
        range is { Count: 2 } && range[0] >= low && range[1] <= high && range[0] <= range[1] ? null
        : FormattableString.Invariant($"'{key}' must lie between {low} and {high}, a range as [least, most]");

    [GeneratedRegex(@"\{([^{}]*)\}")]
    private static partial Regex Slot();

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex IdPattern();

    private sealed record StyleBookFile
    {
        public required IReadOnlyDictionary<string, IReadOnlyList<string>> Words { get; init; }
        public required IReadOnlyList<Style> Styles { get; init; }
    }
}

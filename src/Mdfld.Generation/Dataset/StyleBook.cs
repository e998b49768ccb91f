using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Mdfld.Generation.Dataset;

/// <summary>One style of a data set: what it is called in a prompt, and how it is sampled or drawn.</summary>
public sealed partial record Style : IRecipe
{
    /// <summary>Name of the style and of its folder: letters, digits and hyphens.</summary>
    public required string Id { get; init; }

    /// <summary>The prompt of pictures of which only the style is known.</summary>
    public required string Caption { get; init; }

    /// <summary>Prompts; a slot such as <c>{age}</c> is filled from the list of that name.</summary>
    public required IReadOnlyList<string> Prompts { get; init; }

    public string Negative { get; init; } = "";

    /// <summary>From image to image: the share of the noise schedule that is run, 0 (the image stays) to 1.</summary>
    public float Strength { get; init; } = 0.7f;

    /// <summary>Classifier-free guidance scale (Ho, Salimans 2022); 1 is none.</summary>
    public float Guidance { get; init; } = 6;

    /// <summary>What the control branch's residuals are multiplied by (Zhang, Rao, Agrawala 2023).</summary>
    public float ControlScale { get; init; } = 1;

    /// <summary>Growth of a face's deviation from the mean face, a share of it: least and most.</summary>
    public IReadOnlyList<float> Exaggeration { get; init; } = [0, 0];

    public StyleShape Shape { get; init; }

    /// <summary>How far those parts go, 0..1: least and most.</summary>
    public IReadOnlyList<float> ShapeAmount { get; init; } = [0, 0];

    /// <summary>Gain of the detail of eyes, brows, nose and mouth before the filters, 0..4: it is added so many times.</summary>
    public float Features { get; init; }

    /// <summary>Lists of <see cref="StyleFilters"/>, one of which is drawn and applied without a model.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Filters { get; init; }

    /// <inheritdoc/>
    public string? Fault()
    {
        if (Id is null || !IdPattern().IsMatch(Id))
            return $"the id '{Id}' is no name of letters a-z, digits and hyphens";
        if (string.IsNullOrWhiteSpace(Caption) || Prompts is not { Count: > 0 }
            || Prompts.Any(string.IsNullOrWhiteSpace))
            return $"{Id} has no caption, no prompt or an empty one";
        if (Filters is not { Count: > 0 } || Filters.Any(l => l is not { Count: > 0 }))
            return $"{Id} has no filters or an empty list of them";
        if (Filters.SelectMany(l => l).FirstOrDefault(f => !StyleFilters.Names.Contains(f)) is { } unknown)
            return $"no style filter is called '{unknown}'; known are {string.Join(", ", StyleFilters.Names)}";
        return Range("strength", [Strength, Strength], 0, 1)
            ?? Range("guidance", [Guidance, Guidance], 1, 30)
            ?? Range("control_scale", [ControlScale, ControlScale], 0, 4)
            ?? Range("exaggeration", Exaggeration, -0.5f, 2)
            ?? Range("shape_amount", ShapeAmount, 0, 1)
            ?? Range("features", [Features, Features], 0, 4);
    }

    private static string? Range(string key, IReadOnlyList<float>? range, float low, float high) =>
        range is { Count: 2 } && range[0] >= low && range[1] <= high && range[0] <= range[1] ? null
        : FormattableString.Invariant($"'{key}' must lie between {low} and {high}, a range as [least, most]");

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex IdPattern();
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

    public IReadOnlyList<Style> Styles { get; }
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
    public static StyleBook Read(string path) => Parse(File.ReadAllText(path), path);

    /// <summary>The styles that a list of ids names, in the order of the file.</summary>
    /// <param name="names">"all", or ids parted by commas.</param>
    /// <exception cref="ArgumentException">A style is unknown or named twice.</exception>
    public IReadOnlyList<Style> Select(string names)
    {
        if (names == "all")
            return Styles;
        var wanted = names.Split(',', StringSplitOptions.TrimEntries);
        if (wanted.FirstOrDefault(n => Styles.All(s => s.Id != n)) is { } unknown)
            throw new ArgumentException(
                $"no style is called '{unknown}' in {Source}; "
                + $"it has: all, {string.Join(", ", Styles.Select(s => s.Id))}");
        if (wanted.GroupBy(n => n).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new ArgumentException($"the style {twice.Key} is named twice");
        return [.. Styles.Where(s => wanted.Contains(s.Id))];
    }

    /// <summary>One of the style's prompts, its slots filled.</summary>
    public string Prompt(Style style, Random random)
    {
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
        var file = RecipeFile.Parse<StyleBookFile>(text, path);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        return new StyleBook(path, file.Words, file.Styles, hash);
    }

    [GeneratedRegex(@"\{([^{}]*)\}")]
    private static partial Regex Slot();

    private sealed record StyleBookFile : IRecipe
    {
        public required IReadOnlyDictionary<string, IReadOnlyList<string>> Words { get; init; }
        public required IReadOnlyList<Style> Styles { get; init; }

        public string? Fault()
        {
            if (Words.FirstOrDefault(w => w.Value is not { Count: > 0 } || w.Value.Any(string.IsNullOrWhiteSpace))
                is { Key: { } empty })
                return $"'words' has an empty list, or an empty word, for {empty}";
            if (Styles.Count == 0)
                return "'styles' is empty";
            if (Styles.GroupBy(s => s.Id).FirstOrDefault(g => g.Count() > 1) is { } twice)
                return $"the id {twice.Key} is there twice";
            return
                (from style in Styles
                 from prompt in style.Prompts
                 from slot in Slot().Matches(prompt)
                 where !Words.ContainsKey(slot.Groups[1].Value)
                 select $"a prompt of {style.Id} has the slot {slot}; 'words' lists {string.Join(", ", Words.Keys)}")
                .FirstOrDefault();
        }
    }
}

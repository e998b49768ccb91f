using System.Text.RegularExpressions;
using Mdfld.Training.Augment;

namespace Mdfld.Generation.Dataset;

/// <summary>One style of a data set: what it is called in a prompt, and how it is sampled or drawn.</summary>
public sealed record Style
{
    /// <summary>Name of the style and of its folder: letters, digits and hyphens.</summary>
    public required string Id { get; init; }

    /// <summary>
    /// What a picture is called of which only the style is known; the prompt of pairs made of photos.
    /// </summary>
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

    /// <summary>
    /// By how much of itself a face's deviation from the mean face grows: least and most, uniform between.
    /// </summary>
    public IReadOnlyList<float> Exaggeration { get; init; } = [0, 0];

    /// <summary>Which parts get another shape.</summary>
    public StyleShape Shape { get; init; }

    /// <summary>How far those parts go, 0..1: least and most.</summary>
    public IReadOnlyList<float> ShapeAmount { get; init; } = [0, 0];

    /// <summary>
    /// What stands for the style where there is no model: one list is drawn, its
    /// <see cref="StyleFilters"/> are applied one after the other.
    /// </summary>
    public required IReadOnlyList<IReadOnlyList<string>> Filters { get; init; }
}

/// <summary>The styles of a file and the words their prompts are filled with.</summary>
public sealed partial class StyleBook
{
    private readonly IReadOnlyDictionary<string, IReadOnlyList<string>> _words;

    internal StyleBook(
        string source, IReadOnlyDictionary<string, IReadOnlyList<string>> words, IReadOnlyList<Style> styles,
        string hash) =>
        (Source, _words, Styles, Hash) = (source, words, styles, hash);

    /// <summary>The file, or what stands for it in messages.</summary>
    public string Source { get; }

    /// <summary>The styles in the order of the file.</summary>
    public IReadOnlyList<Style> Styles { get; }

    /// <summary>SHA-256 of the file, hexadecimal.</summary>
    public string Hash { get; }

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
    /// <param name="style">A style of this book.</param>
    /// <param name="random">All draws come from it.</param>
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

    [GeneratedRegex(@"\{([^{}]*)\}")]
    internal static partial Regex Slot();
}
